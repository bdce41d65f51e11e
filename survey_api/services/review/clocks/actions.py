"""Set the clocks and the calendar, note who looks, and pass on what is late. Every hop leaves a trail line."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlmodel import col, delete, or_, select, update

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.kit.work import Work
from survey_api.services.review.clocks import queries
from survey_api.services.review.clocks.queries import HALVES
from survey_api.services.review.clocks.rules import CityRules, due_on, to_json
from survey_api.tables.cases import Case
from survey_api.tables.desk import CityRules as KeptRules
from survey_api.tables.desk import Escalation, OnSite, QueueVisit, SchoolClosure
from survey_api.vocabulary import AuditKind, CaseState, LateCause, Level, TalksAs, Urgency

LONGEST_CLOSURE = 60


def set_rules(work: Work, rules: CityRules, seen: int) -> None:
    """A new set of clocks for the city. IllegalMove when somebody set others meanwhile."""
    current = queries.city_rules(work.db)
    if current.number != seen:
        raise IllegalMove("ほかの人が先に決まりを変えました。新しい内容を確かめて、もう一度行ってください。")
    number = current.number + 1
    work.db.add(KeptRules(number=number, set_at=work.now, set_by=work.actor.id, content=to_json(rules)))
    work.db.flush()
    trail.record(work, AuditKind.CITY_RULES_SET, "city", "rules", number=number)


def set_on_site(
    work: Work, school_id: str, presence: Iterable[tuple[int, str, str]], known_as: Mapping[str, TalksAs]
) -> None:
    """The whole week of one school: (weekday, half, staff id) of everybody who is there, and as whom pupils know them."""
    wanted = sorted(set(presence))
    if any(not 0 <= weekday <= 4 or half not in HALVES for weekday, half, _ in wanted):
        raise BadInput("在校の予定は、月曜から金曜の午前・午後で選んでください。")
    work.db.exec(delete(OnSite).where(col(OnSite.school_id) == school_id))
    for weekday, half, staff_id in wanted:
        talks_as = known_as.get(staff_id, TalksAs.COUNSELOR)
        work.db.add(
            OnSite(school_id=school_id, weekday=weekday, half=half, staff_id=staff_id, talks_as=talks_as)
        )
    work.db.flush()
    trail.record(work, AuditKind.CALENDAR_SET, "school", school_id, what="on_site")


def add_closure(work: Work, school_id: str, first_on: date, last_on: date, words: str) -> None:
    """Days without school. BadInput when they are turned round or too long."""
    if last_on < first_on:
        raise BadInput("休業の終わりの日は、始まりの日より後にしてください。")
    if (last_on - first_on).days >= LONGEST_CLOSURE:
        raise BadInput(f"休業は続けて{LONGEST_CLOSURE}日までです。日を確かめてください。")
    work.db.add(
        SchoolClosure(id=new_id(), school_id=school_id, first_on=first_on, last_on=last_on, words=words)
    )
    work.db.flush()
    trail.record(work, AuditKind.CALENDAR_SET, "school", school_id, what="closure")


def remove_closure(work: Work, school_id: str, closure_id: str) -> None:
    """Take back days without school."""
    work.db.exec(
        delete(SchoolClosure).where(
            col(SchoolClosure.id) == closure_id, col(SchoolClosure.school_id) == school_id
        )
    )
    trail.record(work, AuditKind.CALENDAR_SET, "school", school_id, what="closure_removed")


def recount(work: Work) -> None:
    """Due days of the cases that nobody has touched yet, by the clocks and calendars as they are now."""
    rules = queries.city_rules(work.db)
    untouched = work.db.exec(
        select(Case).where(
            or_(
                col(Case.state).in_([CaseState.NEW, CaseState.ACKNOWLEDGED]),
                col(Case.signal_on).is_not(None),
            )
        )
    ).all()
    moved = 0
    for case in untouched:
        calendar = queries.calendar_of(work.db, rules, case.school_id)
        due = due_on(rules, calendar, Urgency(case.urgency), case.signal_on or case.opened_on)
        if due != case.due_on:
            case.due_on = due
            work.db.add(case)
            moved += 1
    work.db.flush()
    trail.record(work, AuditKind.CALENDAR_SET, "city", "due", what=f"recount:{moved}")


def note_visit(work: Work, school_ids: Iterable[str]) -> None:
    """Somebody looks at the queues of these schools."""
    for school_id in school_ids:
        work.db.merge(QueueVisit(school_id=school_id, staff_id=work.actor.id, seen_at=work.now))
    work.db.flush()


def note_coverage(work: Work, count: int) -> str:
    """A list of who has what was put on paper; returns the number of the copy."""
    copy = new_id()[:6].upper()
    trail.record(work, AuditKind.COVERAGE_LISTED, "staff", work.actor.id, count=count, copy=copy)
    return copy


def set_level(work: Work, case_id: str, level: Level) -> None:
    """Which role a case waits for from now on. Its hops have lines of their own."""
    work.db.connection().execute(update(Case).where(col(Case.id) == case_id).values(level=level))


def escalate_case(
    work: Work, *, key: str, school_id: str, case_id: str, level: Level, cause: LateCause
) -> None:
    """A case goes to the next role."""
    _keep(work, key, school_id, case_id, level, cause)
    trail.record(work, AuditKind.CASE_ESCALATED, "case", case_id, level=str(level), cause=str(cause))


def escalate_memo(work: Work, *, key: str, school_id: str | None, memo_id: str, level: Level) -> None:
    """An urgent memo goes to the next role."""
    _keep(work, key, school_id, None, level, LateCause.MEMO, memo_id)
    trail.record(work, AuditKind.CASE_ESCALATED, "memo", memo_id, level=str(level), cause=str(LateCause.MEMO))


def escalate_queue(work: Work, *, key: str, school_id: str, level: Level) -> None:
    """Nobody looks at a school's queue: the next role is told."""
    _keep(work, key, school_id, None, level, LateCause.UNATTENDED)
    trail.record(work, AuditKind.QUEUE_UNATTENDED, "school", school_id, level=str(level))


def take(work: Work, escalation: Escalation) -> None:
    """Somebody of the next role takes a case over, for every cause it has come up. IllegalMove when another has."""
    if escalation.taken_by is not None:
        raise IllegalMove("この件は、もうほかの人が引き受けています。")
    for one in [escalation, *_others_of_case(work, escalation)]:
        one.taken_by, one.taken_at = work.actor.id, work.now
        work.db.add(one)
        work.db.flush()
        facts = {"level": one.level, "case_id": one.case_id}
        trail.record(work, AuditKind.ESCALATION_TAKEN, "escalation", one.id, **facts)


def _others_of_case(work: Work, escalation: Escalation) -> list[Escalation]:
    """What else waits at the same role for the same case: it was late in more than one way."""
    if escalation.case_id is None:
        return []
    asked = select(Escalation).where(
        Escalation.case_id == escalation.case_id,
        Escalation.level == escalation.level,
        col(Escalation.taken_by).is_(None),
        Escalation.id != escalation.id,
    )
    return list(work.db.exec(asked.order_by(col(Escalation.id))).all())


def _keep(
    work: Work,
    key: str,
    school_id: str | None,
    case_id: str | None,
    level: Level,
    cause: LateCause,
    memo_id: str | None = None,
) -> None:
    work.db.add(
        Escalation(
            id=new_id(),
            key=key,
            school_id=school_id,
            case_id=case_id,
            memo_id=memo_id,
            level=level,
            cause=cause,
            at=work.now,
        )
    )
    work.db.flush()
