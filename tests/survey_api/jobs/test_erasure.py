"""What is taken back or old enough is gone, also from the files; what is held is not; and it is certified."""

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, String, insert
from sqlmodel import Session, col, select, update

from survey_api.audit import chain, queries, trail
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
from survey_api.tables.memos import MemoCard, NoticeMemo
from survey_api.tables.metadata import METADATA
from survey_api.tables.notifications import Notification
from survey_api.tables.results import Result
from survey_api.tables.schools import School, Student
from survey_api.tables.submissions import AnswerKey, Submission
from survey_api.tables.waves import Ticket, Wave
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from survey_api.vocabulary import AuditKind, HoldKind, WithdrawnBy
from tests.answered import answer
from tests.house import SETUP, House, bank, open_house, worst_answers

FREE_TEXT = next(value for value in worst_answers(bank("chu")).values() if value == "いえに かえりたくない")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, after=two_are_worried) as opened:
        yield opened


def two_are_worried(house: House) -> None:
    answer(house, worried=2)


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
            answered = house.refused(client, secret=pupil.ticket.secret)
            text = re.sub(r'name="asking" value="[^"]+"', "", answered.text)
            shown.append((answered.status_code, answered.headers.get("location"), text))
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
    assert what_is_due(house.runtime).gone["pupil"] == 0
    house.clock.move(timedelta(days=1))
    foreseen = what_is_due(house.runtime)
    assert foreseen.gone["pupil"] == 1
    with house.runtime.reading() as db:
        key = db.exec(
            select(AnswerKey.wrapped_key).where(AnswerKey.pseudonym == house.pupils[0].pseudonym)
        ).one()
        sealed = db.exec(
            select(Submission.sealed).where(Submission.pseudonym == house.pupils[0].pseudonym)
        ).one()
    assert any(key in file.read_bytes() for file in tmp_path.glob("survey.db*"))
    assert erase_what_is_due(house.runtime) == foreseen.gone.total(), "the dry run told the truth"
    assert erase_what_is_due(house.runtime) == 0, "a second run finds nothing"
    for file in tmp_path.glob("*.db*"):
        raw = file.read_bytes()
        assert key not in raw, file.name
        assert sealed is not None
        assert sealed[-64:] not in raw, file.name
    assert sealed.hex() not in dump(tmp_path)
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[0].pseudonym)
    assert house.runtime.vault.name_of(house.pupils[1].pseudonym) == house.pupils[1].name
    with house.runtime.reading() as db:
        kinds = [row.kind for row in db.exec(select(Certificate)).all()]
        assert sorted(kinds) == ["pupil", "ticket_verifiers"]
        assert chain.verify(queries.all_entries(db)).broken_at is None


def dump(folder: Path) -> str:
    with sqlite3.connect(folder / "survey.db") as db:
        return "\n".join(db.iterdump()).lower()


CASE_RULE = read_table()["case_records"].days or 0


def close_cases(house: House) -> list[str]:
    """Everything that can hang on a case, at each of the two cases; both closed; ids by pupil."""
    cases = []
    for number in (0, 1):
        with house.runtime.work(SETUP) as work:
            case = work.db.exec(select(Case).where(Case.pseudonym == house.pupils[number].pseudonym)).one()
            fill_every_table(work.db, case, house.staff["aoki"])
            case.state = "closed"
            work.db.add(case)
            cases.append(case.id)
    return cases


def fill_every_table(db: Session, case: Case, staff_id: str) -> None:
    """One row in every table that points to cases, and in those that point to such a row."""
    made: dict[str, str] = {"cases": case.id}
    for table in METADATA.sorted_tables:
        keys = {key.parent.name: key.column.table.name for key in table.foreign_keys}
        if not set(keys.values()) & set(made) or table.name == "cases":
            continue
        known = {
            "schools": case.school_id,
            "staff": staff_id,
            "waves": case.wave_id,
            "results": case.result_id,
        }
        known |= {"students": case.pseudonym}
        values = {
            column.name: {**known, **made}.get(keys[column.name]) if column.name in keys else filler(column)
            for column in table.columns
        }
        if "check_draws" in keys.values():
            draw = METADATA.tables["check_draws"]
            drawn = {column.name: filler(column) for column in draw.columns}
            db.connection().execute(
                insert(draw).values({**drawn, "wave_id": case.wave_id, "school_id": case.school_id})
            )
            values["draw_id"] = drawn["id"]
        if "memo_cards" in keys.values():
            card = METADATA.tables["memo_cards"]
            drawn = {column.name: filler(column) for column in card.columns}
            db.connection().execute(insert(card).values(drawn))
            values["card_id"] = drawn["id"]
        db.connection().execute(insert(table).values(values))
        made[table.name] = str(values.get("id", case.id))


