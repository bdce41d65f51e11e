"""Tickets on paper: unique, valid, opening what they say, without a name on the child's part."""

import re
from pathlib import Path

import segno
from httpx2 import Response

from survey_api.access.tickets import read_code
from survey_api.journeys.finish_submission import decline_submission
from survey_api.journeys.print_tickets import qr_svg
from tests.house import SETUP, House, bank, worst_answers
from tests.survey_ui.counselor.room import send
from tests.survey_ui.office.office_door import OfficeDesk, words

CARD = re.compile(r'<li class="ticket">(.*?)</li>', re.S)


def cards(answer: Response) -> list[str]:
    assert answer.status_code == 200, words(answer)
    return CARD.findall(answer.text)


def codes(answer: Response) -> list[str]:
    return re.findall(r"\b\d{4}-\d{4}-\d{4}\b", answer.text)


def print_first(desk: OfficeDesk, **other: str) -> Response:
    """The whole class, with the consent that is asked for when it was printed before."""
    house = desk.house
    return desk.print_class(house.wave_id, house.schools["north"], 7, "1", **(other or {"sure": "yes"}))


def test_a_card_for_every_pupil_of_the_class(desk: OfficeDesk) -> None:
    printed = print_first(desk)
    assert len(cards(printed)) == 6
    found = codes(printed)
    assert len(set(found)) == 6
    assert all(read_code(code) for code in found), "the check digit fits"


def test_no_name_on_the_childs_part_and_every_name_on_the_strip(desk: OfficeDesk) -> None:
    fronts, strips = zip(*(card.split('<p class="strip">') for card in cards(print_first(desk))), strict=True)
    for pupil in (pupil for pupil in desk.house.pupils if pupil.grade == 7):
        assert not any(pupil.name.given in front or pupil.pseudonym in front for front in fronts)
        assert sum(pupil.name.given in strip for strip in strips) == 1


def test_a_printed_code_lets_the_child_in(desk: OfficeDesk) -> None:
    [code, *_] = codes(print_first(desk))
    with desk.house.client() as tablet:
        assert tablet.post("/t", data={"code": code}).status_code == 303


def test_printing_again_makes_the_old_cards_useless(desk: OfficeDesk) -> None:
    old = codes(print_first(desk))
    new = codes(print_first(desk))
    assert not set(old) & set(new)
    with desk.house.client() as tablet:
        first = next(pupil for pupil in desk.house.pupils if pupil.grade == 7)
        assert tablet.post("/t", data={"secret": first.ticket.secret}).status_code == 404
        for code in old[:-1]:  # one tablet has five tries
            assert tablet.post("/t", data={"code": code}).status_code == 404
        assert [tablet.post("/t", data={"code": code}).status_code for code in new] == [303] * 6


def test_nothing_printed_dies_before_somebody_said_so(desk: OfficeDesk) -> None:
    old = codes(print_first(desk))
    asked = desk.print_class(desk.house.wave_id, desk.house.schools["north"], 7, "1")
    assert cards(asked) == []
    assert "前の6枚" in words(asked)
    with desk.house.client() as tablet:
        assert tablet.post("/t", data={"code": old[0]}).status_code == 303


def test_a_stack_printed_again_does_not_tell_who_has_sent(desk: OfficeDesk) -> None:
    """Whoever has sent or declined gets a card like everybody; it opens what a used one opens."""
    sent, declined = [pupil for pupil in desk.house.pupils if pupil.grade == 7][:2]
    send(desk.house, sent, worst_answers(bank("chu")))
    with desk.house.runtime.work(SETUP) as work:
        decline_submission(work, declined.ticket_id)
    printed = print_first(desk)
    assert len(cards(printed)) == 6
    assert "前の6枚" in words(desk.print_class(desk.house.wave_id, desk.house.schools["north"], 7, "1"))
    for pupil in (sent, declined):
        [card] = [card for card in cards(printed) if pupil.name.full in card]
        code = re.findall(r"\d{4}-\d{4}-\d{4}", card)[0]
        with desk.house.client() as tablet:
            assert "/s/back" in desk.house.refused(tablet, code=code).text


def test_one_lost_card_is_made_again_by_attendance_number_and_no_other_dies(desk: OfficeDesk) -> None:
    pupils = [pupil for pupil in desk.house.pupils if pupil.grade == 7]
    old = {pupil.name.number: pupil.ticket.secret for pupil in pupils}
    lost = pupils[0].name
    [card] = cards(print_first(desk, number=f"0{lost.number}"))
    assert lost.full in card
    with desk.house.client() as tablet:
        for number, secret in old.items():
            opened = tablet.post("/t", data={"secret": secret}).status_code
            assert opened == (404 if number == lost.number else 303)
    for nobody in ("99", "0", "x"):
        assert print_first(desk, number=nobody).status_code == 422


def test_no_secret_is_stored(desk: OfficeDesk, tmp_path: Path) -> None:
    printed = print_first(desk)
    held = b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    for code in codes(printed):
        assert code.encode() not in held
        assert code.replace("-", "").encode() not in held


def test_printing_leaves_a_line_in_the_trail(desk: OfficeDesk) -> None:
    print_first(desk)
    with desk.house.runtime.reading() as db:
        facts = db.connection().exec_driver_sql(
            "SELECT facts FROM audit_entries WHERE kind = 'tickets.printed'"
        ).scalars().all()  # fmt: skip
    assert len(facts) == 1
    assert '"count":6' in facts[0]


def test_the_drawing_obeys_the_content_policy(desk: OfficeDesk) -> None:
    printed = print_first(desk)
    assert "style=" not in printed.text
    assert printed.text.count("<svg") == 6


def test_the_drawing_is_the_qr_code_of_the_address() -> None:
    address = "https://kizuki.example/t#Qm9ndXMtc2VjcmV0LTEyMw"
    modules = [bytes(row) for row in segno.make(address, error="m").matrix]
    assert drawn(qr_svg(address), len(modules)) == modules


def drawn(svg: str, size: int, border: int = 2) -> list[bytes]:
    """The dark modules of the drawing's one stroked path: M x y, then h (a run) and m (a move) steps."""
    [path] = re.findall(r' d="([^"]+)"', svg)
    grid = [bytearray(size) for _ in range(size)]
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        if step == "h":
            for column in range(int(x), int(x + values[0])):
                grid[int(y) - border][column - border] = 1
            x += values[0]
        else:
            x, y = (values[0], values[1]) if step == "M" else (x + values[0], y + values[1])
    return [bytes(row) for row in grid]


def test_an_ended_wave_prints_no_tickets(house: House, desk: OfficeDesk) -> None:
    form = {"csrf": desk.csrf(), "sure": "yes"}
    desk.client.post(f"/office/waves/{house.wave_id}/close", data=form)
    assert print_first(desk).status_code == 422
