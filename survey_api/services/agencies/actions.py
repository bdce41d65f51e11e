"""Keep the directory."""

from typing import Any

from sqlmodel import col, select, update

from survey_api.audit import trail
from survey_api.kit.clock import school_day
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.agencies.queries import agency_by_id
from survey_api.services.agencies.rules import LIMITS, Entry, checked
from survey_api.tables.agencies import Agency
from survey_api.vocabulary import AuditKind


def save(work: Work, entry: Entry, agency_id: str | None = None) -> str:
    """Add an entry, or write one anew; returns its id. BadInput that names the field."""
    kept = checked(entry, school_day(work.now))
    values: dict[str, Any] = {
        **{field: kept.texts.get(field, "") for field in LIMITS},
        "kind": str(kept.kind),
        "age_from": kept.age_from,
        "age_to": kept.age_to,
        "alone": str(kept.alone),
        "takes_sheets": kept.takes_sheets,
        "reply_days": kept.reply_days,
        "verified_on": kept.verified_on,
        "active": kept.active,
    }
    same = work.db.exec(select(Agency.id).where(Agency.name == values["name"])).first()
    if same not in (None, agency_id):
        raise BadInput("名前: 同じ名前のものが、もう一覧にあります。")
    if agency_id is None:
        agency_id = new_id()
        work.db.add(Agency(id=agency_id, **values))
        work.db.flush()
    else:
        agency_by_id(work.db, agency_id)
        work.db.connection().execute(update(Agency).where(col(Agency.id) == agency_id).values(**values))
    trail.record(work, AuditKind.AGENCY_SAVED, "agency", agency_id, about=str(kept.kind), active=kept.active)
    return agency_id