def filler(column: Column[Any]) -> object:
    kind = getattr(column.type, "impl", column.type)
    if isinstance(kind, String):
        return f"{MARK}{secrets.token_hex(8)}"
    if isinstance(kind, DateTime):
        return datetime(2026, 11, 24, tzinfo=UTC)
    by_type: dict[type, object] = {bytes: MARK.encode(), int: 1, float: 0.5, bool: False}
    return by_type.get(kind.python_type, date(2026, 11, 24))


MARK = "fallakte"


def rows_with(folder: Path, *words: str) -> dict[str, int]:
    """Table → rows that hold one of the words, but for the trail."""
    found: dict[str, int] = {}
    with sqlite3.connect(folder / "survey.db") as db:
        for table in METADATA.tables:
            count = sum(any(w in repr(row) for w in words) for row in db.execute(f"SELECT * FROM {table}"))
            if count and table != "audit_entries":
                found[table] = count
    return found


def test_case_records_go_by_their_own_rule_with_everything_that_hangs_on_them(
    house: House, tmp_path: Path
) -> None:
    first, second = close_cases(house)
    hanging = rows_with(tmp_path, first)
    assert len(hanging) > 10, "teeth: the case really had everything"
    leave(house, 0)
    house.clock.move(timedelta(days=1))
    leave(house, 1)
    house.clock.move(timedelta(days=CASE_RULE - 2))
    erase_what_is_due(house.runtime)
    assert set(rows_with(tmp_path, first)) == set(hanging), "name and answers go first, the case stays"
    house.clock.move(timedelta(days=1))
    assert what_is_due(house.runtime).gone["case_records"] == 1
    assert erase_what_is_due(house.runtime) >= 1
    assert rows_with(tmp_path, first) == {}
    assert set(rows_with(tmp_path, second)) == set(hanging), "not a day too early"
    house.clock.move(timedelta(days=1))
    erase_what_is_due(house.runtime)
    assert rows_with(tmp_path, first, second) == {}
    assert erase_what_is_due(house.runtime) == 0
    assert set(rows_with(tmp_path, MARK)) == {"check_draws", "memo_cards"}, "what belongs to no case stays"
    with house.runtime.reading() as db:
        papers = db.exec(select(Certificate).where(col(Certificate.kind) == "case_records")).all()
        assert len(papers) == 2
        assert json.loads(papers[0].counts)["cases"] == 1
        assert chain.verify(queries.all_entries(db)).broken_at is None


def test_a_case_that_is_not_closed_is_never_erased_by_a_machine(house: House, tmp_path: Path) -> None:
    leave(house, 0)
    house.clock.move(timedelta(days=CASE_RULE * 3))
    assert what_is_due(house.runtime).still_open == 1
    erase_what_is_due(house.runtime)
    assert rows_with(tmp_path, house.pupils[0].pseudonym)["cases"] == 1


