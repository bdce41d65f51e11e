"""Taps from tablets → the draft: the later tap of an item stands, whatever order they arrive in.

Each tap carries the tablet's own clock; each batch also says what that clock shows while it is sent, so a clock
that is years off does no harm. Taps of one tablet are compared exactly; taps of two tablets to within the
network's delay. A draft is {"answers", "seconds", "last": item → (device, at), "clocks": device → offset,
"version", "floor": when the child had everything deleted}; all times are milliseconds. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_api.kit.problems import AnswersRefused
from survey_api.services.submissions.rules import MAX_SECONDS, AnswerValue, Shape, check_answer

FORM = "form"
"""The device of a plain form post: the server's own clock."""
MAX_TAPS = 200
_LATEST = 1e15

SKIPPED = None
Draft = dict[str, Any]


@dataclass(frozen=True)
class Tap:
    """One answer given, or (SKIPPED) taken back. `at`: milliseconds on the device's clock."""

    item: str
    value: AnswerValue | None
    at: float
    seconds: float = 0.0


@dataclass(frozen=True)
class Batch:
    """Taps of one device, and what its clock showed when they were sent."""

    device: str
    now: float
    taps: tuple[Tap, ...]


def read_batch(body: Any, shape: Shape) -> Batch:
    """{"device", "now", "taps": [{"item", "value", "at", "seconds"}]} → checked. AnswersRefused names the field."""
    if not isinstance(body, Mapping):
        raise AnswersRefused("body: JSON のオブジェクトにしてください。")
    device, taps = body.get("device"), body.get("taps")
    if not isinstance(device, str) or not 8 <= len(device) <= 64 or not device.isascii():
        raise AnswersRefused("device: 8〜64文字の英数字にしてください。")
    if not isinstance(taps, list) or len(taps) > MAX_TAPS:
        raise AnswersRefused(f"taps: {MAX_TAPS}件までのリストにしてください。")
    return Batch(device, _clock("now", body.get("now")), tuple(_read_tap(tap, shape) for tap in taps))


def _read_tap(given: Any, shape: Shape) -> Tap:
    if not isinstance(given, Mapping) or not isinstance(given.get("item"), str):
        raise AnswersRefused("taps: item, value, at を持つオブジェクトのリストにしてください。")
    item, value = given["item"], given.get("value")
    if item not in shape:
        raise AnswersRefused("taps: この問題集にない項目があります。")
    checked = None if value in (None, "", []) else check_answer(item, value, shape)
    seconds = given.get("seconds", 0)
    if not _is_number(seconds) or not 0 <= seconds <= MAX_SECONDS:
        raise AnswersRefused("taps: 秒数が正しくありません。")
    return Tap(item, checked, _clock("taps.at", given.get("at")), round(float(seconds), 1))


def _clock(field: str, value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= _LATEST:
        raise AnswersRefused(f"{field}: 時刻(ミリ秒)にしてください。")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def merge(draft: Draft, batch: Batch, received: float) -> bool:
    """Put the taps into the draft (in place); `received`: the server's clock. True when anything changed."""
    clocks = draft.setdefault("clocks", {})
    clocks[batch.device] = min(clocks.get(batch.device, received - batch.now), received - batch.now)
    changed = [_put(draft, batch, tap) for tap in batch.taps]
    known = {device for device, _ in draft.get("last", {}).values()} | {batch.device}
    draft["clocks"] = {device: offset for device, offset in clocks.items() if device in known}
    if any(changed):
        draft["version"] = draft.get("version", 0) + 1
    return any(changed)


def forgotten(draft: Draft, floor: float) -> Draft:
    """What stays when a child has everything deleted: what was tapped later, that older taps must not come back, and
    by what each clock is off: without it an old tap that was long on its way would count as a new one."""
    clocks = draft.get("clocks", {})
    later = {
        item for item, (device, at) in draft.get("last", {}).items() if at + clocks.get(device, 0.0) > floor
    }
    kept = {
        part: {item: value for item, value in draft.get(part, {}).items() if item in later}
        for part in ("answers", "seconds", "last")
        if later
    }
    floor = max(floor, draft.get("floor", floor))
    return {**kept, "clocks": clocks, "floor": floor, "version": draft.get("version", 0) + 1}


def forgotten_as_told(draft: Draft, body: Mapping[str, Any], sent_at: float, received: float) -> Draft:
    """`forgotten`, from a tablet that says when the child wanted it so. AnswersRefused names the field."""
    batch, at = read_batch({**body, "taps": [], "now": sent_at}, {}), _clock("at", body.get("at"))
    merge(draft, batch, received)
    return forgotten(draft, min(at, batch.now) + draft["clocks"][batch.device])


def _put(draft: Draft, batch: Batch, tap: Tap) -> bool:
    last, answers, clocks = draft.setdefault("last", {}), draft.setdefault("answers", {}), draft["clocks"]
    at = min(tap.at, batch.now)  # no tap was made after it was sent
    here = at + clocks[batch.device]
    if "floor" in draft and here < draft["floor"]:
        return False
    if tap.item in last:
        device, before = last[tap.item]
        same_tap = device == batch.device and at == before and answers.get(tap.item) == tap.value
        earlier = at < before if device == batch.device else here < before + clocks.get(device, 0.0)
        if same_tap or earlier:
            return False
    last[tap.item] = [batch.device, at]
    if tap.value is SKIPPED:
        answers.pop(tap.item, None)
    else:
        answers[tap.item] = tap.value
    if tap.seconds:
        draft.setdefault("seconds", {})[tap.item] = tap.seconds
    return True
