"""A roster file becomes pupils: names into the vault first, then pseudonym, school, grade and class.

A dry run shows what would change and every problem with file, row and column. A file with an error changes
nothing; the same file twice changes nothing. A sex, where the file brings one, is sealed beside the pseudonym,
for the city's tables. (An orphan in the vault is harmless; a pupil without one is not.)
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from survey_api.access import school_locks
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.audit import trail
from survey_api.kit.actor import Actor
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.students import actions as students_actions
from survey_api.services.students import queries as students_queries
from survey_api.services.students.actions import Placement
from survey_api.services.students.oneroster import read_roster
from survey_api.services.students.roster import Problem, Pupil, Roster
from survey_api.services.students.rules import KnownPupil, RosterDiff, compare
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves import rules as waves_rules
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, Vault, enrol
from survey_api.vocabulary import AuditKind, Sex


@dataclass(frozen=True)
class Preview:
    """What a file would do, and whether it may."""

    roster: Roster
    diff: RosterDiff
    problems: tuple[Problem, ...]
    sha256: str
    sexes_told: int
    """Of how many pupils the file says a sex that was not known so."""
    unseen: int = 0
    """Known pupils whose name could not be compared, because their school's lock is closed here."""

    @property
    def may_be_applied(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def dry_run(db: Session, vault: Vault, actor: Actor, data: bytes) -> Preview:
    """Read a file and compare it with what is known. Writes nothing."""
    require(actor, Permission.IMPORT_ROSTER)
    reading = read_roster(data)
    scope = Scope.of(actor, Permission.IMPORT_ROSTER)
    renamed = vault.renamed(_enrolment(pupil, "") for pupil in reading.roster.pupils)
    known = _known(db, vault)
    mine = _codes(db, scope)
    diff = compare(
        [pupil for pupil in known if pupil.school_code in mine],
        _keyed(vault, reading.roster),
        name_mark=lambda pupil: "renamed" if pupil.person_key in renamed else "",
    )
    problems = (*reading.problems, *diff.problems, *_out_of_reach(scope, mine, diff, known))
    told = _sexes_told(db, vault, reading.roster, {})
    unseen = vault.unseen(_enrolment(pupil, "") for pupil in reading.roster.pupils)
    digest = hashlib.sha256(data).hexdigest()
    return Preview(reading.roster, diff, problems, digest, len(told), unseen)


def apply(work: Work, vault_work: Work, vault: Vault, data: bytes) -> Preview:
    """Write what the file says. BadInput with every problem when it may not be applied.

    The caller lets `vault_work` commit before `work`.
    """
    preview = dry_run(work.db, vault, work.actor, data)
    if not preview.may_be_applied:
        raise BadInput(
            "名簿に直すところがあるため、何も変えていません。",
            details=[describe(problem) for problem in preview.problems if problem.severity == "error"],
        )
    if preview.diff.changes_nothing and not preview.sexes_told and not preview.unseen:
        return preview
    schools = _add_schools(work, preview.roster)
    pseudonyms = enrol(
        vault_work,
        [_enrolment(pupil, schools[pupil.school_code]) for pupil in preview.roster.pupils],
        school_locks.publics(work.db),
    )
    if (
        preview.diff.changes_nothing and not preview.sexes_told
    ):  # only names behind a closed lock, written anew
        trail.record(work, AuditKind.NAMES_WRITTEN, "roster", preview.sha256[:16], count=preview.unseen)
        return preview
    known = vault.known()
    moving = [*preview.diff.added, *(change.after for change in (*preview.diff.changed, *preview.diff.moved))]
    by_lookup = {vault.lookup(key): pseudonym for key, pseudonym in pseudonyms.items()} | known
    students_actions.place(
        work,
        [
            Placement(by_lookup[pupil.person_key], schools[pupil.school_code], pupil.grade, pupil.class_name)
            for pupil in moving
        ],
        left=[known[pupil.person_key] for pupil in preview.diff.left],
    )
    told = _sexes_told(work.db, vault, preview.roster, by_lookup)
    students_actions.keep_sexes(work, {by_lookup[lookup]: sex for lookup, sex in told.items()})
    tickets_follow(work)
    trail.record(work, AuditKind.NAMES_WRITTEN, "roster", preview.sha256[:16], count=len(moving))
    trail.record(
        work,
        AuditKind.ROSTER_APPLIED,
        "roster",
        preview.sha256[:16],
        added=len(preview.diff.added),
        changed=len(preview.diff.changed),
        moved=len(preview.diff.moved),
        left=len(preview.diff.left),
        file_sha256=preview.sha256,
    )
    return preview


def _sexes_told(db: Session, vault: Vault, roster: Roster, added: Mapping[str, str]) -> dict[str, Sex]:
    """Keyed lookup → sex, for the pupils of whom the file says one that was not known so.

    `added`: keyed lookup → pseudonym of pupils whom the vault does not list yet.
    """
    if not roster.tells_sex:
        return {}
    pseudonyms = vault.known() | dict(added)
    known = students_queries.sexes(db, vault.keys, Scope(None))  # one pupil may have been at another school
    told = {vault.lookup(pupil.person_key): Sex(pupil.sex) for pupil in roster.pupils}
    return {lookup: sex for lookup, sex in told.items() if known.get(pseudonyms.get(lookup, "")) != sex}


def tickets_follow(work: Work) -> None:
    """In an open wave: who left loses the ticket, who came or moved gets one to be printed with the class."""
    pupils = [
        waves_rules.Pupil(row.pseudonym, row.school_id, row.grade, row.active)
        for row in students_queries.all_students(work.db, Scope(None))  # a mover is seen from both schools
    ]
    revoked, added = waves_rules.tickets_after_roster(
        pupils, waves_queries.held_now(work.db), waves_queries.banks_asked_now(work.db)
    )
    waves_actions.follow_roster(work, revoked, added)


def describe(problem: Problem) -> str:
    """File, row, column and what to do, in one line."""
    row = f" {problem.row}行目" if problem.row else ""
    column = f" {problem.column}" if problem.column else ""
    return f"{problem.file}{row}{column}: {problem.message}"


def _out_of_reach(
    scope: Scope, mine: frozenset[str], diff: RosterDiff, known: list[KnownPupil]
) -> list[Problem]:
    """What an office of some schools may not do: touch another school, or take an active pupil out of it."""
    if scope.schools is None:
        return []
    elsewhere = {pupil.person_key for pupil in known if pupil.active and pupil.school_code not in mine}
    pupils = [*diff.added, *diff.unchanged, *(change.after for change in (*diff.changed, *diff.moved))]
    found = []
    if foreign := sum(pupil.school_code not in mine for pupil in pupils):
        found.append(
            Problem(
                "orgs.csv",
                None,
                "identifier",
                f"担当ではない学校の児童生徒が{foreign}人入っています。担当の学校だけを書き出してください。",
            )
        )
    if taken := sum(pupil.person_key in elsewhere for pupil in pupils):
        found.append(
            Problem(
                "users.csv",
                None,
                "",
                f"ほかの学校に在籍している児童生徒が{taken}人入っています。"
                "転入のときは、市の担当者に全校の名簿で取り込んでもらってください。",
            )
        )
    return found


def _codes(db: Session, scope: Scope) -> frozenset[str]:
    return frozenset(school.code for school in students_queries.schools(db) if scope.covers(school.id))


def _known(db: Session, vault: Vault) -> list[KnownPupil]:
    lookup_of = {pseudonym: lookup for lookup, pseudonym in vault.known().items()}
    codes = {school.id: school.code for school in students_queries.schools(db)}
    return [
        KnownPupil(
            lookup_of[row.pseudonym], codes[row.school_id], row.grade, row.class_name, active=row.active
        )
        for row in students_queries.all_students(db, Scope(None))  # a transfer is seen from both schools
        if row.pseudonym in lookup_of
    ]


def _keyed(vault: Vault, roster: Roster) -> Roster:
    """The roster with each person's identifier replaced by the vault's keyed lookup."""
    pupils = tuple(replace(pupil, person_key=vault.lookup(pupil.person_key)) for pupil in roster.pupils)
    return Roster(roster.schools, roster.classes, pupils, roster.files_read)


def _enrolment(pupil: Pupil, school_id: str) -> Enrolment:
    number = str(pupil.attendance_number or "")
    name = PersonName(pupil.family_name, pupil.given_name, pupil.family_kana, pupil.given_kana, number)
    return Enrolment(pupil.person_key, school_id, name)


def _add_schools(work: Work, roster: Roster) -> dict[str, str]:
    """Code → id of every school, the new ones added in the order of the file."""
    ids = {school.code: school.id for school in students_queries.schools(work.db)}
    grades: dict[str, set[int]] = defaultdict(set)
    for pupil in roster.pupils:
        grades[pupil.school_code].add(pupil.grade)
    for school in roster.schools:
        if school.code not in ids and grades[school.code]:
            span = (min(grades[school.code]), max(grades[school.code]))
            ids[school.code] = students_actions.add_school(
                work, code=school.code, name=school.name, grades=span, position=len(ids)
            )
    return ids
