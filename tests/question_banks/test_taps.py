"""How many taps a whole bank takes: counted for every way through it, from the ticket to おくる."""

from itertools import product
from typing import Any

import pytest

from survey_api.services.banks.bank import Bank
from tests.house import bank
from tests.question_banks.edited_bank import NAMES

START, SEND = 3, 1
"""これでいい, やってみる and the practice (test_from_the_ticket_to_the_first_question_in_three_taps); then おくる."""
TAPS = {"single": 1, "notice": 1, "multi": 2, "text": 1}
"""A list is one tap and つぎへ; own words are left blank, and are one tap more for who writes."""
BESIDE_QUESTIONS = 9
"""The goal is 33 taps for 24 questions: one for each question and nine beside them."""
NEEDED = {"sho-low": 24, "sho-high": 33, "chu": 39, "kou": 39}
MORE_THAN_THE_GOAL = {"sho-low": 0, "sho-high": 2, "chu": 2, "kou": 2}
"""The goal counts one tap for every question; the larger banks hold six lists, which take つぎへ as well."""


def taps(asked: Bank, answers: dict[str, Any]) -> int:
    shown = asked.path(answers)
    return START + sum(TAPS[asked.items[one.item].kind if one.item else "notice"] for one in shown) + SEND


def ways(asked: Bank) -> list[dict[str, Any]]:
    """One sheet for every way through a bank of a child who skips nothing: every answer that leads elsewhere."""
    leading = sorted(
        {screen.when.on for screen in asked.screens if screen.when and screen.when.on in asked.items}
    )
    values = [
        [[code] if asked.items[item].kind == "multi" else code for code in asked.items[item].options]
        for item in leading
    ]
    return [dict(zip(leading, chosen, strict=True)) for chosen in product(*values)]


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_bank_takes_as_many_taps_as_written_whatever_is_answered(name: str) -> None:
    """Who helps at home, and who wants to talk, taps no more often than anybody else: nobody can count it."""
    asked = bank(name).bank
    found = ways(asked)
    assert len({str(asked.shown_items(way)) for way in found}) > 1
    assert {taps(asked, way) for way in found} == {NEEDED[name]}


@pytest.mark.parametrize("name", NAMES)
def test_the_taps_of_a_bank_keep_to_the_goal_but_for_its_lists(name: str) -> None:
    questions = len([screen for screen in bank(name).bank.screens if screen.item])
    assert NEEDED[name] == questions + BESIDE_QUESTIONS + MORE_THAN_THE_GOAL[name]
