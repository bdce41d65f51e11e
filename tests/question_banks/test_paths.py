"""Whatever a child answers, the way through a bank has the same length, and every gap has its own reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.services.banks.bank import SKIP, Bank, Item
from tests.house import bank
from tests.question_banks.edited_bank import NAMES

BENIGN = {"care_tasks": ["none"], "wish_talk": "not_now"}


def values(item: Item) -> st.SearchStrategy[Any]:
    """Any value the item takes, the reserved codes and no answer at all."""
    reserved = st.sampled_from([None, "dont_know", "declined"])
    if item.kind == "text":
        return st.one_of(reserved, st.text(max_size=20))
    codes = st.sampled_from(item.options)
    if item.kind == "single":
        return st.one_of(reserved, codes)
    together = [code for code in item.options if code not in item.exclusive]
    return st.one_of(
        reserved, codes.map(lambda code: [code]), st.lists(st.sampled_from(together), min_size=1, unique=True)
    )


@st.composite
def answer_sheets(draw: st.DrawFn, of: Bank) -> dict[str, Any]:
    """Answers to any items of the bank, on the path or not, and perhaps a skipped block."""
    sheet = {item.id: draw(values(item)) for item in of.items.values()}
    for notice in of.skippable():
        sheet[notice] = draw(st.sampled_from([None, SKIP]))
    return {key: value for key, value in sheet.items() if value is not None}


NAMED_SHEETS = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), answer_sheets(bank(name).bank))
)


@given(NAMED_SHEETS)
def test_every_path_has_the_same_number_of_screens_and_places(named: tuple[str, dict[str, Any]]) -> None:
    name, answers = named
    asked = bank(name).bank
    path = asked.path(answers)
    assert [shown.place for shown in path] == list(range(1, len(asked.screens) + 1))
    assert all((shown.item is None) != (shown.notice is None) for shown in path)


@given(NAMED_SHEETS)
def test_on_path_keeps_the_path_and_drops_the_rest(named: tuple[str, dict[str, Any]]) -> None:
    name, answers = named
    asked = bank(name).bank
    kept = asked.on_path(answers)
    assert asked.path(kept) == asked.path(answers)
    assert asked.on_path(kept) == kept
    assert set(kept) <= set(asked.shown_items(answers)) | set(asked.skippable())


@given(NAMED_SHEETS)
def test_each_item_is_answered_or_has_one_reason(named: tuple[str, dict[str, Any]]) -> None:
    name, answers = named
    asked = bank(name).bank
    missing = asked.missing(answers)
    shown = set(asked.shown_items(answers))
    for item in asked.items:
        given_value = answers.get(item)
        if item not in shown:
            assert missing[item] in ("not_shown", "declined")
        elif given_value in ("declined", "dont_know"):
            assert missing[item] == given_value
        elif not given_value:
            assert missing[item] == "left"
        else:
            assert item not in missing


@pytest.mark.parametrize("name", NAMES)
def test_a_skipped_block_is_declined_and_shows_pages_of_rest(name: str) -> None:
    asked = bank(name).bank
    acute = {item.id for item in asked.items.values() if item.sensitivity == "acute"}
    skipped = asked.path({"hard_things": SKIP})
    assert acute.isdisjoint(asked.shown_items({"hard_things": SKIP}))
    assert sum(str(shown.notice).startswith("rest_") for shown in skipped) == len(acute)
    missing = asked.missing({"hard_things": SKIP})
    assert {missing[item] for item in acute} == {"declined"}


@pytest.mark.parametrize("name", ["sho-high", "chu", "kou"])
def test_follow_ups_open_for_tasks_and_stay_closed_for_refusals(name: str) -> None:
    asked = bank(name).bank
    assert "care_days" in asked.shown_items({"care_tasks": ["cook"]})
    for closed in (["none"], "declined", "dont_know"):
        assert "care_days" not in asked.shown_items({"care_tasks": closed})
    assert "care_days" not in asked.shown_items({})


@pytest.mark.parametrize(
    ("wish", "opens"), [("today", True), ("someday", True), ("unsure", False), ("not_now", False)]
)
def test_whom_is_asked_of_those_who_want_to_talk(wish: str, opens: bool) -> None:
    for name in ("sho-high", "chu", "kou"):
        assert ("talk_whom" in bank(name).bank.shown_items({"wish_talk": wish})) is opens


def test_a_changed_answer_drops_its_follow_ups() -> None:
    asked = bank("chu").bank
    before = {"care_tasks": ["cook"], "care_days": "d12_14"}
    assert "care_days" in asked.on_path(before)
    assert "care_days" not in asked.on_path({**before, "care_tasks": ["none"]})
