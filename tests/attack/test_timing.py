"""A teacher who noted the order in which a class finished, and a thief with the files, learn no order from them.

The children finish in an order the test knows. Every place that keeps or shows something is read in the order in
which it gives it: by rowid, as the table lies, in the trail, in the outbox, in the queue.
"""

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from survey_api.audit import queries as audit_queries
from survey_api.jobs.opened_cases import note_opened_cases
from survey_api.journeys.finish_submission import finish_submission
from survey_api.kit.actor import Actor
from survey_api.tables.cases import Case
from survey_api.tables.metadata import METADATA
from tests.house import House, bank, open_house, worst_answers

CHILDREN = 64


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[str], Path]]:
    """(house, pseudonyms in the order of finishing, folder): one child a second, all of them carry everything."""
    folder = tmp_path_factory.mktemp("timing")
    with open_house(folder, pupils=CHILDREN) as house:
        order = list(house.pupils)
        random.Random(7).shuffle(order)
        sheet = json.dumps({"client_id": "tablet-0001", "answers": worst_answers(bank("chu"))}).encode()
        for pupil in order:
            house.clock.move(timedelta(seconds=1))
            with house.runtime.work(Actor.student(pupil.ticket_id)) as work:
                finish_submission(work, pupil.ticket_id, sheet)
        note_opened_cases(house.runtime)
        yield house, [pupil.pseudonym for pupil in order], folder


def correlation(order: list[str], found: list[str]) -> float:
    """Spearman's rank correlation between two orders of the same things."""
    place = {who: number for number, who in enumerate(order)}
    n = len(order)
    assert sorted(found) == sorted(order)
    squares = sum((place[who] - number) ** 2 for number, who in enumerate(found))
    return 1 - 6 * squares / (n * (n * n - 1))


LIMIT = 0.55
"""Chance alone passes it once in eighty thousand orders of this many children; an order kept gives 1."""


def by_table(folder: Path, table: str, column: str) -> list[str]:
    with sqlite3.connect(folder / "survey.db") as db:
        return [row[0] for row in db.execute(f"SELECT {column} FROM {table}")]


@pytest.mark.parametrize("table", ["submissions", "results", "cases", "answer_keys", "students", "tickets"])
def test_the_way_a_table_lies_tells_no_order(told: tuple[House, list[str], Path], table: str) -> None:
    _, order, folder = told
    assert abs(correlation(order, by_table(folder, table, "pseudonym"))) < LIMIT
    with sqlite3.connect(folder / "survey.db") as db, pytest.raises(sqlite3.OperationalError, match="rowid"):
        db.execute(f"SELECT rowid FROM {table}").fetchall()


def test_the_outbox_tells_no_order_and_no_minute(told: tuple[House, list[str], Path]) -> None:
    house, order, folder = told
    with house.runtime.reading() as db:
        whose = dict(db.exec(select(Case.id, Case.pseudonym)).all())
    found = [whose[subject] for subject in by_table(folder, "notifications", "subject_id")]
    assert abs(correlation(order, found)) < LIMIT
    assert len(set(by_table(folder, "notifications", "created_at"))) == 1


def test_the_trail_tells_no_order_and_no_second(told: tuple[House, list[str], Path]) -> None:
    house, order, _ = told
    with house.runtime.reading() as db:
        whose = dict(db.exec(select(Case.id, Case.pseudonym)).all())
        lines = [line for line in audit_queries.all_entries(db) if line.subject_id in whose]
        assert not [line for line in audit_queries.all_entries(db) if line.actor_kind == "student"]
    assert {line.kind for line in lines} == {"case.opened"}
    assert abs(correlation(order, [whose[line.subject_id] for line in lines])) < LIMIT
    assert len({line.at for line in lines}) == 1


def test_the_counselor_s_queue_tells_no_order(told: tuple[House, list[str], Path]) -> None:
    house, order, _ = told
    with house.client() as client:
        house.sign_in(client, "aoki")
        page = client.get("/counselor/").text
    with house.runtime.reading() as db:
        cases = dict(db.exec(select(Case.id, Case.pseudonym)).all())
    shown = sorted((page.index(case), who) for case, who in cases.items() if case in page)
    assert len(shown) == CHILDREN
    assert abs(correlation(order, [who for _, who in shown])) < LIMIT


def test_no_stored_time_of_a_child_is_finer_than_the_day(told: tuple[House, list[str], Path]) -> None:
    _, _, folder = told
    with sqlite3.connect(folder / "survey.db") as db:
        for table in ("submissions", "drafts", "results", "cases", "tickets", "answer_keys"):
            kinds = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
            finer = {name for name, kind in kinds.items() if "TIME" in kind.upper()}
            assert finer <= ({"opened_at"} if table == "cases" else set()), table
        opened = [
            row[0] for row in db.execute("SELECT DISTINCT opened_at FROM cases WHERE opened_at IS NOT NULL")
        ]
    assert opened == [
        "2026-11-24 00:45:00.000000"
    ]  # the next quarter of an hour, the same for the whole class


def test_whatever_is_a_child_s_lies_in_no_order() -> None:
    """A new table about a child has no row numbers: they would give back who came first."""
    lying_in_order = {
        table.name
        for table in METADATA.tables.values()
        if {"pseudonym", "ticket_id"} & set(table.columns.keys())
        and table.dialect_options["sqlite"]["with_rowid"]
    }
    assert lying_in_order == set()
