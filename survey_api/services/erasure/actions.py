"""Write down what was erased; hold something back; let it go again."""

from collections.abc import Mapping
from datetime import date

from survey_api.access import sealing
from survey_api.audit import trail
from survey_api.audit.chain import canonical
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.erasure.queries import subject_of
from survey_api.tables.erasure import Certificate, Hold
from survey_api.vocabulary import AuditKind, HoldKind

MIN_REASON = 10


def certify(
    work: Work,
    kind: str,
    *,
    pseudonym: str = "",
    sign: str = "",
    school_id: str | None = None,
    wave_id: str | None = None,
    asked_on: date,
    counts: Mapping[str, int],
) -> str:
    """Keep the proof of one erasure; returns the certificate's id."""
    subject = subject_of(work.keys, pseudonym) if pseudonym else ""
    row = Certificate(
        id=new_id(),
        kind=kind,
        subject=subject,
        sign=sign,
        school_id=school_id,
        wave_id=wave_id,
        asked_on=asked_on,
        done_on=school_day(work.now),
        counts=canonical(dict(counts)),
    )
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.ERASED, "certificate", row.id, rule=kind, count=sum(counts.values()))
    return row.id


def place_hold(work: Work, kind: HoldKind, subject_id: str, school_id: str, reason: str) -> str:
    """Nothing of it may be erased by a rule from now on. BadInput without a reason."""
    if len(reason.strip()) < MIN_REASON:
        raise BadInput(f"保全の理由を{MIN_REASON}文字以上で書いてください。")
    hold_id = new_id()
    work.db.add(
        Hold(
            id=hold_id,
            kind=kind,
            subject_id=subject_id,
            school_id=school_id,
            placed_by=work.actor.id,
            placed_at=work.now,
            sealed_reason=sealing.seal_for_school(
                work.db, work.keys, school_id, f"hold|{hold_id}", reason.strip()
            ),
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.HOLD_PLACED, "hold", hold_id, about=str(kind))
    return hold_id


def lift_hold(work: Work, hold: Hold) -> None:
    """Another person than the one who placed it lets it go. BadInput for the same one."""
    if hold.placed_by == work.actor.id:
        raise BadInput("保全を指定した人とは別の人が解除してください。")
    hold.lifted_by, hold.lifted_at = work.actor.id, work.now
    work.db.add(hold)
    work.db.flush()
    trail.record(work, AuditKind.HOLD_LIFTED, "hold", hold.id, about=hold.kind)
