"""Notifications really leave: a real SMTP server and a real receiver, once per event, signed, with nothing inside."""

import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from httpx2 import Response
from pydantic import SecretStr
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.access import queries as access_queries
from survey_api.jobs.clocks import tick
from survey_api.jobs.notifications import remind, send_waiting
from survey_api.journeys.open_wave import open_wave
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.outside import NotReachable, checked_target
from survey_api.kit.problems import BadInput
from survey_api.runtime import Runtime
from survey_api.services.notifications import actions, queries
from survey_api.services.notifications.rules import AGAIN_AFTER
from survey_api.services.waves.rules import WavePlan
from survey_api.settings import Mode, Settings
from survey_api.tables.notifications import Delivery
from survey_api.vocabulary import DeliveryState, NotificationKind
from tests.house import House, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send

SECRET = "a shared secret"


class Postbox:
    """What arrived at the mail server; refuses while `closed`."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.closed = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.closed:
            return "451 try again later"
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=2) as opened:
        with opened.runtime.work(actor(opened, "aoki")) as work:
            actions.keep_address(work, "aoki@example.lg.jp", mute_usual=False, mute_urgent=False)
        yield opened


def actor(house: House, login: str) -> Actor:
    with house.runtime.reading() as db:
        return Actor(ActorKind.STAFF, house.staff[login], access_queries.grants_of(db, house.staff[login]))


def with_settings(house: House, **changes: Any) -> Runtime:
    settings = Settings(**{**house.runtime.settings.model_dump(), **changes}, _env_file=None)
    return replace(house.runtime, settings=settings)


def deliveries(house: House) -> list[Delivery]:
    with house.runtime.reading() as db:
        return list(db.exec(select(Delivery)).all())


def test_one_urgent_mail_per_event_and_nothing_of_the_child(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    box, port = postbox
    runtime = with_settings(house, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    send(house, house.pupils[0], worst_answers(bank("chu")))
    assert send_waiting(runtime) == 1
    assert send_waiting(runtime) == 0
    assert [mail.rcpt_tos for mail in box.mails] == [["aoki@example.lg.jp"]]
    content = box.mails[0].content.decode()
    assert "Subject: =?utf-8?" in content
    child = house.pupils[0]
    for words in (child.name.given, child.name.family, child.pseudonym, "青-100", "北の中学校"):
        assert words not in content


def test_a_refused_mail_is_tried_again_later_and_then_given_up(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    box, port = postbox
    runtime = with_settings(house, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    send(house, house.pupils[0], worst_answers(bank("chu")))
    box.closed = True
    assert send_waiting(runtime) == 0
    assert send_waiting(runtime) == 0  # not before its time
    assert [one.tries for one in deliveries(house)] == [1]
    for wait in AGAIN_AFTER:
        house.clock.move(wait)
        assert send_waiting(runtime) == 0
    assert [(one.state, one.said) for one in deliveries(house)] == [(DeliveryState.GIVEN_UP, "refused")]
    box.closed = False
    house.clock.move(timedelta(days=1))
    assert send_waiting(runtime) == 0
    assert box.mails == []


def test_a_claimed_delivery_never_leaves_twice(house: House, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    runtime = with_settings(house, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    send(house, house.pupils[0], worst_answers(bank("chu")))
    with house.runtime.work(Actor.job("another worker")) as work:
        actions.spread(work, mail=True, webhook=False)
    with house.runtime.reading() as db:
        waiting = queries.due(db, house.clock.now())
    with house.runtime.work(Actor.job("another worker")) as work:
        assert actions.take(work, waiting[0])
    with house.runtime.work(Actor.job("a third")) as work:
        assert not actions.take(work, waiting[0])
    assert send_waiting(runtime) == 0
    assert box.mails == []


@contextmanager
def receiver(statuses: list[int]) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A real receiver that answers with the statuses in order, then 200."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", got
        server.shutdown()
        thread.join()


def hooked(house: House, url: str, inside: str = "127.0.0.1") -> Runtime:
    return with_settings(
        house, webhook_url=url, webhook_secret=SecretStr(SECRET), webhook_inside_hosts=inside
    )


def test_the_webhook_is_signed_and_tried_again_with_the_same_id(house: House) -> None:
    send(house, house.pupils[0], worst_answers(bank("chu")))
    with receiver([500]) as (url, got):
        runtime = with_settings(
            house, webhook_url=url, webhook_secret=SecretStr(SECRET), webhook_inside_hosts="127.0.0.1"
        )
        send_waiting(runtime)
        house.clock.move(AGAIN_AFTER[0])
        send_waiting(runtime)
        send_waiting(runtime)
    assert len(got) == 2
    ids = {headers["X-Kizuki-Id"] for headers, _ in got}
    assert len(ids) == 1
    for headers, body in got:
        signed = headers["X-Kizuki-Timestamp"].encode() + b"." + body
        expected = "v1=" + hmac.new(SECRET.encode(), signed, sha256).hexdigest()
        assert hmac.compare_digest(headers["X-Kizuki-Signature"], expected)
        assert set(json.loads(body)) == {"id", "event", "urgent", "sent_at"}
        assert json.loads(body)["urgent"] is True


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/hook", "not_public"),
        ("https://localhost/hook", "not_public"),
        ("https://10.1.2.3/", "not_public"),
        ("https://169.254.169.254/latest/meta-data", "not_public"),
        ("https://[::1]/", "not_public"),
        ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("https://0.0.0.0/", "not_public"),
        ("http://example.com/", "not_encrypted"),
        ("file:///etc/passwd", "address_wrong"),
        ("https://user@example.com/", "address_wrong"),
        ("https://", "address_wrong"),
        ("https://example.com:99999/", "address_wrong"),
    ],
)
def test_a_webhook_never_leads_inside(url: str, code: str) -> None:
    with pytest.raises(NotReachable) as refused:
        checked_target(url)
    assert refused.value.code == code
    assert refused.value.certain


def test_a_webhook_inside_is_called_only_when_it_is_named(house: House) -> None:
    send(house, house.pupils[0], worst_answers(bank("chu")))
    with receiver([]) as (url, got):
        send_waiting(hooked(house, url, inside=""))
        assert got == []
        assert {one.said for one in deliveries(house)} == {"not_encrypted"}


def test_the_only_one_at_a_school_cannot_mute_the_most_urgent(house: House) -> None:
    for email, mute in (("aoki@example.lg.jp", True), ("", False)):
        with pytest.raises(BadInput, match="あなただけ"), house.runtime.work(actor(house, "aoki")) as work:
            actions.keep_address(work, email, mute_usual=False, mute_urgent=mute)
    with house.runtime.work(actor(house, "aoki")) as work:
        actions.keep_address(work, "aoki@example.lg.jp", mute_usual=True, mute_urgent=False)
        assert queries.listeners(work.db, ["counselor"], house.schools["north"], True)
        assert not queries.listeners(work.db, ["counselor"], house.schools["north"], False)


@pytest.mark.parametrize(
    "email", ["aoki", "a b@example.jp", "a@b", "a@example.jp\nBcc: x@y.jp", "@example.jp"]
)
def test_an_address_that_is_none_is_refused(house: House, email: str) -> None:
    with pytest.raises(BadInput, match="メールアドレス"), house.runtime.work(actor(house, "aoki")) as work:
        actions.keep_address(work, email, mute_usual=False, mute_urgent=False)


def test_without_a_way_out_everything_waits(house: House) -> None:
    send(house, house.pupils[0], worst_answers(bank("chu")))
    assert send_waiting(house.runtime) == 0
    assert deliveries(house) == []
    assert remind(house.runtime) == 0
    with house.runtime.reading() as db:
        kinds = [one.kind for one in queries.not_spread(db)]
    assert kinds == [NotificationKind.CASE_WAITING]


def desk_post(house: House, client: TestClient, path: str, **fields: str) -> Response:
    """A form of the alerts page, as whoever is signed in."""
    csrf = client.get("/counselor/alerts").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(path, data={"csrf": csrf, **fields})


def test_the_most_urgent_goes_to_two_roles_and_the_duty_has_an_address(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    """The counselor and the 管理職 at once; the usual to the counselor alone; the duty when it comes to them."""
    box, port = postbox
    runtime = with_settings(house, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    with house.client() as client:
        for login in ("sato", "mori"):
            house.sign_in(client, login)
            kept = desk_post(house, client, "/counselor/alerts", email=f"{login}@example.lg.jp")
            assert kept.status_code == 200
    send(house, house.pupils[0], worst_answers(bank("chu")))
    send_waiting(runtime)
    assert sorted(mail.rcpt_tos[0] for mail in box.mails) == ["aoki@example.lg.jp", "sato@example.lg.jp"]
    box.mails.clear()
    house.clock.move(timedelta(hours=2))
    tick(runtime)
    send_waiting(runtime)
    assert sorted(mail.rcpt_tos[0] for mail in box.mails) == ["mori@example.lg.jp", "sato@example.lg.jp"]


@pytest.mark.parametrize("login", ["aoki", "sato", "mori"])
def test_the_only_one_of_a_role_cannot_mute_the_most_urgent(house: House, login: str) -> None:
    with house.client() as client:
        house.sign_in(client, login)
        own = {"email": f"{login}@example.lg.jp"}
        assert desk_post(house, client, "/counselor/alerts", **own).status_code == 200
        muted = desk_post(house, client, "/counselor/alerts", **own, mute_urgent="yes")
        assert muted.status_code == 422
        assert "あなただけです" in muted.text
        assert desk_post(house, client, "/counselor/alerts", email="").status_code == 422
        assert desk_post(house, client, "/counselor/alerts", **own, mute_usual="yes").status_code == 200


def test_a_school_is_asked_only_after_somebody_there_has_heard_a_test(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    """The button, the real mail, “届いた”, and the gate before a wave: thirty days, in production."""
    box, port = postbox
    school = house.schools["north"]
    here = f"/counselor/alerts/{school}"
    runtime = with_settings(house, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    plan = WavePlan("次の回", date(2027, 1, 12), date(2027, 1, 29), frozenset({7}), frozenset({school}))

    def gate() -> list[str]:
        with pytest.raises(BadInput) as refused, runtime.work(actor(house, "ono")) as work:
            open_wave(work, plan, demand_alert_tests=True)
        return [line for line in refused.value.details if "試しの知らせ" in line]

    with house.client() as client:
        house.sign_in(client, "aoki")
        assert len(gate()) == 1
        assert desk_post(house, client, f"{here}/heard").status_code == 409
        assert desk_post(house, client, f"{here}/test").status_code == 303
        assert "まだ送れていません" in desk_post(house, client, f"{here}/heard").text
        send_waiting(runtime)
        assert [mail.rcpt_tos for mail in box.mails] == [["aoki@example.lg.jp"]]
        assert len(gate()) == 1
        assert desk_post(house, client, f"{here}/heard").status_code == 303
        assert "最後に届いたのは" in client.get("/counselor/alerts").text
        assert gate() == []
        house.clock.move(timedelta(days=31))
        assert len(gate()) == 1
        other = house.schools["south"]
        house.sign_in(client, "aoki")
        assert desk_post(house, client, f"/counselor/alerts/{other}/test").status_code == 404


def test_production_keeps_the_gate_and_practice_does_not(house: House) -> None:
    form = {"name": "次の回", "opens_on": "2027-01-12", "closes_on": "2027-01-29", "grade": "7"}
    real = replace(house, runtime=with_settings(house, mode=Mode.PRODUCTION))
    for place, asked in ((house, False), (real, True)):
        with house.client() as signing, place.client() as client:
            house.sign_in(signing, "ono")
            client.cookies.update(dict(signing.cookies))
            csrf = client.get("/office/waves").text.split('name="csrf" value="')[1].split('"')[0]
            page = client.post("/office/waves", data={"csrf": csrf, **form}).text
            assert ("試しの知らせがありません" in page) == asked
