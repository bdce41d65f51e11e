"""A query about pupils is asked within a scope, so that nobody can reach another school's children by id."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import argument_names, files, public_functions

UNSCOPED = {
    "agencies": {
        "directory": "the directory is the same for every school",
        "recipients": "the directory is the same for every school",
        "for_children": "the directory is the same for every school",
        "agency_by_id": "the directory is the same for every school",
    },
    "appointments": {
        "hours": "hours at the city's desks; no pupil",
        "appointment_by_id": "hours at the city's desks; no pupil",
        "clashes": "hours at the city's desks; no pupil",
    },
    "banks": {
        "published": "banks are the same for every school",
        "newest_versions": "banks are the same for every school",
        "versions_of": "banks, no pupil",
    },
    "submissions": {
        "ticket_by_id": "a child's own way in: the ticket is the permission",
        "held_ticket": "a child's own way in: the ticket is the permission",
        "ticket_by_secret": "a child's own way in: the secret is the permission",
        "ticket_by_code": "a child's own way in: the code is the permission",
        "draft_of": "takes the ticket itself",
        "wave_key": "a key, no pupil",
        "wave_key_by_id": "a key, no pupil",
        "kept_of_ticket": "a child's own way in",
        "sealed_answers": "takes the row itself",
        "school_and_grade": "takes the ticket itself",
        "banks_of": "banks, no pupil",
        "words_place": "a name of a place, no row",
    },
    "erasure": {
        "held": "what may not be erased; no pupil can be read",
        "subject_of": "a number, no row",
    },
    "insights": {
        "release_plan": "which blocks of grades a wave's tables will have; no pupil",
        "planned_schools": "schools, no pupil",
    },
    "memos": {
        "inbox_key": "a key, no row",
        "code_mac": "a number, no row",
        "card_by_code": "the card is the permission",
        "state_by_receipt": "the receipt is the permission, and tells a state only",
        "cards": "cards belong to the city and say no child",
    },
    "notifications": {
        "address_of": "the actor's own address",
        "not_spread": "the clock's job: for the city as a whole",
        "listeners": "staff, no pupil",
        "told": "staff, no pupil",
        "quiet_of": "a person's own settings",
        "due": "the clock's job: for the city as a whole",
        "outbox": "counts of what left",
        "last_failures": "codes of what failed",
        "last_test": "whether a school can be reached, no pupil",
        "heard_tests": "whether schools can be reached, no pupil",
        "has_left": "whether a test left, no pupil",
    },
    "preferences": {
        "preference_of": "a person's own settings",
        "look_of": "a person's own settings",
        "stands_in_for": "staff, no pupil",
    },
    "results": {
        "open_result": "takes the row itself",
        "latest_before": "a child's own finish looks at its earlier result",
    },
    "referrals": {
        "next_copy_number": "a count",
        "words_place": "a name of a place, no row",
        "sheet_from": "takes what the row held",
        "receipt_mac": "a number, no row",
        "by_receipt": "the number on the paper is the permission, and is answered with a state only",
    },
    "reports": {"words_place": "a name of a place, no row", "content_from": "takes what the row held"},
    "review": {"events_of": "takes the case itself"},
    "clocks": {
        "city_rules": "the same for every school",
        "calendar_of": "days without school, no pupil",
        "half_of": "takes a moment",
    },
    "hold": {"filters_of": "a person's own views of the queue; codes, no pupil"},
    "students": {
        "schools": "names of schools are public",
        "grade_sizes": "counts for the office",
    },
    "waves": {
        "waves": "waves are the same for every school",
        "wave_by_id": "waves are the same for every school",
        "ended_before": "waves are the same for every school",
        "asked_now": "grades and banks, no pupil",
        "banks_asked_now": "grades and banks, no pupil",
        "classes_on": "which classes are asked, no pupil",
        "held_now": "tickets follow the roster: a mover is seen from both schools",
        "languages_allowed_now": "banks and languages, no pupil",
        "schools_of": "schools, no pupil",
        "banks_of": "banks, no pupil",
    },
}
"""Room → query without a scope → why none is needed."""

QUERIES = files("survey_api/services", name="queries.py")


def room(path: Path) -> str:
    return path.parent.name


def is_scoped(function: ast.FunctionDef) -> bool:
    return "scope" in argument_names(function)


@pytest.mark.parametrize("path", QUERIES, ids=room)
def test_a_query_takes_a_scope_or_says_why_not(path: Path) -> None:
    unscoped = {function.name for function in public_functions(path) if not is_scoped(function)}
    assert unscoped == set(UNSCOPED.get(room(path), {}))
