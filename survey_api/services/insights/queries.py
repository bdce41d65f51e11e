"""True counts, made in memory from sealed answers and forgotten. Importable by report.py only."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from survey_api.access import sealing, traits
from survey_api.access.scope import Scope
from survey_api.kit.crypto import Keyring
from survey_api.kit.problems import NotAllowed
from survey_api.services.insights.measures import Indicator
from survey_api.services.insights.plan import ReleasePlan, plan_from
from survey_api.services.insights.planning import RESPONSE, plan_for, planned_id
from survey_api.services.insights.rounding import BlockCount
from survey_api.tables.instruments import BankVersion
from survey_api.tables.results import Result
from survey_api.tables.schools import School, Student
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Ticket, Wave, WaveClass
from survey_api.vocabulary import Sex, SubmissionState

WISH = "wants-to-talk"
"""The indicator that says who asked to talk."""

Atom = tuple[str, int, str]
"""(school as the plan names it, grade, the sex a child is counted under; empty where the plan has none)"""


@dataclass(frozen=True)
class RawCells:
    """True counts. `counts`: indicator → block → count; `sizes`: indicator → atom → children.

    `grades`: indicator → (grade, sex) → count over the whole city. `wished`: who asked to talk, by pseudonym.
    """

    counts: Mapping[str, Mapping[str, BlockCount]]
    sizes: Mapping[str, Mapping[Atom, int]]
    grades: Mapping[str, Mapping[tuple[int, str], BlockCount]]
    wished: frozenset[str]
    skipped: Mapping[str, Mapping[str, tuple[int, int]]]
    """Hash of a bank → question → (skipped it, answered it), of the children whom it was shown."""
    supported: tuple[bool, ...] = ()
    """Whether they read in plain Japanese or another language, of the children of whom it was noted."""


def release_plan(db: Session, wave: Wave) -> ReleasePlan:
    """The plan fixed when the wave opened; made from the same roster counts when none was kept."""
    stored = json.loads(wave.plan)
    if stored:
        return plan_from(stored)
    schools = db.exec(select(School.id, School.name, School.position)).all()
    return plan_for(
        wave.id, schools, {(row.school_id, row.grade): row.invited for row in _classes(db, wave.id)}
    )


def planned_schools(db: Session) -> dict[str, str]:
    """School id → how the plan names it."""
    return {
        school_id: planned_id(school_id, position)
        for school_id, position in db.exec(select(School.id, School.position))
    }


def count_cells(
    db: Session,
    keys: Keyring,
    scope: Scope,
    *,
    wave_id: str,
    plan: ReleasePlan,
    indicators: Collection[Indicator],
    coin: Callable[[str], Sex],
    missing: Callable[[str, Mapping[str, Any]], Mapping[str, str]],
    tell: Callable[[int], None],
) -> RawCells:
    """Open every submission of a wave once and count. Needs the whole city. `tell`: percent, up to 70.

    `coin`: under which sex a child counts of whom the roster does not say it. `missing`: for a bank's hash and
    one child's answers, why each question that has no answer has none.
    """
    if scope.schools is not None:
        raise NotAllowed
    planned = planned_schools(db)
    sexes = _sexes(db, keys, wave_id, coin) if plan.sexed else {}
    invited = _invited(db, wave_id, planned, sexes)
    sent: dict[Atom, int] = {}
    yes: dict[str, dict[Atom, int]] = {indicator.id: {} for indicator in indicators}
    everybody = sum(invited.values()) or 1
    wished: list[str] = []
    skipped: dict[str, dict[str, list[int]]] = {}
    supported: list[bool] = []
    for number, (pseudonym, school_id, grade, sha256, bank, said) in enumerate(_children(db, keys, wave_id)):
        tell(min(70, 70 * number // everybody))
        atom = (planned[school_id], grade, sexes.get(pseudonym, ""))
        sent[atom] = sent.get(atom, 0) + 1
        if (helped := said.pop("supported")) is not None:
            supported.append(bool(helped))
        _note_skips(skipped.setdefault(sha256, {}), said["answers"], missing(sha256, said["answers"]))
        for indicator in indicators:
            if bank in indicator.readings and indicator.reads_yes(bank, **said):
                yes[indicator.id][atom] = yes[indicator.id].get(atom, 0) + 1
                if indicator.id == WISH:
                    wished.append(pseudonym)
    counts = {one.id: _by_block(plan, one, yes[one.id], sent) for one in indicators}
    sizes: dict[str, Mapping[Atom, int]] = {one.id: sent for one in indicators}
    asked = {atom: max(n, sent.get(atom, 0)) for atom, n in invited.items()}
    counts[RESPONSE.id] = _by_block(plan, RESPONSE, sent, asked)
    sizes[RESPONSE.id] = asked
    grades = {one.id: _by_grade(plan, one, yes[one.id], sent) for one in indicators}
    grades[RESPONSE.id] = _by_grade(plan, RESPONSE, sent, asked)
    passed_over = {
        sha256: {item: (held[0], held[1]) for item, held in items.items()}
        for sha256, items in skipped.items()
    }
    return RawCells(counts, sizes, grades, frozenset(wished), passed_over, tuple(supported))


def _note_skips(held: dict[str, list[int]], answers: Mapping[str, Any], missing: Mapping[str, str]) -> None:
    """One child: “declined” and “left” are skips, “I don't know” is an answer, what was not shown is neither."""
    for item, why in missing.items():
        if why in ("declined", "left"):
            held.setdefault(item, [0, 0])[0] += 1
        elif why == "dont_know":
            held.setdefault(item, [0, 0])[1] += 1
    for item in answers.keys() - missing.keys():
        held.setdefault(item, [0, 0])[1] += 1


