"""Open and close waves; issue tickets."""

from collections.abc import Collection, Iterable, Mapping

from sqlmodel import col, insert, update

from survey_api.access.tickets import NewTicket
from survey_api.audit import trail
from survey_api.kit.db import table_of
from survey_api.kit.ids import new_id
from survey_api.kit.work import Work
from survey_api.services.waves.queries import UNPRINTED
from survey_api.services.waves.rules import WavePlan
from survey_api.tables.waves import Ticket, Wave, WaveClass
from survey_api.vocabulary import AuditKind, TicketState, WaveState


def open_wave(
    work: Work,
    wave_id: str,
    plan: WavePlan,
    invited: Mapping[tuple[str, int], int],
    bank_of: Mapping[int, str],
    release_plan: str,
) -> None:
    """The wave and its grades. `invited`: (school, grade) → pupils; `bank_of`: grade → bank hash."""
    work.db.add(
        Wave(
            id=wave_id,
            name=plan.name.strip(),
            opens_on=plan.opens_on,
            closes_on=plan.closes_on,
            state=WaveState.OPEN,
            draft_languages=",".join(sorted(plan.draft_languages)),
            plan=release_plan,
        )
    )
    work.db.flush()
    for (school_id, grade), count in invited.items():
        work.db.add(
            WaveClass(
                wave_id=wave_id, school_id=school_id, grade=grade, bank_sha256=bank_of[grade], invited=count
            )
        )
    work.db.flush()
    trail.record(
        work,
        AuditKind.WAVE_OPENED,
        "wave",
        wave_id,
        tickets=sum(invited.values()),
        opens_on=plan.opens_on.isoformat(),
        closes_on=plan.closes_on.isoformat(),
        helplines_checked_on=str(plan.helplines_checked_on or ""),
    )


def add_tickets(work: Work, wave_id: str, pupils: Iterable[tuple[str, str, str]]) -> None:
    """A ticket per (school, pseudonym, bank hash), without a secret: one is made when it is printed."""
    rows = []
    for school_id, pseudonym, bank_sha256 in pupils:
        ticket_id = new_id()
        rows.append(
            {
                "id": ticket_id,
                "wave_id": wave_id,
                "school_id": school_id,
                "pseudonym": pseudonym,
                "bank_sha256": bank_sha256,
                "qr_mac": f"unprinted-{ticket_id}",
                "code_selector": UNPRINTED,
                "code_hash": UNPRINTED,
                "state": TicketState.UNUSED,
            }
        )
    if rows:
        work.db.connection().execute(insert(Ticket), rows)


def follow_roster(work: Work, revoked: Collection[str], added: Collection[tuple[str, str, str, str]]) -> None:
    """Tickets that open nothing any more, and new ones as (wave, school, pseudonym, bank hash), to be printed."""
    if not revoked and not added:
        return
    for ticket_id in revoked:
        work.db.connection().execute(
            update(Ticket).where(col(Ticket.id) == ticket_id).values(state=TicketState.REVOKED)
        )
    for wave_id in {wave for wave, _, _, _ in added}:
        add_tickets(
            work, wave_id, [(school, who, bank) for wave, school, who, bank in added if wave == wave_id]
        )
    trail.record(
        work, AuditKind.TICKETS_FOLLOWED, "roster", "tickets", added=len(added), revoked=len(revoked)
    )


def issue(work: Work, ticket_id: str, fresh: NewTicket) -> None:
    """Give a ticket fresh secrets; whatever was printed before no longer opens anything."""
    work.db.connection().execute(
        update(Ticket)
        .where(col(Ticket.id) == ticket_id)
        .values(qr_mac=fresh.qr_mac, code_selector=fresh.code_selector, code_hash=fresh.code_hash)
    )


def forget_verifiers(
    work: Work, wave_id: str, schools: Collection[str] = (), pupils: Collection[str] = ()
) -> int:
    """Blank what a printed ticket is checked with, but not of these schools and pupils; how many were blanked."""
    rows = table_of(Ticket)
    return (
        work.db.connection()
        .execute(
            update(rows)
            .where(
                rows.c.wave_id == wave_id,
                rows.c.code_hash != "gone",
                rows.c.school_id.not_in(schools),
                rows.c.pseudonym.not_in(pupils),
            )
            .values(qr_mac="gone-" + rows.c.id, code_selector="gone", code_hash="gone")
        )
        .rowcount
    )


def note_printed(
    work: Work, wave_id: str, *, school_id: str, grade: int, class_name: str, count: int
) -> None:
    trail.record(
        work,
        AuditKind.TICKETS_PRINTED,
        "wave",
        wave_id,
        school_id=school_id,
        grade=grade,
        class_name=class_name,
        count=count,
    )


def close_wave(work: Work, wave: Wave) -> None:
    wave.state = WaveState.CLOSED
    wave.closed_at = work.now
    work.db.add(wave)
    work.db.flush()
    trail.record(work, AuditKind.WAVE_CLOSED, "wave", wave.id)
