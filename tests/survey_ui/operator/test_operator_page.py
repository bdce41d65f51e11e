"""The operator sees whether all is well and what happened, in words, and nothing about a child."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_api.vocabulary import AuditKind
from survey_ui.operator import view
from tests.answered import answer
from tests.house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def page_of(house: House) -> str:
    with house.client() as client:
        house.sign_in(client, "oda")
        assert client.get("/office/").status_code == 403, "leaves a line of its own in the trail"
        shown = client.get("/operator/")
        assert shown.status_code == 200
        return shown.text


def test_every_kind_of_line_has_words() -> None:
    assert {kind for kind in AuditKind if view.what(kind) == kind} == set()


def test_all_is_well_and_who_did_what(house: House) -> None:
    shown = page_of(house)
    assert shown.count("● 動いています") == 2
    assert "つながっています" in shown
    assert "サインインした" in shown
    assert "<td>oda</td><td>権限のない操作を断った</td>" in shown


def test_nothing_tells_which_child(house: House) -> None:
    answer(house, worried=2)
    shown = page_of(house)
    for pupil in house.pupils:
        assert pupil.pseudonym not in shown
        assert pupil.ticket_id not in shown
        assert pupil.name.given not in shown


def test_an_edited_line_is_named(house: House) -> None:
    with house.runtime.survey.write.connect() as connection:
        for trigger in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger[0]}")
        connection.exec_driver_sql("UPDATE audit_entries SET actor_id = 'somebody' WHERE seq = 2")
        connection.commit()
    assert "2行目で切れています" in page_of(house)
