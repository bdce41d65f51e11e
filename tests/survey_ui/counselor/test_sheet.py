"""相談をつなぐシート: minimum by default, shown exactly as printed, never handed over without a consent choice."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey_api.services.referrals.words import WORRIES
from survey_api.vocabulary import AuditKind, CaseState
from tests.survey_ui.counselor.room import Room, open_room

FULL: dict[str, Any] = {
    "reply_by": "2026-12-01",
    "consent": "given",
    "worries": ["living", "mind"],
    "main_worry": "living",
    "blocks": ["name", "facts", "wish"],
    "facts": "世話 平日3時間以上",
    "wish": "放課後に話したい",
    "contact_by": "other",
    "contact_detail": "学校(相談室)へ",
    "explained_by": "青木",
    "consent_day": "令和8年11月24日",
}
FAMILY, COUNCIL = "雪野市こども家庭センター", "雪野市要保護児童対策地域協議会 事務局"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def draft(room: Room, **changes: Any) -> str:
    """Fill in the form; the address of the preview."""
    answer = room.post("sheet", **{**FULL, "recipient": room.agency(FAMILY), **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def finish(room: Room, address: str) -> Any:
    return room.client.post(address, data={"csrf": room.csrf(), "version": str(room.case().version)})


def test_the_form_is_prefilled_with_the_minimum(room: Room) -> None:
    page = room.client.get(f"{room.here}/sheet").text
    on = re.findall(r'name="blocks" value="(\w+)" checked', page)
    assert set(on) == {"name", "facts", "wish", "asked_for"}
    assert "いえに かえりたくない" in page
    assert re.search(r'id="f-facts"[^>]*>・\S', page)
    assert "checked" not in "".join(re.findall(r'name="consent"[^>]*', page))


def test_the_preview_has_every_field_of_the_citys_sheet(room: Room) -> None:
    page = room.client.get(draft(room)).text
    fields = [
        "ふりがな",
        "氏名",
        "生年月日",
        "年齢",
        "性別",
        "住所",
        "自宅",
        "携帯",
        "メール",
        "来談者",
        "関係",
        "希望時間帯",
        "本人署名",
    ]
    for words in [*fields, *WORRIES.values(), "【連絡方法】", "自宅電話", "携帯電話"]:
        assert words in page, words
    assert "◎ 生活費・家計について" in page
    assert "○ 心の悩み" in page
    assert "□ 介護について" in page
    assert "☑本人の同意 あり" in page
    assert "保護者への写し不可。開示の相談は市の個人情報担当へ" in page
    assert room.pupil.name.full in page
    assert "下書き" in page
    assert f"{room.house.runtime.settings.address}/reply" in page, "where whoever receives it answers"


def test_a_block_that_is_off_leaves_nothing_on_the_sheet(room: Room) -> None:
    address = draft(room, blocks=["facts"], wish="放課後に話したい", address="雪野市1-2-3")
    page = room.client.get(address).text
    assert "世話 平日3時間以上" in page
    for left_out in ("放課後に話したい", "雪野市1-2-3", room.pupil.name.given):
        assert left_out not in page
    assert "(青-100)" in page
    assert AuditKind.NAME_REVEALED not in {entry.kind for entry in room.trail()}


def test_every_showing_of_a_sheet_with_a_name_is_written_down(room: Room) -> None:
    address = draft(room)
    for _ in range(2):
        room.client.get(address)
    assert [entry.kind for entry in room.trail()].count(AuditKind.NAME_REVEALED) == 3
    assert room.client.get(room.here).text.count("名前の確認: ") == 1, "once a day on the timeline"
    with room.as_("sato") as other:
        other.client.get(address)
        assert other.client.get(room.here).text.count("名前の確認: ") == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"consent": ""}, "同意の欄を選ぶ"),
        ({"recipient": ""}, "つなぎ先を選ぶ"),
        ({"reply_by": ""}, "返事の期日を入れる"),
        ({"worries": [], "main_worry": ""}, "1つ以上○をつける"),
    ],
)
def test_it_cannot_be_handed_over_while_something_is_missing(
    room: Room, changes: dict[str, Any], says: str
) -> None:
    answer = finish(room, draft(room, **changes))
    assert answer.status_code == 422
    assert says in answer.text
    assert room.case().state == CaseState.ACKNOWLEDGED
    assert AuditKind.REFERRAL_HANDED_OVER not in {entry.kind for entry in room.trail()}


def test_what_is_missing_is_said_before_and_leads_back_to_the_form_as_it_was(room: Room) -> None:
    typed = {"at_school": "休み時間に一人でいる", "blocks": ["facts", "at_school"], "facts": "世話"}
    address = draft(room, consent="without_for_safety", consent_reason="", worries=[], main_worry="", **typed)
    seen, refused = room.client.get(address).text, finish(room, address)
    for page in (seen, refused.text):
        assert page.count("相談の種類に1つ以上○をつける") == 1
        assert page.count("同意なしで渡す理由を書く") == 1
        assert "確定して渡す" not in page
        assert 'class="paper"' in page
        assert "実施の進み" in page, "the menu stays"
    back = html.unescape(re.findall(r'href="([^"]+/sheet\?draft=[^"]+)"', refused.text)[0])
    form = room.client.get(back).text
    assert f'value="{room.agency(FAMILY)}" selected' in form
    assert 'value="without_for_safety" checked' in form
    assert re.findall(r'name="blocks" value="(\w+)" checked', form) == ["facts", "at_school"]
    assert "休み時間に一人でいる</textarea>" in form
    assert "いえに かえりたくない</textarea>" in form, "a block that is off begins as the case does"
    assert f'href="{address}"' in room.client.get(room.here).text, "the case leads to its draft"


def test_handing_over_numbers_the_copy_and_moves_the_case(room: Room) -> None:
    address = draft(room)
    assert finish(room, address).status_code == 303
    assert room.case().state == CaseState.REFERRED
    assert "書きかけのシート" not in room.client.get(room.here).text
    page = room.client.get(address).text
    assert "写し番号 1" in page
    assert "下書き" not in page
    assert "雪野市こども家庭センター(写し1)" in room.client.get(room.here).text
    assert finish(room, address).status_code == 409
    second = draft(room, recipient=room.agency(COUNCIL))
    assert finish(room, second).status_code == 303
    assert "写し番号 2" in room.client.get(second).text


def test_nobody_hands_over_a_case_nobody_took_over(tmp_path: Path) -> None:
    with open_room(tmp_path) as room:
        answer = finish(room, draft(room))
        assert answer.status_code == 409
        assert "先に「引き受ける」" in answer.text
        assert AuditKind.REFERRAL_HANDED_OVER not in {entry.kind for entry in room.trail()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": "press"},
        {"consent": "maybe"},
        {"worries": ["gossip"], "main_worry": ""},
        {"main_worry": "debts"},
        {"facts": "長" * 301},
        {"reply_by": "あした"},
    ],
)
def test_a_wrong_form_keeps_nothing(room: Room, wrong: dict[str, Any]) -> None:
    answer = room.post("sheet", **{**FULL, **wrong})
    assert answer.status_code == 422
    assert AuditKind.REFERRAL_DRAFTED not in {entry.kind for entry in room.trail()}


def test_the_database_holds_no_name(room: Room, tmp_path: Path) -> None:
    finish(room, draft(room))
    content = b"".join(path.read_bytes() for path in tmp_path.glob("survey.db*"))
    assert room.pupil.name.given.encode() not in content
    assert "放課後に話したい".encode() not in content
