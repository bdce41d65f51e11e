"""The trail: every tampering is found and named, and the database itself refuses to change a line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from survey_api.access import actions
from survey_api.audit import chain, queries, trail
from survey_api.kit.actor import Actor
from survey_api.vocabulary import AuditKind
from tests.house import PASSWORD, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=1) as opened:
        yield opened


def verdict(house: House) -> chain.Verdict:
    with house.runtime.reading() as db:
        return chain.verify(queries.all_entries(db))


def tamper(house: House, *statements: str) -> None:
    with house.runtime.survey.write.begin() as connection:
        for trigger in ("no_update", "no_delete"):
            connection.execute(text(f"DROP TRIGGER audit_entries_{trigger}"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_chain_holds(house: House) -> None:
    found = verdict(house)
    assert found.broken_at is None
    assert found.lines >= 10


@pytest.mark.parametrize(
    ("statements", "at"),
    [
        (["UPDATE audit_entries SET facts = '{}' WHERE seq = 4"], 4),
        (["UPDATE audit_entries SET actor_id = 'x' WHERE seq = 3"], 3),
        (["DELETE FROM audit_entries WHERE seq = 2"], 2),
        (
            [
                "UPDATE audit_entries SET seq = -3 WHERE seq = 3",
                "UPDATE audit_entries SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entries SET seq = 4 WHERE seq = -3",
            ],
            3,
        ),
        (
            [
                "INSERT INTO audit_entries SELECT (SELECT max(seq) + 1 FROM audit_entries), at, actor_kind, actor_id, "
                "kind, subject_kind, subject_id, facts, previous_hash, hash FROM audit_entries WHERE seq = 1"
            ],
            0,
        ),
    ],
    ids=["edit", "other actor", "delete", "swap", "insert"],
)
def test_tampering_is_found_at_its_line(house: House, statements: list[str], at: int) -> None:
    """An `at` of 0 stands for the line after the last true one."""
    expected = at or verdict(house).lines + 1
    tamper(house, *statements)
    assert verdict(house).broken_at == expected


@pytest.mark.parametrize("verb", ["UPDATE audit_entries SET kind = 'x'", "DELETE FROM audit_entries"])
def test_the_database_refuses_to_change_a_line(house: House, verb: str) -> None:
    with pytest.raises(DatabaseError, match="only grows"), house.runtime.survey.write.begin() as connection:
        connection.execute(text(verb))


def test_a_fact_that_is_not_on_the_list_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="answer"), house.runtime.work(Actor.job("test")) as work:
        trail.record(work, AuditKind.CASE_VIEWED, "case", "c", answer="yes")


def test_work_that_fails_leaves_neither_deed_nor_line(house: House) -> None:
    before = verdict(house).lines

    def add_and_fail() -> None:
        with house.runtime.work(Actor.job("test")) as work:
            actions.add_staff(work, "new", "新しい人", PASSWORD)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add_and_fail()
    assert verdict(house).lines == before
