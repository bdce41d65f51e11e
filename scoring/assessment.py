"""The one public function: an answer sheet and a key in, an explained assessment out.

Pure and deterministic: the same sheet, key and previous summary give the same bytes for ever.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.bands import band_of
from scoring.change import RELIABLE, Previous, reliable_change
from scoring.conditions import Facts
from scoring.explain import reasons_of
from scoring.flags import Flag, flags_of
from scoring.freetext import TextCheck, check_text
from scoring.key import Rule, ScoringKey
from scoring.model import ConcernScore, concern_scores
from scoring.quality import Quality, quality_of
from scoring.sheet import AnswerSheet
from scoring.subscales import SubscaleValue, subscale_values
from scoring.vocabulary import Level, Urgency, strongest

__all__ = ["Assessment", "Previous", "assess"]

FORMAT = 1
LASTING = frozenset({"neglect", "care", "safety", "mood"})
"""Concerns about how a child lives: when such a reason vanishes, that itself is worth knowing."""
UNDOUBTED = frozenset({"wish", "text"})
"""A child's own wish and own words are never doubted for how the sheet was answered."""


@dataclass(frozen=True)
class Assessment:
    """What one sheet came to. `content` is plain data: codes and numbers, no prose, no answer in words."""

    content: Mapping[str, Any]

    @property
    def urgency(self) -> Urgency | None:
        return Urgency(self.content["urgency"]) if self.content["urgency"] else None

    @property
    def needs_a_person(self) -> bool:
        return self.content["urgency"] is not None

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return list(self.content["reasons"])

    @property
    def fired(self) -> tuple[str, ...]:
        """Ids of the rules that fired, trials included."""
        return tuple(flag["rule"] for flag in self.content["flags"])

    def as_dict(self) -> dict[str, Any]:
        return dict(self.content)

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        text = json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Assessment":
        return cls(json.loads(stored))

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Assessment":
        return cls(stored)

    def summary(self) -> Previous:
        """What the next wave may compare with."""
        values = {
            part["id"]: part["value"] for part in self.content["subscales"] if part["value"] is not None
        }
        return Previous(self.fired, values, str(self.content["bank"]))


def assess(
    key: ScoringKey,
    sheet: AnswerSheet,
    previous: Previous | None = None,
    *,
    seconds: Mapping[str, float] | None = None,
) -> Assessment:
    """Rules, subscales, points, quality, change → one assessment. Final urgency = the strongest of all."""
    values = subscale_values(key, sheet)
    bands = {sub.id: band_of(values[sub.id].value, sub.bands) for sub in key.subscales}
    change = _changes(key, values, previous)
    quality = quality_of(key, sheet, seconds or {})
    texts = _texts(key, sheet)
    facts = Facts(
        sheet=sheet,
        bands={name: band.band if band else None for name, band in bands.items()},
        worse={name: None if rci is None else rci >= RELIABLE for name, rci in change.items()},
        quality=frozenset(quality.signs) | ({"ask_again"} if quality.ask_again else set()),
        text_hits={item: bool(check.hits) for item, check in texts.items()},
        previous=previous,
    )
    flags, unknown = flags_of(key, facts)
    scores = concern_scores(key, sheet)
    fired = {flag.rule.id for flag in flags}
    vanished = _vanished(key, previous, fired)
    urgency = strongest(
        [flag.rule.urgency for flag in flags if flag.rule.active]
        + [score.band.urgency for score in scores if score.band]
        + ([Urgency.WATCH] if not grave_rules(key).isdisjoint(vanished) else [])
    )
    content = {
        "format": FORMAT,
        "bank": key.bank,
        "version": key.version,
        "model": key.model.version,
        "answered": len(sheet.chosen),
        "of": sheet.shown,
        "missing": {item: str(reason) for item, reason in sheet.missing.items()},
        "subscales": [_subscale(part, facts.bands[part.id], change[part.id]) for part in values.values()],
        "flags": [_flag(flag) for flag in flags],
        "unevaluable": list(unknown),
        "concerns": [_concern(score) for score in scores],
        "quality": {
            "signs": list(quality.signs),
            "ask_again": quality.ask_again,
            "first_step": _first_step(flags, urgency, quality),
            "texts_read_fully": all(check.complete for check in texts.values()),
            "refused": quality.refused,
            "left": quality.left,
        },
        "texts": {
            item: [[hit.start, hit.end, hit.kind] for hit in check.hits] for item, check in texts.items()
        },
        "vanished": list(vanished),
        "urgency": urgency,
        "reasons": reasons_of(flags, scores, vanished, quality, sheet),
    }
    return Assessment(json.loads(json.dumps(content)))


def _changes(
    key: ScoringKey, values: Mapping[str, SubscaleValue], previous: Previous | None
) -> dict[str, float | None]:
    before = previous.comparable(key.bank) if previous else {}
    return {sub.id: reliable_change(sub, values[sub.id].value, before.get(sub.id)) for sub in key.subscales}


def _vanished(key: ScoringKey, previous: Previous | None, fired: set[str]) -> tuple[str, ...]:
    """Serious reasons of the last wave that this sheet no longer gives."""
    before = set(previous.rules) if previous else set()
    return tuple(rule.id for rule in key.rules if lasts(rule) and rule.id in before - fired)


def lasts(rule: Rule) -> bool:
    """Whether it is worth knowing that this rule fired last wave and not now."""
    return rule.active and rule.level in (Level.A, Level.B) and rule.concern in LASTING


def _first_step(flags: tuple[Flag, ...], urgency: Urgency | None, quality: Quality) -> str | None:
    """What a person does first today: see the child, or, when the answers look careless, ask again.

    The place in the queue stays: careless-looking hard answers were still real in one of ten (simulated). A child's
    own wish and own words are never doubted.
    """
    if urgency is not Urgency.TODAY:
        return None
    hard = {flag.rule.concern for flag in flags if flag.rule.active and flag.rule.level is Level.A}
    return "ask_again" if quality.ask_again and not hard & UNDOUBTED else "see_today"


def grave_rules(key: ScoringKey) -> frozenset[str]:
    """Rules about safety, or calling for today or this week: their silence opens a case by itself.

    Any other that vanished stands beside the reasons of a case that something else opened.
    """
    soon = (Urgency.TODAY, Urgency.THIS_WEEK)
    return frozenset(rule.id for rule in key.rules if rule.concern == "safety" or rule.urgency in soon)


def _texts(key: ScoringKey, sheet: AnswerSheet) -> dict[str, TextCheck]:
    if key.lexicon is None:
        return {}
    return {item: check_text(text, key.lexicon) for item, text in sheet.texts.items() if text.strip()}


def _subscale(part: SubscaleValue, band: str | None, rci: float | None) -> dict[str, Any]:
    return {
        "id": part.id,
        "concern": part.concern,
        "value": part.value,
        "band": band,
        "answered": part.answered,
        "of": part.of,
        "change": None if rci is None else round(rci, 2),
    }


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "rule": flag.rule.id,
        "level": flag.rule.level,
        "concern": flag.rule.concern,
        "urgency": flag.rule.urgency,
        "active": flag.rule.active,
        "evidence": list(flag.evidence),
    }


def _concern(score: ConcernScore) -> dict[str, Any]:
    return {
        "concern": score.concern,
        "points": score.points,
        "band": score.band.band if score.band else None,
        "urgency": score.band.urgency if score.band else None,
        "contributions": [[part.item, part.points, part.ground] for part in score.contributions],
        "singles": list(score.singles),
        "pairs": [list(pair) for pair in score.pairs],
    }
