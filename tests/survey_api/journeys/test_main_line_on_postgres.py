"""The main line on a real PostgreSQL: answers → assessment → case → name → trail, from several writers at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from survey_api.audit import chain, queries
from survey_api.journeys.finish_submission import finish_submission
from survey_api.journeys.reveal_student import reveal_student
from survey_api.journeys.save_answers import save_taps
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.work import run_group
from survey_api.services.submissions import queries as submissions_queries
from survey_api.tables.cases import Case
from survey_api.tables.results import Result
from survey_api.tables.submissions import Draft, Submission
from survey_api.tables.waves import Ticket
from survey_api.vocabulary import TicketState
from tests.house import SETUP, House, bank, open_house, worst_answers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_urls: tuple[str, str]) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("pg"), pupils=13, urls=postgres_urls) as opened:
        yield opened


def test_four_writers_at_once_lose_and_double_nothing(house: House) -> None:
    """Every process has its own group writer; the trail links one line at a time across them."""
    import json

    body = json.dumps({"client_id": "tablet-0001", "answers": worst_answers(bank("chu"))}).encode()

    def one_writer(number: int) -> int:
        jobs = [
            (
                Actor.student(pupil.ticket_id),
                lambda work, ticket=pupil.ticket_id: finish_submission(work, ticket, body),
            )
            for pupil in house.pupils[number:12:4]
        ]
        done = run_group(house.runtime.survey, house.runtime.keys, house.clock, jobs)
        return sum(failed is None for _, failed in done)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_writer, range(4))) == 12
    with house.runtime.reading() as db:
        assert len(db.exec(select(Submission.id)).all()) == len(db.exec(select(Result.id)).all()) == 12
        assert len(db.exec(select(Case.id)).all()) == 12
        assert chain.verify(queries.all_entries(db)).broken_at is None


def _tap(item: str, value: str, at: int) -> dict[str, object]:
    return {"device": "tablet-0001", "now": at, "taps": [{"item": item, "value": value, "at": at}]}


def test_two_workers_that_keep_taps_of_one_child_at_once_lose_neither(house: House) -> None:
    """A page that is left and the page that follows it send at the same time, to two workers."""
    ticket_id = house.pupils[12].ticket_id
    asked = [item for item, shape in bank("chu").shape.items() if shape.kind == "single"][:3]
    actor = Actor.student(ticket_id)
    with house.runtime.work(SETUP) as work:
        held = work.db.get_one(Ticket, ticket_id)
        held.state = TicketState.OPENED
        work.db.add(held)
    with house.runtime.work(actor) as work:
        save_taps(work, ticket_id, _tap(asked[0], "dont_know", 1))

    def second() -> None:
        with house.runtime.work(actor) as work:
            save_taps(work, ticket_id, _tap(asked[2], "dont_know", 3))

    thread = threading.Thread(target=second)
    with house.runtime.work(actor) as work:
        save_taps(work, ticket_id, _tap(asked[1], "dont_know", 2))
        thread.start()
        thread.join(1.0)  # it waits for this one, or has read what this one is about to change
    thread.join()
    with house.runtime.reading() as db:
        ticket = submissions_queries.ticket_by_id(db, ticket_id)
        assert ticket is not None
        kept = submissions_queries.draft_of(db, house.runtime.keys, ticket)["answers"]
    assert kept == dict.fromkeys(asked, "dont_know")


def test_taps_of_one_child_that_share_a_commit_lose_nothing(house: House) -> None:
    """A class's taps share one transaction: the second reads what the first has written, not what somebody still holds."""
    ticket_id = house.pupils[12].ticket_id
    asked = [item for item, shape in bank("chu").shape.items() if shape.kind == "single"][3:6]
    with house.runtime.work(Actor.student(ticket_id)) as work:
        save_taps(work, ticket_id, _tap(asked[0], "dont_know", 4))
        held = work.db.get(Draft, ticket_id)
        save_taps(work, ticket_id, _tap(asked[1], "dont_know", 5))
        standing = save_taps(work, ticket_id, _tap(asked[2], "dont_know", 6))
    assert held is not None
    assert set(asked) <= set(standing.answers)


def test_a_name_is_opened_with_a_reason_and_the_line_is_there(house: House) -> None:
    counselor = Actor(
        ActorKind.STAFF, house.staff["aoki"], frozenset({("counselor", house.schools["north"])})
    )
    with house.runtime.reading() as db:
        case = db.exec(select(Case).where(Case.pseudonym == house.pupils[0].pseudonym)).one()
    with house.runtime.work(counselor) as work:
        assert reveal_student(work, house.runtime.vault, case.id, "safety").person == house.pupils[0].name
    with house.runtime.reading() as db:
        assert "vault.name_revealed" in [entry.kind for entry in queries.all_entries(db)]


def test_the_database_refuses_to_change_the_trail(house: House) -> None:
    with pytest.raises(DatabaseError, match="only grows"), house.runtime.survey.write.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET kind = 'x'"))


def test_no_name_stands_in_either_database(house: House, tmp_path: Path) -> None:
    """Everything both databases hold, as text: no name of the roster is in it."""
    dump = []
    for store in (house.runtime.survey, house.runtime.vault_store):
        with store.read.connect() as connection:
            tables = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).scalars()
            for table in tables.all():
                dump += [str(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    whole = "\n".join(dump)
    assert house.pupils[0].pseudonym in whole
    assert not [pupil.name.given for pupil in house.pupils if pupil.name.given in whole]
