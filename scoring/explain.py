"""Why somebody should look: ordered reason codes with parameters. No prose; the words are in the bank's texts."""

from typing import Any

from scoring.flags import Flag
from scoring.model import ConcernScore
from scoring.quality import Quality
from scoring.sheet import AnswerSheet

TOP = 3
"""How many answers a pattern names."""


def reasons_of(
    flags: tuple[Flag, ...],
    scores: tuple[ConcernScore, ...],
    vanished: tuple[str, ...],
    quality: Quality,
    sheet: AnswerSheet,
) -> list[dict[str, Any]]:
    """Strongest first: fired rules, then patterns of the points table, then what vanished, then quality."""
    active = [flag for flag in flags if flag.rule.active]
    active.sort(key=lambda flag: (flag.rule.urgency.rank, flag.rule.level))
    reasons = [flag_reason(flag, sheet) for flag in active]
    reasons += [_pattern(score, sheet) for score in scores if score.band and score.band.urgency]
    reasons += [_reason("vanished", "change", None, [], {"rule": rule}) for rule in vanished]
    if quality.ask_again:
        reasons.append(_reason("ask-again", "quality", None, [], {"signs": list(quality.signs)}))
    return reasons


def flag_reason(flag: Flag, sheet: AnswerSheet) -> dict[str, Any]:
    rule = flag.rule
    evidence = [{"item": item, "answer": _answer(sheet, item)} for item in flag.evidence]
    return _reason(rule.because, rule.concern, rule.urgency, evidence, {"rule": rule.id, "level": rule.level})


def _pattern(score: ConcernScore, sheet: AnswerSheet) -> dict[str, Any]:
    most = sorted(score.contributions, key=lambda part: -part.points)[:TOP]
    evidence = [{"item": part.item, "answer": _answer(sheet, part.item)} for part in most if part.points > 0]
    urgency = score.band.urgency if score.band else None
    return _reason(f"pattern-{score.concern}", score.concern, urgency, evidence, {})


def _answer(sheet: AnswerSheet, item: str) -> Any:
    """The code as chosen; for a text that something was written, never the words."""
    if item in sheet.texts:
        return "written"
    return sheet.chosen.get(item, sheet.missing.get(item))


def _reason(
    code: str, concern: str, urgency: str | None, evidence: list[dict[str, Any]], params: dict[str, Any]
) -> dict[str, Any]:
    return {"code": code, "concern": concern, "urgency": urgency, "evidence": evidence, "params": params}
