"""Every way a ticket can be wrong: a kind page for each, nothing kept, and only the careless tablet waits."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from survey_api.access import ticket_tries, tries
from survey_api.access.tickets import SELECTOR_DIGITS, damm
from survey_api.kit.problems import DatabaseUnavailable
from survey_api.services.waves.rules import Held, Pupil, tickets_after_roster
from survey_api.tables.waves import Ticket, TicketTries, Wave
from survey_api.vocabulary import TicketState, WaveState
from survey_ui.shell.child_words import words
from survey_ui.student import pages
from tests.house import SETUP, House
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import allow, bare, bare_page

SAID = words("L")


def code_of(house: House, number: int, start: str = "") -> str:
    """A well-formed number that no ticket has."""
    digits = start + f"{number:0{11 - len(start)}d}"
    code = digits + str(damm(digits))
    assert code not in {pupil.ticket.code for pupil in house.pupils}
    return code


def says(answer: object, sentence: str) -> bool:
    return bare(sentence) in bare_page(answer.text)  # type: ignore[attr-defined]


def tells(answer: object, told: list[str]) -> bool:
    """What happened, and what to do or whom to ask."""
    return len(told) == 2 and all(sentence and says(answer, sentence) for sentence in told)


def set_ticket(house: House, ticket_id: str, state: TicketState) -> None:
    with house.runtime.work(SETUP) as work:
        work.db.exec(update(Ticket).where(col(Ticket.id) == ticket_id).values(state=state))


def set_wave(house: House, **values: object) -> None:
    with house.runtime.work(SETUP) as work:
        work.db.exec(update(Wave).where(col(Wave.id) == house.wave_id).values(**values))


def test_each_useless_ticket_has_its_own_kind_page(house: House, client: TestClient) -> None:
    pupil = pupil_of(house, "chu")
    typed = {"code": pupil.ticket.code_shown}
    today = house.clock.now().date()
    set_ticket(house, pupil.ticket_id, TicketState.REVOKED)
    assert tells(house.refused(client, **typed), SAID["kind"]["ticket_revoked"])
    set_ticket(house, pupil.ticket_id, TicketState.SPENT)
    assert tells(house.refused(client, **typed), words("H")["kind"]["ticket_spent"])
    set_ticket(house, pupil.ticket_id, TicketState.OPENED)
    set_wave(house, state=WaveState.CLOSED)
    assert tells(house.refused(client, **typed), SAID["kind"]["wave_closed"])
    set_wave(house, state=WaveState.OPEN, opens_on=today + timedelta(days=2))
    assert tells(house.refused(client, **typed), SAID["kind"]["wave_not_open"])
    set_wave(house, opens_on=today)
    for wrong, sentence in (
        (code_of(house, 1), " ".join(SAID["kind"]["ticket_unknown"])),
        ("1234-5678-9011", SAID["mistyped"]),
        ("", SAID["mistyped"]),
        ("' OR 1=1 --", SAID["mistyped"]),
        ("9" * 5000, SAID["mistyped"]),
    ):
        answer = client.post("/t", data={"code": wrong})
        assert answer.status_code == 404
        assert says(answer, sentence)
        assert not wrong or wrong not in answer.text
    assert client.post("/t", data={"secret": "x" * 22}).status_code == 404
    assert client.post("/t", data=typed).headers["location"] == "/s/reading"


@pytest.mark.parametrize("by", ["secret", "code"])
@pytest.mark.parametrize("why", ["spent", "revoked", "closed", "early", "cool-down", "broken"])
def test_back_and_reload_find_no_number_and_no_page_of_a_ticket_that_lets_nobody_in(
    house: House, client: TestClient, why: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a browser keeps of a POST it sends again for the next child: so every such POST is answered by a redirect."""
    client.get("/")
    pupil = pupil_of(house, "chu")
    if why in ("spent", "revoked"):
        set_ticket(house, pupil.ticket_id, TicketState(why))
    elif why == "closed":
        set_wave(house, state=WaveState.CLOSED)
    elif why == "early":
        set_wave(house, opens_on=house.clock.now().date() + timedelta(days=2))
    elif why == "cool-down":  # a QR code never waits
        by = "code"
        monkeypatch.setattr(ticket_tries, "wait_seconds", lambda *_: 60)
    else:
        monkeypatch.setattr(pages, "write", broken)
    shown = {by: pupil.ticket.secret if by == "secret" else pupil.ticket.code_shown}
    answer = client.post("/t", data=shown)
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/s/ticket", "")
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if "kizuki_told" in each]
    for limit in ("httponly", "samesite=strict", "path=/s/ticket", "max-age=60"):
        assert limit in cookie.lower()
    assert pupil.ticket.secret not in cookie
    assert pupil.ticket.code not in cookie
    page = client.get("/s/ticket")
    assert page.status_code == {"spent": 200, "revoked": 404, "cool-down": 429, "broken": 503}.get(why, 409)
    assert page.headers["cache-control"] == "no-store"
    assert "/s/review" not in page.text
    assert "kizuki_told" not in client.cookies
    again = client.get("/s/ticket")
    assert (again.status_code, again.headers["location"]) == (303, "/"), "it is shown once"


