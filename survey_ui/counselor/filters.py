"""Which rows of the queue somebody wants to see. What is most urgent stays, whatever is chosen."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from survey_api.journeys.read_queue import Waiting
from survey_api.services.banks.reading import CONCERN_WORDS
from survey_api.vocabulary import CaseState, Level, Urgency
from survey_ui.counselor.saying import group_words

KINDS: Mapping[str, str] = {
    "urgent": "すぐに",
    "mine": "自分の担当",
    "unowned": "担当なし",
    "overdue": "期限切れ",
    "today": "今日まで",
    "no_contact": "まだ会えていない",
    "gone": "前回あり→今回なし",
    "wish": "話したい希望あり",
    "raised": "管理職・当番に上がった",
    "second": "二人目の確認待ち",
    "reviewing": "自分が確認する人",
    "again": "終了後の確認",
}
CONCERNS = ("safety", "neglect", "care", "mood", "wish", "text", "quality", "change")


@dataclass(frozen=True)
class Chosen:
    """What of the filters is on. Only known codes survive."""

    school: str = ""
    grade: str = ""
    concern: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The filter as the end of an address: codes only."""
        pairs = [
            (name, getattr(self, name)) for name in ("school", "grade", "concern") if getattr(self, name)
        ]
        return urlencode([*pairs, *(("kind", kind) for kind in self.kinds)])


def chosen_of(params: QueryParams, waiting: Sequence[Waiting]) -> Chosen:
    """The filters of an address. A school or grade that no row has is not a filter."""
    schools, grades = {one.case.school_id for one in waiting}, {str(one.case.grade) for one in waiting}
    school, grade, concern = (params.get(name, "") for name in ("school", "grade", "concern"))
    return Chosen(
        school if school in schools else "",
        grade if grade in grades else "",
        concern if concern in CONCERNS else "",
        tuple(kind for kind in KINDS if kind in params.getlist("kind")),
    )


def kept(waiting: Sequence[Waiting], chosen: Chosen, me: Collection[str], today: date) -> list[Waiting]:
    """The rows that fit every chosen filter, and everything most urgent in any case.

    `me`: who is looking, and the colleagues in whose place this person stands today.
    """
    fitting = {one.case.id for one in fit(waiting, chosen, me, today)}
    return [one for one in waiting if one.case.id in fitting or _is_urgent(one)]


def fit(waiting: Sequence[Waiting], chosen: Chosen, me: Collection[str], today: date) -> list[Waiting]:
    """The rows that fit every chosen filter, and no others: as many as the filter says."""
    tests = [_test(kind, me, today) for kind in chosen.kinds]
    return [
        one
        for one in waiting
        if chosen.school in ("", one.case.school_id)
        and chosen.grade in ("", str(one.case.grade))
        and (not chosen.concern or chosen.concern in one.concerns)
        and all(test(one) for test in tests)
    ]


def is_again(one: Waiting) -> bool:
    """A case that people ended, and whose day for another look has come: it runs against no clock of its urgency."""
    return one.case.state is CaseState.CLOSED


def _is_urgent(one: Waiting) -> bool:
    return one.case.urgency is Urgency.TODAY and not is_again(one)


def _test(kind: str, me: Collection[str], today: date) -> Callable[[Waiting], bool]:
    tests: Mapping[str, Callable[[Waiting], bool]] = {
        "mine": lambda one: one.case.owner_id in me,
        "urgent": _is_urgent,
        "unowned": lambda one: one.case.owner_id is None and not is_again(one),
        "overdue": lambda one: one.case.due_on < today and not is_again(one),
        "today": lambda one: one.case.due_on == today and not is_again(one),
        "no_contact": lambda one: one.case.first_contact_on is None and not is_again(one),
        "gone": lambda one: one.change == "gone",
        "wish": lambda one: "wish" in one.concerns,
        "raised": lambda one: one.case.level is not Level.ONSITE,
        "second": lambda one: one.case.closing_by is not None or one.case.lowering_by is not None,
        "reviewing": lambda one: one.case.reviewer_id in me,
        "again": is_again,
    }
    return tests[kind]


@dataclass(frozen=True)
class Choices:
    """What can be chosen, in words, from what waits now."""

    schools: tuple[tuple[str, str], ...]
    grades: tuple[tuple[str, str], ...]
    concerns: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str, int], ...]
    """(code, words, how many rows fit it)"""

    @property
    def counts(self) -> Mapping[str, int]:
        """The same numbers by code, for the head of the queue: one count, one filter, one list."""
        return {code: number for code, _, number in self.kinds}


def choices_of(waiting: Sequence[Waiting], me: Collection[str], today: date) -> Choices:
    schools = {one.case.school_id: one.case.school for one in waiting}
    grades = {one.case.grade for one in waiting}
    return Choices(
        tuple(sorted(schools.items(), key=lambda pair: pair[1])),
        tuple((str(grade), group_words(grade, "")) for grade in sorted(grades)),
        tuple((code, CONCERN_WORDS[code]) for code in CONCERNS),
        tuple((kind, words, sum(map(_test(kind, me, today), waiting))) for kind, words in KINDS.items()),
    )