def _sexes(db: Session, keys: Keyring, wave_id: str, coin: Callable[[str], Sex]) -> dict[str, str]:
    """Under which sex each invited child counts, by pseudonym: girl or boy, never a third."""
    rows = db.exec(
        select(Student)
        .join(Ticket, col(Ticket.pseudonym) == col(Student.pseudonym))
        .where(Ticket.wave_id == wave_id)
    )
    found = {}
    for student in rows:
        said = traits.open_sex(db, keys, student)
        found[student.pseudonym] = str(coin(student.pseudonym) if said in (None, Sex.OTHER) else said)
    return found


def _invited(
    db: Session, wave_id: str, planned: Mapping[str, str], sexes: Mapping[str, str]
) -> dict[Atom, int]:
    """Roster counts of the wave's first day; where the plan knows girls and boys, cut as the tickets are."""
    girls: dict[tuple[str, int], int] = {}
    if sexes:
        for ticket, grade in db.exec(
            select(Ticket, Student.grade)
            .join(Student, col(Student.pseudonym) == col(Ticket.pseudonym))
            .where(Ticket.wave_id == wave_id)
        ):
            if sexes.get(ticket.pseudonym) == Sex.FEMALE:
                place = (ticket.school_id, grade)
                girls[place] = girls.get(place, 0) + 1
    found: dict[Atom, int] = {}
    for row in _classes(db, wave_id):
        school = planned[row.school_id]
        if not sexes:
            found[school, row.grade, ""] = row.invited
            continue
        found[school, row.grade, str(Sex.FEMALE)] = some = min(
            row.invited, girls.get((row.school_id, row.grade), 0)
        )
        found[school, row.grade, str(Sex.MALE)] = row.invited - some
    return found


def _by_grade(
    plan: ReleasePlan, indicator: Indicator, yes: Mapping[Atom, int], asked: Mapping[Atom, int]
) -> dict[tuple[int, str], BlockCount]:
    """Per grade of the city; per grade and sex where the roster told all of its girls and boys apart."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for atom, n in asked.items():
        _, grade, sex = atom
        if grade in indicator.grades:
            place = (grade, sex if grade in plan.sexed else "")
            so_far = sums.get(place, (0, 0))
            sums[place] = (so_far[0] + yes.get(atom, 0), so_far[1] + n)
    return {place: BlockCount(*held) for place, held in sums.items()}


def _children(
    db: Session, keys: Keyring, wave_id: str
) -> Iterator[tuple[str, str, int, str, str, dict[str, Any]]]:
    """Each child who sent: pseudonym, school, grade as invited, hash and name of the bank, what it says."""
    banks = dict(db.exec(select(BankVersion.sha256, BankVersion.bank)).all())
    asked: dict[tuple[str, str], list[int]] = {}
    for row in _classes(db, wave_id):
        asked.setdefault((row.school_id, row.bank_sha256), []).append(row.grade)
    rows = db.exec(
        select(Submission, Result, Student.grade)
        .join(Result, col(Result.submission_id) == col(Submission.id))
        .join(Student, col(Student.pseudonym) == col(Submission.pseudonym))
        .where(Submission.wave_id == wave_id, Submission.state == SubmissionState.CLOSED)
    )
    for submission, result, grade in rows:
        grades = sorted(asked[submission.school_id, submission.bank_sha256])
        # a child who has moved up a year since is counted with the youngest grade its bank asked there
        at_wave = grade if grade in grades else grades[0]
        yield (
            submission.pseudonym,
            submission.school_id,
            at_wave,
            submission.bank_sha256,
            banks[submission.bank_sha256],
            _said(db, keys, submission, result),
        )


def _said(db: Session, keys: Keyring, submission: Submission, result: Result) -> dict[str, Any]:
    content: dict[str, Any] = {"answers": {}}
    if submission.sealed is not None:
        place = f"submission|{submission.id}"
        content = sealing.open_for_child(db, keys, submission, place, submission.sealed)
    opened = sealing.open_for_child(db, keys, result, f"result|{result.id}", result.sealed)["assessment"]
    return {
        "answers": content["answers"],
        "supported": content.get("supported"),
        "bands": {part["id"]: part["band"] for part in opened["subscales"] if part["band"]},
        "rules": [flag["rule"] for flag in opened["flags"]],
    }


def _by_block(
    plan: ReleasePlan, indicator: Indicator, yes: Mapping[Atom, int], asked: Mapping[Atom, int]
) -> dict[str, BlockCount]:
    partition = plan.partition(indicator.grades)
    sums: dict[str, tuple[int, int]] = {}
    for atom, n in asked.items():
        if atom[1] in indicator.grades and partition.units:
            block = partition.block_of(*atom).id
            so_far = sums.get(block, (0, 0))
            sums[block] = (so_far[0] + yes.get(atom, 0), so_far[1] + n)
    return {block: BlockCount(*held) for block, held in sums.items()}


def _classes(db: Session, wave_id: str) -> list[WaveClass]:
    return list(db.exec(select(WaveClass).where(WaveClass.wave_id == wave_id)).all())
