"""What has been kept long enough goes: the name first, then the keys, then the rows; and a certificate of each.

Nothing that is held goes. Doing it again does nothing again. A dry run only counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.erasure import actions as erasure_actions
from survey_api.services.erasure import queries as erasure_queries
from survey_api.services.erasure.rules import Rule
from survey_api.services.results import actions as results_actions
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.tables.schools import Student
from survey_api.tables.waves import Wave
from survey_api.vault import door
from survey_api.vocabulary import HoldKind


@dataclass(frozen=True)
class Due:
    """What a rule would erase now, and what it may not because it is held."""

    waves: Mapping[str, list[Wave]]
    pupils: list[Student]
    held: int


def due(work: Work, table: Mapping[str, Rule]) -> Due:
    """Look only."""
    today = school_day(work.now)
    held = erasure_queries.held(work.db)
    waves = {
        kind: _ended(work, table[kind].last_event(today), held) for kind in ("drafts", "ticket_verifiers")
    }
    limit = table["pupil"].last_event(today)
    scope = Scope.whole_city(work.actor)
    gone = students_queries.left_before(work.db, scope, limit) if limit else []
    free = [student for student in gone if not _is_held(student, held)]
    return Due(waves, free, len(gone) - len(free))


def erase_due(work: Work, vault_work: Work, table: Mapping[str, Rule]) -> int:
    """Erase it; returns how many things went. The caller lets `vault_work` commit first."""
    found = due(work, table)
    count = 0
    for wave in found.waves["drafts"]:
        count += _certified(work, "drafts", wave, submissions_actions.drop_drafts(work, wave.id))
    for wave in found.waves["ticket_verifiers"]:
        count += _certified(work, "ticket_verifiers", wave, waves_actions.forget_verifiers(work, wave.id))
    for student in found.pupils:
        _erase_pupil(work, vault_work, student)
        count += 1
    return count


def _erase_pupil(work: Work, vault_work: Work, student: Student) -> None:
    counts = {"names": door.forget(vault_work, student.pseudonym)}
    counts["keys"] = sealing.destroy_keys(work, pseudonym=student.pseudonym)
    counts["answers"] = counts["results"] = 0
    for wave in waves_queries.waves(work.db):
        counts["answers"] += submissions_actions.erase(work, student.pseudonym, wave.id)
        counts["results"] += results_actions.erase(work, student.pseudonym, wave.id)
    erasure_actions.certify(
        work,
        "pupil",
        pseudonym=student.pseudonym,
        sign=student.sign,
        school_id=student.school_id,
        asked_on=student.left_on or school_day(work.now),
        counts=counts,
    )
    students_actions.remove(work, student)


def _ended(work: Work, limit: date | None, held: frozenset[tuple[str, str]]) -> list[Wave]:
    if limit is None:
        return []
    ended = waves_queries.ended_before(work.db, limit)
    return [wave for wave in ended if (str(HoldKind.WAVE), wave.id) not in held]


def _is_held(student: Student, held: frozenset[tuple[str, str]]) -> bool:
    """A pupil is held by itself, by its school, or while any wave is: its answers may be part of that wave."""
    return (
        (str(HoldKind.PUPIL), student.pseudonym) in held
        or (str(HoldKind.SCHOOL), student.school_id) in held
        or any(kind == HoldKind.WAVE for kind, _ in held)
    )


def _certified(work: Work, rule: str, wave: Wave, count: int) -> int:
    if count:
        erasure_actions.certify(work, rule, wave_id=wave.id, asked_on=wave.closes_on, counts={rule: count})
    return count
