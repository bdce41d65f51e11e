"""A wrong scoring.yaml is refused with every mistake at once, each naming its place."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from scoring.parse import ScoringMistakes, parse
from tests.scoring.small_bank import content

Break = Callable[[dict[str, Any]], None]


def rule(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in data["rules"] if entry["id"] == name)


def table(data: dict[str, Any]) -> dict[str, Any]:
    return data["model"]["concerns"]["neglect"]


CASES: list[tuple[str, Break, str]] = [
    ("a gap in the answers", lambda d: rule(d, "hurt-often")["when"].update(answered=["often"]), "続けて"),
    (
        "an unknown answer",
        lambda d: rule(d, "hurt-often")["when"].update(answered=["ever", "daily"]),
        "答え「ever」",
    ),
    ("an unknown item", lambda d: rule(d, "hurt-often")["when"].update(item="gone"), "質問「gone」"),
    (
        "a hard rule on a reversed item",
        lambda d: rule(d, "hurt-often").update(when={"item": "rested", "answered": ["never"]}),
        "向きが逆",
    ),
    (
        "not in a hard safety rule",
        lambda d: rule(d, "hurt-often").update(when={"not": {"item": "hurt", "answered": ["daily"]}}),
        "not は使えません",
    ),
    ("a hard rule for next week", lambda d: rule(d, "hurt-often").update(urgency="check"), "today にして"),
    ("the same rule twice", lambda d: d["rules"].append(dict(rule(d, "text"))), "2回あります"),
    ("a rate above one", lambda d: rule(d, "text").update(expected_rate=[0.1, 2]), "expected_rate"),
    ("falling points", lambda d: table(d)["points"]["hungry"].update(daily=1), "少なくなって"),
    ("negative points", lambda d: table(d)["points"]["hungry"].update(never=-1), "負の点"),
    (
        "points for no answer",
        lambda d: table(d)["points"]["hungry"].update(ever=1),
        "ちょうど書いて",
    ),
    ("no mean", lambda d: table(d)["mean"].pop("hungry"), "「hungry」の平均"),
    ("not a number", lambda d: table(d)["points"]["hungry"].update(daily=math.nan), "有限の数では"),
    ("infinite", lambda d: table(d)["points"]["hungry"].update(daily=math.inf), "有限の数では"),
    ("falling cuts", lambda d: d["bands"]["needs"].reverse(), "otherwise"),
    ("nobody signed", lambda d: d["model"].update(signed_by=" "), "署名"),
    ("a gap in levels", lambda d: d["items"]["hungry"]["levels"].update(daily=5), "間をあけずに"),
    (
        "an unknown band",
        lambda d: rule(d, "needs-and-care")["when"]["all"][0].update(band=["bad"]),
        "区分「bad」",
    ),
    ("the lowest band calls", lambda d: table(d)["bands"][0].update(urgency="watch"), "いちばん低い区分"),
]


@pytest.mark.parametrize(("broken", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_mistake_is_named(broken: Break, says: str) -> None:
    data = content()
    broken(data)
    with pytest.raises(ScoringMistakes) as refused:
        parse(data)
    assert any(says in sentence for sentence in refused.value.mistakes), refused.value.mistakes


def test_all_mistakes_are_listed_at_once() -> None:
    data = content()
    rule(data, "hurt-often")["when"]["item"] = "gone"
    data["model"]["signed_by"] = ""
    with pytest.raises(ScoringMistakes) as refused:
        parse(data)
    assert len(refused.value.mistakes) >= 2


def test_the_small_bank_itself_is_right() -> None:
    assert parse(content()).bank == "small"
