"""An office of one school stays inside it: no roster, no progress, no ticket, no wave of another."""

from collections.abc import Iterator

import pytest

from survey_api.access import actions as access_actions
from survey_api.services.students.oneroster import read_roster
from survey_api.vocabulary import Role
from tests.house import PASSWORD, SETUP, House
from tests.survey_api.services.students.zips import small_zip
from tests.survey_ui.office.office_door import OfficeDesk, rows, words


@pytest.fixture
def south(house: House) -> Iterator[OfficeDesk]:
    """The office of the school that has no pupil in the open wave."""
    with house.runtime.work(SETUP) as work:
        staff_id = access_actions.add_staff(work, "minami", "南の事務", PASSWORD)
        access_actions.grant(work, staff_id, Role.OFFICE, house.schools["south"])
    with house.client() as client:
        house.sign_in(client, "minami")
        yield OfficeDesk(house, client)


def test_no_ticket_and_no_name_of_another_school(south: OfficeDesk) -> None:
    kept = rows(south.house, "tickets")
    printed = south.print_class(south.house.wave_id, south.house.schools["north"], 7, "1")
    assert printed.status_code == 404
    assert south.house.pupils[0].name.given not in printed.text
    assert rows(south.house, "tickets") == kept


def test_no_progress_of_another_school(south: OfficeDesk) -> None:
    shown = south.client.get(f"/office/waves/{south.house.wave_id}")
    assert shown.status_code == 200
    assert "北の中学校" not in shown.text


def test_a_wave_that_asks_another_school_cannot_be_ended(south: OfficeDesk) -> None:
    form = {"csrf": south.csrf(), "sure": "yes"}
    assert south.client.post(f"/office/waves/{south.house.wave_id}/close", data=form).status_code == 404


def test_a_wave_asks_only_the_offices_own_school(south: OfficeDesk) -> None:
    assert "中1の児童生徒が名簿にいません" in words(south.open_wave([7]))


def test_a_roster_of_other_schools_is_refused_whole(south: OfficeDesk) -> None:
    kept = rows(south.house, "students"), rows(south.house, "schools")
    foreign = len(read_roster(small_zip()).roster.pupils)
    shown = south.upload(small_zip())
    assert f"担当ではない学校の児童生徒が{foreign}人" in words(shown)
    assert 'action="/office/roster/apply"' not in shown.text
    assert (rows(south.house, "students"), rows(south.house, "schools")) == kept
