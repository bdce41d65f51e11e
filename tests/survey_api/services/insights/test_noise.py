"""The unbounded noise: the same for ever, unbiased, as wide as it says, and within its odds."""

import math
from collections import Counter
from datetime import date, timedelta

import pytest

from survey_api.services.insights.limits import EPSILON, GRADE_MIN, MIN_GROUP
from survey_api.services.insights.noise import DEVIATION, geometric, spread
from survey_api.services.insights.outcomes import DAYS, CaseFacts, Ending, Helped, tallies
from survey_api.services.insights.safe import PlaceKind
from survey_api.vocabulary import Outcome, Urgency
from tests.survey_api.services.insights.planted import city, key

DRAWS = [geometric(b"k" * 32, "wave", "question", str(number)) for number in range(20_000)]


def test_the_same_label_draws_the_same_and_another_wave_another() -> None:
    assert geometric(b"k", "w1", "q") == geometric(b"k", "w1", "q")
    waves = {geometric(b"k", f"w{number}", "q") for number in range(50)}
    assert len(waves) > 3


def test_the_noise_has_its_mean_its_deviation_and_its_odds() -> None:
    assert abs(sum(DRAWS) / len(DRAWS)) < 4 * DEVIATION / math.sqrt(len(DRAWS))
    assert math.sqrt(sum(one * one for one in DRAWS) / len(DRAWS)) == pytest.approx(DEVIATION, rel=0.03)
    seen = Counter(DRAWS)
    for step in range(3):  # neighbours differ by e^EPSILON, within what 20,000 draws can tell
        assert seen[step] / seen[step + 1] == pytest.approx(math.exp(EPSILON), rel=0.2)


@pytest.mark.parametrize("together", [1, 2, 4, 8])
def test_the_spread_holds_at_least_95_of_100(together: int) -> None:
    sums = [sum(DRAWS[start : start + together]) for start in range(0, len(DRAWS), together)]
    held = sum(abs(one) <= spread(together) for one in sums) / len(sums)
    assert held > 0.94


def test_grade_tables_are_about_right_and_only_for_large_grades_and_open_things() -> None:
    held = []
    for seed in range(1, 9):
        planted = city(seed)
        table = planted.table(key(seed))
        for note in table.indicators:
            for place, cell in table.of(note.id, PlaceKind.GRADE):
                assert not note.level_only
                inside = [atom for atom in planted.answered if place.holds(*atom)]
                assert sum(planted.answered[atom] for atom in inside) >= GRADE_MIN
                held.append(cell.low <= sum(planted.yes[note.id][atom] for atom in inside) <= cell.high)
    assert len(held) > 200
    assert sum(held) / len(held) > 0.9  # all-yes and all-no cut one side off


DAY = date(2026, 11, 24)


def case(urgency: Urgency, after: int | None, *, wanted: bool = False) -> CaseFacts:
    return CaseFacts(
        urgency, DAY, None if after is None else DAY + timedelta(days=after), wanted, waited=after
    )


def test_every_child_is_counted_once_and_those_not_met_are_counted_too() -> None:
    cases = [
        case(Urgency.TODAY, 0),
        case(Urgency.TODAY, 2, wanted=True),
        case(Urgency.TODAY, None, wanted=True),
        case(Urgency.THIS_WEEK, 10),
        case(Urgency.CHECK, 41),
        case(Urgency.WATCH, 15, wanted=True),
    ]
    over = [
        Ending(Outcome.OTHER_NEED, closed=True, handed_over=True, met_again=True),
        Ending(Outcome.KNOWN_ALREADY, closed=True, handed_over=False, met_again=False),
        Ending(None, closed=False, handed_over=True, met_again=False),
    ]
    helped = [
        Helped(Urgency.TODAY, True, None),
        Helped(Urgency.CHECK, True, Urgency.WATCH),
        Helped(Urgency.CHECK, True, Urgency.TODAY),
        Helped(Urgency.CHECK, False, None),
    ]
    counted = tallies(
        cases,
        over,
        helped,
        promised_by=lambda day: day + timedelta(days=14),
        checks=["missed", "rightly", "rightly"],
        silent=["sent", "later", "none", "none"],
        supported=[True, False, False],
    )
    found = {tally.note.id: {part.id: count for part, count in tally.counts if count} for tally in counted}
    assert found == {
        "contact-today": {"d0": 1, "d3": 1, "not-yet": 1},
        "contact-week": {"d10": 1},
        "contact-check": {"d20": 1, "later": 1},
        "promise": {"kept": 1, "late": 1, "not-yet": 1},
        "endings": {"new": 1, "known": 1},
        "loop": {"met": 1, "not": 1},
        "change": {"lighter": 1, "same": 1, "heavier": 1, "silent": 1},
        "checks": {"missed": 1, "rightly": 2},
        "silent": {"sent": 1, "later": 1, "none": 2},
        "language": {"japanese": 2, "supported": 1},
    }


def test_an_outcome_of_few_children_has_no_numbers() -> None:
    few = tallies([case(Urgency.TODAY, 0)], [], [], promised_by=lambda day: day)
    many = tallies([case(Urgency.TODAY, 0)] * 40, [], [], promised_by=lambda day: day)
    planted = city(1)
    assert planted.table(key(), few).measure("contact-today").parts == ()
    shown = planted.table(key(), many).measure("contact-today")
    assert [part.title for part in shown.parts][: len(DAYS)] == [words for _, words, _ in DAYS]
    assert shown.goal == 0
    assert abs(shown.parts[0].about - 40) <= 4 * DEVIATION
    assert all(part.about >= 0 for part in shown.parts)
    assert sum(part.about for part in shown.parts) >= MIN_GROUP


def test_of_two_groups_of_children_both_have_a_number_or_neither() -> None:
    for helped, shown in ((40, True), (1, False), (99, False)):
        made = tallies([], [], [], promised_by=lambda day: day, supported=[n < helped for n in range(100)])
        found = city(1).table(key(), made).measure("language")
        assert bool(found.parts) is shown
        if shown:
            japanese, supported = (part.about for part in found.parts)
            assert abs(japanese - 60) <= 6 * DEVIATION
            assert abs(supported - 40) <= 6 * DEVIATION


def test_no_outcome_counts_meetings() -> None:
    words = [
        note.title + note.definition + "".join(part.title for part in note.parts)
        for note in (tally.note for tally in tallies([], [], [], promised_by=lambda day: day))
    ]
    assert not [text for text in words if "会議" in text or "件数" in text]
