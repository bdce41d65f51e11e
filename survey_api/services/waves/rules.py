"""When a wave may be opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = timedelta(days=60)


@dataclass(frozen=True)
class WavePlan:
    """What the office asks for. `schools` of None: every school."""

    name: str
    opens_on: date
    closes_on: date
    grades: frozenset[int]
    schools: frozenset[str] | None = None


def problems_of(plan: WavePlan, today: date, taken: Iterable[tuple[str, str, int]]) -> list[str]:
    """Why this wave may not be opened, all at once. `taken`: (wave name, school, grade) already being asked."""
    found = []
    if not plan.name.strip():
        found.append("調査回の名前を入れてください。")
    if not plan.grades:
        found.append("学年を1つ以上選んでください。")
    if plan.closes_on < plan.opens_on:
        found.append("終わりの日は、始まりの日より後にしてください。")
    elif plan.closes_on < today:
        found.append("終わりの日が過ぎています。")
    elif plan.closes_on - plan.opens_on > LONGEST:
        found.append(f"期間は{LONGEST.days}日までにしてください。")
    clashes = sorted({name for name, _, grade in taken if grade in plan.grades})
    found += [
        f"同じ学年が「{name}」でもう始まっています。そちらを終えてから始めてください。" for name in clashes
    ]
    return found
