"""Read the trail."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from survey_api.audit.chain import GENESIS
from survey_api.tables.audit import AuditEntry


def all_entries(db: Session) -> Iterator[AuditEntry]:
    """Every line in order, streamed."""
    yield from db.exec(select(AuditEntry).order_by(col(AuditEntry.seq))).yield_per(1000)


def entries_about(db: Session, subject_id: str, limit: int = 200) -> Sequence[AuditEntry]:
    """The newest lines about one subject."""
    return db.exec(
        select(AuditEntry)
        .where(AuditEntry.subject_id == subject_id)
        .order_by(col(AuditEntry.seq).desc())
        .limit(limit)
    ).all()


def entries_of(db: Session, subjects: Collection[str], case_ids: Collection[str]) -> Sequence[AuditEntry]:
    """Every line about one of the subjects, or that names one of the cases; newest first."""
    named = [col(AuditEntry.facts).contains(f'"case_id":"{one}"', autoescape=True) for one in case_ids]
    return db.exec(
        select(AuditEntry)
        .where(or_(col(AuditEntry.subject_id).in_(subjects), *named))
        .order_by(col(AuditEntry.seq).desc())
    ).all()


def of_kinds(
    db: Session, kinds: Collection[str], first: datetime, end: datetime | None = None
) -> Sequence[AuditEntry]:
    """Lines of some kinds written from one moment until another, oldest first."""
    asked = select(AuditEntry).where(col(AuditEntry.kind).in_(kinds), col(AuditEntry.at) >= first)
    if end is not None:
        asked = asked.where(col(AuditEntry.at) < end)
    return db.exec(asked.order_by(col(AuditEntry.seq))).all()


def since(db: Session, moment: datetime) -> Iterator[AuditEntry]:
    """The newest lines, newest first, back to a moment: reads no further than it has to."""
    newest_first = select(AuditEntry).order_by(col(AuditEntry.seq).desc())
    for entry in db.exec(newest_first).yield_per(200):
        if entry.at < moment:
            return
        yield entry


def newest(db: Session, limit: int) -> Sequence[AuditEntry]:
    """The newest lines of all, newest first."""
    return db.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc()).limit(limit)).all()


def last_at(db: Session, kind: str) -> datetime | None:
    """When the newest line of a kind was written."""
    newest_first = col(AuditEntry.seq).desc()
    return db.exec(
        select(AuditEntry.at).where(AuditEntry.kind == kind).order_by(newest_first).limit(1)
    ).first()


def first_actor(db: Session) -> tuple[str, str] | None:
    """(kind, id) of whoever wrote the first line: who began this house. None while nobody has."""
    row = db.exec(
        select(AuditEntry.actor_kind, AuditEntry.actor_id).order_by(col(AuditEntry.seq)).limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def head(db: Session) -> tuple[int, str]:
    """(number of lines, last hash) of the trail as it stands."""
    row = db.exec(
        select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else (0, GENESIS)
