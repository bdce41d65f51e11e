"""Keep what one member of staff has set for the own desk."""

from datetime import date

from survey_api.audit import trail
from survey_api.kit.work import Work
from survey_api.services.preferences.queries import preference_of
from survey_api.services.preferences.rules import Look, quiet_hours
from survey_api.tables.preferences import StaffPreference
from survey_api.vocabulary import AuditKind


def set_look(work: Work, look: Look) -> None:
    """How pages look from now on."""
    row = preference_of(work.db, work.actor.id)
    row.dense, row.text_size, row.shortcuts = look.dense, look.text_size, look.shortcuts
    _keep(work, row, "look")


def set_quiet(work: Work, start: str, end: str) -> None:
    """When no mail should come; the most urgent comes all the same."""
    row = preference_of(work.db, work.actor.id)
    row.quiet_from, row.quiet_until = quiet_hours(start, end) or (None, None)
    _keep(work, row, "quiet")


def set_cover(work: Work, staff_id: str | None, first_on: date | None, last_on: date | None) -> None:
    """Who is told in the actor's place, and when; None takes it back."""
    row = preference_of(work.db, work.actor.id)
    row.cover_id, row.cover_from, row.cover_until = staff_id, first_on, last_on
    _keep(work, row, "cover")


def _keep(work: Work, row: StaffPreference, what: str) -> None:
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.PREFERENCE_SET, "staff", work.actor.id, what=what)
