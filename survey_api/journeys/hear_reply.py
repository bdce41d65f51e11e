"""A recipient of a hand-over sheet answers: received, accepted, passed on, or sent back with the reason.

Whoever hears it writes it down. The case's own clock follows: what came back is due today.
"""

from datetime import date

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.referrals import actions as referrals_actions
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.referrals.words import REPLIES
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.school_days import add_school_days
from survey_api.vocabulary import ReferralMode, ReferralState

LOOK_AGAIN_IN_SCHOOL_DAYS = 10
"""A proposal: when the counselor looks again after others have begun to help."""


def hear_reply(
    work: Work, case_id: str, referral_id: str, version: int, answer: str, words: str, again_on: date | None
) -> None:
    """Write down what the recipient said. BadInput when a reason is missing, IllegalMove when it cannot be."""
    require(work.actor, Permission.HAND_OVER)
    scope = Scope.of(work.actor, Permission.HAND_OVER)
    case = review_queries.case_by_id(work.db, scope, case_id)
    referral = referrals_queries.referral_by_id(work.db, work.keys, scope, case_id, referral_id)
    state = referrals_actions.hear(work, referral, answer, words)
    said = [f"{referral.sheet.recipient_name}(写し{referral.copy_number}): {REPLIES[state]}"]
    if state is ReferralState.ACCEPTED and referral.sheet.mode == ReferralMode.TRANSFER:
        said.append(f"主担当は {referral.sheet.recipient_name} に移りました。")
    details = {
        "referral_id": referral_id,
        "state": str(state),
        "words": "\n".join([*said, *filter(None, [words.strip()])]),
    }
    review_actions.tell(
        work, case, version, "reply", details, again_on or _due(work, referral.sheet.reply_by, state)
    )


def _due(work: Work, reply_by: date | None, state: ReferralState) -> date:
    today = school_day(work.now)
    if state is ReferralState.ACKNOWLEDGED:
        return reply_by or add_school_days(today, LOOK_AGAIN_IN_SCHOOL_DAYS)
    return add_school_days(today, LOOK_AGAIN_IN_SCHOOL_DAYS) if state is ReferralState.ACCEPTED else today
