"""How urgent a case is: a person may call it less urgent, the most urgent with a second; nothing urgent is put aside."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from survey_api.services.review import actions as review_actions
from survey_api.tables.cases import Case
from survey_api.vocabulary import AuditKind, Urgency
from tests.house import SETUP
from tests.survey_ui.counselor.room import Room, open_room

LOWER = {"to": "check", "words": "本人と話し、書きまちがいと分かった"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.post("claim")
        yield opened


def facts(room: Room, kind: AuditKind) -> list[dict[str, object]]:
    return [json.loads(entry.facts) for entry in room.trail() if entry.kind == kind]


def test_nobody_calls_a_most_urgent_case_less_urgent_alone(room: Room) -> None:
    assert room.post("lower", **LOWER).status_code == 303
    assert room.case().urgency == Urgency.TODAY
    alone = room.post("lower/confirm", agree="yes")
    assert alone.status_code == 409
    assert "別の人が確かめて下げます" in alone.text
    assert "急ぎを下げる確認待ち" in room.client.get("/counselor/?kind=second").text
    with room.as_("sato") as second:
        assert "二人目として下げる" in second.client.get(room.here).text
        assert second.post("lower/confirm", agree="no").status_code == 422
        assert second.post("lower/confirm", agree="yes", words="担任とも確かめた").status_code == 303
    case = room.case()
    assert (case.urgency, case.lowering_by, case.due_on) == (Urgency.CHECK, None, date(2026, 12, 8))
    page = room.client.get(room.here).text
    assert "急ぎを下げた: すぐに → 確認" in page
    assert "なぜここにあるか" in page
    assert "消えてしまいたい" in page  # the reasons of the rules stay as they were
    assert facts(room, AuditKind.CASE_LOWER_ASKED) == [{"from": "today", "to": "check"}]
    assert facts(room, AuditKind.CASE_LOWERED) == [{"from": "today", "to": "check"}]


def test_a_new_signal_raises_again_what_was_called_less_urgent(room: Room) -> None:
    room.post("lower", **LOWER)
    with room.as_("sato") as second:
        second.post("lower/confirm", agree="yes")
    with room.house.runtime.work(SETUP) as work:
        review_actions.raise_urgency(work, work.db.get_one(Case, room.case_id), Urgency.TODAY)
    case = room.case()
    assert (case.urgency, case.due_on) == (Urgency.TODAY, date(2026, 11, 24))


def test_what_is_not_most_urgent_is_lowered_by_one_and_never_raised_by_this_way(room: Room) -> None:
    lowered(room, Urgency.THIS_WEEK)
    assert room.post("lower", **LOWER).status_code == 303
    assert room.case().urgency == Urgency.CHECK
    for target in ("this_week", "today", "check", "nothing"):
        refused = room.post("lower", to=target, words="上げたい")
        assert refused.status_code == 422
        assert "今より低い急ぎ" in refused.text
    assert room.post("lower", to="watch", words=" ").status_code == 422


def test_the_second_person_may_say_no(room: Room) -> None:
    room.post("lower", **LOWER)
    with room.as_("sato") as second:
        assert second.post("lower/confirm", agree="no", words="会えていない").status_code == 303
    case = room.case()
    assert (case.urgency, case.lowering_by, case.lowering_to) == (Urgency.TODAY, None, None)
    assert "会えていない" in room.client.get(room.here).text


def lowered(room: Room, urgency: Urgency) -> None:
    with room.house.runtime.work(SETUP) as work:
        case = room.case()
        case.urgency = urgency
        work.db.merge(case)


def test_what_is_most_urgent_cannot_be_put_aside(room: Room) -> None:
    """Neither by its own verb nor by the next date of a contact, until the child was met."""
    later = room.post("later", next_on="2026-11-25", words="明日でよい")
    assert later.status_code == 409
    assert "後回しにできません" in later.text
    assert "再確認日を決める" not in room.client.get(room.here).text
    far = room.post("contact", result="absent", next_on="2026-11-26")
    assert far.status_code == 422
    assert "本人に会えるまでは次の登校日まで(11月25日)" in far.text
    assert room.post("contact", result="absent", next_on="2026-11-24").status_code == 422
    assert room.post("contact", result="absent", next_on="2026-11-25").status_code == 303
    assert room.case().due_on == date(2026, 11, 25)
    assert room.post("contact", result="met", next_on="2027-02-01").status_code == 422
    assert room.post("contact", result="met", next_on="2026-12-08").status_code == 303


def test_another_day_needs_a_reason_and_an_end(room: Room) -> None:
    lowered(room, Urgency.CHECK)
    for fields in (
        {"next_on": "", "words": "来週会う"},
        {"next_on": "2026-12-01", "words": ""},
        {"next_on": "2026-11-24", "words": "今日"},
        {"next_on": "2027-03-01", "words": "春に"},
    ):
        assert room.post("later", **fields).status_code == 422, fields
    assert room.post("later", next_on="2026-12-01", words="来週の面談で会う").status_code == 303
    assert room.case().due_on == date(2026, 12, 1)
    with room.house.runtime.work(SETUP) as work:
        review_actions.raise_urgency(work, work.db.get_one(Case, room.case_id), Urgency.THIS_WEEK)
    assert room.case().due_on == date(2026, 11, 27)  # a new, stronger signal ends the wait


def test_no_door_closes_or_puts_aside_several_at_once(room: Room) -> None:
    """Several cases may get an owner or a reviewer together, and nothing else."""
    paths = {route.path for route in room.client.app.routes if "/counselor" in getattr(route, "path", "")}  # type: ignore[attr-defined]
    several = {path for path in paths if "{case_id}" not in path and ("close" in path or "later" in path)}
    assert several == set()
