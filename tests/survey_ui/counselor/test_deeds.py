"""What a counselor does to a case: by the table of moves, from the newest form only, with a trail."""

from collections.abc import Iterator
from datetime import date, timedelta
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
    ending = {"outcome": "care_support_need", "label": "care", "words": "支援につながった"}
    assert room.post("close", **ending).status_code == 303
    assert (room.case().state, room.case().closing_by) == (CaseState.SUPPORTING, room.house.staff["aoki"])
    with room.as_("sato") as second:
        assert second.post("close/confirm", agree="yes", words="担任とも確かめた").status_code == 303
    case = room.case()
    assert (case.state, case.outcome, case.label) == (CaseState.CLOSED, "care_support_need", "care")
    assert case.version == 7
    assert case.follow_up_on == date(2027, 2, 24)
    page = room.client.get(room.here).text
    said = (
        "保健室で会った",
        "弟の世話が続く",
        "確認中 → 支援中",
        "的確: 家族の世話への支援が要る",
        "要支援: 家族の世話",
    )
    for words in (*said, "担任とも確かめた"):
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
    assert "下書きとして残っています" in answer.text
    page = room.client.get(room.here).text
    assert 'data-draft="note" required>古い画面から</textarea>' in page
    assert page.count("古い画面から") == 1
    room.post("note", words="古い画面から")
    assert 'data-draft="note" required></textarea>' in room.client.get(room.here).text


@pytest.mark.parametrize(
    ("deed", "fields", "says"),
    [
        ("move", {"to": "supporting"}, "先に「引き受ける」"),
        ("close", {"outcome": "other_need", "label": "other"}, "先に「引き受ける」"),
    ],
)
def test_nothing_happens_before_somebody_takes_it_over(
    room: Room, deed: str, fields: dict[str, str], says: str
) -> None:
    answer = room.post(deed, **fields)
    assert answer.status_code == 409
    assert says in answer.text
    assert room.case().state == CaseState.NEW


def test_whoever_writes_down_a_contact_has_taken_the_case_over(room: Room) -> None:
    assert room.post("contact", result="absent").status_code == 303
    case = room.case()
    assert (case.state, case.owner_id) == (CaseState.TRIAGE, room.house.staff["aoki"])
    kinds = [line.kind for line in room.trail() if line.subject_id == room.case_id]
    assert kinds.index(AuditKind.CASE_CLAIMED) < kinds.index(AuditKind.CASE_CONTACT)


def test_an_illegal_move_names_what_is_open(room: Room) -> None:
    room.post("claim")
    answer = room.post("move", to="supporting")
    assert answer.status_code == 409
    assert "「引き受け済み」から「支援中」へは進めません" in answer.text
    assert "確認中" in answer.text


def test_closing_needs_an_outcome_and_what_was_found(room: Room) -> None:
    room.post("claim")
    room.post("move", to="triage")
    known = {"outcome": "other_need", "label": "other"}
    for fields in ({}, {**known, "outcome": "fine"}, {**known, "label": ""}, {**known, "label": "liar"}):
        assert room.post("close", **fields).status_code == 422
    assert room.post("move", to="closed").status_code == 422
    assert room.case().state == CaseState.TRIAGE


def test_a_closed_case_opens_again_only_as_reopened(room: Room) -> None:
    room.post("claim")
    room.post("move", to="triage")
    room.post("close", outcome="not_reached", label="unclear")
    with room.as_("sato") as second:
        second.post("close/confirm", agree="yes")
    assert room.post("contact", result="met").status_code == 409
    assert room.post("claim").status_code == 409
    assert room.post("move", to="reopened").status_code == 303
    assert (room.case().state, room.case().outcome, room.case().label) == (CaseState.REOPENED, None, None)


