"""What is taken back or old enough is gone, also from the files; what is held is not; and it is certified."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from survey_api.audit import chain, queries
from survey_api.jobs.retention import erase_what_is_due, what_is_due
from survey_api.journeys.hold_back import lift_hold, place_hold
from survey_api.journeys.withdraw_answers import opt_out, withdraw_answers
from survey_api.kit.actor import Actor, ActorKind
from survey_api.kit.problems import BadInput, NotFound
from survey_api.services.erasure.rules import rules_from
from survey_api.services.erasure.table import SHIPPED, read_table
from survey_api.services.insights import queries as insights_queries
from survey_api.services.results import queries as results_queries
from survey_api.services.students import actions as students_actions
from survey_api.tables.cases import Case, CaseEvent
from survey_api.tables.erasure import Certificate
from survey_api.tables.results import Result
from survey_api.tables.schools import Student
from survey_api.tables.submissions import AnswerKey, Submission
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import HoldKind, WithdrawnBy
from tests.answered import answer
from tests.house import House, bank, open_house, worst_answers

FREE_TEXT = next(value for value in worst_answers(bank("chu")).values() if value == "いえに かえりたくない")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        answer(opened, worried=2)
        yield opened


def office(login: str = "ono") -> Actor:
    return Actor(ActorKind.STAFF, login, frozenset({("office", None)}))


def withdraw(house: House, number: int, by: WithdrawnBy = WithdrawnBy.GUARDIAN) -> str:
    with house.runtime.work(office()) as work:
        return withdraw_answers(work, house.schools["north"], sign(house, number), house.wave_id, by)


def sign(house: House, number: int) -> str:
    with house.runtime.reading() as db:
        return db.get_one(Student, house.pupils[number].pseudonym).sign


def test_a_withdrawal_takes_everything_at_once_and_leaves_the_others(house: House) -> None:
    withdraw(house, 5)
    gone = house.pupils[5].pseudonym
    with house.runtime.reading() as db:
        mine = db.exec(select(Submission).where(Submission.pseudonym == gone)).one()
        assert (mine.state, mine.sealed) == ("withdrawn", None)
        result = db.exec(select(Result).where(Result.pseudonym == gone)).one()
        assert (result.sealed, result.urgency, result.digest) == (b"", None, "erased")
        assert db.exec(select(AnswerKey).where(AnswerKey.pseudonym == gone)).all() == []
        counted = list(insights_queries._children(db, house.runtime.keys, house.wave_id))
        assert len(counted) == len(house.pupils) - 1
        assert chain.verify(queries.all_entries(db)).broken_at is None


def test_a_case_stays_with_its_reasons_in_words_and_without_the_answers(house: House) -> None:
    withdraw(house, 0)
    with house.runtime.reading() as db:
        case = db.exec(select(Case).where(Case.pseudonym == house.pupils[0].pseudonym)).one()
        assert case.state == "new", "the child is still seen"
        assert len(db.exec(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()) == 1
    with house.client() as client:
        house.sign_in(client, "aoki")
        shown = client.get(f"/counselor/cases/{case.id}")
        assert shown.status_code == 200
        assert "回答は取り消され、消去されました。" in shown.text
        assert "対応待ちになったときの理由" in shown.text
        assert FREE_TEXT not in shown.text
        assert client.get("/counselor/").status_code == 200


def test_the_office_cannot_tell_who_had_answered_or_had_a_case(house: House) -> None:
    """A child with a case, one without, and one who never sent: the same certificate but for sign and number."""
    with house.client() as client:
        house.sign_in(client, "ono")
        papers = []
        for number in (0, 5):
            made = withdraw(house, number)
            text = client.get(f"/office/consent/{made}").text
            papers.append(text.replace(made, "").replace(sign(house, number), ""))
    assert papers[0] == papers[1]
    with house.runtime.reading() as db:
        assert {row.kind for row in db.exec(select(Certificate)).all()} == {"withdrawal.guardian"}


def test_another_answer_of_the_same_child_next_wave_is_understood(house: House) -> None:
    withdraw(house, 0)
    with house.runtime.reading() as db:
        who = house.pupils[0].pseudonym
        assert results_queries.latest_before(db, house.runtime.keys, who, "another wave") is None


def test_an_opted_out_child_sees_what_a_child_who_declined_sees(tmp_path: Path) -> None:
    with open_house(tmp_path) as house, house.client() as client:
        with house.runtime.work(office()) as work:
            opt_out(work, house.schools["north"], sign(house, 0), out=True)
        house.show_ticket(client, house.pupils[1])
        assert client.post("/s/decline").status_code == 303
        client.cookies.clear()
        shown = []
        for pupil in house.pupils[:2]:
            answered = client.post("/t", data={"secret": pupil.ticket.secret})
            shown.append((answered.status_code, answered.headers.get("location"), answered.text))
        assert shown[0] == shown[1]
        with house.runtime.reading() as db:
            states = {row.state for row in db.exec(select(Submission)).all()}
            assert states == {"declined"}


def leave(house: House, *numbers: int) -> None:
    with house.runtime.work(Actor.job("test")) as work:
        students_actions.place(work, [], left=[house.pupils[number].pseudonym for number in numbers])


def test_time_takes_exactly_what_is_due_once_and_out_of_the_files_too(house: House, tmp_path: Path) -> None:
    leave(house, 0)
    house.clock.move(timedelta(days=1094))
    leave(house, 1)
    assert [pupil.pseudonym for pupil in what_is_due(house.runtime).pupils] == []
    house.clock.move(timedelta(days=1))
    assert [pupil.pseudonym for pupil in what_is_due(house.runtime).pupils] == [house.pupils[0].pseudonym]
    with house.runtime.reading() as db:
        key = db.exec(
            select(AnswerKey.wrapped_key).where(AnswerKey.pseudonym == house.pupils[0].pseudonym)
        ).one()
        sealed = db.exec(
            select(Submission.sealed).where(Submission.pseudonym == house.pupils[0].pseudonym)
        ).one()
    assert any(key in file.read_bytes() for file in tmp_path.glob("survey.db*"))
    assert erase_what_is_due(house.runtime) >= 1
    assert erase_what_is_due(house.runtime) == 0, "a second run finds nothing"
    for file in tmp_path.glob("*.db*"):
        raw = file.read_bytes()
        assert key not in raw, file.name
        assert sealed is not None
        assert sealed[-64:] not in raw, file.name
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[0].pseudonym)
    assert house.runtime.vault.name_of(house.pupils[1].pseudonym) == house.pupils[1].name
    with house.runtime.reading() as db:
        kinds = [row.kind for row in db.exec(select(Certificate)).all()]
        assert sorted(kinds) == ["pupil", "ticket_verifiers"]
        assert chain.verify(queries.all_entries(db)).broken_at is None


def test_ticket_verifiers_go_thirty_days_after_their_wave(house: House) -> None:
    with house.runtime.reading() as db:
        wave = db.get_one(Wave, house.wave_id)
    house.clock.move(wave.closes_on - date(2026, 11, 24) + timedelta(days=30))
    assert erase_what_is_due(house.runtime) == len(house.pupils)
    with house.runtime.reading() as db:
        assert {row.code_hash for row in db.exec(select(Ticket)).all()} == {"gone"}


@pytest.mark.parametrize("kind", list(HoldKind))
def test_what_is_held_is_not_erased_until_another_person_lets_it_go(house: House, kind: HoldKind) -> None:
    north = house.schools["north"]
    leave(house, 5)
    with house.runtime.work(office("first")) as work:
        hold = place_hold(
            work, kind, north, sign=sign(house, 5), wave_id=house.wave_id, reason="重大事態の調査のため"
        )
    house.clock.move(timedelta(days=2000))
    with pytest.raises(BadInput, match="保全"):
        withdraw(house, 5)
    erase_what_is_due(house.runtime)
    assert house.runtime.vault.name_of(house.pupils[5].pseudonym)
    assert what_is_due(house.runtime).held == 1
    with pytest.raises(BadInput, match="別の人"), house.runtime.work(office("first")) as work:
        lift_hold(work, hold)
    with house.runtime.work(office("second")) as work:
        lift_hold(work, hold)
    assert erase_what_is_due(house.runtime) >= 1
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[5].pseudonym)


def test_an_office_reaches_its_own_school_only(house: House) -> None:
    south = Actor(ActorKind.STAFF, "x", frozenset({("office", house.schools["south"])}))
    with pytest.raises(NotFound), house.runtime.work(south) as work:
        withdraw_answers(work, house.schools["north"], sign(house, 0), house.wave_id, WithdrawnBy.CHILD)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"days": 10}, "180日以上"),
        ({"days": -1}, "days"),
        ({"days": "x"}, "days"),
        ({"kind": "everything"}, "everything"),
        ({"ground": " "}, "ground"),
    ],
)
def test_a_board_s_own_table_is_checked(change: dict[str, object], said: str) -> None:
    rows = [
        {"kind": rule.kind, "what": rule.what, "after": rule.after, "days": rule.days, "ground": rule.ground}
        for rule in read_table().values()
    ]
    rows[2] |= change
    with pytest.raises(BadInput, match=said):
        rules_from(rows, "表")
    with pytest.raises(BadInput, match="backups"):
        rules_from(rows[:2], "表") if change.get("kind") else rules_from(rows[:2] + rows[3:5], "表")
    assert SHIPPED.exists()


def test_counts_on_a_certificate_are_what_went(house: House) -> None:
    made = withdraw(house, 3, WithdrawnBy.CHILD)
    with house.runtime.reading() as db:
        row = db.exec(select(Certificate).where(col(Certificate.id) == made)).one()
    assert json.loads(row.counts) == {"answers": 1, "keys": 1, "results": 1}
    assert house.pupils[3].pseudonym not in (row.subject, row.id)
