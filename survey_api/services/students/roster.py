"""The roster as values: schools, classes, pupils, and the problems found in them; it reads nothing itself.

Pupils carry names here because the file does. They pass from the reader to the vault inside one journey and
are never stored by this room; their names stay out of `repr`, so that no log or traceback can show one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]

GRADE_CODES: dict[str, int] = {
    **{f"P{year}": year for year in range(1, 7)},
    **{f"J{year}": 6 + year for year in range(1, 4)},
    **{f"H{year}": 9 + year for year in range(1, 4)},
}
"""OneRoster Japan Profile grade code → 1..12 (小1..高3)."""

PROBLEMS_PER_FILE = 500
"""After this many lines about one file a person stops reading; the rest is counted in one closing line."""


@dataclass(frozen=True, slots=True)
class School:
    """One school; `code` is the 学校コード when the file gives one, else the file's own id."""

    source_id: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """One homeroom; several grades when it is a multi-grade class (複式) or one for special needs."""

    source_id: str
    school_code: str
    title: str
    grades: tuple[int, ...]
    special_needs: bool


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil as the file knows them; `person_key` is what stays the same from one roster to the next."""

    person_key: str
    source_id: str
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    family_kana: str = field(repr=False)
    given_kana: str = field(repr=False)
    grade: int
    class_source_id: str
    class_name: str
    attendance_number: int | None
    school_code: str
    sex: str = field(default="", repr=False)
    """F, M or O (other, or not told); empty when the file brings no sex at all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where (row 1 is the header line), and in words what to do."""

    file: str
    row: int | None
    column: str
    message: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Roster:
    """What one file says; `files_read` tells which encoding each member turned out to have."""

    schools: tuple[School, ...] = ()
    classes: tuple[SchoolClass, ...] = ()
    pupils: tuple[Pupil, ...] = ()
    files_read: tuple[tuple[str, str], ...] = ()

    @property
    def tells_sex(self) -> bool:
        """Whether the file brought the optional column."""
        return any(pupil.sex for pupil in self.pupils)


class Reading(NamedTuple):
    """A roster together with everything that was noticed; with an error in it, nothing may be applied."""

    roster: Roster
    problems: list[Problem]

    @property
    def may_be_applied(self) -> bool:
        """Warnings may be applied after a person has seen them; errors may not."""
        return not any(problem.severity == "error" for problem in self.problems)


class ProblemList:
    """Collects problems in the order found, and keeps one broken file from burying the others."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._per_file: dict[tuple[str, Severity], int] = {}

    def error(self, file: str, row: int | None, column: str, message: str) -> None:
        self._add(Problem(file, row, column, message, "error"))

    def warning(self, file: str, row: int | None, column: str, message: str) -> None:
        self._add(Problem(file, row, column, message, "warning"))

    def _add(self, problem: Problem) -> None:
        key = (problem.file, problem.severity)
        self._per_file[key] = self._per_file.get(key, 0) + 1
        if self._per_file[key] <= PROBLEMS_PER_FILE:
            self._found.append(problem)

    def all(self) -> list[Problem]:
        """Everything found; where a file had too many, one closing line says how many are not shown."""
        closing = [
            Problem(
                file,
                None,
                "",
                f"同じような指摘が ほかに {count - PROBLEMS_PER_FILE} 件あります。"
                "上の指摘を直してから、もう一度取り込んでください。",
                severity,
            )
            for (file, severity), count in self._per_file.items()
            if count > PROBLEMS_PER_FILE
        ]
        return [*self._found, *closing]
