"""Mistakes that show only when the parts of a scoring.yaml are read together."""

from collections.abc import Callable
from typing import Any

import pytest

from scoring.crosscheck import against_bank
from scoring.parse import ScoringMistakes, parse
from tests.scoring.small_bank import LEXICON, content, key
from tests.scoring.test_parse import rule, table

Break = Callable[[dict[str, Any]], None]


def when(name: str, **condition: Any) -> Break:
    def change(data: dict[str, Any]) -> None:
        rule(data, name)["when"] = condition

    return change


CASES: list[tuple[str, Break, str]] = [
    (
        "a worse answer would switch the rule off",
        when("two-of-three", all=[{"not": {"item": "hurt", "answered": ["daily"]}}]),
        "規則が消える",
    ),
    (
        "quality outside level D",
        when("two-of-three", all=[{"item": "hurt", "answered": ["daily"]}, {"quality": "fast"}]),
        "Dの規則だけ",
    ),
    ("not hard, yet today", lambda d: rule(d, "two-of-three").update(urgency="today"), "Aの規則だけ"),
    ("a concern nobody knows", lambda d: rule(d, "hurt-often").update(concern="weather"), "「weather」"),
    (
        "everything but the worst",
        when("two-of-three", item="hungry", answered_other_than=["daily"]),
        "続けて",
    ),
    (
        "nothing left",
        when("two-of-three", item="tasks", answered_other_than=["cook", "wash", "siblings"]),
        "残りません",
    ),
    (
        "every answer",
        when("two-of-three", item="hungry", answered=["never", "sometimes", "often", "daily"]),
        "意味がありません",
    ),
    (
        "a band in the middle",
        when("needs-and-care", subscale="needs", band=["watch"]),
        "「needs」の区分は",
    ),
    (
        "two answers at once",
        when(
            "two-of-three",
            all=[{"item": "hurt", "answered": ["daily"]}, {"all": [{"item": "hurt", "is": "declined"}]}],
        ),
        "食いちがって",
    ),
    (
        "more than there are",
        when("two-of-three", count={"at_least": 2, "of": [{"item": "hurt", "answered": ["daily"]}]}),
        "決して成り立ちません",
    ),
    (
        "the same condition, another urgency",
        when("two-of-three", item="hurt", answered=["often", "daily"]),
        "rules.hurt-often と食いちがいます",
    ),
    ("a text rule without its text", when("text", text_hit="hungry"), "自由記述では"),
    ("words nobody reads", lambda d: rule(d, "text").update(mode="monitor"), "試行でないAの規則"),
    (
        "the table calls today",
        lambda d: table(d)["bands"][2].update(urgency="today"),
        "today を呼べません",
    ),
    (
        "a higher band is less urgent",
        lambda d: (
            table(d)["bands"][1].update(urgency="check"),
            table(d)["bands"][2].update(urgency="watch"),
        ),
        "ゆるい",
    ),
    ("too fine points", lambda d: table(d)["mean"].update(hungry=0.125), "2けたまで"),
    (
        "min_answered beyond one",
        lambda d: d["subscales"]["needs"].update(min_answered=float("nan")),
        "min_answered",
    ),
]


@pytest.mark.parametrize(("broken", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_contradiction_is_named(broken: Break, says: str) -> None:
    data = content()
    broken(data)
    with pytest.raises(ScoringMistakes) as refused:
        parse(data, LEXICON, text_items=frozenset({"note"}))
    assert any(says in sentence for sentence in refused.value.mistakes), refused.value.mistakes


def bank() -> dict[str, Any]:
    often = ["never", "sometimes", "often", "daily"]
    items: dict[str, Any] = {name: {"options": often} for name in ("hungry", "dirty", "hurt", "rested")}
    items |= {
        "tasks": {"options": ["cook", "wash", "siblings", "none"]},
        "note": {},
        "colour": {"options": ["red"]},
    }
    return {"items": items, "screens": [{"item": "tasks", "when": {}, "otherwise": "colour"}]}


def test_a_key_and_its_bank_agree() -> None:
    assert against_bank(key(), bank()) == []


def test_a_key_and_another_bank_do_not() -> None:
    other = bank()
    del other["items"]["hurt"]
    other["items"]["hungry"]["options"].append("always")
    other["items"]["dirty"]["options"].remove("daily")
    other["items"]["tasks"]["options"].remove("none")
    other["screens"][0]["otherwise"] = "rested"
    said = "\n".join(against_bank(key(), other))
    for part in (
        "items.hurt: bank.yaml に",
        "「always」に水準",
        "選択肢「daily」は",
        "どれもない",
    ):
        assert part in said
    assert "items.rested: 長さをそろえる" in said