def broken(*_: object) -> str:
    raise DatabaseUnavailable


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_refusal_speaks_the_language_of_the_sitting(
    house: House, client: TestClient, language: str
) -> None:
    allow(house)
    client.post("/language", data={"language": language})
    set_ticket(house, pupil_of(house, "kou").ticket_id, TicketState.REVOKED)
    answer = house.refused(client, secret=pupil_of(house, "kou").ticket.secret)
    assert says(answer, words("L", language)["kind"]["ticket_revoked"][1])
    assert f'lang="{language}"' in answer.text


def test_the_sixth_wrong_number_makes_this_tablet_wait_and_no_other(house: House, client: TestClient) -> None:
    client.get("/")
    for number in range(ticket_tries.DEVICE_FREE):
        assert client.post("/t", data={"code": code_of(house, number)}).status_code == 404
    waiting = house.refused(client, code=code_of(house, ticket_tries.DEVICE_FREE))
    assert waiting.status_code == 429
    assert waiting.headers["retry-after"] == "60"
    (line,) = re.findall('<p id="wait"([^>]*)>', waiting.text)
    assert 'data-seconds="60"' in line
    assert ' aria-hidden="true"' in line, "sixty seconds are not counted aloud"
    assert " hidden" not in line.replace("aria-hidden", "")
    ((told, said),) = re.findall('<p id="wait-said"([^>]*)>(.*?)</p>', waiting.text)
    assert 'role="status"' in told, "said once, when the reader has time"
    assert bare_page(said) == bare(SAID["wait_seconds"].format(seconds=60))
    assert says(waiting, SAID["kind"]["too_many_tries"][0])
    right = {"code": pupil_of(house, "chu").ticket.code}
    assert house.refused(client, **right).status_code == 429, "the right number, too, has to wait"

    secret = {"secret": pupil_of(house, "chu").ticket.secret}
    assert client.post("/t", data=secret).status_code == 303, "a QR code never waits"
    with house.client() as neighbour:
        neighbour.get("/")
        assert neighbour.post("/t", data=right).status_code == 303, "the next tablet of the school is held up"
    house.clock.move(timedelta(seconds=61))
    assert client.post("/t", data=right).status_code == 303


def test_a_tablet_that_came_by_an_unknown_qr_code_waits_for_its_own_mistakes_only(
    house: House, client: TestClient
) -> None:
    assert client.post("/t", data={"secret": 22 * "x"}).status_code == 404
    for number in range(ticket_tries.DEVICE_FREE):
        assert client.post("/t", data={"code": code_of(house, number)}).status_code == 404
    assert house.refused(client, code=code_of(house, ticket_tries.DEVICE_FREE)).status_code == 429
    with house.client() as neighbour:
        assert neighbour.post("/t", data={"secret": 22 * "x"}).status_code == 404
        right = {"code": pupil_of(house, "chu").ticket.code}
        assert neighbour.post("/t", data=right).headers["location"] == "/s/reading"


