"""The teacher's screen: opened with the code of the class alone, counts in steps of five, nothing about a pupil."""

from base64 import b32encode
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import col, update
from starlette.testclient import TestClient

from survey_api.access import ticket_tries
from survey_api.access.class_code import CLEAR, class_code, class_of
from survey_api.journeys.finish_submission import decline_submission
from survey_api.services.waves.rules import coarse
from survey_api.tables.schools import Student
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import TicketState, WaveState
from tests.house import SETUP, House, bank, open_house
from tests.survey_ui.student.test_tickets import code_of

GRADE = bank("chu").bank.grades[0]


@pytest.fixture
def big(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_house(tmp_path, banks=("chu",), pupils=12) as opened:
        yield opened


def code_for(house: House) -> str:
    return class_code(house.runtime.keys, (house.wave_id, house.schools["north"], GRADE, "1"))


def test_a_code_has_no_signs_that_are_taken_for_another_and_those_given_out_stay_good(big: House) -> None:
    keys = big.runtime.keys
    classes = [("wave", "school", grade, str(name)) for grade in range(1, 13) for name in range(8)]
    codes = [class_code(keys, one) for one in classes]
    assert not set("".join(codes)) & set("ILO01782BS5Z")
    assert [class_of(keys, code.lower(), classes) for code in codes] == classes
    former = b32encode(keys.macs("tickets", "class", "wave", "school", "1", "0")[0]).decode()[:8]
    assert class_of(keys, former, classes) == classes[0]


def set_states(house: House, **counts: int) -> None:
    ids = iter(pupil.ticket_id for pupil in house.pupils)
    with house.runtime.work(SETUP) as work:
        for state, count in counts.items():
            for _ in range(count):
                work.db.exec(
                    update(Ticket).where(col(Ticket.id) == next(ids)).values(state=TicketState[state.upper()])
                )


@pytest.mark.parametrize(
    ("opened", "spent", "told"),
    [
        (0, 0, "5人未満"),
        (2, 4, "5人未満"),
        (0, 9, "5人以上"),
        (1, 11, "10人以上"),
        (0, 12, "全員おくりました"),
    ],
)
def test_counts_come_in_steps_of_five_until_all_have_sent(
    big: House, opened: int, spent: int, told: str
) -> None:
    set_states(big, opened=opened, spent=spent)
    with big.client() as screen:
        assert screen.post("/class", data={"code": code_for(big).lower()}).headers["location"] == "/class/now"
        assert screen.get("/class/counts").json()["sent"] == told
        page = screen.get("/class/now").text
    assert told in page
    assert "テストではありません" in page
    assert "中1 1組" in page
    for pupil in big.pupils:
        assert pupil.ticket_id not in page
        assert pupil.pseudonym not in page
        assert pupil.name.given not in page


def test_the_code_opens_one_class_while_its_wave_runs(big: House) -> None:
    with big.client() as screen:
        assert screen.get("/class/now").headers["location"] == "/class"
        for wrong in ("", "ABCD-EFGH", code_for(big)[:-1] + "ア"):
            assert screen.post("/class", data={"code": wrong}).status_code == 404
        screen.post("/class", data={"code": code_for(big)})
        assert screen.get("/class/now").status_code == 200
        assert screen.get("/counselor/").status_code == 303
        assert screen.get("/s/welcome").headers["location"] == "/"
        with big.runtime.work(SETUP) as work:
            work.db.exec(update(Wave).where(col(Wave.id) == big.wave_id).values(state=WaveState.CLOSED))
        assert screen.get("/class/now").headers["location"] == "/class"


def test_the_screen_says_where_a_child_who_declined_is_counted(big: House) -> None:
    """What a teacher reads about the number must be what the number does: declined is not sent."""
    with big.runtime.work(SETUP) as work:
        decline_submission(work, big.pupils[0].ticket_id)
    set_states(big, spent=12)
    with big.client() as screen:
        screen.post("/class", data={"code": code_for(big)})
        page = screen.get("/class/now").text
    assert "10人以上" in page
    assert "やらないと決めた人は「おくった」に入らず" in page


def guess(screen: TestClient, code: str) -> Response:
    return screen.post("/class", data={"code": code})


def wrong_codes(count: int, corner: str = "AB") -> list[str]:
    """Codes of no class, all in one corner of the code space."""
    return [f"{corner}XX-XX{CLEAR[number // 20]}{CLEAR[number % 20]}" for number in range(count)]


def let_wait(house: House, screen: TestClient) -> Response:
    """One screen that has guessed until it must wait."""
    screen.get("/class")
    return [guess(screen, code) for code in wrong_codes(ticket_tries.DEVICE_FREE + 1)][-1]


def test_guessing_codes_slows_down(big: House) -> None:
    with big.client() as screen, big.client() as neighbour:
        told = let_wait(big, screen)
        assert (told.status_code, told.headers["retry-after"]) == (429, "60")
        assert "あと60秒" in told.text
        right = guess(screen, code_for(big))
        assert (right.status_code, right.headers["retry-after"]) == (429, "60"), (
            "the right code, too, has to wait"
        )
        neighbour.get("/class")
        assert guess(neighbour, code_for(big)).status_code == 303, "the next screen of the school is held up"
        big.clock.move(timedelta(seconds=61))
        assert guess(screen, code_for(big)).headers["location"] == "/class/now"


def test_a_code_typed_during_the_wait_does_not_lengthen_it(big: House) -> None:
    with big.client() as screen:
        let_wait(big, screen)
        big.clock.move(timedelta(seconds=20))
        for code in (code_for(big), *wrong_codes(3), "slip"):
            answer = guess(screen, code)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
            assert "あと40秒" in answer.text
        big.clock.move(timedelta(seconds=41))
        assert guess(screen, code_for(big)).status_code == 303


def test_a_right_code_forgives_the_wrong_ones(big: House) -> None:
    with big.client() as screen:
        screen.get("/class")
        for code in wrong_codes(ticket_tries.DEVICE_FREE):
            assert guess(screen, code).status_code == 404
        assert guess(screen, code_for(big)).status_code == 303
        assert guess(screen, wrong_codes(1)[0]).status_code == 404


def test_guessing_from_many_screens_slows_that_corner_and_no_other_class(big: House) -> None:
    keys, school = big.runtime.keys, big.schools["north"]
    corner = code_for(big)[:2]
    for code in wrong_codes(ticket_tries.SPACE_FREE + 1, corner):
        with big.client() as stranger:
            stranger.get("/class")
            guess(stranger, code)
    names = (str(number) for number in range(2, 9))
    name, theirs = next(
        (name, code)
        for name in names
        if (code := class_code(keys, (big.wave_id, school, GRADE, name)))[:2] != corner
    )
    with big.runtime.work(SETUP) as work:
        moved = col(Student.pseudonym) == big.pupils[0].pseudonym
        work.db.exec(update(Student).where(moved).values(class_name=name))
    with big.client() as teacher, big.client() as elsewhere:
        teacher.get("/class")
        elsewhere.get("/class")
        assert guess(teacher, code_for(big)).headers["retry-after"] == "30"
        assert guess(elsewhere, theirs).status_code == 303, (
            "another class's teacher waits for what others typed"
        )
        big.clock.move(ticket_tries.SPACE_WAIT + timedelta(seconds=1))
        assert guess(teacher, code_for(big)).status_code == 303


def test_a_class_code_does_not_wipe_out_wrong_ticket_numbers(big: House) -> None:
    """The code hangs at the front of the class: whoever reads it there may not guess tickets for ever."""
    with big.client() as tablet:
        tablet.get("/")
        for number in range(ticket_tries.DEVICE_FREE):
            assert tablet.post("/t", data={"code": code_of(big, number)}).status_code == 404
        assert guess(tablet, code_for(big)).status_code == 303
        assert big.refused(tablet, code=code_of(big, ticket_tries.DEVICE_FREE)).status_code == 429
        assert guess(tablet, code_for(big)).status_code == 303, (
            "a child's wrong numbers do not keep the teacher out"
        )


def test_a_class_below_five_shows_no_number(house: House, client: TestClient) -> None:
    found = class_of(
        house.runtime.keys, code_for(house), [(house.wave_id, house.schools["north"], GRADE, "1")]
    )
    assert found is not None
    client.post("/class", data={"code": code_for(house)})
    assert client.get("/class/counts").json() == {"opened": "5人未満の学級", "sent": "5人未満の学級"}


def test_the_office_finds_the_code_of_each_class(big: House) -> None:
    with big.client() as desk:
        big.sign_in(desk, "ono")
        assert code_for(big) in desk.get(f"/office/waves/{big.wave_id}").text


@pytest.mark.parametrize("tickets", [5, 7, 40])
def test_one_more_sent_sheet_rarely_changes_what_is_shown(tickets: int) -> None:
    shown = [coarse(sent, tickets) for sent in range(tickets + 1)]
    assert len(set(shown)) <= tickets // 5 + 2
    assert shown[-1] == "全員おくりました"
