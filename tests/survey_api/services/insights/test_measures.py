"""The declared indicators fit the banks, and a wrong declaration is refused with every mistake named."""

from pathlib import Path

import pytest
import yaml

from survey_api.services.insights.measures import (
    BANK_GRADES,
    BandReading,
    IndicatorsInvalid,
    ItemReading,
    load_indicators,
)

BANKS = Path(__file__).parents[4] / "question_banks"


def test_every_reading_exists_in_its_bank_and_runs_to_the_worst_answer() -> None:
    for indicator in load_indicators():
        for bank, reading in indicator.readings.items():
            asked = yaml.safe_load((BANKS / bank / "bank.yaml").read_text(encoding="utf-8"))
            assert tuple(asked["grades"]) == BANK_GRADES[bank]
            assert isinstance(reading, ItemReading), "a band or rule needs its own cross-check here"
            item = asked["items"][reading.item]
            assert reading.answered <= set(item["options"]), (bank, indicator.id)
            if item["sensitivity"] == "acute":
                assert indicator.level_only, (bank, indicator.id)


def test_a_child_is_read_by_the_declared_answers_only() -> None:
    hungry = next(one for one in load_indicators() if one.id == "hungry")
    needs = next(one for one in load_indicators() if one.id == "short-of")

    def yes(indicator, bank, answers):
        return indicator.reads_yes(bank, answers=answers, bands={}, rules=())

    assert yes(hungry, "chu", {"hungry": "d1_3"})
    assert not yes(hungry, "chu", {"hungry": "d0"})
    assert not yes(hungry, "chu", {"hungry": "declined"})
    assert not yes(hungry, "chu", {})
    assert yes(needs, "kou", {"short_of": ["fees", "utilities"]})
    assert not yes(needs, "kou", {"short_of": ["none"]})


def test_bands_and_rules_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "indicators.yaml"
    file.write_text(
        """
indicators:
  - {id: a, title: あ, definition: い, topic: う, sensitivity: sensitive,
     reading: {chu: {subscale: mood, band: [concern]}, kou: {rule: [heavy]}}}
""",
        encoding="utf-8",
    )
    (one,) = load_indicators(file)
    assert one.readings["chu"] == BandReading("mood", frozenset({"concern"}))
    assert one.grades == (7, 8, 9, 10, 11, 12)
    assert one.level_only
    assert one.reads_yes("chu", answers={}, bands={"mood": "concern"}, rules=())
    assert not one.reads_yes("chu", answers={}, bands={"mood": "watch"}, rules=())
    assert one.reads_yes("kou", answers={}, bands={}, rules=["heavy"])


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "indicators.yaml"
    file.write_text(
        """
indicators:
  - {id: a, title: あ, definition: い, topic: う, sensitivity: secret, colour: red, reading: {jhs: {item: x}}}
  - {id: b, title: "", definition: い, topic: う, sensitivity: ordinary, reading: {chu: {item: x}}}
  - {id: c, title: あ, definition: い, topic: う, sensitivity: ordinary, reading: {chu: {item: x, answered: [y]}}}
  - {id: d, title: あ, definition: い, topic: う, sensitivity: ordinary, reading: {chu: {item: x, answered: [z]}}}
""",
        encoding="utf-8",
    )
    with pytest.raises(IndicatorsInvalid) as caught:
        load_indicators(file)
    said = "\n".join(caught.value.problems)
    for part in [
        "`colour`",
        "`sensitivity`",
        "`jhs` is no bank",
        "`title`",
        "chu: a reading",
        "both c and d",
    ]:
        assert part in said