def test_a_right_number_forgives_the_wrong_ones(house: House, client: TestClient) -> None:
    client.get("/")
    for number in range(ticket_tries.DEVICE_FREE):
        client.post("/t", data={"code": code_of(house, number)})
    assert client.post("/t", data={"code": pupil_of(house, "chu").ticket.code}).status_code == 303
    assert client.post("/t", data={"code": code_of(house, 9)}).status_code == 404
    assert client.post("/t", data={"code": code_of(house, 10)}).status_code == 404


def test_a_corner_of_the_code_space_is_slowed_down_for_many_tablets(house: House, client: TestClient) -> None:
    start = pupil_of(house, "chu").ticket.code[:SELECTOR_DIGITS]
    for number in range(ticket_tries.SPACE_FREE + 1):
        client.cookies.clear()
        client.get("/")
        client.post("/t", data={"code": code_of(house, number, start)})
    client.cookies.clear()
    client.get("/")
    assert house.refused(client, code=code_of(house, 77, start)).status_code == 429
    assert client.post("/t", data={"code": pupil_of(house, "kou").ticket.code}).status_code == 303
    house.clock.move(ticket_tries.SPACE_WAIT + timedelta(seconds=1))
    client.cookies.clear()
    assert client.post("/t", data={"code": pupil_of(house, "chu").ticket.code}).status_code == 303


def test_what_is_kept_of_a_try_names_nothing_and_is_dropped(house: House, client: TestClient) -> None:
    client.get("/")
    wrong = code_of(house, 4711)
    client.post("/t", data={"code": wrong})
    with house.runtime.reading() as db:
        kept = [row.place for row in db.exec(select(TicketTries)).all()]
    assert len(kept) == 2
    assert wrong not in "".join(kept)
    house.clock.move(tries.DROPPED_AFTER + timedelta(minutes=1))
    client.cookies.clear()
    client.post("/t", data={"code": code_of(house, 1, "0999")})
    with house.runtime.reading() as db:
        assert not set(kept) & {row.place for row in db.exec(select(TicketTries)).all()}


@given(st.integers(0, 60), st.booleans())
def test_a_cooldown_grows_and_never_becomes_a_lock(wrong: int, device: bool) -> None:
    now, later = (ticket_tries.cooldown(count, device=device) for count in (wrong, wrong + 1))
    assert timedelta(0) <= now <= later <= ticket_tries.DEVICE_LONGEST


def test_many_typed_numbers_at_once_all_come_in(house: House) -> None:
    def enter(tablet: TestClient, code: str) -> int:
        with tablet:
            tablet.get("/")
            return tablet.post("/t", data={"code": code}).status_code

    tablets = [house.client() for _ in house.pupils]
    with ThreadPoolExecutor(max_workers=8) as pool:
        assert set(pool.map(enter, tablets, [pupil.ticket.code for pupil in house.pupils])) == {303}


GRADES = st.sampled_from([1, 2])
PUPILS = st.builds(Pupil, st.sampled_from("abcd"), st.sampled_from(["n", "s"]), GRADES, st.booleans())


@given(st.lists(PUPILS, unique_by=lambda pupil: pupil.pseudonym), st.data())
def test_tickets_follow_the_roster(pupils: list[Pupil], data: st.DataObject) -> None:
    held = [
        Held(f"t-{who}", "w", data.draw(st.sampled_from(["n", "s"])), who, data.draw(st.booleans()))
        for who in data.draw(st.sets(st.sampled_from("abcde")))
    ]
    asked = {("w", "n", 1): "bank-1", ("w", "s", 1): "bank-1"}
    revoked, added = tickets_after_roster(pupils, held, asked)
    left = {ticket.pseudonym: ticket for ticket in held if ticket.ticket_id not in revoked}
    assert not any(ticket.spent for ticket in held if ticket.ticket_id in revoked)
    known = {pupil.pseudonym: pupil for pupil in pupils}
    for ticket in left.values():
        here = known.get(ticket.pseudonym)
        assert ticket.spent or (here is not None and here.active and here.school_id == ticket.school_id)
    for pupil in pupils:
        mine = [one for one in added if one[2] == pupil.pseudonym]
        needs = pupil.active and pupil.grade == 1 and pupil.pseudonym not in left
        assert mine == ([("w", pupil.school_id, pupil.pseudonym, "bank-1")] if needs else [])
