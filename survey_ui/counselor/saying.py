"""What several pages of the desk say the same way: a class, and how long there is."""

from collections.abc import Iterable
from datetime import date

_STAGES = ((6, "小", 0), (9, "中", 6), (12, "高", 9))


def time_left(due_on: date, today: date) -> str:
    """How long there is, or how long it has been over."""
    days = (due_on - today).days
    if days < 0:
        return f"期限を{-days}日過ぎています"
    return "今日まで" if days == 0 else f"あと{days}日"


def look_again_words(day: date, today: date) -> str:
    """How long ago the day was that people agreed on for another look after the end."""
    days = (today - day).days
    return f"確認の日から{days}日" if days else "今日が確認の日"


def group_words(grade: int, class_name: str) -> str:
    """小3 1組, 中1 2組, 高2 A組; a roster that calls its class 1年2組 says the year once."""
    stage, first = next((name, before) for last, name, before in _STAGES if grade <= last)
    class_name = class_name.rpartition("年")[2]
    group = class_name if class_name.endswith("組") or not class_name else f"{class_name}組"
    return f"{stage}{grade - first} {group}".strip()


def whole_lines(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as fit: half a reason could say the opposite."""
    kept = ""
    for line in lines:
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) > limit:
            break
        kept = longer
    return kept
