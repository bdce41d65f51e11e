"""An hour that is offered, taken, held or missed: what it must say, and which move follows which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.vocabulary import AppointmentState

STATE_WORDS: Mapping[AppointmentState, str] = {
    AppointmentState.OPEN: "空き",
    AppointmentState.BOOKED: "予約あり",
    AppointmentState.HELD: "行った",
    AppointmentState.MISSED: "行えなかった",
    AppointmentState.CANCELLED: "取りやめ",
}
MOVES: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    AppointmentState.OPEN: frozenset({AppointmentState.BOOKED, AppointmentState.CANCELLED}),
    AppointmentState.BOOKED: frozenset(
        {AppointmentState.OPEN, AppointmentState.HELD, AppointmentState.MISSED, AppointmentState.CANCELLED}
    ),
    AppointmentState.HELD: frozenset(),
    AppointmentState.MISSED: frozenset(),
    AppointmentState.CANCELLED: frozenset(),
}
"""A booked hour that becomes open again was given back by its branch office."""
MOVE_WORDS: Mapping[AppointmentState, str] = {
    AppointmentState.OPEN: "予約を返す",
    AppointmentState.HELD: "行った",
    AppointmentState.MISSED: "行えなかった",
    AppointmentState.CANCELLED: "取りやめる",
}

TOPICS: Mapping[str, str] = {
    "child": "子ども・子育て",
    "living": "くらし・お金",
    "nursing": "介護・障がい",
    "health": "健康・心",
    "work": "仕事・居場所",
    "meeting": "支援会議の打ち合わせ",
    "other": "そのほか",
}
"""What the talk is about, in a few words that say nothing of anybody."""
LENGTHS = (15, 30, 45, 60, 90)
HOW_LENGTH = 60
BRANCH_LENGTH = 40
FURTHEST_DAYS = 180
_HOUR = re.compile(r"(0[6-9]|1\d|2[01]):[0-5]\d")


@dataclass(frozen=True)
class Slot:
    """An hour that a desk of the head office offers."""

    agency_id: str
    on_day: date | None
    starts: str
    minutes: int
    how: str


def checked(slot: Slot, today: date) -> tuple[Slot, date]:
    """The slot and its day, or BadInput that names the field."""
    if not slot.agency_id:
        raise BadInput("本庁の窓口を選んでください。")
    if slot.on_day is None or not 0 <= (slot.on_day - today).days <= FURTHEST_DAYS:
        raise BadInput(f"日: 今日から{FURTHEST_DAYS}日先までの日を入れてください。")
    if not _HOUR.fullmatch(slot.starts):
        raise BadInput("始まりの時刻: 06:00から21:59までを、14:30 の形で入れてください。")
    if slot.minutes not in LENGTHS:
        raise BadInput("長さを選んでください。")
    if not slot.how or len(slot.how) > HOW_LENGTH:
        raise BadInput(f"つなぎ方(会議室・回線の名前)を{HOW_LENGTH}文字までで入れてください。")
    return slot, slot.on_day


def require_booking(branch: str, topic: str) -> None:
    """BadInput unless an office and one of the topics are named."""
    if not branch or len(branch) > BRANCH_LENGTH:
        raise BadInput(f"支所・部署の名前を{BRANCH_LENGTH}文字までで入れてください。")
    if topic not in TOPICS:
        raise BadInput("相談の種類を選んでください。")


def require_move(current: AppointmentState, target: str) -> AppointmentState:
    """IllegalMove with what can be done, unless the table allows this one."""
    if target in [str(state) for state in MOVES[current]]:
        return AppointmentState(target)
    raise IllegalMove(f"この時間は「{STATE_WORDS[current]}」なので、そのようには変えられません。")


def begins_at(on_day: date, starts: str) -> datetime:
    """The moment it begins."""
    return datetime.combine(on_day, time.fromisoformat(starts), SCHOOL_ZONE)
