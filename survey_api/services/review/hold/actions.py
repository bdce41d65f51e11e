"""Take a case in hand and let it go; keep words that were not sent; keep a view of the queue."""

from datetime import timedelta

from sqlmodel import col, delete, select

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.kit.actor import ActorKind
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, HeldByOther
from survey_api.kit.work import Work
from survey_api.services.review.clocks.queries import city_rules
from survey_api.tables.cases import Case
from survey_api.tables.desk import CaseLease, NoteDraft, SavedFilter
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AuditKind

MOST_FILTERS = 12


def keep_in_hand(work: Work, case: Case) -> None:
    """The actor has this case in hand from now on; HeldByOther while somebody else has.

    A hold that ran out is nobody's: whoever acts next has it.
    """
    if work.actor.kind is not ActorKind.STAFF:
        return
    # two who take it at the same moment come one after the other, also where many may write
    work.db.exec(select(Case.id).where(Case.id == case.id).with_for_update()).first()
    lease = work.db.get(CaseLease, case.id, populate_existing=True)
    if lease is not None and lease.staff_id != work.actor.id and lease.until > work.now:
        other = work.db.get_one(Staff, lease.staff_id)
        raise HeldByOther(
            f"今は{other.name}が対応中です({lease.until.astimezone(SCHOOL_ZONE):%H:%M}まで)。"
            "何も変えていません。急ぐときは声をかけるか、メモだけ残してください。"
        )
    until = work.now + timedelta(minutes=city_rules(work.db).lease_minutes)
    work.db.merge(CaseLease(case_id=case.id, staff_id=work.actor.id, until=until))
    work.db.flush()


def release(work: Work, case: Case) -> None:
    """Let a case go before its time: it waits for whoever comes next."""
    work.db.exec(
        delete(CaseLease).where(col(CaseLease.case_id) == case.id, col(CaseLease.staff_id) == work.actor.id)
    )
    trail.record(work, AuditKind.CASE_RELEASED, "case", case.id)


def save_draft(work: Work, case: Case, form: str, words: str) -> None:
    """Keep what was typed into one form of a case; empty words forget it. Sealed with the school's key."""
    place = f"draft|{case.id}|{work.actor.id}"
    row = work.db.get(NoteDraft, (case.id, work.actor.id))
    kept = dict(sealing.open_for_school(work.db, work.keys, case.school_id, place, row.sealed)) if row else {}
    if words.strip():
        kept[form] = words
    else:
        kept.pop(form, None)
    if not kept:
        if row is not None:
            work.db.delete(row)
    else:
        sealed = sealing.seal_for_school(work.db, work.keys, case.school_id, place, kept)
        draft = NoteDraft(case_id=case.id, staff_id=work.actor.id, saved_at=work.now, sealed=sealed)
        work.db.merge(draft)
    work.db.flush()


def save_filter(work: Work, name: str, query: str) -> None:
    """Keep a view of the queue under a name; the same name again replaces it."""
    if not name.strip():
        raise BadInput("絞り込みの名前を入れてください。")
    mine = work.db.exec(select(SavedFilter).where(SavedFilter.staff_id == work.actor.id)).all()
    known = next((row for row in mine if row.name == name), None)
    if known is None and len(mine) >= MOST_FILTERS:
        raise BadInput(f"保存できる絞り込みは{MOST_FILTERS}個までです。使わないものを消してください。")
    kept = known or SavedFilter(id=new_id(), staff_id=work.actor.id, name=name, query=query)
    kept.query = query
    work.db.add(kept)
    work.db.flush()
    trail.record(work, AuditKind.FILTER_SAVED, "staff", work.actor.id)


def forget_filter(work: Work, filter_id: str) -> None:
    """Forget one of one's own views."""
    work.db.exec(
        delete(SavedFilter).where(
            col(SavedFilter.id) == filter_id, col(SavedFilter.staff_id) == work.actor.id
        )
    )
    trail.record(work, AuditKind.FILTER_SAVED, "staff", work.actor.id)
