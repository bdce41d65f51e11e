"""Draw, label, and call somebody after all. A label is kept before anything of the machine is shown."""

from collections.abc import Collection

from survey_api.audit import trail
from survey_api.kit.ids import new_id, new_token
from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.services.review.checks.rules import drawn
from survey_api.services.review.rules import require_label
from survey_api.tables.desk import CheckDraw, CheckItem
from survey_api.vocabulary import AuditKind


def draw(work: Work, *, wave_id: str, school_id: str, result_ids: Collection[str], size: int) -> str:
    """Draw `size` of the unflagged results under a new seed; returns the draw's id."""
    seed, draw_id, population = new_token()[:16], new_id(), len(result_ids)
    work.db.add(
        CheckDraw(
            id=draw_id,
            wave_id=wave_id,
            school_id=school_id,
            seed=seed,
            population=population,
            size=size,
            drawn_by=work.actor.id,
            drawn_at=work.now,
        )
    )
    work.db.flush()
    for position, result_id in enumerate(drawn(seed, result_ids, size)):
        work.db.add(
            CheckItem(
                id=new_id(),
                draw_id=draw_id,
                result_id=result_id,
                school_id=school_id,
                position=position,
                propensity=size / population,
            )
        )
    work.db.flush()
    trail.record(
        work,
        AuditKind.CHECK_DRAWN,
        "wave",
        wave_id,
        school_id=school_id,
        seed=seed,
        population=population,
        size=size,
    )
    return draw_id


def note_view(work: Work, item: CheckItem) -> None:
    """Somebody reads a drawn sheet."""
    trail.record(work, AuditKind.CHECK_VIEWED, "check", item.id)


def label(work: Work, item: CheckItem, given: str) -> None:
    """What a person found. Once and for ever: after it the machine's view is open."""
    found = require_label(given)
    if item.label is not None:
        raise IllegalMove("この回答の見立ては、もう残されています。あとから変えることはできません。")
    item.label, item.labelled_by, item.labelled_at = found, work.actor.id, work.now
    work.db.add(item)
    work.db.flush()
    trail.record(work, AuditKind.CHECK_LABELLED, "check", item.id, label=str(found))


def note_miss(work: Work, item: CheckItem, case_id: str) -> None:
    """A case was made of a sheet that no rule had flagged."""
    item.case_id = case_id
    work.db.add(item)
    work.db.flush()
    trail.record(work, AuditKind.CHECK_MISS, "check", item.id, case_id=case_id)
