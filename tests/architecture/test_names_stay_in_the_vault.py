"""A person's name is opened by named stories only, whatever object carries the vault there."""

from tests.architecture.tree import PACKAGES, called, files, parsed

OPENERS = {
    "survey_api/journeys/hand_over.py",
    "survey_api/journeys/print_tickets.py",
    "survey_api/journeys/report_suspicion.py",
    "survey_api/journeys/reveal_student.py",
}


def test_only_named_journeys_ask_for_a_name() -> None:
    asking = {str(path) for path in files(*PACKAGES) if {"name_of", "names_of"} & called(parsed(path))}
    assert asking == OPENERS


def test_only_the_vault_unseals_a_person() -> None:
    unsealing = {path.parts[:2] for path in files(*PACKAGES) if "open_person" in called(parsed(path))}
    assert unsealing == {("survey_api", "vault")}
