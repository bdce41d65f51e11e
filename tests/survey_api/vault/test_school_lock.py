"""A school's own key: what the server cannot do any more, what its people can, and that nobody is locked out."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from survey_api.access import (
    actions as access_actions,
)
from survey_api.access import (
    open_locks,
    passwords,
    school_locks,
    sealing,
    sessions,
    unlockers,
)
from survey_api.access.scope import Scope
from survey_api.jobs import health
from survey_api.jobs.clocks import tick
from survey_api.jobs.school_locks import seal_what_slipped_in
from survey_api.journeys import lock_school
from survey_api.journeys.hand_over import draft_sheet
from survey_api.journeys.lock_school import seal_whole_school
from survey_api.journeys.report_suspicion import draft_report
from survey_api.kit import box
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import open_sealed, token_hash
from survey_api.kit.problems import (
    BadInput,
    Busy,
    Erased,
    IllegalMove,
    KeyMissing,
    NotAllowed,
    NotFound,
    Problem,
    SchoolLocked,
)
from survey_api.kit.work import reading
from survey_api.runtime import open_runtime
from survey_api.services.referrals.rules import Sheet
from survey_api.services.submissions import queries as submissions_queries
from survey_api.tables.cases import Case
from survey_api.tables.locks import OpenLock, Unlocker
from survey_api.tables.metadata import METADATA
from survey_api.tables.staff import Staff
from survey_api.tables.submissions import Submission
from survey_api.vault.cipher import PersonName
from survey_api.vault.door import Enrolment, enrol
from survey_api.vault.tables import VAULT_METADATA, Person, VaultKey
from survey_api.vocabulary import Role
from tests.answered import answer
from tests.house import PASSWORD, House, bank, open_house, worst_answers
from tests.locked import PHRASES, QUICK, gather, lock, make_quick, session
from tests.postgres import PostgresServer, serial

WORDS = [
    str(value) for item, value in worst_answers(bank("chu")).items() if bank("chu").shape[item].kind == "text"
]
NAMES = ("架空", "花子", "カクウ", "ハナコ")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    make_quick(monkeypatch)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, pupils=4) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    urls = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        templates = request.getfixturevalue("postgres_templates")
        number = next(serial)
        first, second = map(server.create, (f"lock_{number}", f"lock_vault_{number}"), templates)
        urls = (first, second)
    with open_house(tmp_path, pupils=4, urls=urls) as opened:
        yield opened


def papers(house: House, who: Any) -> None:
    """A sheet with the name and a report are made from the first case, as a counselor would."""
    with house.runtime.reading() as db:
        case_id = db.exec(select(Case.id).where(Case.pseudonym == house.pupils[0].pseudonym)).one()
    vault = house.runtime.vault_for(who.opened)
    fields = {"facts": "見たこと", "own_words": WORDS[0], "contact_by": "other", "contact_detail": "学校"}
    sheet = Sheet("", None, "given", frozenset({"name", "facts", "own_words"}), (), "", fields)
    with house.runtime.work(who.actor, opened=who.opened) as work:
        draft_sheet(work, vault, case_id, sheet)
        draft_report(work, vault, case_id, "見たこと", WORDS[0])


# --- what somebody gets who has everything the server has ---------------------------------------------------------


def rows(house: House) -> list[dict[str, Any]]:
    """Every row of both databases, with the name of its table."""
    found = []
    for store, tables in ((house.runtime.survey, METADATA), (house.runtime.vault_store, VAULT_METADATA)):
        with store.read.connect() as connection:
            for table in tables.sorted_tables:
                found += [{"table": table.name, **row._mapping} for row in connection.execute(table.select())]
    return found


def server_keys(house: House, everything: list[dict[str, Any]]) -> set[bytes]:
    """Every key the server has: the key file's, and every one that these unwrap, one after the other."""
    keyring = house.runtime.keys
    keys = set(keyring.keys.values())
    for row in everything:
        if row["table"] == "schools":
            keys.add(keyring.unwrap("survey_kek", f"survey_kek|{row['id']}", row["wrapped_key"]))
        if row["table"] == "vault_keys":
            keys.add(keyring.unwrap("vault_kek", f"vault_kek|{row['school_id']}", row["wrapped_key"]))
    with house.runtime.reading() as db:
        for row in db.exec(select(Submission)).all():
            key = sealing._child_key(db, keyring, row)
            if key:
                keys.add(key)
    return keys


