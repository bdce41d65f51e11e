"""After a sheet has left: replies with their clock, a transfer asks again, the file is text only, words survive."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from survey_api.jobs.notifications import remind
from survey_api.kit.clock import school_day
from survey_api.services.referrals.words import FIELD_WORDS, WORRIES
from survey_api.tables.agencies import Agency
from survey_api.tables.notifications import Notification
from survey_api.vocabulary import AuditKind, CaseState, NotificationKind
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room
from tests.survey_ui.counselor.test_sheet import FAMILY, draft, finish


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def given(room: Room, **changes: Any) -> str:
    address = draft(room, **changes)
    assert finish(room, address).status_code == 303
    return address


def hear(room: Room, address: str, answer: str, **fields: str) -> Any:
    form = {"csrf": room.csrf(), "version": str(room.case().version), "answer": answer, **fields}
    return room.client.post(f"{address}/reply", data=form)


def test_the_clock_follows_the_answers(room: Room) -> None:
    address = given(room)
    assert room.case().due_on == date(2026, 11, 27)  # three school days to say that it arrived
    assert hear(room, address, "acknowledged").status_code == 303
    assert room.case().due_on == date(2026, 12, 1)  # the reply-by day of the sheet
    assert hear(room, address, "accepted", words="家庭訪問を始めます").status_code == 303
    assert room.case().due_on > date(2026, 12, 1)
    assert "家庭訪問を始めます" in room.client.get(room.here).text
    assert [entry.kind for entry in room.trail()].count(AuditKind.REFERRAL_REPLIED) == 2


def test_no_answer_in_time_is_said_and_overdue(room: Room) -> None:
    address = given(room)
    assert "まだありません" not in room.client.get(address).text
    room.house.clock.move(timedelta(days=4))
    room.house.sign_in(room.client, "aoki")
    assert "受け取りの連絡がまだありません" in room.client.get(address).text
    assert room.case().due_on < school_day(room.house.clock.now())


def test_a_receiver_who_is_silent_for_three_school_days_is_told_of_once(room: Room) -> None:
    given(room)
    for days in (3, 1, 0):
        room.house.clock.move(timedelta(days=days))
        remind(room.house.runtime)
    with room.house.runtime.reading() as db:
        rows = db.exec(select(Notification).where(Notification.kind == NotificationKind.REPLY_LATE)).all()
    assert [row.subject_id for row in rows] == [room.case_id]


def test_what_is_sent_back_needs_its_reason_and_is_due_today(room: Room) -> None:
    address = given(room)
    refused = hear(room, address, "returned")
    assert refused.status_code == 422
    assert "戻ってきた理由" in refused.text
    assert hear(room, address, "returned", words="市外に住んでいるため").status_code == 303
    assert room.case().due_on == date(2026, 11, 24)
    assert hear(room, address, "accepted").status_code == 409
    assert "市外に住んでいるため" in room.client.get(room.here).text


def test_a_transfer_asks_again(room: Room) -> None:
    address = draft(room, mode="transfer")
    assert "主担当を移すことを" in room.client.get(address).text
    refused = finish(room, address)
    assert refused.status_code == 422
    assert room.case().state == CaseState.ACKNOWLEDGED
    form = {"csrf": room.csrf(), "version": str(room.case().version), "agreed": "yes"}
    assert room.client.post(address, data=form).status_code == 303
    hear(room, address, "accepted")
    assert f"主担当は {FAMILY} に移りました" in room.client.get(room.here).text


def test_the_file_says_what_the_paper_says_and_nothing_runs(room: Room) -> None:
    address = draft(room, facts='=HYPERLINK("http://x","y")', wish="+1", blocks=["name", "facts", "wish"])
    assert room.client.get(f"{address}/file").status_code == 422  # a draft does not leave
    finish(room, address)
    answer = room.client.get(f"{address}/file")
    assert answer.status_code == 200
    assert room.pupil.name.family not in str(answer.headers)
    sheet = load_workbook(BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    text = "\n".join(cell.value for cell in cells)
    for words in ['=HYPERLINK("http://x","y")', "+1", room.pupil.name.full, "写し番号 1", *WORRIES.values()]:
        assert words in text
    assert "◎ 生活費・家計について" in text
    assert FIELD_WORDS["own_words"] not in text
    assert sheet.page_setup.paperSize == 9
    assert AuditKind.REFERRAL_EXPORTED in {entry.kind for entry in room.trail()}


def test_paper_and_file_name_the_number_under_which_the_desk_answers_those_who_work_with_it(
    room: Room,
) -> None:
    with room.house.runtime.work(SETUP) as work:
        desk = work.db.exec(select(Agency).where(Agency.name == FAMILY)).one()
        desk.phone, desk.staff_phone = "0999-00-1111", "0999-00-2222"
        work.db.add(desk)
    address = given(room)
    paper = room.client.get(address).text
    assert f"{FAMILY} 御中　電話 0999-00-2222" in paper
    sheet = load_workbook(BytesIO(room.client.get(f"{address}/file").content)).active
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert f"{FAMILY} 御中　電話 0999-00-2222" in text
    assert "0999-00-1111" not in paper + text, "the number for families is another"


def test_a_refused_form_keeps_every_word(room: Room) -> None:
    answer = room.post("sheet", recipient="nobody", facts="書きかけの文", consent="given", worries=["mind"])
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "書きかけの文" in answer.text  # type: ignore[attr-defined]
    assert 'value="mind" checked' in answer.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("consent", "law"),
    [
        ("without_for_safety", "児童虐待の防止等に関する法律"),
        ("without_conference_law", "社会福祉法 第106条の6"),
        ("without_council_law", "児童福祉法 第25条の2"),
    ],
)
def test_without_consent_the_paper_names_the_ground(room: Room, consent: str, law: str) -> None:
    page = room.client.get(draft(room, consent=consent, consent_reason="安全のため急ぐ")).text
    assert law in page
    assert "安全のため急ぐ" in page
    assert "本人署名" not in page


def test_as_long_as_nobody_asked_the_paper_does_not_say_who(room: Room) -> None:
    page = room.client.get(draft(room, consent="not_asked")).text
    assert room.pupil.name.given not in page
    assert AuditKind.NAME_REVEALED not in {entry.kind for entry in room.trail()}
