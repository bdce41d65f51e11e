"""The queue as a tool: filters that never hide what is most urgent, kept views, many owners at once, arrivals."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from survey_api.vocabulary import AuditKind
from tests.house import bank, best_answers, worst_answers
from tests.survey_ui.counselor.room import Room, open_room, send


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Two rows: 青-100 most urgent, 青-101 wishes to talk."""
    with open_room(tmp_path) as opened:
        send(opened.house, opened.house.pupils[1], wishing())
        yield opened


def wishing() -> dict[str, object]:
    """A child who is fine and would like to talk some day: the neutral questions are then not asked."""
    wish = {**best_answers(bank("chu")), "wish_talk": "someday", "talk_whom": "nurse"}
    return {item: answer for item, answer in wish.items() if item not in ("n_season", "n_hour", "n_taste")}


def rows(room: Room, query: str = "") -> list[str]:
    page = room.client.get(f"/counselor/?{query}").text
    return [sign for sign in ("青-100", "青-101") if f">{sign}</a>" in page]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", ["青-100", "青-101"]),
        ("kind=wish", ["青-100", "青-101"]),
        ("kind=mine", ["青-100"]),
        ("kind=overdue", ["青-100"]),
        ("concern=neglect", ["青-100"]),
        ("concern=nonsense&kind=nonsense&grade=99&school=elsewhere", ["青-100", "青-101"]),
    ],
)
def test_a_filter_never_hides_what_is_most_urgent(room: Room, query: str, left: list[str]) -> None:
    assert rows(room, query) == left


def test_a_kept_view_is_its_owners(room: Room) -> None:
    data = {"csrf": room.csrf(), "name": "話したい子", "kind": "wish", "concern": "<script>"}
    kept = room.client.post("/counselor/filters", data=data)
    assert kept.headers["location"] == "/counselor/?concern=%3Cscript%3E&kind=wish"
    page = room.client.get("/counselor/").text
    assert "話したい子" in page
    with room.as_("sato") as other:
        assert "話したい子" not in other.client.get("/counselor/").text
    gone = page.split("/counselor/filters/")[1].split("/forget")[0]
    room.client.post(f"/counselor/filters/{gone}/forget", data={"csrf": room.csrf()})
    assert "話したい子" not in room.client.get("/counselor/").text


def test_several_cases_get_an_owner_or_none_does(room: Room) -> None:
    page = room.client.get("/counselor/").text
    cases = [part.split('"')[0] for part in page.split('name="case" value="')[1:]]
    assert len(cases) == 2
    stale = {"csrf": room.csrf(), "case": [cases[0], cases[1].split(":")[0] + ":9"], "owner": ""}
    assert room.client.post("/counselor/assign", data=stale).status_code == 409
    assert room.case().owner_id is None
    stranger = {**stale, "case": cases, "owner": room.house.staff["berg"]}
    assert room.client.post("/counselor/assign", data=stranger).status_code == 422
    given = {**stale, "case": cases, "owner": room.house.staff["sato"]}
    assert room.client.post("/counselor/assign", data=given).status_code == 303
    assert room.client.get("/counselor/").text.count("satoさん<span") == 2
    lines = [entry for entry in room.trail() if entry.kind == AuditKind.CASE_ASSIGNED]
    assert len(lines) == 2


def test_what_has_arrived_is_counted_by_the_page_not_put_into_it(room: Room) -> None:
    known = room.client.get("/counselor/").text.split('data-known="')[1].split('"')[0].split()
    send(room.house, room.house.pupils[2], wishing())
    now = room.client.get("/counselor/waiting.json").json()["waiting"]
    assert set(known) < set(now)
    assert len(set(now) - set(known)) == 1


def test_out_of_hours_the_page_says_that_nobody_watches(room: Room) -> None:
    school = room.house.schools["north"]
    data = {"csrf": room.csrf(), "there": f"1:am:{room.house.staff['aoki']}"}
    assert room.client.post(f"/counselor/days/{school}/week", data=data).status_code == 303
    assert "在校: aokiさん" in room.client.get("/counselor/").text
    room.house.clock.at = room.house.clock.at.replace(hour=9)
    room.house.sign_in(room.client, "aoki")
    assert "この画面は見張りではありません" in room.client.get("/counselor/").text


