"""The office opens a wave: every pupil of the chosen grades gets a ticket, and what the city will see is fixed.

The release plan is made from roster counts, before a single answer exists.
"""

from collections.abc import Mapping

from survey_api.access import school_locks
from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.banks import queries as banks_queries
from survey_api.services.insights.planning import plan_for
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.report import coin_of
from survey_api.services.notifications import queries as notifications_queries
from survey_api.services.notifications.rules import TEST_GOOD_FOR
from survey_api.services.students import queries as students_queries
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.rules import WavePlan, problems_of
from survey_api.vocabulary import LockState, Sex


def open_wave(
    work: Work, plan: WavePlan, *, demand_locks: bool = False, demand_alert_tests: bool = False
) -> str:
    """Open it now; returns the wave's id. BadInput lists everything that stands against it.

    `demand_locks` (production): every school has a lock that enough people have opened lately, so that no child is
    asked whose name nobody could find. `demand_alert_tests` (production): somebody there has heard a test alert.
    """
    require(work.actor, Permission.PLAN_WAVES)
    scope = Scope.of(work.actor, Permission.PLAN_WAVES)
    bank_of = _banks(work)
    invited = {
        (size.school_id, size.grade): size.students
        for size in students_queries.grade_sizes(work.db)
        if size.grade in plan.grades
        and scope.covers(size.school_id)
        and (plan.schools is None or size.school_id in plan.schools)
    }
    problems = problems_of(
        plan, school_day(work.now), taken=waves_queries.asked_now(work.db), invited=invited, asked=bank_of
    )
    if demand_locks:
        problems = [*problems, *_lock_problems(work, {school_id for school_id, _ in invited})]
    if demand_alert_tests:
        problems = [*problems, *_not_tested(work, {school_id for school_id, _ in invited})]
    if problems:
        raise BadInput("調査回を始められません。", details=problems)

    wave_id = new_id()
    waves_actions.open_wave(work, wave_id, plan, invited, bank_of, _release_plan(work, wave_id, invited))
    students = students_queries.all_students(work.db, scope)
    waves_actions.add_tickets(
        work,
        wave_id,
        [
            (student.school_id, student.pseudonym, bank_of[student.grade])
            for student in students
            if student.active and (student.school_id, student.grade) in invited
        ],
    )
    for student in students:
        if (
            student.active
            and student.opted_out_on is not None
            and (student.school_id, student.grade) in invited
        ):
            submissions_actions.close_ticket(work, student.pseudonym, wave_id)
    return wave_id


def _lock_problems(work: Work, school_ids: set[str]) -> list[str]:
    """Per school what its lock lacks; a lock that was begun and not closed counts as none."""
    today, found = school_day(work.now), []
    for school in students_queries.schools(work.db):
        if school.id not in school_ids:
            continue
        lock = school_locks.lock_of(work.db, school.id)
        if lock.state in (None, LockState.PREPARING) or not lock.complete:
            found.append(f"{school.name}: 学校の鍵がまだかかっていません。「学校の鍵」で用意してください。")
        found += [f"{school.name}: {line}" for line in lock.shortfalls(today) if lock.state is not None]
    return found


def _not_tested(work: Work, school_ids: set[str]) -> list[str]:
    heard = notifications_queries.heard_tests(work.db)
    oldest = work.now - TEST_GOOD_FOR
    return [
        f"{school.name}: 30日以内に届いた試しの知らせがありません。学校の相談員か管理職が「知らせ」のページで送り、"
        "「届いた」を押してから始めてください。"
        for school in students_queries.schools(work.db)
        if school.id in school_ids and not (school.id in heard and heard[school.id] >= oldest)
    ]


def _banks(work: Work) -> dict[int, str]:
    """Grade → hash of the newest published bank that asks it."""
    found: dict[int, str] = {}
    for row in banks_queries.newest_versions(work.db):
        for grade in banks_queries.published(work.db, row.sha256).bank.grades:
            found[grade] = row.sha256
    return found


def _release_plan(work: Work, wave_id: str, invited: dict[tuple[str, int], int]) -> str:
    schools = [(school.id, school.name, school.position) for school in students_queries.schools(work.db)]
    return plan_for(wave_id, schools, invited, _girls(work, invited)).canonical().decode()


def _girls(work: Work, invited: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    """How many count as girls, for the grades of which the roster says girl, boy or other for everybody."""
    sexes = students_queries.sexes(work.db, work.keys, Scope(None))  # counts of the whole city's plan
    if not any(sexes.values()):
        return {}
    try:
        coin = coin_of(work.keys)
    except ReleaseRefused:  # without the release key nobody is told apart, and the wave opens all the same
        return {}
    girls: dict[tuple[str, int], int] = {}
    blind: set[tuple[str, int]] = set()
    for student in students_queries.all_students(work.db, Scope(None)):
        place = (student.school_id, student.grade)
        sex = sexes[student.pseudonym]
        if not student.active or place not in invited:
            continue
        if sex is None:
            blind.add(place)
            continue
        counted = coin(student.pseudonym) if sex is Sex.OTHER else sex
        girls[place] = girls.get(place, 0) + (counted is Sex.FEMALE)
    return {place: n for place, n in girls.items() if place not in blind}
