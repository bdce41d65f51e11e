"""The main line on a real PostgreSQL: answers → assessment → case → name → trail, from several writers at once."""

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
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.work import run_group
from survey_api.tables.cases import Case
from survey_api.tables.results import Result
from survey_api.tables.submissions import Submission
from tests.house import House, bank, open_house, worst_answers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_urls: tuple[str, str]) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("pg"), pupils=12, urls=postgres_urls) as opened:
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
            for pupil in house.pupils[number::4]
        ]
        done = run_group(house.runtime.survey, house.runtime.keys, house.clock, jobs)
        return sum(failed is None for _, failed in done)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_writer, range(4))) == 12
    with house.runtime.reading() as db:
        assert len(db.exec(select(Submission.id)).all()) == len(db.exec(select(Result.id)).all()) == 12
        assert len(db.exec(select(Case.id)).all()) == 12
        assert chain.verify(queries.all_entries(db)).broken_at is None


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
