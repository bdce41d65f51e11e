"""Every table has a rule by which its rows go, or a sentence why they stay."""

import pytest

from survey_api.services.erasure.table import read_table
from survey_api.tables.metadata import METADATA
from survey_api.vault.tables import VAULT_METADATA

BY_RULE = {
    "drafts": "drafts",
    "late_sheets": "drafts",
    "tickets": "ticket_verifiers",
    "persons": "pupil",
    "students": "pupil",
    "answer_keys": "pupil",
    "submissions": "pupil",
    "results": "pupil",
    "cases": "case_records",
    "notice_memos": "memos",
    "notifications": "outbox",
    "staff_sessions": "sign_ins",
    "open_locks": "sign_ins",
    "sign_in_steps": "sign_ins",
    "invitations": "sign_ins",
    "second_person_requests": "sign_ins",
    "audit_entries": "trail",
    "releases": "releases",
}
"""Table → its row of the retention table. What points to a case or a notification goes with it (test below)."""
STAYS = {
    "schools": "public names of schools",
    "school_closures": "days without school",
    "vault_keys": "a wrapped key of a school",
    "school_locks": "public keys; one that is replaced goes at once",
    "unlockers": "goes when somebody is taken out",
    "unlocker_keys": "goes with its unlocker or its key",
    "bank_versions": "what was asked; no person",
    "waves": "when was asked; no person",
    "wave_classes": "counts",
    "wave_keys": "goes with nothing personal; its private half is sealed",
    "ticket_tries": "dropped after a day by itself",
    "agencies": "the public directory",
    "appointments": "hours of desks; nothing about any child",
    "staff_preferences": "how a colleague's own pages look",
    "memo_cards": "a post, not a person",
    "staff": "the trail names its people by these rows; an account is closed, not deleted",
    "grants": "goes when it is taken back",
    "passkeys": "goes when it is taken off",
    "recovery_codes": "goes when it is used or replaced",
    "sso_identities": "goes with the account",
    "grant_reviews": "proof that somebody looked",
    "alert_addresses": "a person's own setting",
    "alert_tests": "proof that a school could be reached before it was asked; no pupil",
    "saved_filters": "a person's own setting",
    "queue_visits": "the last look only",
    "on_site": "the present timetable",
    "city_rules": "what was decided, and by whom",
    "check_draws": "how a sample was drawn; no pupil",
    "prepared_releases": "goes when it is released",
    "data_exports": "who took which published numbers",
    "lab_files": "who took answers without names, for what and for whom",
    "certificates": "the proof of erasure; no name",
    "holds": "the proof of what was held back, and why (sealed)",
}


def hanging_on(*names: str) -> set[str]:
    """Tables whose rows go with a row of these: they point to it, however far."""
    found = set(names)
    while True:
        more = {
            table.name
            for table in METADATA.tables.values()
            if {key.column.table.name for key in table.foreign_keys} & found
        }
        if more <= found:
            return found
        found |= more


def test_every_table_has_a_rule_or_a_reason() -> None:
    stored = set(METADATA.tables) | set(VAULT_METADATA.tables)
    covered = set(BY_RULE) | set(STAYS) | hanging_on("cases", "notifications")
    assert stored - covered == set(), (
        "say in this file by which rule of retention.yaml its rows go, or why they stay"
    )
    assert (set(BY_RULE) | set(STAYS)) - stored == set()


@pytest.mark.parametrize("kind", sorted(set(BY_RULE.values())))
def test_a_named_rule_stands_in_the_table(kind: str) -> None:
    assert kind in read_table()


def test_what_hangs_on_a_case_is_what_is_about_one_child() -> None:
    """Teeth: the walk along the foreign keys reaches the far ends, and nothing that belongs to everybody."""
    reached = hanging_on("cases")
    assert {"case_events", "referrals", "plan_rows", "name_reveals", "note_drafts"} <= reached
    assert not reached & {"students", "staff", "schools", "waves", "results", "audit_entries"}
