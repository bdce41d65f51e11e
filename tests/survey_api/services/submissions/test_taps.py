"""The later tap of an item stands, whatever order batches arrive in, however often, from however many tablets."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.kit.problems import AnswersRefused
from survey_api.services.banks.shape import ItemShape
from survey_api.services.submissions.taps import (
    FORM,
    Batch,
    Tap,
    forgotten,
    forgotten_as_told,
    merge,
    read_batch,
)

SHAPE = {
    "one": ItemShape("single", frozenset({"a", "b", "c"})),
    "many": ItemShape("multi", frozenset({"x", "y", "none"}), frozenset({"none"})),
    "words": ItemShape("text", frozenset(), max_chars=5),
}
YEAR = 365 * 24 * 3600 * 1000.0
START = 1.8e12

taps = st.lists(
    st.tuples(st.sampled_from(["tablet-a", "tablet-b", FORM]), st.sampled_from("pqr"), st.sampled_from([None, "a", "b"])),
    min_size=1,
    max_size=12,
)  # fmt: skip


@given(taps, st.integers(0, 2**32), st.floats(-2, 2), st.floats(-2, 2))
def test_any_order_of_arrival_ends_with_the_last_taps(
    made: list[tuple[str, str, str | None]], seed: int, years_a: float, years_b: float
) -> None:
    """Tablets' clocks are years off; batches arrive late, shuffled and twice; the draft is what was tapped last."""
    ahead = {"tablet-a": years_a * YEAR, "tablet-b": years_b * YEAR, FORM: 0.0}
    sent = []
    for number, (device, item, value) in enumerate(made):
        real = START + number * 1000.0
        sent.append((device, real, Tap(item, value, real + ahead[device])))
    chance = random.Random(seed)
    arrivals = sent * 2
    chance.shuffle(arrivals)
    draft: dict[str, Any] = {}
    received = START + len(made) * 1000.0
    for device, _, tap in arrivals:
        received += chance.uniform(0, 60_000)
        merge(draft, Batch(device, received + ahead[device], (tap,)), received)
    last = {item: value for _, item, value in made}
    assert draft.get("answers", {}) == {item: value for item, value in last.items() if value}


def test_a_letter_that_a_keyboard_has_cut_in_two_can_be_stored() -> None:
    body = {"device": "tablet-a", "now": 1, "taps": [{"item": "words", "value": "a\ud83d", "at": 1}]}
    (tap,) = read_batch(body, SHAPE).taps
    assert tap.value == "a\ufffd"


def test_a_tap_that_claims_the_future_does_not_hold_its_item_for_ever() -> None:
    draft: dict[str, Any] = {}
    merge(draft, Batch("tablet-a", START, (Tap("one", "a", START + YEAR),)), START)
    merge(draft, Batch("tablet-b", START, (Tap("one", "b", START),)), START + 10)
    assert draft["answers"] == {"one": "b"}


def test_after_deleting_an_older_tap_stays_away_and_a_new_one_comes_in() -> None:
    draft: dict[str, Any] = {}
    old = Batch("tablet-a", START + 10, (Tap("one", "a", START),))
    merge(draft, old, START + 10)
    draft = forgotten(draft, START + 1000)
    assert "answers" not in draft
    merge(draft, Batch("tablet-a", START + 2000, old.taps), START + 2000)
    assert draft.get("answers", {}) == {}
    merge(draft, Batch("tablet-a", START + 3000, (Tap("one", "b", START + 2900),)), START + 3000)
    assert draft["answers"] == {"one": "b"}


def test_after_deleting_a_tap_that_was_long_on_its_way_is_still_an_old_one() -> None:
    """It was sent before けして やめる and arrives after it: the other line was faster."""
    draft: dict[str, Any] = {}
    merge(draft, Batch("tablet-a", START + 10, (Tap("one", "a", START),)), START + 10)
    under_way = Batch("tablet-a", START + 900, (Tap("one", "b", START + 890),))
    draft = forgotten(draft, START + 1000)
    merge(draft, under_way, START + 2500)
    assert draft.get("answers", {}) == {}


def test_a_tablet_that_was_told_to_delete_everything_long_ago_deletes_nothing_newer() -> None:
    draft: dict[str, Any] = {}
    merge(draft, Batch("tablet-a", START + YEAR, (Tap("one", "a", START + YEAR),)), START)
    merge(draft, Batch("tablet-b", START, (Tap("many", ["x"], START + 60_000),)), START + 60_000)
    wish = {"device": "tablet-a", "at": START + YEAR + 1}
    for _ in range(2):
        draft = forgotten_as_told(draft, wish, START + YEAR + 90_000, START + 90_000)
        assert draft["answers"] == {"many": ["x"]}
    assert forgotten_as_told({}, wish, START + YEAR + 90_000, START)["floor"] == START - 89_999


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"device": "short", "now": 1, "taps": []}, "device"),
        ({"device": "tablet-a", "now": "now", "taps": []}, "now"),
        ({"device": "tablet-a", "now": float("nan"), "taps": []}, "now"),
        ({"device": "tablet-a", "now": True, "taps": []}, "now"),
        ({"device": "tablet-a", "now": 1, "taps": [{}] * 201}, "taps"),
        ({"device": "tablet-a", "now": 1, "taps": ["one"]}, "taps"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "other", "value": "a", "at": 1}]}, "taps"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "one", "value": "z", "at": 1}]}, "answers.one"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "many", "value": ["x", "none"], "at": 1}]}, "answers.many"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "words", "value": "123456", "at": 1}]}, "answers.words"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "one", "value": "a", "at": -1}]}, "taps.at"),
        ({"device": "tablet-a", "now": 1, "taps": [{"item": "one", "value": "a", "at": 1, "seconds": -1}]}, "taps"),
    ],
)  # fmt: skip
def test_a_malformed_batch_is_refused_by_the_name_of_its_field(body: Any, field: str) -> None:
    with pytest.raises(AnswersRefused) as refused:
        read_batch(body, SHAPE)
    assert str(refused.value).startswith(f"{field}:")
