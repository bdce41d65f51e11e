"""A backup that cannot be put back is none: made, stolen, restored, replayed, on both databases."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pyrage
import pytest
from sqlalchemy import text
from sqlmodel import select

from survey_api.access import sealing
from survey_api.audit import actions as audit_actions
from survey_api.cli.keys import rotate_now
from survey_api.jobs.backups import archive, copying
from survey_api.jobs.backups.copying import BackupFailed
from survey_api.jobs.backups.make import backup_if_set_up, make_backup, newest, throw_away
from survey_api.jobs.backups.restore import drill, restore
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.journeys.finish_submission import finish_submission
from survey_api.kit import age
from survey_api.kit.actor import Actor
from survey_api.kit.keyfile import create_key_file
from survey_api.kit.problems import Erased, SchoolLocked
from survey_api.runtime import open_runtime
from survey_api.services.submissions import queries as submissions_queries
from survey_api.settings import Mode, Settings
from survey_api.tables.audit import AuditEntry
from survey_api.tables.locks import Unlocker
from survey_api.tables.submissions import Submission
from survey_api.vault.door import Vault
from tests.house import House, bank, best_answers, open_house, worst_answers
from tests.locked import PHRASES, lock, make_quick, session
from tests.postgres import PostgresServer, find_binaries, serial

PRIVATE, PUBLIC = age.new_identity()


@dataclass
class Place:
    """A house with a backup key, and how to get empty databases to restore into."""

    house: House
    empty: Settings


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    urls, other = None, (f"sqlite:///{tmp_path}/new/survey.db", f"sqlite:///{tmp_path}/new/vault.db")
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        templates = request.getfixturevalue("postgres_templates")
        number = next(serial)
        first, second = map(server.create, (f"kept_{number}", f"kept_vault_{number}"), templates)
        urls = (first, second)
        other = (server.create(f"back_{number}"), server.create(f"back_vault_{number}"))
    with open_house(tmp_path, urls=urls) as house:
        tools = find_binaries() if request.param == "postgres" else None
        told = {"backup_recipient": PUBLIC, "postgres_bin": tools}
        object.__setattr__(house.runtime, "settings", house.runtime.settings.model_copy(update=told))
        empty = house.runtime.settings.model_copy(
            update={
                "survey_database_url": other[0],
                "vault_database_url": other[1],
                "checkpoint_folder": tmp_path / "new" / "checkpoints",
            }
        )
        yield Place(house, empty)


def sheet(house: House, number: int, *, worried: bool = False) -> bytes:
    answers = (worst_answers if worried else best_answers)(bank("chu"))
    return json.dumps({"client_id": f"tablet-{number:04}", "answers": answers, "seconds": {}}).encode()


def send(house: House, number: int) -> str:
    ticket = house.pupils[number].ticket_id
    with house.runtime.work(Actor.student(ticket)) as work:
        return finish_submission(work, ticket, sheet(house, number, worried=number % 2 == 0)).code


def test_restored_and_replayed_from_the_tablets_nothing_is_lost_or_doubled(place: Place) -> None:
    house = place.house
    outbox = {number: send(house, number) for number in range(3)}
    made = make_backup(house.runtime)
    outbox |= {number: send(house, number) for number in range(3, 6)}  # acknowledged after the backup
    done = restore(place.empty, made, PRIVATE)
    assert done.answers_opened == 3
    assert done.lines >= 10
    with open_runtime(place.empty) as runtime:
        assert runtime.vault.name_of(house.pupils[0].pseudonym) == house.pupils[0].name
        for number, receipt in outbox.items():  # every tablet sends what it still has, twice
            ticket = house.pupils[number].ticket_id
            for _ in range(2):
                with runtime.work(Actor.student(ticket)) as work:
                    # the restored service runs on the day of the backup
                    object.__setattr__(work, "now", house.clock.now())
                    again = finish_submission(work, ticket, sheet(house, number, worried=number % 2 == 0))
                assert again.code == receipt
        with runtime.reading() as db:
            rows = db.exec(select(Submission)).all()
            assert sorted(row.receipt for row in rows) == sorted(outbox.values())
            assert all(submissions_queries.sealed_answers(db, runtime.keys, row)["answers"] for row in rows)


def test_a_backup_shows_nothing_without_its_key(place: Place) -> None:
    send(place.house, 0)
    made = make_backup(place.house.runtime)
    for file in made.parent.iterdir():
        raw = file.read_bytes()
        for word in ("架空", place.house.pupils[0].pseudonym, "audit_entries", "CREATE TABLE", "いえに"):
            assert word.encode() not in raw, file.name
    stranger, _ = age.new_identity()
    with pytest.raises(BackupFailed, match="秘密の鍵がちがう"):
        restore(place.empty, made, stranger)
    assert copying.is_empty(place.empty.survey_database_url), "a restore that fails leaves the place empty"


def test_the_answers_keys_are_not_in_the_long_kept_file(place: Place, tmp_path: Path) -> None:
    send(place.house, 0)
    made = make_backup(place.house.runtime)
    opened = tmp_path / "opened"
    opened.mkdir()
    manifest = archive.open_folder(made, PRIVATE, opened)
    assert manifest.counts["survey"].get("answer_keys", 0) == 0
    assert manifest.counts["survey"]["submissions"] == 1
    with place.house.runtime.reading() as db:
        (wrapped,) = db.connection().execute(text("SELECT wrapped_key FROM answer_keys")).one()
    for file in opened.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert bytes(wrapped) not in raw
            assert bytes(wrapped).hex().encode() not in raw


def test_what_was_erased_after_a_backup_stays_erased_after_its_restore(place: Place) -> None:
    house = place.house
    send(house, 0)
    send(house, 1)
    made = make_backup(house.runtime)
    gone = house.pupils[0].pseudonym
    with house.runtime.work(Actor.job("test")) as work:
        sealing.destroy_keys(work, pseudonym=gone)
    with house.runtime.vault_work(Actor.job("test")) as work:
        work.db.connection().execute(text("DELETE FROM persons WHERE pseudonym = :who"), {"who": gone})
    house.clock.move(timedelta(minutes=10))
    make_backup(house.runtime)
    done = restore(place.empty, made, PRIVATE)
    assert (done.answers_opened, done.erased_since) == (1, 1)
    with open_runtime(place.empty) as runtime, runtime.reading() as db:
        row = db.exec(select(Submission).where(Submission.pseudonym == gone)).one()
        with pytest.raises(Erased):
            submissions_queries.sealed_answers(db, runtime.keys, row)
        assert gone not in runtime.vault.known().values()


def test_the_drill_proves_and_stamps_and_leaves_nothing(place: Place) -> None:
    house = place.house
    send(house, 0)
    made = make_backup(house.runtime)
    before = sorted(path.name for path in made.parent.iterdir())
    done = drill(house.runtime, PRIVATE)
    assert done.answers_opened == 1
    with house.runtime.reading() as db:
        assert db.exec(select(AuditEntry.kind).where(AuditEntry.kind == "backup.drill_passed")).all()
        if not house.runtime.settings.survey_database_url.startswith("sqlite"):
            names = db.connection().execute(text("SELECT datname FROM pg_database")).all()
            assert not [name for (name,) in names if "drill" in name]
    assert sorted(path.name for path in made.parent.iterdir()) == before


def test_a_place_that_is_not_empty_is_left_alone(place: Place) -> None:
    made = make_backup(place.house.runtime)
    with pytest.raises(BackupFailed, match="もうデータがあります"):
        restore(place.house.runtime.settings, made, PRIVATE)
    full = place.house.runtime.settings.survey_database_url
    with pytest.raises(BackupFailed, match="もうデータがあります"):
        restore(place.empty.model_copy(update={"survey_database_url": full}), made, PRIVATE)
    assert copying.is_empty(place.empty.vault_database_url), "both are looked at before one is filled"


def test_answer_keys_that_are_older_than_the_backup_are_refused(place: Place) -> None:
    """They would open nothing of what came in between, and say so only when somebody looks for it."""
    older = make_backup(place.house.runtime)
    place.house.clock.move(timedelta(minutes=10))
    send(place.house, 0)
    made = make_backup(place.house.runtime)
    with pytest.raises(BackupFailed, match="古い"):
        restore(place.empty, made, PRIVATE, older.with_name(older.name.replace(archive.MAIN, archive.KEYS)))
    assert copying.is_empty(place.empty.vault_database_url)


def test_a_drill_fails_on_a_tampered_trail(place: Place) -> None:
    house = place.house
    on = "" if house.runtime.settings.survey_database_url.startswith("sqlite") else " ON audit_entries"
    with house.runtime.survey.write.begin() as connection:
        connection.execute(text(f"DROP TRIGGER audit_entries_no_update{on}"))
        connection.execute(text("UPDATE audit_entries SET actor_id = 'x' WHERE seq = 3"))
    make_backup(house.runtime)
    with pytest.raises(BackupFailed, match="3行目"):
        drill(house.runtime, PRIVATE)


def test_without_the_keys_of_the_backup_nothing_is_written(place: Place) -> None:
    """A place that was half filled would refuse the second try, the one with the right keys."""
    house, kept = place.house, place.house.runtime.settings.key_file
    send(house, 0)
    made, right = make_backup(house.runtime), kept.read_bytes()
    assert place.empty.mode is Mode.PRACTICE, "the mode that may invent keys"

    def refused(said: str) -> None:
        before = sorted(kept.parent.rglob("*"))
        with pytest.raises(BackupFailed, match=said):
            restore(place.empty, made, PRIVATE)
        assert sorted(kept.parent.rglob("*")) == before
        assert copying.is_empty(place.empty.survey_database_url)
        assert copying.is_empty(place.empty.vault_database_url)

    rotate_now(house.runtime.settings)
    refused("keys rotate")
    kept.unlink()
    refused("先にここに置いて")
    create_key_file(kept)
    refused("作ったときのものではありません")
    kept.write_bytes(right)
    assert restore(place.empty, made, PRIVATE).answers_opened == 1


def test_notes_of_a_longer_trail_are_seen_before_anything_is_written(place: Place) -> None:
    made = make_backup(place.house.runtime)
    send(place.house, 0)
    with place.house.runtime.work(Actor.job("test")) as work:
        audit_actions.note_backup(work, 1)
    write_checkpoint(place.house.runtime)
    same = place.house.runtime.settings.checkpoint_folder
    with pytest.raises(BackupFailed, match="KIZUKI_CHECKPOINT_FOLDER"):
        restore(place.empty.model_copy(update={"checkpoint_folder": same}), made, PRIVATE)
    assert copying.is_empty(place.empty.vault_database_url)


def test_the_wrong_file_is_named(house: House, tmp_path: Path) -> None:
    made = make_backup(house.runtime)
    apart = made.with_name(made.name.replace(archive.MAIN, archive.KEYS))
    for source, said in ((apart, "回答の鍵のファイルです"), (tmp_path / "absent", "がありません")):
        with pytest.raises(BackupFailed, match=said):
            restore(house.runtime.settings, source, PRIVATE)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        told = opened.runtime.settings.model_copy(update={"backup_recipient": PUBLIC})
        object.__setattr__(opened.runtime, "settings", told)
        yield opened


def test_copies_made_under_writers_are_whole(house: House, tmp_path: Path) -> None:
    """Copying the file itself under writers breaks it; the online backup must not."""
    stop = Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with house.runtime.work(Actor.job("test")) as work:
                sealing.destroy_keys(work, pseudonym=f"{number}")
                work.db.connection().execute(
                    text("INSERT INTO answer_keys VALUES (:who, 'w', 's', zeroblob(3000))"),
                    {"who": f"{number}"},
                )

    writer = Thread(target=write)
    writer.start()
    try:
        url = house.runtime.settings.survey_database_url
        for number in range(5):
            copy = tmp_path / f"copy-{number}.db"
            copying.copy_out(url, copy, None)
            assert copying.is_sound(f"sqlite:///{copy}")
    finally:
        stop.set()
        writer.join()


def test_a_damaged_file_is_refused(house: House, tmp_path: Path) -> None:
    made = make_backup(house.runtime)
    raw = bytearray(made.read_bytes())
    raw[len(raw) // 2] ^= 1
    made.write_bytes(bytes(raw))
    empty = house.runtime.settings.model_copy(
        update={
            "survey_database_url": f"sqlite:///{tmp_path}/x/survey.db",
            "vault_database_url": f"sqlite:///{tmp_path}/x/vault.db",
        }
    )
    with pytest.raises(BackupFailed, match=made.name):
        restore(empty, made, PRIVATE)


def test_old_backups_go_and_the_newest_stays(house: House) -> None:
    first = make_backup(house.runtime)
    house.clock.move(timedelta(days=10))
    second = make_backup(house.runtime)
    assert first.exists(), "35 days for the copies"
    assert not first.with_name(first.name.replace(archive.MAIN, archive.KEYS)).exists(), "7 for the keys"
    house.clock.move(timedelta(days=60))
    assert throw_away(house.runtime) == 1
    assert newest(second.parent) == second
    assert second.exists(), "the newest stays however old it is"


def test_without_a_key_to_seal_to_nothing_is_written(tmp_path: Path) -> None:
    with open_house(tmp_path) as opened:
        assert backup_if_set_up(opened.runtime) == 0
        with pytest.raises(BackupFailed, match="KIZUKI_BACKUP_RECIPIENT"):
            make_backup(opened.runtime)
        assert newest(opened.runtime.settings.backup_folder) is None
        assert isinstance(opened.runtime.vault, Vault)
    assert pyrage.x25519.Recipient.from_str(PUBLIC)


def test_names_of_a_locked_school_come_back_for_its_people_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drill cannot read them: it looks at what is wrapped, and refuses a copy that nobody could open."""
    make_quick(monkeypatch)
    house = place.house
    lock(house)
    backup = make_backup(house.runtime)
    assert drill(house.runtime, PRIVATE).rows > 0
    restore(place.empty, backup, PRIVATE)
    with open_runtime(place.empty) as back:
        restored = replace(house, runtime=replace(back, clock=house.clock))
        pupil = house.pupils[0]
        with pytest.raises(SchoolLocked):
            restored.runtime.vault.name_of(pupil.pseudonym)
        someone = session(restored, "sato")
        someone.unlock(house.schools["north"], PHRASES["sato"])
        assert restored.runtime.vault_for(someone.opened).name_of(pupil.pseudonym) == pupil.name
    with house.runtime.work(Actor.job("test")) as work:
        for row in work.db.exec(select(Unlocker)).all():
            row.sealed_private = row.sealed_private[:-1]
    make_backup(house.runtime)
    with pytest.raises(BackupFailed, match="学校の鍵"):
        drill(house.runtime, PRIVATE)
