"""What has been kept long enough goes: the name first, then the keys, then the rows; and a certificate of each.

Nothing that is held goes: a held pupil or school keeps everything, a held wave keeps that school's part of it and
the names of those who were in it. Doing it again does nothing again. A dry run is this, taken back.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from survey_api.access import actions as access_actions
from survey_api.access import sealing
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.erasure import actions as erasure_actions
from survey_api.services.erasure import queries as erasure_queries
from survey_api.services.erasure.rules import Holds, Rule
from survey_api.services.memos import actions as memos_actions
from survey_api.services.notifications import actions as notifications_actions
from survey_api.services.results import actions as results_actions
from survey_api.services.results import queries as results_queries
from survey_api.services.review import actions as review_actions
from survey_api.services.review import queries as review_queries
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.submissions import queries as submissions_queries
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.tables.schools import Student
from survey_api.vault import door
from survey_api.vocabulary import CaseState


@dataclass(frozen=True)
class Tally:
    """Rule → how many went; how many were due and stay because they are held, or because a case is not closed."""

    gone: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    still_open: int = 0


def erase_due(work: Work, vault_work: Work, table: Mapping[str, Rule]) -> Tally:
    """Erase it, and say what went. The caller lets `vault_work` commit first."""
    today, holds, tally = school_day(work.now), erasure_queries.held(work.db), Tally()
    limits = {kind: rule.last_event(today) for kind, rule in table.items()}
    _waves(work, limits, holds, tally)
    _calm_answers(work, limits["calm_answers"], holds, tally)
    _pupils(work, vault_work, limits["pupil"], holds, tally)
    still_open = _cases(work, limits["case_records"], holds, tally)
    _others(work, limits, tally)
    return Tally(tally.gone, tally.held, still_open)


def _waves(work: Work, limits: Mapping[str, date | None], holds: Holds, tally: Tally) -> None:
    """Drafts that were never sent, and what a printed ticket is checked with."""
    for kind, erase in (
        ("drafts", submissions_actions.drop_drafts),
        ("ticket_verifiers", waves_actions.forget_verifiers),
    ):
        limit = limits[kind]
        for wave in waves_queries.ended_before(work.db, limit) if limit else ():
            count = erase(work, wave.id, holds.schools_of(wave.id), holds.pupils)
            _certify(work, kind, wave.id, wave.closes_on, count)
            tally.gone[kind] += count


def _calm_answers(work: Work, limit: date | None, holds: Holds, tally: Tally) -> None:
    """Only where a board has set days: sheets that called nobody, of waves that ended long enough ago."""
    scope = Scope.whole_city(work.actor)
    for wave in waves_queries.ended_before(work.db, limit) if limit else ():
        count = 0
        for pseudonym, school_id in results_queries.that_called_nobody(work.db, scope, wave.id):
            if holds.cover(pseudonym, school_id, wave.id):
                tally.held["calm_answers"] += 1
            else:
                count += _erase_answers(work, pseudonym, wave.id)["answers"]
        _certify(work, "calm_answers", wave.id, wave.closes_on, count)
        tally.gone["calm_answers"] += count


def _pupils(work: Work, vault_work: Work, limit: date | None, holds: Holds, tally: Tally) -> None:
    """Whoever left long enough ago: the name, unless something of theirs is held; every answer that is not."""
    scope = Scope.whole_city(work.actor)
    for student in students_queries.left_before(work.db, scope, limit) if limit else ():
        if holds.cover(student.pseudonym, student.school_id):
            tally.held["pupil"] += 1
            continue
        parts = submissions_queries.parts_of(work.db, scope, student.pseudonym)
        kept = {wave_id for wave_id, school_id in parts if holds.cover(student.pseudonym, school_id, wave_id)}
        counts = Counter(names=0 if kept else door.forget(vault_work, student.pseudonym))
        for wave_id in sorted({wave_id for wave_id, _ in parts} - kept):
            counts.update(_erase_answers(work, student.pseudonym, wave_id))
        if kept:
            tally.held["pupil"] += 1
        else:
            counts["keys"] += sealing.destroy_keys(work, pseudonym=student.pseudonym)
            tally.gone["pupil"] += 1
        if counts.total() or not kept:
            _certify_pupil(work, student, counts)
        if not kept:
            students_actions.remove(work, student)


def _erase_answers(work: Work, pseudonym: str, wave_id: str) -> dict[str, int]:
    return {
        "keys": sealing.destroy_keys(work, pseudonym=pseudonym, wave_id=wave_id),
        "answers": submissions_actions.erase(work, pseudonym, wave_id),
        "results": results_actions.erase(work, pseudonym, wave_id),
    }


def _cases(work: Work, limit: date | None, holds: Holds, tally: Tally) -> int:
    """Closed cases of pupils who left long enough ago, with everything that hangs on them; returns how many are open."""
    still_open = 0
    scope = Scope.whole_city(work.actor)
    for case, left_on in review_queries.of_pupils_gone_by(work.db, scope, limit) if limit else ():
        if holds.cover(case.pseudonym, case.school_id, case.wave_id):
            tally.held["case_records"] += 1
        elif case.state != CaseState.CLOSED:
            still_open += 1
        else:
            gone = review_actions.erase(work, case)
            gone["notifications"] = notifications_actions.drop_about(
                work, [one for ids in gone.values() for one in ids]
            )
            erasure_actions.certify(
                work,
                "case_records",
                pseudonym=case.pseudonym,
                school_id=case.school_id,
                wave_id=case.wave_id,
                asked_on=left_on,
                counts={kind: len(found) for kind, found in gone.items()},
            )
            tally.gone["case_records"] += 1
    return still_open


def _others(work: Work, limits: Mapping[str, date | None], tally: Tally) -> None:
    """What is counted from the day it was written, and belongs to no pupil."""
    for kind, drop in (
        ("memos", memos_actions.drop_settled),
        ("outbox", notifications_actions.drop_settled),
        ("sign_ins", access_actions.drop_over),
    ):
        limit = limits[kind]
        if limit is not None:
            count = drop(work, limit)
            _certify(work, kind, None, limit, count)
            tally.gone[kind] += count


def _certify(work: Work, kind: str, wave_id: str | None, asked_on: date, count: int) -> None:
    if count:
        erasure_actions.certify(work, kind, wave_id=wave_id, asked_on=asked_on, counts={kind: count})


def _certify_pupil(work: Work, student: Student, counts: Mapping[str, int]) -> None:
    erasure_actions.certify(
        work,
        "pupil",
        pseudonym=student.pseudonym,
        sign=student.sign,
        school_id=student.school_id,
        asked_on=student.left_on or school_day(work.now),
        counts=counts,
    )
