"""A scoring key small enough to check with a pencil, and a way to make its answer sheets."""

from typing import Any

from scoring.key import ScoringKey
from scoring.parse import parse
from scoring.sheet import AnswerSheet, AnswerValue

HOW_OFTEN = {"never": 0, "sometimes": 1, "often": 2, "daily": 3}
OWNED = {"owner": "a school nurse", "source": "made up for tests", "expected_rate": [0.0, 0.1]}

LEXICON: dict[str, Any] = {
    "classes": {"self_harm": {"ja": ["死にたい", "氏にたい"]}, "violence": {"ja": ["たたかれ"]}},
    "idioms": ["死ぬほど楽しい", "必死"],
    "negations": {"surface": ["ることはない"], "negatable": ["violence"]},
}


def content() -> dict[str, Any]:
    """A fresh copy each time, so that a test may break it."""
    return {
        "bank": "small",
        "version": 1,
        "items": {
            "hungry": {"levels": dict(HOW_OFTEN)},
            "dirty": {"levels": dict(HOW_OFTEN)},
            "hurt": {"levels": dict(HOW_OFTEN)},
            "rested": {"levels": {"never": 3, "sometimes": 2, "often": 1, "daily": 0}, "reverse_keyed": True},
            "tasks": {"count": {"of": ["cook", "wash", "siblings"], "cuts": [1, 3]}},
        },
        "subscales": {
            "needs": {
                "concern": "neglect",
                "items": ["hungry", "dirty"],
                "min_answered": 0.5,
                "sd": 1.0,
                "omega": 0.8,
            }
        },
        "bands": {
            "needs": [
                {"below": 1.0, "band": "fine"},
                {"below": 2.0, "band": "watch"},
                {"otherwise": "concern"},
            ]
        },
        "rules": [
            {
                "id": "hurt-often",
                "level": "A",
                "concern": "safety",
                "urgency": "today",
                "because": "hurt-often",
                "when": {"item": "hurt", "answered": ["often", "daily"]},
                **OWNED,
            },
            {
                "id": "text",
                "level": "A",
                "concern": "text",
                "urgency": "today",
                "because": "text",
                "when": {"text_hit": "note"},
                **OWNED,
            },
            {
                "id": "needs-and-care",
                "level": "B",
                "concern": "neglect",
                "urgency": "this_week",
                "because": "needs-and-care",
                "when": {
                    "all": [
                        {"subscale": "needs", "band": ["concern"]},
                        {"item": "tasks", "answered_other_than": ["none"]},
                    ]
                },
                **OWNED,
            },
            {
                "id": "two-of-three",
                "level": "B",
                "concern": "neglect",
                "urgency": "check",
                "because": "two",
                "when": {
                    "count": {
                        "at_least": 2,
                        "of": [
                            {"item": name, "answered": ["often", "daily"]}
                            for name in ("hungry", "dirty", "hurt")
                        ],
                    }
                },
                **OWNED,
            },
            {
                "id": "trial",
                "level": "B",
                "concern": "mood",
                "urgency": "today",
                "because": "trial",
                "when": {"item": "rested", "answered": ["never"]},
                "mode": "monitor",
                **OWNED,
            },
            {
                "id": "worse-needs",
                "level": "C",
                "concern": "neglect",
                "urgency": "check",
                "because": "worse",
                "when": {"worse": "needs"},
                **OWNED,
            },
        ],
        "model": {
            "version": "expert-1",
            "calibrated": False,
            "signed_by": "two people",
            "fill": 0.25,
            "concerns": {
                "neglect": {
                    "points": {
                        "hungry": {"never": 0, "sometimes": 1, "often": 2, "daily": 4},
                        "dirty": {"never": 0, "sometimes": 1, "often": 2, "daily": 3},
                        "tasks": {"0": 0, "1": 1, "2": 2},
                    },
                    "mean": {"hungry": 0.4, "dirty": 0.3, "tasks": 0.2},
                    "bands": [
                        {"below": 4, "band": "none"},
                        {"below": 6, "band": "pattern", "urgency": "watch"},
                        {"otherwise": "strong", "urgency": "check"},
                    ],
                }
            },
        },
    }


def key() -> ScoringKey:
    return parse(content(), LEXICON, text_items=frozenset({"note"}))


def sheet(**answers: AnswerValue) -> AnswerSheet:
    """A sheet on which every item was shown."""
    made = key()
    return AnswerSheet.of(answers, made, shown=[*made.items, "note"])


FINE: dict[str, AnswerValue] = {
    "hungry": "never",
    "dirty": "never",
    "hurt": "never",
    "rested": "daily",
    "tasks": ["none"],
}
