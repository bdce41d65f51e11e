"""A counselor asks who it is: the reason goes into the trail, and only then the name may leave.

The trail line is written in this request's transaction, which commits before the answer leaves; a trail
that cannot be written means no name.
"""

from dataclasses import dataclass
from datetime import timedelta

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.review.clocks import queries as clocks_queries
from survey_api.services.review.reveals import actions as reveals_actions
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Vault
from survey_api.vocabulary import RevealReason, Urgency

MIN_OTHER = 10
"""Characters a free reason must have."""

ASKED = frozenset(RevealReason) - {RevealReason.HAND_OVER}
"""Reasons a counselor may choose; a hand-over sheet writes its own."""


@dataclass(frozen=True)
class Revealed:
    """A name, and for how many seconds a page may show it."""

    person: PersonName
    seconds: int


def reveal_student(work: Work, vault: Vault, case_id: str, reason: str, words: str = "") -> Revealed:
    """The name behind a case of the counselor's own school. BadInput without a reason; NotFound elsewhere.

    A most urgent case opens at once; who leads looks at why by the next school day.
    """
    require(work.actor, Permission.REVEAL_NAME)
    case = review_queries.case_by_id(work.db, Scope.of(work.actor, Permission.REVEAL_NAME), case_id)
    if reason not in ASKED:
        raise BadInput("理由を選んでください。")
    if reason == RevealReason.OTHER and len(words.strip()) < MIN_OTHER:
        raise BadInput(f"「その他」のときは、理由を{MIN_OTHER}文字以上で書いてください。")
    glass = reason == RevealReason.BREAK_GLASS
    if glass and case.urgency != Urgency.TODAY:
        raise BadInput("理由なしで名前を開けるのは「すぐに」の件だけです。理由を選んでください。")
    rules = clocks_queries.city_rules(work.db)
    calendar = clocks_queries.calendar_of(work.db, rules, case.school_id)
    review_by = calendar.on_or_after(school_day(work.now) + timedelta(days=1)) if glass else None
    reveals_actions.keep(work, case, work.now + timedelta(seconds=rules.name_seconds), review_by)
    review_actions.note_reveal(work, case, RevealReason(reason), words.strip())
    return Revealed(vault.name_of(case.pseudonym), rules.name_seconds)
