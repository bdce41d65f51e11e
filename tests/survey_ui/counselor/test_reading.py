"""The counselor reads: reasons in the queue row, the case in words, no name, no other school."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_api.vocabulary import AuditKind
from tests.house import bank, best_answers, open_house, worst_answers
from tests.survey_ui.counselor.room import Room, open_room, send


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def test_the_queue_says_why_and_what_the_child_wishes(room: Room) -> None:
    page = room.client.get("/counselor/")
    assert page.status_code == 200
    assert "◆" in page.text
    assert "すぐに" in page.text
    assert "青-100" in page.text
    assert "中1 1組" in page.text
    assert "・北の中学校" not in page.text, "whoever has one school need not read it in every row"
    assert 'class="why"' in page.text
    assert "本人の希望: 「" in page.text
    assert "担当なし" in page.text


def test_a_child_without_a_case_is_not_in_the_queue_and_the_page_says_what_that_means(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house, house.client() as client:
        send(house, house.pupils[0], best_answers(bank("chu")))
        house.sign_in(client, "aoki")
        page = client.get("/counselor/").text
    assert "青-100" not in page
    assert "判定なしは安全の意味では ありません" in page


def test_a_more_urgent_case_stands_first(room: Room) -> None:
    wish = {**best_answers(bank("chu")), "wish_talk": "someday", "talk_whom": "nurse"}
    for neutral in ("n_season", "n_hour", "n_taste"):
        wish.pop(neutral, None)
    send(room.house, room.house.pupils[1], wish)
    page = room.client.get("/counselor/").text
    assert page.index("青-100") < page.index("青-101")


def test_the_case_shows_answers_in_words_and_leaves_a_trail_line(room: Room) -> None:
    page = room.client.get(room.here)
    assert page.status_code == 200
    for words in ("なぜここにあるか", "本人の希望", "いえに かえりたくない", "消えてしまいたい", "12〜14日"):
        assert words in page.text
    assert "このページは印刷できません" in page.text
    assert [entry.subject_id for entry in room.trail() if entry.kind == AuditKind.CASE_VIEWED] == [
        room.case_id
    ]


def test_a_refusal_is_shown_as_a_neutral_answer(room: Room) -> None:
    answers = {**worst_answers(bank("chu")), "home_hit": "declined"}
    send(room.house, room.house.pupils[1], answers)
    queue = room.client.get("/counselor/").text
    other = next(part for part in queue.split('href="')[1:] if "青-101" in part.split("</tr>")[0])
    page = room.client.get(other.split('"')[0]).text
    assert '<td class="none">答えたくない</td>' in page


def test_no_page_carries_a_name_or_a_score(room: Room) -> None:
    for address in ("/counselor/", room.here, f"{room.here}/sheet"):
        page = room.client.get(address).text
        assert room.pupil.name.family not in page.replace("架空の市", "")
        assert room.pupil.name.given not in page
        assert room.pupil.pseudonym not in page
        assert "点数" not in page
        assert "points" not in page


def test_each_answer_has_its_weight_in_words_and_nothing_is_added_up(room: Room) -> None:
    page = room.client.get(room.here).text
    weights = page[page.index('class="weights"') : page.index("</details>", page.index('class="weights"'))]
    for words in ("家族の世話", "生活の基本", "いちばん大きい", "足し合わせた数は、どこにも出しません"):
        assert words in weights
    assert not re.search(r"[0-9]{3,}", re.sub(r"<[^>]+>", "", weights))


def test_another_schools_counselor_finds_nothing_and_that_is_written_down(tmp_path: Path) -> None:
    with open_room(tmp_path, login="berg") as room:
        assert "青-100" not in room.client.get("/counselor/").text
        assert room.client.get(room.here).status_code == 404
        assert room.client.get(f"{room.here}/sheet").status_code == 404
        refused = [entry for entry in room.trail() if entry.kind == AuditKind.REFUSED]
        assert [(entry.actor_id, entry.subject_id) for entry in refused] == [
            (room.house.staff["berg"], room.case_id)
        ] * 2
        assert AuditKind.CASE_VIEWED not in {entry.kind for entry in room.trail()}


@pytest.mark.parametrize("login", ["ito", "ono", "oda"])
def test_other_roles_may_not_enter(tmp_path: Path, login: str) -> None:
    with open_room(tmp_path, login=login) as room:
        for address in ("/counselor/", room.here, f"{room.here}/sheet"):
            assert room.client.get(address).status_code == 403