def test_nobody_closes_a_most_urgent_case_alone(room: Room) -> None:
    room.post("claim")
    assert room.post("close/confirm", agree="yes").status_code == 409
    room.post("move", to="triage")
    room.post("close", outcome="other_need", label="mood")
    alone = room.post("close/confirm", agree="yes")
    assert alone.status_code == 409
    assert "別の人が確かめて終了します" in alone.text
    with room.as_("sato") as second:
        assert second.post("close/confirm", agree="no").status_code == 422
        assert second.post("close/confirm", agree="no", words="本人に会えていない").status_code == 303
    case = room.case()
    assert (case.state, case.closing_by, case.outcome) == (CaseState.TRIAGE, None, None)
    assert "本人に会えていない" in room.client.get(room.here).text


def test_two_counselors_never_have_one_case(room: Room) -> None:
    room.post("claim")
    with room.as_("sato") as other:
        for deed, fields in (("claim", {}), ("contact", {"result": "met", "words": "廊下で会った"})):
            answer = other.post(deed, **fields)
            assert answer.status_code == 409
            assert "今はaokiさんが対応中です(09:45まで)" in answer.text
        assert 'data-draft="contact">廊下で会った</textarea>' in other.client.get(room.here).text
        assert other.post("note", words="担任から聞いた").status_code == 303
    assert room.case().owner_id == room.house.staff["aoki"]


def test_a_lost_hold_says_so_and_keeps_the_words(room: Room) -> None:
    room.post("claim")
    room.house.clock.move(timedelta(minutes=16))
    with room.as_("sato") as other:
        assert other.post("claim").status_code == 303
    room.house.sign_in(room.client, "aoki")
    answer = room.post("contact", result="met", words="会って話を聞いた")
    assert answer.status_code == 409
    assert "今はsatoさんが対応中です" in answer.text
    page = room.client.get(room.here).text
    assert "会って話を聞いた" in page
    assert "今はsatoさんが対応中です" in page
    with room.as_("sato") as other:
        assert "会って話を聞いた" not in other.client.get(room.here).text
        assert other.post("release").status_code == 303
    assert room.post("contact", result="met", words="会って話を聞いた").status_code == 303
    assert 'data-draft="contact"></textarea>' in room.client.get(room.here).text


def test_a_private_note_is_for_its_writer(room: Room) -> None:
    room.post("note", words="確かめてから書く", private="yes")
    assert "確かめてから書く" in room.client.get(room.here).text
    with room.as_("sato") as other:
        assert "確かめてから書く" not in other.client.get(room.here).text


def test_a_closed_case_comes_back_on_its_day(room: Room) -> None:
    room.post("claim")
    room.post("move", to="triage")
    room.post("close", outcome="known_already", label="care", follow_up_on="2026-12-01")
    with room.as_("sato") as second:
        second.post("close/confirm", agree="yes")
    assert "青-100" not in room.client.get("/counselor/").text
    room.house.clock.at = room.house.clock.at.replace(month=12, day=1)
    room.house.sign_in(room.client, "aoki")
    queue = room.client.get("/counselor/").text
    assert "青-100" in queue
    assert "12月1日(火)" in queue
    assert "過ぎています" not in queue  # its clock is the day agreed, not the one of its first days
    assert room.post("again", words="元気に来ている", next_on="2027-03-01").status_code == 303
    assert room.case().follow_up_on == date(2027, 3, 1)
    assert "青-100" not in room.client.get("/counselor/").text


@pytest.mark.parametrize(
    "deed",
    [
        "claim",
        "move",
        "contact",
        "note",
        "close",
        "close/confirm",
        "again",
        "later",
        "lower",
        "lower/confirm",
        "release",
        "draft",
        "name",
        "sheet",
    ],
)
def test_another_schools_counselor_can_do_nothing(tmp_path: Path, deed: str) -> None:
    with open_room(tmp_path, login="berg") as room:
        fields = {"to": "triage", "result": "met", "words": "x", "outcome": "other_need", "reason": "safety"}
        fields |= {"label": "other", "agree": "yes", "form": "note"}
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
