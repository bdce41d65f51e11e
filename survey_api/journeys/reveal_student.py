"""A counselor asks who it is: the reason goes into the trail, and only then the name may leave.

The trail line is written in this request's transaction, which commits before the answer leaves; a trail
that cannot be written means no name.
"""

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Vault
from survey_api.vocabulary import RevealReason

MIN_OTHER = 10
"""Characters a free reason must have."""

ASKED = frozenset(RevealReason) - {RevealReason.HAND_OVER}
"""Reasons a counselor may choose; a hand-over sheet writes its own."""


def reveal_student(work: Work, vault: Vault, case_id: str, reason: str, words: str = "") -> PersonName:
    """The name behind a case of the counselor's own school. BadInput without a reason; NotFound elsewhere."""
    require(work.actor, Permission.REVEAL_NAME)
    case = review_queries.case_by_id(work.db, Scope.of(work.actor, Permission.REVEAL_NAME), case_id)
    if reason not in ASKED:
        raise BadInput("理由を選んでください。")
    if reason == RevealReason.OTHER and len(words.strip()) < MIN_OTHER:
        raise BadInput(f"「その他」のときは、理由を{MIN_OTHER}文字以上で書いてください。")
    review_actions.note_reveal(work, case, RevealReason(reason), words.strip())
    return vault.name_of(case.pseudonym)