def test_a_held_wave_keeps_its_own_part_and_lets_everything_else_go(house: House) -> None:
    """The hold of one school's wave: pupils who were in it keep name and that wave; nobody else is held."""
    with house.runtime.work(SETUP) as work:
        other = Wave(
            id="other", name="別の回", opens_on=date(2026, 6, 1), closes_on=date(2026, 6, 9), state="closed"
        )
        work.db.add(other)
        work.db.flush()
        for number in (0, 1):
            mine = work.db.get_one(Ticket, house.pupils[number].ticket_id)
            work.db.add(
                Ticket(
                    **{
                        **mine.model_dump(),
                        "id": f"t{number}",
                        "wave_id": "other",
                        "qr_mac": f"q{number}",
                        "state": "spent",
                    }
                )
            )
            sheet = work.db.exec(select(Submission).where(Submission.ticket_id == mine.id)).one()
            work.db.add(
                Submission(
                    **{
                        **sheet.model_dump(),
                        "id": f"s{number}",
                        "wave_id": "other",
                        "ticket_id": f"t{number}",
                    }
                )
            )
        work.db.flush()
    north = house.schools["north"]
    leave(house, 0, 5)
    with house.runtime.work(office("first")) as work:
        hold = place_hold(work, HoldKind.WAVE, north, sign="", wave_id="other", reason="重大事態の調査のため")
    house.clock.move(timedelta(days=1095))
    assert what_is_due(house.runtime).held["pupil"] == 1
    assert erase_what_is_due(house.runtime) >= 2
    assert erase_what_is_due(house.runtime) == 0

    def state(number: int, wave: str) -> str:
        with house.runtime.reading() as db:
            who = house.pupils[number].pseudonym
            return db.exec(
                select(Submission.state).where(Submission.pseudonym == who, Submission.wave_id == wave)
            ).one()

    assert state(0, "other") == "closed", "held"
    assert state(0, house.wave_id) == "withdrawn", "another wave of the same pupil is not held"
    assert house.runtime.vault.name_of(house.pupils[0].pseudonym), "whose sheet it is stays known"
    assert state(5, house.wave_id) == "withdrawn"
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[5].pseudonym)
    with house.runtime.work(office("second")) as work:
        lift_hold(work, hold)
    assert erase_what_is_due(house.runtime) == 3, "one pupil, and what the two held tickets were checked with"
    assert state(0, "other") == "withdrawn"
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[0].pseudonym)


def test_a_hold_of_one_school_s_wave_binds_no_other_school(house: House) -> None:
    with house.runtime.work(office()) as work:
        place_hold(
            work,
            HoldKind.WAVE,
            house.schools["south"],
            sign="",
            wave_id=house.wave_id,
            reason="調査が続いているため",
        )
    assert withdraw(house, 5)


def test_the_name_goes_first_and_an_interrupted_run_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(house, 5)
    house.clock.move(timedelta(days=1095))
    whole = Session.commit

    def refuses(session: Session) -> None:
        if session.get_bind() is house.runtime.survey.write:
            raise OSError("the power went")
        whole(session)

    monkeypatch.setattr(Session, "commit", refuses)
    with pytest.raises(OSError, match="power"):
        erase_what_is_due(house.runtime)
    monkeypatch.undo()
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[5].pseudonym)
    with house.runtime.reading() as db:
        assert db.exec(select(AnswerKey).where(AnswerKey.pseudonym == house.pupils[5].pseudonym)).one()
    assert erase_what_is_due(house.runtime) >= 1
    with house.runtime.reading() as db:
        assert (
            db.exec(select(AnswerKey).where(AnswerKey.pseudonym == house.pupils[5].pseudonym)).first() is None
        )


def test_who_graduated_is_counted_from_the_end_of_school(house: House) -> None:
    with house.runtime.work(SETUP) as work:
        school = work.db.get_one(School, house.schools["north"])
        school.last_grade = house.pupils[0].grade + 1
        work.db.add(school)
        young = work.db.get_one(Student, house.pupils[3].pseudonym)
        young.grade -= 1
        work.db.add(young)
        trail.record(
            work,
            AuditKind.ROSTER_APPLIED,
            "roster",
            "x",
            added=0,
            changed=0,
            moved=0,
            left=0,
            file_sha256="x",
        )

    def gone() -> set[date | None]:
        with house.runtime.reading() as db:
            return {row.left_on for row in db.exec(select(Student)).all()}

    house.clock.move(date(2028, 5, 29) - date(2026, 11, 24))
    erase_what_is_due(house.runtime)
    assert gone() == {None}, "the next roster may still be on its way"
    house.clock.move(timedelta(days=1))
    erase_what_is_due(house.runtime)
    assert gone() == {None, date(2028, 3, 31)}
    with house.runtime.reading() as db:
        assert db.get_one(Student, house.pupils[3].pseudonym).active, "one grade below: a year later"
    house.clock.move(timedelta(days=365))
    erase_what_is_due(house.runtime)
    assert gone() == {date(2028, 3, 31), date(2029, 3, 31)}