def readable(house: House) -> str:
    """All that the server's keys open, by the ways the code knows and by trying every key on every blob."""
    everything = rows(house)
    keys = server_keys(house, everything)
    candidates = keys | {
        bytes(value)
        for row in everything
        for value in row.values()
        if isinstance(value, bytes | memoryview) and len(value) == 32
    }
    said: list[str] = []
    for row in everything:
        school, who = row.get("school_id", ""), row.get("pseudonym", "")
        places = (
            f"{school}|person|{who}",
            f"{school}|referral|{row.get('id')}",
            f"{school}|report|{row.get('id')}",
            *(
                f"{school}|{row.get('wave_id')}|{who}|{kind}|{row.get('id')}"
                for kind in ("submission", "result")
            ),
        )
        for value in row.values():
            said.append(str(value))
            if isinstance(value, bytes | memoryview):
                said += opened_by(candidates, bytes(value), places, row)
    return "\n".join(said)


def opened_by(keys: set[bytes], blob: bytes, places: tuple[str, ...], row: dict[str, Any]) -> list[str]:
    found = []
    for key, place in product(keys, places):
        if plain := tried(key, blob, place):
            found += [plain.decode(errors="replace"), *inner(keys, plain, row)]
    return found


def tried(key: bytes, blob: bytes, place: str) -> bytes:
    """What this key opens in this place; nothing when it does not."""
    try:
        if box.is_box(blob):
            return box.unclose(key, blob, place)
        if blob[:1] in (b"\x01", b"\x02"):
            return open_sealed(key, blob.removeprefix(b"\x02"), place)
    except KeyMissing:
        pass
    return b""


def inner(keys: set[bytes], plain: bytes, row: dict[str, Any]) -> list[str]:
    """What the same keys open of the boxes inside."""
    content, found = json.loads(plain), []
    for name in ("words", "closed"):
        if isinstance(content, dict) and content.get(name):
            blob = base64.b64decode(content[name])
            for key, place in product(keys, ("words", "referral words", "report words")):
                for who in ("", f"{row.get('pseudonym')}|"):
                    found.append(tried(key, blob, f"{row['school_id']}|{who}{place}|{row['id']}").decode())
    return found


def test_with_everything_the_server_has_no_name_and_no_word_opens(either: House) -> None:
    """Both databases, the key file, the environment: what opens holds no name and nothing a child wrote."""
    house = either
    answer(house, worried=2)
    papers(house, session(house, "aoki"))
    before = readable(house)
    assert WORDS
    assert all(name in before for name in NAMES), "the attack works on a school without a lock"
    assert all(word in before for word in WORDS)

    who, code = lock(house)
    house.pupils = house.pupils[:2]
    after = readable(house)
    assert [name for name in NAMES if name in after] == []
    assert [word for word in WORDS if word in after] == []
    assert "own_words" in before
    for secret in (*PHRASES.values(), code, who.token):
        assert secret not in after
    with reading(house.runtime.vault_store) as db:
        assert db.exec(select(VaultKey)).all() == []
    for pupil in house.pupils:
        with pytest.raises(SchoolLocked):
            house.runtime.vault.name_of(pupil.pseudonym)
        assert house.runtime.vault_for(who.opened).name_of(pupil.pseudonym) == pupil.name


def test_new_answers_and_papers_of_a_locked_school_are_closed_at_once(house: House) -> None:
    who, _ = lock(house)
    answer(house, worried=2)
    papers(house, who)
    after = readable(house)
    assert [text for text in (*NAMES, *WORDS) if text in after] == []


