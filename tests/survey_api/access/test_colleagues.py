"""Inviting, roles, switching off, the second person and the quarterly review, through the operator's pages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from survey_api.access import actions, queries
from survey_api.kit.actor import Actor
from survey_api.kit.problems import IllegalMove
from survey_api.tables.sign_in import Invitation, SecondPersonRequest
from survey_api.vocabulary import Role
from survey_ui.shell.forms import csrf_token
from tests.house import PASSWORD, House, open_house
from tests.survey_api.access.test_second_factor import enrolled, is_in

LONG = "three small boats in the rain"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=1) as opened:
        with opened.runtime.work(Actor.terminal("test")) as work:
            second = actions.add_staff(work, "okada", "岡田さん", PASSWORD)
            actions.grant(work, second, Role.OPERATOR, None)
            opened.staff["okada"] = second
        yield opened


@pytest.fixture
def operator(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        house.sign_in(client, "oda")
        yield client


def post(house: House, client: TestClient, path: str, **fields: str | list[str]) -> Response:
    form = {"csrf": csrf_token(house.runtime.keys, client.cookies["kizuki_staff"]), **fields}
    return client.post(path, data=form)


def invite(house: House, operator: TestClient, **changes: str) -> Response:
    fields = {"login": "sakai", "name": "酒井(SC)", "role": "counselor", "school": house.schools["north"]}
    return post(house, operator, "/operator/staff", **{**fields, **changes})


def secret_in(answer: Response) -> str:
    found = re.search(r"/invitation#([\w-]+)", answer.text)
    assert found
    return found[1]


def test_an_invited_colleague_sets_a_password_and_works_at_their_school_only(
    house: House, operator: TestClient
) -> None:
    secret = secret_in(invite(house, operator))
    with house.client() as client:
        assert "sakai" in client.post("/invitation", data={"token": secret}).text
        done = client.post("/invitation", data={"token": secret, "password": LONG, "again": LONG})
        assert done.headers["location"] == "/staff"
        assert client.get("/counselor/").status_code == 200
        assert client.get("/office/").status_code == 403
        assert client.post("/invitation", data={"token": secret}).status_code == 410


def test_a_link_is_over_after_three_days_and_a_new_one_kills_the_old(
    house: House, operator: TestClient
) -> None:
    first = secret_in(invite(house, operator))
    with house.runtime.reading() as db:
        sakai = queries.staff_by_login(db, "sakai")
        assert sakai is not None
        assert first not in [row.token_hash for row in db.exec(select(Invitation)).all()]
    second = secret_in(post(house, operator, f"/operator/staff/{sakai.id}/link"))
    with house.client() as client:
        assert client.post("/invitation", data={"token": first}).status_code == 410
        house.clock.move(timedelta(hours=73))
        assert client.post("/invitation", data={"token": second}).status_code == 410


def test_a_forgotten_password_does_not_go_round_the_second_factor(house: House, operator: TestClient) -> None:
    enrolled(house, "aoki")
    secret = secret_in(post(house, operator, f"/operator/staff/{house.staff['aoki']}/link"))
    with house.client() as client:
        done = client.post("/invitation", data={"token": secret, "password": LONG, "again": LONG})
        assert done.headers["location"] == "/signin/second"
        assert not is_in(client)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"login": "K"}, "IDは"),
        ({"login": "aoki"}, "もう使われています"),
        ({"name": ""}, "氏名・役職"),
        ({"role": "king"}, "役割を選んで"),
        ({"school": "elsewhere"}, "学校を選び直して"),
        ({"sso_email": "nobody"}, "メールアドレスの形"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_added(
    house: House, operator: TestClient, changes: dict[str, str], says: str
) -> None:
    answer = invite(house, operator, **changes)
    assert answer.status_code == 422
    assert says in answer.text
    with house.runtime.reading() as db:
        assert queries.staff_by_login(db, "sakai") is None


def test_a_short_password_is_refused_and_the_link_stays_good(house: House, operator: TestClient) -> None:
    secret = secret_in(invite(house, operator))
    with house.client() as client:
        short = client.post("/invitation", data={"token": secret, "password": "short", "again": "short"})
        assert short.status_code == 422
        assert client.post("/invitation", data={"token": secret}).status_code == 200


def test_switching_somebody_off_ends_their_sessions_at_once(house: House, operator: TestClient) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
        assert is_in(client)
        post(house, operator, f"/operator/staff/{house.staff['aoki']}/switch", active="no")
        assert not is_in(client)
        assert client.post("/signin", data={"login": "aoki", "password": PASSWORD}).status_code == 403
        post(house, operator, f"/operator/staff/{house.staff['aoki']}/switch", active="yes")
        assert not is_in(client), "a session that was ended does not come back with the account"


def test_an_account_that_is_closed_opens_nothing_whatever_sessions_are_left(house: House) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
        with house.runtime.work(Actor.terminal("test")) as work:
            staff = queries.staff_by_id(work.db, house.staff["aoki"])
            assert staff is not None
            staff.active = False
            work.db.add(staff)
        assert not is_in(client)


def test_the_last_operator_cannot_be_lost(house: House, operator: TestClient) -> None:
    assert (
        post(house, operator, f"/operator/staff/{house.staff['oda']}/switch", active="no").status_code == 409
    )
    assert (
        post(house, operator, f"/operator/staff/{house.staff['okada']}/switch", active="no").status_code
        == 303
    )
    with house.runtime.work(Actor.terminal("test")) as work:
        [grant] = queries.grants_with_ids(work.db, house.staff["oda"])
        with pytest.raises(IllegalMove):
            actions.take_grant(work, grant.id)


def test_a_second_factor_comes_off_only_with_two_operators(house: House, operator: TestClient) -> None:
    enrolled(house, "aoki")
    post(house, operator, f"/operator/staff/{house.staff['aoki']}/factor")
    with house.runtime.reading() as db:
        request = db.exec(select(SecondPersonRequest)).one()
    path = f"/operator/staff/requests/{request.id}"
    assert post(house, operator, path).status_code == 409
    with house.client() as other:
        house.sign_in(other, "okada")
        assert "二つ目の確認をすべて外してほしい" in other.get("/operator/staff").text
        assert post(house, other, path).status_code == 303
        assert post(house, other, path).status_code == 409
    with house.client() as client:
        house.sign_in(client, "aoki")


def test_break_glass_needs_a_second_person_and_its_code_works_once(
    house: House, operator: TestClient
) -> None:
    enrolled(house, "aoki")
    with house.client() as client:
        known = client.post("/signin/emergency", data={"login": "aoki"})
        unknown = client.post("/signin/emergency", data={"login": "none"})
        assert known.text.replace("aoki", "none") == unknown.text
        client.post("/signin/emergency", data={"login": "aoki"})
        with house.runtime.reading() as db:
            request = db.exec(select(SecondPersonRequest)).one()
        shown = post(house, operator, f"/operator/staff/requests/{request.id}").text
        code = shown.partition('<code class="secret">')[2].partition("</code>")[0]
        form = {"login": "aoki", "code": code}
        assert client.post("/signin/emergency/code", data={**form, "code": "0"}).status_code == 403
        assert client.post("/signin/emergency/code", data=form).status_code == 303
        assert is_in(client)
    with house.client() as client:
        assert client.post("/signin/emergency/code", data=form).status_code == 403


def test_a_break_glass_code_is_over_after_a_quarter_of_an_hour(house: House, operator: TestClient) -> None:
    for minutes, opens in ((14, True), (16, False)):
        with house.client() as client:
            client.post("/signin/emergency", data={"login": "aoki"})
            with house.runtime.reading() as db:
                waiting = select(SecondPersonRequest.id).where(col(SecondPersonRequest.granted_by).is_(None))
                request = db.exec(waiting).one()
            shown = post(house, operator, f"/operator/staff/requests/{request}").text
            code = shown.partition('<code class="secret">')[2].partition("</code>")[0]
            house.clock.move(timedelta(minutes=minutes))
            client.post("/signin/emergency/code", data={"login": "aoki", "code": code})
            assert is_in(client) is opens


def test_an_operator_cannot_let_themselves_in(house: House) -> None:
    with house.client() as client:
        client.post("/signin/emergency", data={"login": "okada"})
        house.sign_in(client, "okada")
        with house.runtime.reading() as db:
            request = db.exec(select(SecondPersonRequest)).one()
        assert post(house, client, f"/operator/staff/requests/{request.id}").status_code == 409


def test_the_review_takes_back_what_is_not_ticked_and_is_due_again_after_a_quarter(
    house: House, operator: TestClient
) -> None:
    assert "見直しの時期です" in operator.get("/operator/staff").text
    with house.runtime.reading() as db:
        everyone = [row for person in house.staff.values() for row in queries.grants_with_ids(db, person)]
    keep = [row.id for row in everyone if row.staff_id != house.staff["berg"]]
    assert post(house, operator, "/operator/staff/review", keep=keep).status_code == 303
    assert "見直しの時期です" not in operator.get("/operator/staff").text
    with house.client() as client:
        house.sign_in(client, "berg")
        assert client.get("/counselor/").status_code == 403
    house.clock.move(timedelta(days=93))
    house.sign_in(operator, "oda")
    assert "見直しの時期です" in operator.get("/operator/staff").text
