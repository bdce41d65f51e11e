"""A recipient of a hand-over sheet answers: received, accepted, passed on, or sent back with the reason.

Whoever hears it writes it down. The case's own clock follows: what came back is due today.
"""

from datetime import date

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.referrals import actions as referrals_actions
from survey_api.services.referrals import queries as referrals_queries
from survey_api.services.referrals.queries import OpenReferral
from survey_api.services.referrals.words import REPLIES
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.school_days import add_school_days
from survey_api.tables.cases import Case
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
    _note(work, case, version, referral, answer, words, again_on)


def possible_answers() -> dict[str, str]:
    """Code → words of what a recipient can say."""
    return {str(state): words for state, words in REPLIES.items()}


def answer_by_receipt(work: Work, number: str, answer: str, words: str) -> None:
    """Whoever holds the paper answers with its number. Nothing is shown back: not the child, not the case.

    BadInput for a number nobody printed, or a reason that is missing; IllegalMove when it cannot be any more.
    """
    referral = referrals_queries.by_receipt(work.db, work.keys, number)
    if referral is None:
        raise BadInput(
            "この番号のシートはありません。紙の右上の「受け取りの番号」を、もう一度確かめてください。"
        )
    case = review_queries.case_by_id(work.db, Scope(frozenset({referral.school_id})), referral.case_id)
    _note(work, case, case.version, referral, answer, words, None, FROM_PAPER)


FROM_PAPER = "(つなぎ先が、紙の番号で)"


def _note(
    work: Work,
    case: Case,
    version: int,
    referral: OpenReferral,
    answer: str,
    words: str,
    again_on: date | None,
    mark: str = "",
) -> None:
    state = referrals_actions.hear(work, referral, answer, words)
    said = [f"{referral.sheet.recipient_name}(写し{referral.copy_number}): {REPLIES[state]}{mark}"]
    if state is ReferralState.ACCEPTED and referral.sheet.mode == ReferralMode.TRANSFER:
        said.append(f"主担当は {referral.sheet.recipient_name} に移りました。")
    details = {
        "referral_id": referral.id,
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