def test_a_sign_finds_ended_cases_of_the_own_schools(room: Room) -> None:
    asked = {"csrf": room.csrf(), "sign": "青-１００"}
    assert f"/counselor/cases/{room.case_id}" in room.client.post("/counselor/search", data=asked).text
    assert room.client.post("/counselor/search", data={**asked, "sign": ""}).status_code == 422
    with room.as_("berg") as other:
        elsewhere = other.client.post("/counselor/search", data={**asked, "csrf": other.csrf()})
        assert "当てはまる件はありません" in elsewhere.text


def test_a_row_of_the_queue_is_small(room: Room) -> None:
    """Two hundred rows of this size stay far within 70 KB as they travel compressed."""
    page = room.client.get("/counselor/").text
    row = page[page.index("<tbody>") : page.index("</tbody>")].encode()
    assert len(row) / 2 < 1600


def test_the_next_case_is_one_press_away_and_never_a_colleagues(room: Room) -> None:
    """From case to case without the list; what a colleague has taken is left out."""
    send(room.house, room.house.pupils[2], wishing())
    link = re.compile(
        r'class="button next" href="(/counselor/cases/[0-9a-f]{32})">次の件へ <span>\S+・(青-10[12])\(今日の分はのこり(\d)件\)'
    )
    following = link.search(room.client.get(room.here).text)
    assert following is not None
    address, sign, left = following.groups()
    assert left == "2"
    with room.as_("sato") as other:
        data = {"csrf": other.csrf(), "version": "1"}
        assert other.client.post(f"{address}/claim", data=data).status_code == 303
    then = link.search(room.client.get(room.here).text)
    assert then is not None
    assert {sign, then[2]} == {"青-101", "青-102"}
    assert then[3] == "1"
    assert room.post("contact", result="met").status_code == 303  # still due today, and done for today
    assert "青-100" not in room.client.get(then[1]).text.split("</header>")[1].partition("次の件へ")[2]


def test_more_rows_ask_the_database_nothing_more(room: Room) -> None:
    def statements() -> int:
        asked: list[str] = []
        engine = room.house.runtime.survey.read
        event.listen(engine, "before_cursor_execute", note := lambda *args: asked.append(args[2]))
        room.client.get("/counselor/")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    room.client.get("/counselor/")
    two = statements()
    send(room.house, room.house.pupils[2], worst_answers(bank("chu")))
    assert statements() == two > 0


def test_what_was_ended_counts_apart_from_what_waits(room: Room) -> None:
    """Its day for another look has come: head, filter and list agree, and it never looks like a new emergency."""
    room.post("claim")
    room.post("move", to="triage")
    room.post("close", outcome="known_already", label="care", follow_up_on="2026-12-01")
    with room.as_("sato") as second:
        second.post("close/confirm", agree="yes")
    room.house.clock.at = room.house.clock.at.replace(month=12, day=3)
    room.house.sign_in(room.client, "aoki")
    page = room.client.get("/counselor/").text
    head = dict(re.findall(r"\?kind=(\w+)\"[^>]*>\S+ <b>(\d+)</b>", page))
    assert (head["urgent"], head["overdue"], head["again"]) == ("0", "1", "1")
    assert "終了後の確認 1件" in page
    assert page.index("青-101</a>") < page.index("終了後の確認 1件") < page.index("青-100</a>")
    ended = page[page.index("青-100</a>") :]
    assert "確認の日から2日" in ended
    assert "過ぎています" not in ended
    for kind, number in head.items():
        assert len(rows(room, f"kind={kind}")) == int(number), kind
    assert "合うもの 1件・ほかに 1件" in room.client.get("/counselor/?kind=again").text


def test_the_head_leads_to_what_it_counts_and_says_what_stands_there_besides(room: Room) -> None:
    assert rows(room, "kind=urgent") == ["青-100"]
    assert (
        "合うもの 0件・いつも出る「すぐに」 1件・ほかに 1件" in room.client.get("/counselor/?kind=mine").text
    )