def test_what_lay_under_the_server_s_keys_is_gone_from_the_files(house: House, tmp_path: Path) -> None:
    answer(house, worried=2)
    with reading(house.runtime.vault_store) as db:
        old = [bytes(row.sealed) for row in db.exec(select(Person)).all()]
        old += [bytes(row.wrapped_key) for row in db.exec(select(VaultKey)).all()]
    with house.runtime.reading() as db:
        old += [bytes(row.sealed or b"") for row in db.exec(select(Submission)).all()]
    lock(house)
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    assert [blob for blob in old if blob in raw] == []


def test_nobody_can_try_out_what_a_child_may_have_written(house: House) -> None:
    """Whoever has the keys could compute the receipt of a guess, if nothing secret of the tablet were in it."""
    lock(house)
    answer(house, worried=1)
    keys, pupil = house.runtime.keys, house.pupils[0]
    with house.runtime.reading() as db:
        row = db.exec(select(Submission).where(Submission.pseudonym == pupil.pseudonym)).one()
    content = json.dumps(
        worst_answers(bank("chu")), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    guesses = {
        keys.mac("receipts", *parts).hex()[:32]
        for parts in (
            (pupil.ticket_id, content.encode()),
            (pupil.ticket_id, row.client_id, content.encode()),
        )
    }
    assert row.receipt not in guesses
    assert row.client_id != f"tablet-{pupil.ticket_id}"


# --- boxes ---------------------------------------------------------------------------------------------------------


def test_a_box_opens_with_its_key_in_its_place_only() -> None:
    (private, public), (other, _) = box.new_pair(), box.new_pair()
    closed = box.close(public, b"name", "school|person|a")
    assert box.unclose(private, closed, "school|person|a") == b"name"
    for key, blob, place in (
        (other, closed, "school|person|a"),
        (private, closed, "school|person|b"),
        (private, closed[:-1] + bytes([closed[-1] ^ 1]), "school|person|a"),
        (private, closed[:3] + bytes([closed[3] ^ 1]) + closed[4:], "school|person|a"),
        (private, b"", "school|person|a"),
    ):
        with pytest.raises(KeyMissing):
            box.unclose(key, blob, place)


def test_a_box_does_not_tell_how_long_a_name_is() -> None:
    _, public = box.new_pair()
    assert len({len(box.close(public, b"x" * size, "place")) for size in (0, 1, 40, 500)}) == 1


# --- who opens, and for how long -----------------------------------------------------------------------------------


def test_each_of_three_and_the_paper_open_it_and_a_lost_one_does_not_matter(house: House) -> None:
    _, code = lock(house)
    north, pupil = house.schools["north"], house.pupils[0]
    with house.runtime.work(Actor.job("test")) as work:
        work.db.delete(work.db.exec(select(Unlocker).where(Unlocker.staff_id == house.staff["aoki"])).one())
    for login in ("sato", "ono"):
        someone = session(house, login)
        someone.unlock(north, PHRASES[login])
        assert house.runtime.vault_for(someone.opened).name_of(pupil.pseudonym) == pupil.name
    typed = code.lower().replace("-", " ").translate(str.maketrans("01", "oi"))
    for written in (code, typed, code.replace("-", "")):
        lost = session(house, "aoki")
        lost.unlock(north, written)
        assert house.runtime.vault_for(lost.opened).name_of(pupil.pseudonym) == pupil.name


def test_a_wrong_passphrase_opens_nothing_and_waits_longer_each_time(house: House) -> None:
    lock(house)
    north, someone = house.schools["north"], session(house, "sato")
    for phrase in (PHRASES["aoki"], "", "x" * 500, "KZ-" + "0" * 25, *(["ちがう合言葉です"] * 4)):
        with pytest.raises(SchoolLocked):
            someone.unlock(north, phrase)
    assert someone.opened.key(key_of(house)) is None
    with pytest.raises(SchoolLocked) as waiting:
        someone.unlock(north, PHRASES["sato"])
    assert waiting.value.seconds > 0
    house.clock.move(timedelta(minutes=6))
    someone.unlock(north, PHRASES["sato"])
    assert someone.opened.key(key_of(house)) is not None


def key_of(house: House) -> str:
    with house.runtime.reading() as db:
        return school_locks.keys_of(db, house.schools["north"])[0].key_id


def test_nobody_of_another_school_or_role_can_try(house: House) -> None:
    lock(house)
    for login, refusal in (("berg", NotFound), ("ito", Problem), ("oda", Problem)):
        with pytest.raises(refusal):
            session(house, login).unlock(house.schools["north"], PHRASES["aoki"])


def test_the_cookie_of_another_session_opens_nothing(house: House) -> None:
    """Not another sign-in of the same person, and not a row copied to it by somebody who writes the database."""
    who, _ = lock(house)
    other = session(house, "aoki")
    assert other.opened.key(key_of(house)) is None
    with house.runtime.work(Actor.job("thief")) as work:
        row = work.db.exec(select(OpenLock).where(OpenLock.token_hash == token_hash(who.token))).one()
        key_id, sealed = row.key_id, row.sealed
        work.db.add(
            OpenLock(
                token_hash=token_hash(other.token),
                key_id=key_id,
                unlocker_id=row.unlocker_id,
                sealed=sealed,
            )
        )
    assert other.opened.key(key_of(house)) is None
    private = who.opened.key(key_of(house))
    assert private is not None
    place = open_locks._place(who.token, key_id)
    for guess in (
        token_hash(who.token),
        other.token,
        "",
    ):  # what stands in the database, or stood in another cookie
        with pytest.raises(KeyMissing):
            open_sealed(open_locks._cookie_key(guess), sealed, place)
    assert open_sealed(open_locks._cookie_key(who.token), sealed, place) == private


@pytest.mark.parametrize(
    "end", ["idle", "over", "signed out", "everywhere", "locked again", "taken out", "switched off"]
)
def test_the_key_ends_with_the_session(house: House, end: str) -> None:
    who, _ = lock(house)
    north = house.schools["north"]
    other = session(house, "sato")
    other.unlock(north, PHRASES["sato"])
    if end == "idle":
        house.clock.move(sessions.IDLE + timedelta(seconds=1))
    if end == "over":
        house.clock.move(sessions.ABSOLUTE + timedelta(seconds=1))
    with house.runtime.work(who.actor, opened=who.opened) as work:
        if end == "signed out":
            sessions.sign_out(work, other.token)
        if end == "everywhere":
            sessions.end_all(work, other.actor.id)
        if end == "locked again":
            open_locks.close(work, other.token, north)
        if end == "switched off":
            staff = work.db.get(Staff, other.actor.id)
            assert staff is not None
            staff.active = False
        if end == "taken out":
            mine = work.db.exec(select(Unlocker.id).where(Unlocker.staff_id == other.actor.id)).one()
            unlockers.take_out(work, north, mine)
    assert other.opened.key(key_of(house)) is None
    tick(house.runtime)
    with house.runtime.reading() as db:
        left = db.exec(select(OpenLock).where(OpenLock.token_hash == token_hash(other.token))).all()
    assert left == [] or end == "switched off"


def test_two_workers_and_neither_keeps_the_key(either: House) -> None:
    """The other process has only the databases, the key file and the cookie that comes with the request."""
    house, pupil = either, either.pupils[0]
    who, _ = lock(house)
    with open_runtime(house.runtime.settings) as second:
        worker = replace(second, clock=house.clock)
        assert worker.vault_for(worker.opened_by(who.token)).name_of(pupil.pseudonym) == pupil.name
        with pytest.raises(SchoolLocked):
            worker.vault.name_of(pupil.pseudonym)
        with worker.work(who.actor) as work:
            open_locks.close(work, who.token, house.schools["north"])
    with pytest.raises(SchoolLocked):
        house.runtime.vault_for(who.opened).name_of(pupil.pseudonym)


def test_stretching_is_dear_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passwords.Cost().memory_kib >= 64 * 1024
    assert passwords.Cost().time_cost >= 3
    with passwords._AT_ONCE, passwords._AT_ONCE, passwords._AT_ONCE, passwords._AT_ONCE:
        monkeypatch.setattr(passwords, "PATIENCE", 0.01)
        with pytest.raises(Busy):
            passwords.stretch("phrase", b"salt" * 4, QUICK)


def test_no_passphrase_code_or_key_in_a_log_or_in_the_trail(house: House) -> None:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        who, code = lock(house)
        with pytest.raises(SchoolLocked) as refused:
            who.unlock(house.schools["north"], "これはまちがった合言葉です")
    private = who.opened.key(key_of(house))
    assert private is not None
    said = out.getvalue() + repr(refused.value) + repr(who) + repr(who.opened)
    said += "".join(str(row) for row in rows(house) if row["table"] == "audit_entries")
    for secret in (
        *PHRASES.values(),
        code,
        "これはまちがった合言葉です",
        private.hex(),
        repr(private),
        who.token,
    ):
        assert secret not in said
    kinds = [row["kind"] for row in rows(house) if row["table"] == "audit_entries"]
    for kind in ("lock.begun", "lock.opened", "lock.unlocker_added", "lock.sealed", "lock.refused"):
        assert kind in kinds


# --- who may be let in, and that too few never hold a school -------------------------------------------------------


def test_only_an_open_lock_lets_somebody_in_or_takes_somebody_out(house: House) -> None:
    who, _ = lock(house)
    north = house.schools["north"]
    with house.runtime.work(Actor.terminal("test")) as work:
        access_actions.grant(work, house.staff["berg"], Role.COUNSELOR, north)
    new = session(house, "berg")
    with house.runtime.work(new.actor) as work:
        prepared = unlockers.prepare(work.db, new.actor.id, "あたらしい相談員の長い合言葉です")
        unlockers.ask(work, north, prepared)
    with pytest.raises(SchoolLocked):
        new.unlock(north, "あたらしい相談員の長い合言葉です")
    for deed in (unlockers.let_in, unlockers.take_out):
        with pytest.raises(SchoolLocked), house.runtime.work(new.actor, opened=new.opened) as work:
            deed(work, north, prepared.id)
    with house.runtime.work(who.actor, opened=who.opened) as work:
        unlockers.let_in(work, north, prepared.id)
    new.unlock(north, "あたらしい相談員の長い合言葉です")
    pupil = house.pupils[0]
    assert house.runtime.vault_for(new.opened).name_of(pupil.pseudonym) == pupil.name


def test_a_new_passphrase_replaces_the_old_one_only_when_let_in(house: House) -> None:
    who, _ = lock(house)
    north, fresh = house.schools["north"], "きのうとはちがう新しい長い合言葉"
    with house.runtime.work(who.actor, opened=who.opened) as work:
        prepared = unlockers.prepare(work.db, who.actor.id, fresh)
        unlockers.ask(work, north, prepared)
    session(house, "aoki").unlock(north, PHRASES["aoki"])
    with house.runtime.work(who.actor, opened=who.opened) as work:
        unlockers.let_in(work, north, prepared.id)
    session(house, "aoki").unlock(north, fresh)
    with pytest.raises(SchoolLocked):
        session(house, "aoki").unlock(north, PHRASES["aoki"])


def test_too_few_can_never_be_left(house: House) -> None:
    who, _ = lock(house)
    north = house.schools["north"]

    def out(login: str) -> None:
        with house.runtime.work(who.actor, opened=who.opened) as work:
            found = work.db.exec(select(Unlocker.id).where(Unlocker.staff_id == house.staff[login])).one()
            unlockers.take_out(work, north, found)

    with house.runtime.work(who.actor, opened=who.opened) as work:
        paper = work.db.exec(select(Unlocker.id).where(col(Unlocker.staff_id).is_(None))).one()
        with pytest.raises(IllegalMove, match="紙の鍵は外せません"):  # also while enough people are left
            unlockers.take_out(work, north, paper)
    out("ono")
    with pytest.raises(IllegalMove, match="外すと"):
        out("sato")


def test_a_school_locks_only_when_enough_people_have_shown_that_they_can_open_it(house: House) -> None:
    who, _ = gather(house)
    north = house.schools["north"]
    with house.runtime.work(Actor.job("test")) as work:
        for row in work.db.exec(select(Unlocker)).all():
            row.opened_on = None
    with (
        pytest.raises(BadInput, match="かけられません"),
        house.runtime.work(who.actor, opened=who.opened) as work,
    ):
        unlockers.seal_from_now(work, north)
    assert house.runtime.vault.name_of(house.pupils[0].pseudonym) == house.pupils[0].name


@pytest.mark.parametrize("phrase", ["みじかい", "KZ-01234-56789-ABCDE-FGHJK-MNPQR", "x" * 200])
def test_a_poor_passphrase_is_refused(house: House, phrase: str) -> None:
    with house.runtime.reading() as db, pytest.raises(BadInput):
        unlockers.prepare(db, house.staff["aoki"], phrase)


def test_the_password_of_the_sign_in_is_no_passphrase(house: House) -> None:
    with house.runtime.reading() as db, pytest.raises(BadInput):
        unlockers.prepare(db, house.staff["aoki"], PASSWORD)


def test_the_operator_sees_schools_whose_people_have_not_opened_it_lately(house: House) -> None:
    def found() -> health.Finding:
        return next(one for one in health.look(house.runtime) if one.key == "school_locks")

    assert found().state is health.State.WELL
    lock(house)
    assert found().state is health.State.WELL
    house.clock.move(timedelta(days=31))
    assert found().state is health.State.WORRY
    assert "北の中学校" in found().words
    with house.runtime.work(Actor.job("test")) as work:
        for row in work.db.exec(select(Unlocker)).all():
            work.db.delete(row)
    assert found().state is health.State.BAD


# --- writing goes on, and sealing can be interrupted ---------------------------------------------------------------


def test_the_roster_finds_and_renames_pupils_while_the_lock_is_closed(house: House) -> None:
    who, _ = lock(house)
    north, pupil = house.schools["north"], house.pupils[0]
    renamed = PersonName("改名", "太郎", "カイメイ", "タロウ", "1")
    entries = [Enrolment("0", north, renamed), Enrolment("new", north, PersonName("転入", "次郎"))]
    closed, open_ = house.runtime.vault, house.runtime.vault_for(who.opened)
    assert (closed.renamed(entries), closed.unseen(entries)) == (frozenset(), 1)
    assert (open_.renamed(entries), open_.unseen(entries)) == (frozenset({closed.lookup("0")}), 0)
    with house.runtime.reading() as db:
        locks = school_locks.publics(db)
    with house.runtime.vault_work(Actor.terminal("roster")) as vault_work:
        known = enrol(vault_work, entries, locks)
    assert known["0"] == pupil.pseudonym
    assert open_.name_of(pupil.pseudonym) == renamed
    assert open_.name_of(known["new"]).full == "転入 次郎"
    with reading(house.runtime.vault_store) as db:
        assert db.exec(select(VaultKey)).all() == []


def test_sealing_is_interrupted_and_finished_while_children_answer(house: House) -> None:
    answer(house, worried=2, silent=2)
    who, _ = gather(house)
    north = house.schools["north"]
    with house.runtime.work(who.actor, opened=who.opened) as work:
        unlockers.seal_from_now(work, north)
    with house.runtime.work(who.actor) as work, house.runtime.vault_work(who.actor) as vault_work:
        assert lock_school.seal_a_step(work, vault_work, north, step=1) == 2  # then the machine goes down
    late = house.pupils[2:]
    house.pupils, kept = late, house.pupils
    answer(house, worried=1)
    house.pupils = kept
    with house.runtime.reading() as db:
        assert not school_locks.lock_of(db, north).complete
    seal_whole_school(house.runtime, who.actor, who.opened, north)
    after = readable(house)
    assert [text for text in (*NAMES, *WORDS) if text in after] == []
    for pupil in house.pupils:
        assert house.runtime.vault_for(who.opened).name_of(pupil.pseudonym) == pupil.name


def test_the_job_seals_what_slipped_in_and_needs_no_key(house: House) -> None:
    lock(house)
    assert seal_what_slipped_in(house.runtime) == 0
    north = house.schools["north"]
    with house.runtime.vault_work(Actor.terminal("late")) as vault_work:
        enrol(vault_work, [Enrolment("late", north, PersonName("遅刻", "三郎"))])
    assert seal_what_slipped_in(house.runtime) == 1
    assert "遅刻" not in readable(house)


def test_a_new_key_for_everybody_and_the_old_one_opens_nothing(house: House) -> None:
    answer(house, worried=2)
    who, code = lock(house)
    papers(house, who)
    north, pupil, old_id = house.schools["north"], house.pupils[0], key_of(house)
    old = who.opened.key(old_id)
    assert old is not None
    with house.runtime.work(who.actor, opened=who.opened) as work:
        keys = unlockers.new_key(work, north)
        open_locks.follow(work, who.token, keys)
    with house.runtime.work(
        who.actor, opened=who.opened
    ) as work:  # interrupted, and begun again: the same key
        assert set(unlockers.new_key(work, north)) == set(keys)
    middle = session(house, "sato")
    middle.unlock(north, PHRASES["sato"])
    assert house.runtime.vault_for(middle.opened).name_of(pupil.pseudonym) == pupil.name
    seal_whole_school(house.runtime, who.actor, who.opened, north)
    with house.runtime.reading() as db:
        assert [key.key_id for key in school_locks.keys_of(db, north)] == [key_of(house)] != [old_id]
    with reading(house.runtime.vault_store) as db:
        for row in db.exec(select(Person)).all():
            with pytest.raises(KeyMissing):
                box.unclose(old, row.sealed, f"{north}|person|{row.pseudonym}")
    for login, phrase in (("sato", PHRASES["sato"]), ("ono", PHRASES["ono"]), ("aoki", code)):
        someone = session(house, login)
        someone.unlock(north, phrase)
        assert house.runtime.vault_for(someone.opened).name_of(pupil.pseudonym) == pupil.name
    assert read_words(house, who.opened) == read_words(house, someone.opened) != {}


def read_words(house: House, opened: Any) -> dict[str, Any]:
    """What the first pupil wrote, as somebody reads it."""
    with house.runtime.reading() as db:
        row = db.exec(select(Submission).where(Submission.pseudonym == house.pupils[0].pseudonym)).one()
        found = submissions_queries.answers_by_ids(db, house.runtime.keys, Scope(None), [row.id], opened)
    return {item: value for item, value in found[row.id].items() if value in WORDS}


def test_an_erased_child_is_noise_also_for_whoever_has_the_key(house: House) -> None:
    answer(house, worried=2)
    who, _ = lock(house)
    assert read_words(house, who.opened)
    with house.runtime.work(Actor.job("test")) as work:
        assert sealing.destroy_keys(work, pseudonym=house.pupils[0].pseudonym) == 1
    with pytest.raises(Erased):
        read_words(house, who.opened)


def test_when_nobody_can_open_it_the_roster_brings_the_names_back_to_the_same_pupils(house: House) -> None:
    answer(house, worried=2)
    papers(house, lock(house)[0])
    north, pupil, terminal = house.schools["north"], house.pupils[0], Actor.terminal("test")
    anybody = session(house, "aoki")
    with (
        pytest.raises(NotAllowed),
        house.runtime.work(anybody.actor) as work,
        house.runtime.vault_work(anybody.actor) as vault_work,
    ):
        lock_school.forget_lock(work, vault_work, north)
    with house.runtime.work(terminal) as work, house.runtime.vault_work(terminal) as vault_work:
        assert lock_school.forget_lock(work, vault_work, north) == len(house.pupils)
    with pytest.raises(NotFound, match="名簿をもう一度"):
        house.runtime.vault.name_of(pupil.pseudonym)
    entry = Enrolment("0", north, pupil.name)
    assert house.runtime.vault.renamed([entry]) == {house.runtime.vault.lookup("0")}
    with house.runtime.vault_work(terminal) as vault_work:
        assert enrol(vault_work, [entry])["0"] == pupil.pseudonym
    assert house.runtime.vault.name_of(pupil.pseudonym) == pupil.name
    fresh, _ = lock(house)
    assert house.runtime.vault_for(fresh.opened).name_of(pupil.pseudonym) == pupil.name
    assert read_words(house, fresh.opened) == {}
