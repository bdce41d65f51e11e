"""What hangs on a case that only few know of is not there for the others: lists that are not made from cases."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_api.access import actions as access_actions
from survey_api.services.memos import actions as memos_actions
from survey_api.services.memos.rules import FIELDS, Memo
from survey_api.services.review import actions as review_actions
from survey_api.services.review.clocks import actions as clocks_actions
from survey_api.tables.cases import Case
from survey_api.vocabulary import LateCause, Level, Role
from tests.house import PASSWORD, SETUP, House, bank, worst_answers
from tests.survey_ui.counselor.room import Room, open_room, send
from tests.survey_ui.counselor.test_change import cases, later_wave

SEEN = "一人で弟を背負っていた"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Two people at the desk of one school; the case is aoki's and only few know of it."""
    with open_room(tmp_path) as opened:
        with opened.house.runtime.work(SETUP) as work:
            staff_id = access_actions.add_staff(work, "endo", "endoさん", PASSWORD)
            access_actions.grant(work, staff_id, Role.COUNSELOR, opened.house.schools["north"])
        opened.house.staff["endo"] = staff_id
        limit(opened.house, opened.case_id)
        yield opened


def limit(house: House, case_id: str, *, restricted: bool = True) -> None:
    with house.runtime.work(SETUP) as work:
        case = work.db.get_one(Case, case_id)
        case.owner_id, case.restricted = house.staff["aoki"], restricted
        work.db.add(case)


def test_a_memo_that_was_matched_to_it(room: Room) -> None:
    with room.house.runtime.work(SETUP) as work:
        number = memos_actions.give_card(work, "民生委員 東地区 3")
        memo = Memo(
            dict.fromkeys(FIELDS, "") | {"seen_on": "きのう", "place": "公園", "what": SEEN},
            False,
            room.house.schools["north"],
        )
        memo_id, _ = memos_actions.receive(work, number, memo)
    with room.as_("endo") as other:
        assert SEEN in other.client.get("/counselor/memos").text
    form = {"csrf": room.csrf(), "case": room.case_id}
    assert room.client.post(f"/counselor/memos/{memo_id}", data=form).status_code == 303
    assert SEEN in room.client.get("/counselor/memos").text
    for login, sees in (("endo", False), ("sato", True)):
        with room.as_(login) as other:
            shown = other.client.get("/counselor/memos").text
            assert (SEEN in shown, room.case_id in shown) == (sees, sees), login


def test_what_the_child_answered_then_beside_a_later_case(room: Room) -> None:
    send(room.house, later_wave(room.house), worst_answers(bank("chu")))
    (later,) = [one for one in cases(room.house) if one != room.case_id]
    before = re.compile(r'前回<span class="sub">')
    assert before.search(room.client.get(f"/counselor/cases/{later}").text)
    with room.as_("endo") as other:
        assert other.client.get(f"/counselor/cases/{later}").status_code == 404, "known to the same few"
    limit(room.house, later, restricted=False)
    with room.as_("endo") as other:
        shown = other.client.get(f"/counselor/cases/{later}")
        assert shown.status_code == 200
        assert not before.search(shown.text)
        assert room.case_id not in shown.text


def test_the_other_cases_of_the_child_are_limited_with_it(room: Room) -> None:
    limit(room.house, room.case_id, restricted=False)
    send(room.house, later_wave(room.house), worst_answers(bank("chu")))
    (later,) = [one for one in cases(room.house) if one != room.case_id]
    with room.as_("endo") as other:
        assert other.client.get(f"/counselor/cases/{later}").status_code == 200
    for only_few, expected in ((True, 404), (False, 404)):
        with room.house.runtime.work(SETUP) as work:
            case = work.db.get_one(Case, room.case_id)
            review_actions.restrict(work, case, case.version, "同僚の名前が出た", only_few=only_few)
        with room.as_("endo") as other:
            assert other.client.get(f"/counselor/cases/{later}").status_code == expected, (
                "given back on its own"
            )
    shown = room.client.get(f"/counselor/cases/{later}")
    assert shown.status_code == 200
    assert review_actions.LIMITED_WITH in shown.text


def test_it_reaches_the_duty_without_its_sign(room: Room) -> None:
    with room.house.runtime.work(SETUP) as work:
        clocks_actions.escalate_case(
            work,
            key="late",
            school_id=room.house.schools["north"],
            case_id=room.case_id,
            level=Level.DUTY,
            cause=next(iter(LateCause)),
        )
        clocks_actions.set_level(work, room.case_id, Level.DUTY)
    with room.as_("mori") as duty:
        shown = duty.client.get("/counselor/duty").text
        assert "引き受けて学校に連絡する" in shown
        assert "知る人を限った件(管理職に電話してください)" in shown
        assert "青-100" not in shown


def test_a_report_that_was_begun(room: Room) -> None:
    for csrf_of, expected in (("aoki", 303), ("endo", 404)):
        with room.as_(csrf_of) as one:
            page = one.client.get("/counselor/search").text
            found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
            assert found is not None
            data = {"csrf": found[1], "facts": "見たこと", "own_words": ""}
            assert one.client.post(f"{room.here}/report", data=data).status_code == expected, csrf_of
