"""What may be kept of a child's answers: checked against the bank's shape, refused by item name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import AnswersRefused

AnswerValue = str | list[str]
Answers = dict[str, AnswerValue]

RESERVED = frozenset({"dont_know", "declined"})
CLOSED = "written"
"""Stands for a child's own words where they are closed to the school's key: that something was written."""
MAX_BODY = 64 * 1024
MAX_SECONDS = 24 * 3600.0


class ItemShape(Protocol):
    """What one item accepts; the banks room makes these. kind: single | multi | text | notice."""

    @property
    def kind(self) -> str: ...
    @property
    def codes(self) -> frozenset[str]: ...
    @property
    def exclusive(self) -> frozenset[str]: ...
    @property
    def max_chars(self) -> int: ...


Shape = Mapping[str, ItemShape]


@dataclass(frozen=True)
class Intake:
    """One finished go as it came in, checked."""

    client_id: str
    answers: Answers
    seconds: dict[str, float]
    supported: bool | None = None
    """Read in plain Japanese or another language; None when nobody noted it. Counted for the whole city only."""

    def content(self) -> bytes:
        """Canonical bytes of what was answered: equal content, equal receipt."""
        return json.dumps(self.answers, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def own_words(answers: Mapping[str, AnswerValue], shape: Shape) -> dict[str, AnswerValue]:
    """What the child wrote itself, by item; choices are not among it."""
    return {
        item: value
        for item, value in answers.items()
        if item in shape and shape[item].kind == "text" and value and value not in RESERVED
    }


def read_intake(raw: bytes, shape: Shape) -> Intake:
    """JSON bytes → checked Intake. AnswersRefused names the field or item, never the answer."""
    if len(raw) > MAX_BODY:
        raise AnswersRefused("body: 64 KiB を超えています。")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as broken:
        raise AnswersRefused("body: JSON ではありません。") from broken
    if not isinstance(body, dict) or set(body) - {"client_id", "answers", "seconds", "supported"}:
        raise AnswersRefused(
            "body: client_id, answers, seconds, supported だけを持つオブジェクトにしてください。"
        )
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not 8 <= len(client_id) <= 64 or not client_id.isascii():
        raise AnswersRefused("client_id: 8〜64文字の英数字にしてください。")
    supported = body.get("supported")
    if not isinstance(supported, bool | None):
        raise AnswersRefused("supported: true か false にしてください。")
    answers, seconds = check_answers(body.get("answers"), shape), _seconds(body.get("seconds"), shape)
    return Intake(client_id, answers, seconds, supported)


def check_answers(given: Any, shape: Shape) -> Answers:
    """Every item known, every code on offer, every list free of repeats; multi lists are sorted."""
    if not isinstance(given, dict):
        raise AnswersRefused("answers: 項目と答えの組にしてください。")
    return {item: check_answer(item, value, shape) for item, value in given.items()}


def check_answer(item: str, value: Any, shape: Shape) -> AnswerValue:
    """One answer against its item."""
    if item not in shape:
        raise AnswersRefused("answers: この問題集にない項目があります。")
    expected = shape[item]
    if isinstance(value, str) and value in RESERVED and expected.kind != "notice":
        return value
    if expected.kind in ("single", "notice") and isinstance(value, str) and value in expected.codes:
        return value
    if expected.kind == "multi" and isinstance(value, list):
        return _multi(item, value, expected)
    if expected.kind == "text" and isinstance(value, str):
        if len(value) > expected.max_chars:
            raise AnswersRefused(f"answers.{item}: {expected.max_chars}文字までです。")
        return _whole_letters(value)
    raise AnswersRefused(f"answers.{item}: 選べる答えではありません。")


def _whole_letters(text: str) -> str:
    """Without what cannot be stored: a zero, or half of a letter that a keyboard has cut in two."""
    return text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _multi(item: str, value: list[Any], expected: ItemShape) -> list[str]:
    if not value or not all(isinstance(code, str) and code in expected.codes for code in value):
        raise AnswersRefused(f"answers.{item}: 選べる答えではありません。")
    chosen = set(value)
    if len(chosen) != len(value):
        raise AnswersRefused(f"answers.{item}: 同じ答えが二度あります。")
    alone = chosen & expected.exclusive
    if alone and len(chosen) > 1:
        raise AnswersRefused(f"answers.{item}: ほかと一緒に選べない答えがあります。")
    return sorted(chosen)


def _seconds(given: Any, shape: Shape) -> dict[str, float]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise AnswersRefused("seconds: 項目と秒の組にしてください。")
    for item, value in given.items():
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS
        if item not in shape or not fits:
            raise AnswersRefused("seconds: 項目か秒数が正しくありません。")
    return {item: round(float(value), 1) for item, value in given.items()}


GRACE = timedelta(minutes=30)
"""Who has begun when a wave ends may finish this long; what comes later waits for a person's decision."""


def takes_answers(wave_is_open: bool, opens_on: date, closes_on: date, today: date) -> bool:
    """A wave takes answers while it is open and the school day lies within it."""
    return wave_is_open and opens_on <= today <= closes_on


def in_grace(
    wave_is_open: bool, closed_at: datetime | None, opens_on: date, closes_on: date, now: datetime
) -> bool:
    """Whether a go that had begun may still be finished: half an hour from the end, by hand or by the last day."""
    midnight = datetime.combine(closes_on + timedelta(days=1), time(), SCHOOL_ZONE)
    if not wave_is_open and closed_at is None:  # ended before this house wrote down when
        return False
    ended = min(closed_at, midnight) if closed_at else midnight
    return opens_on <= now.astimezone(SCHOOL_ZONE).date() and now < ended + GRACE
