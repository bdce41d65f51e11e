"""When a wave may be opened."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from survey_api.vocabulary import GRADE_WORDS

LONGEST = timedelta(days=60)


@dataclass(frozen=True)
class WavePlan:
    """What the office asks for. `schools` of None: every school."""

    name: str
    opens_on: date
    closes_on: date
    grades: frozenset[int]
    schools: frozenset[str] | None = None
    draft_languages: frozenset[str] = frozenset()
    """Translations to offer although no native speaker has read them yet."""


def offered_languages(statuses: Mapping[str, Collection[str]], drafts: Collection[str]) -> tuple[str, ...]:
    """The languages a child may choose, in the order of `statuses` (language → the states of its texts).

    A language with a draft in it only where the wave allows that draft.
    """
    return tuple(
        language for language, states in statuses.items() if "draft" not in states or language in drafts
    )


def problems_of(
    plan: WavePlan,
    today: date,
    *,
    taken: Iterable[tuple[str, str, int]],
    invited: Iterable[tuple[str, int]],
    asked: Iterable[int],
) -> list[str]:
    """Why this wave may not be opened, all at once.

    `taken`: (wave name, school, grade) already being asked; `invited`: (school, grade) that have pupils;
    `asked`: grades for which a bank is published.
    """
    places, grades_asked = set(invited), set(asked)
    with_pupils = {grade for _, grade in places}
    found = _problems_of_form(plan, today)
    for grade in sorted(plan.grades):
        if grade not in with_pupils:
            found.append(
                f"{GRADE_WORDS[grade]}の児童生徒が名簿にいません。学年を外すか、名簿を先に取り込んでください。"
            )
        if grade not in grades_asked:
            found.append(
                f"{GRADE_WORDS[grade]}の質問集が公開されていません。市の運用担当者に頼んでください。"
            )
    clashes = sorted({name for name, school, grade in taken if (school, grade) in places})
    found += [
        f"同じ学校の同じ学年が「{name}」でもう始まっています。そちらを終えてから始めてください。"
        for name in clashes
    ]
    return found


def _problems_of_form(plan: WavePlan, today: date) -> list[str]:
    found = []
    if not plan.name.strip():
        found.append("調査回の名前を入れてください。")
    if not plan.grades:
        found.append("学年を1つ以上選んでください。")
    if plan.opens_on < today:
        found.append("始まりの日は、今日かそれより後にしてください。")
    if plan.closes_on < plan.opens_on:
        found.append("終わりの日は、始まりの日より後にしてください。")
    elif plan.closes_on - plan.opens_on > LONGEST:
        found.append(f"期間は{LONGEST.days}日までにしてください。")
    return found
