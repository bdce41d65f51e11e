"""The office prints the tickets of a class: fresh secrets, a card without a name, a strip to tear off with it.

Printing again makes what was printed before useless. Nothing of a secret is stored but its hash. A class is printed
whole, whoever has sent: the card of a child who is done opens what a used one opens, and the stack names nobody.
"""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import segno

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.access.tickets import new_ticket
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.services.waves.queries import ClassTicket
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Vault
from survey_api.vocabulary import WaveState


@dataclass(frozen=True)
class Card:
    """What one pupil is handed. The name stands on the strip only."""

    pseudonym: str
    bank_sha256: str
    sign: str
    code: str
    url: str
    name: str
    number: str
    """Attendance number: the order in which a teacher hands cards out. On the strip, with the name."""

    @property
    def qr_svg(self) -> str:
        """Drawn when the sheet is drawn: drawing takes longer than everything else about a ticket."""
        return qr_svg(self.url)


def print_tickets(
    work: Work,
    vault: Vault,
    *,
    wave_id: str,
    school_id: str,
    grade: int,
    class_name: str,
    address: str,
    only_new: bool = False,
    number: str = "",
    names: bool = True,
) -> list[Card]:
    """Cards for the whole class, only for who has none yet (`only_new`), or for one attendance number (`number`).

    Without `names` the strips carry the sign alone: for a class whose school's key nobody can open just now.
    NotFound for a school that is not the actor's.
    """
    tickets = _tickets(work, wave_id, school_id, grade, class_name, only_new=only_new)
    known = vault.names_of(ticket.pseudonym for ticket in tickets) if names else {}
    if number:
        wanted = _digits(number)
        tickets = [
            one
            for one in tickets
            if wanted and one.pseudonym in known and _digits(known[one.pseudonym].number) == wanted
        ]
        if not tickets:
            raise BadInput("この学級の名簿に、その出席番号の人がいません。番号を確かめてください。")
    with ThreadPoolExecutor(max_workers=4) as pool:  # the slow hash of each typed code, side by side
        secrets = list(pool.map(lambda _: new_ticket(work.keys, wave_id), tickets))
    cards = []
    for ticket, fresh in zip(tickets, secrets, strict=True):
        waves_actions.issue(work, ticket.id, fresh)
        url = f"{address}/t#{fresh.secret}"
        person = known.get(ticket.pseudonym, PersonName("", ""))
        cards.append(
            Card(
                pseudonym=ticket.pseudonym,
                bank_sha256=ticket.bank_sha256,
                sign=ticket.sign,
                code=fresh.code_shown,
                url=url,
                name=person.full,
                number=person.number,
            )
        )
    waves_actions.note_printed(
        work, wave_id, school_id=school_id, grade=grade, class_name=class_name, count=len(cards)
    )
    return sorted(cards, key=lambda card: (int(card.number) if card.number.isdecimal() else 0, card.sign))


def handed_out(work: Work, *, wave_id: str, school_id: str, grade: int, class_name: str) -> int:
    """How many cards of a class were printed before and would stop working; by the roster, whoever has sent."""
    return sum(one.printed for one in _tickets(work, wave_id, school_id, grade, class_name))


def _tickets(
    work: Work, wave_id: str, school_id: str, grade: int, class_name: str, *, only_new: bool = False
) -> list[ClassTicket]:
    require(work.actor, Permission.PRINT_TICKETS)
    scope = Scope.of(work.actor, Permission.PRINT_TICKETS)
    wave = waves_queries.wave_by_id(work.db, wave_id)
    if wave.state != WaveState.OPEN:
        raise BadInput("終わった調査回のチケットは印刷できません。")
    return waves_queries.class_tickets(
        work.db, scope, wave_id, school_id, grade, class_name, only_new=only_new
    )


def _digits(number: str) -> str:
    """An attendance number as it is compared: full-width digits and leading zeros are fine."""
    return unicodedata.normalize("NFKC", number).strip().lstrip("0")


def qr_svg(content: str) -> str:
    """A QR code as an SVG element without style attributes, for a strict content policy."""
    return str(
        segno.make(content, error="m", micro=False).svg_inline(
            omitsize=True, border=2, svgclass="qr", lineclass=None
        )
    )
