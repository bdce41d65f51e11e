"""Keep that a name was opened and for how long; keep that somebody has looked at why."""

from datetime import date, datetime

from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.tables.cases import Case
from survey_api.tables.desk import NameReveal
from survey_api.vocabulary import AuditKind


def keep(work: Work, case: Case, until: datetime, review_by: date | None) -> None:
    """One opening of a name. Its trail line is written by review.actions.note_reveal with the reason."""
    work.db.add(
        NameReveal(
            id=new_id(),
            case_id=case.id,
            school_id=case.school_id,
            staff_id=work.actor.id,
            at=work.now,
            until=until,
            review_by=review_by,
        )
    )
    work.db.flush()


def review(work: Work, reveal: NameReveal) -> None:
    """Somebody who leads has looked at why; never the one who opened it."""
    if reveal.staff_id == work.actor.id:
        raise IllegalMove("自分が開いた名前は、自分では確認できません。ほかの管理職に頼んでください。")
    if reveal.review_by is None or reveal.reviewed_at is not None:
        raise IllegalMove("この閲覧は、もう確認されています。")
    reveal.reviewed_by, reveal.reviewed_at = work.actor.id, work.now
    work.db.add(reveal)
    work.db.flush()
    trail.record(work, AuditKind.REVEAL_REVIEWED, "reveal", reveal.id, case_id=reveal.case_id)
