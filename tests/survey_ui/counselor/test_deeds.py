"""What a counselor does to a case: by the table of moves, from the newest form only, with a trail."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from survey_api.kit.problems import IllegalMove
from survey_api.services.review.rules import MOVES, follow_up_after, require_move
from survey_api.vocabulary import AuditKind, CaseState
from tests.survey_ui.counselor.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def test_from_claim_to_close(room: Room) -> None:
    assert room.post("claim").status_code == 303
    assert room.case().owner_id == room.house.staff["aoki"]
    assert room.post("contact", result="met", words="保健室で会った").status_code == 303
    met_on = room.case().first_contact_on
    assert met_on == date(2026, 11, 24)
    assert room.case().state == CaseState.TRIAGE
    assert room.post("move", to="supporting", words="毎週会う").status_code == 303
    assert room.post("note", words="弟の世話が続く").status_code == 303
    assert room.post("close", outcome="care_support_need", words="支援につながった").status_code == 303
    case = room.case()
    assert (case.state, case.outcome, case.version) == (CaseState.CLOSED, "care_support_need", 6)
    assert case.follow_up_on == date(2027, 2, 24)
    page = room.client.get(room.here).text
    for words in ("保健室で会った", "弟の世話が続く", "確認中 → 支援中", "的確: 家族の世話への支援が要る"):
        assert words in page
    assert "青-100" not in room.client.get("/counselor/").text
    kinds = [entry.kind for entry in room.trail()]
    for kind in (AuditKind.CASE_CLAIMED, AuditKind.CASE_CONTACT, AuditKind.CASE_MOVED, AuditKind.CASE_NOTE):
        assert kind in kinds


def test_the_first_contact_is_set_once(room: Room) -> None:
    room.post("claim")
    room.post("contact", result="absent")
    assert room.case().first_contact_on is None
    room.post("contact", result="met")
    first = room.case().first_contact_on
    room.house.clock.at = room.house.clock.at.replace(day=26)
    room.house.sign_in(room.client, "aoki")
    assert room.post("contact", result="met").status_code == 303
    assert room.case().first_contact_on == first


def test_an_old_form_is_refused_and_changes_nothing(room: Room) -> None:
    old = room.case().version
    room.post("claim")
    before, lines = room.case().version, len(room.trail())
    answer = room.post("note", version=old, words="古い画面から")
    assert answer.status_code == 409
    assert "ほかの人が先に変えました" in answer.text
    assert room.case().version == before
    assert len(room.trail()) == lines
    assert "古い画面から" not in room.client.get(room.here).text


@pytest.mark.parametrize(
    ("deed", "fields", "says"),
    [
        ("move", {"to": "supporting"}, "先に「引き受ける」"),
        ("close", {"outcome": "other_need"}, "先に「引き受ける」"),
        ("contact", {"result": "met"}, "先に「引き受ける」"),
    ],
)
def test_nothing_happens_before_somebody_takes_it_over(
    room: Room, deed: str, fields: dict[str, str], says: str
) -> None:
    answer = room.post(deed, **fields)
    assert answer.status_code == 409
    assert says in answer.text
    assert room.case().state == CaseState.NEW


def test_an_illegal_move_names_what_is_open(room: Room) -> None:
    room.post("claim")
    answer = room.post("move", to="supporting")
    assert answer.status_code == 409
    assert "「引き受け済み」から「支援中」へは進めません" in answer.text
    assert "確認中" in answer.text


def test_closing_needs_an_outcome(room: Room) -> None:
    room.post("claim")
    room.post("move", to="triage")
    for fields in ({}, {"outcome": "fine"}):
        assert room.post("close", **fields).status_code == 422
    assert room.post("move", to="closed").status_code == 422
    assert room.case().state == CaseState.TRIAGE


def test_a_closed_case_opens_again_only_as_reopened(room: Room) -> None:
    room.post("claim")
    room.post("move", to="triage")
    room.post("close", outcome="not_reached")
    assert room.post("contact", result="met").status_code == 409
    assert room.post("claim").status_code == 409
    assert room.post("move", to="reopened").status_code == 303
    assert (room.case().state, room.case().outcome) == (CaseState.REOPENED, None)


@pytest.mark.parametrize("deed", ["claim", "move", "contact", "note", "close", "name", "sheet"])
def test_another_schools_counselor_can_do_nothing(tmp_path: Path, deed: str) -> None:
    with open_room(tmp_path, login="berg") as room:
        fields = {"to": "triage", "result": "met", "words": "x", "outcome": "other_need", "reason": "safety"}
        assert room.post(deed, version=1, **fields).status_code == 404
        assert room.case().version == 1
        assert [entry.subject_id for entry in room.trail() if entry.kind == AuditKind.REFUSED] == [
            room.case_id
        ]


def test_a_form_without_the_sessions_token_is_refused(room: Room) -> None:
    answer = room.client.post(f"{room.here}/claim", data={"version": "1"})
    assert answer.status_code == 403
    assert room.case().version == 1


def test_every_state_can_be_reached_and_none_is_a_dead_end() -> None:
    assert set(MOVES) == set(CaseState)
    reached = {CaseState.NEW}
    for _ in CaseState:
        reached |= {target for state in reached for target in MOVES[state]}
    assert reached == set(CaseState)
    assert all(MOVES.values())


@pytest.mark.parametrize("state", [state for state in CaseState if CaseState.CLOSED not in MOVES[state]])
def test_closing_from_elsewhere_is_refused_with_a_sentence(state: CaseState) -> None:
    with pytest.raises(IllegalMove, match="。"):
        require_move(state, CaseState.CLOSED)


@pytest.mark.parametrize(
    ("closed", "again"),
    [((2026, 11, 24), (2027, 2, 24)), ((2026, 11, 30), (2027, 2, 28)), ((2026, 1, 31), (2026, 4, 30))],
)
def test_a_closed_case_is_looked_at_again_three_months_on(
    closed: tuple[int, int, int], again: tuple[int, int, int]
) -> None:
    assert follow_up_after(date(*closed)) == date(*again)