def test_sheets_that_called_nobody_go_earlier_where_a_board_has_set_it(house: House, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(SHIPPED.read_text("utf-8").replace("  days: null", "  days: 400", 1), "utf-8")
    told = house.runtime.settings.model_copy(update={"retention_file": own})
    object.__setattr__(house.runtime, "settings", told)
    house.clock.move(date(2026, 12, 11) + timedelta(days=400) - date(2026, 11, 24))
    assert what_is_due(house.runtime).gone["calm_answers"] == 4
    erase_what_is_due(house.runtime)
    with house.runtime.reading() as db:
        left = set(db.exec(select(AnswerKey.pseudonym)).all())
    assert left == {pupil.pseudonym for pupil in house.pupils[:2]}, "those with a case stay"
    assert erase_what_is_due(house.runtime) == 0


def test_settled_memos_notifications_and_sign_ins_go_by_their_day(house: House, tmp_path: Path) -> None:
    with house.client() as client:
        house.sign_in(client, "aoki")
    with house.runtime.work(SETUP) as work:
        card = MemoCard(id="card", label="x", mac="m", active=True, made_at=work.now)
        work.db.add(card)
        work.db.flush()
        for state in ("acted", "received"):
            work.db.add(
                NoticeMemo(
                    id=state,
                    card_id="card",
                    urgent=False,
                    state=state,
                    received_on=date(2026, 11, 24),
                    receipt_mac=state,
                    sealed=b"x",
                )
            )
        work.db.execute(update(Notification).values(state="sent"))
    house.clock.move(timedelta(days=31))
    assert what_is_due(house.runtime).gone["sign_ins"] == 1
    assert what_is_due(house.runtime).gone["outbox"] == 0
    house.clock.move(timedelta(days=1100))
    assert what_is_due(house.runtime).gone["outbox"] == len(rows("notifications", tmp_path)) > 0
    house.clock.move(timedelta(days=1000))
    erase_what_is_due(house.runtime)
    assert [row[0] for row in rows("notice_memos", tmp_path)] == ["received"], "nobody acted on it yet"
    assert rows("notifications", tmp_path) == rows("staff_sessions", tmp_path) == []


def rows(table: str, folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "survey.db") as db:
        return list(db.execute(f"SELECT * FROM {table}"))


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
    assert what_is_due(house.runtime).held["pupil"] == 1
    with pytest.raises(BadInput, match="別の人"), house.runtime.work(office("first")) as work:
        lift_hold(work, hold)
    with house.runtime.work(office("second")) as work:
        lift_hold(work, hold)
    assert erase_what_is_due(house.runtime) >= 1
    with pytest.raises(NotFound):
        house.runtime.vault.name_of(house.pupils[5].pseudonym)


def test_a_held_pupil_who_was_never_asked_anything_keeps_its_name(house: House) -> None:
    north = house.schools["north"]
    with house.runtime.vault_work(SETUP) as vault_work:
        name = PersonName("架空", "新", "カクウ", "アラタ", "9")
        who = enrol(vault_work, [Enrolment("new", north, name)])["new"]
    with house.runtime.work(SETUP) as work:
        work.db.add(Student(pseudonym=who, school_id=north, grade=7, class_name="1", sign="青-900"))
    with house.runtime.work(office("first")) as work:
        place_hold(work, HoldKind.PUPIL, north, sign="青-900", wave_id="", reason="重大事態の調査のため")
    with house.runtime.work(Actor.job("test")) as work:
        students_actions.place(work, [], left=[who])
    house.clock.move(timedelta(days=2000))
    erase_what_is_due(house.runtime)
    assert house.runtime.vault.name_of(who) == name


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
        ({"kind": "trail", "days": 365}, "trail は機械では消せません"),
    ],
)
def test_a_board_s_own_table_is_checked(change: dict[str, object], said: str) -> None:
    rows = [
        {"kind": rule.kind, "what": rule.what, "after": rule.after, "days": rule.days, "ground": rule.ground}
        for rule in read_table().values()
    ]
    place = next(number for number, row in enumerate(rows) if row["kind"] == "pupil")
    rows[place] |= change
    with pytest.raises(BadInput, match=said):
        rules_from(rows, "表")
    with pytest.raises(BadInput, match="backups"):
        rules_from([row for row in rows if row["kind"] in ("drafts", "memos")], "表")
    assert SHIPPED.exists()


def test_counts_on_a_certificate_are_what_went(house: House) -> None:
    made = withdraw(house, 3, WithdrawnBy.CHILD)
    with house.runtime.reading() as db:
        row = db.exec(select(Certificate).where(col(Certificate.id) == made)).one()
    assert json.loads(row.counts) == {"answers": 1, "keys": 1, "results": 1}
    assert house.pupils[3].pseudonym not in (row.subject, row.id)
