"""A new key for tickets and for the trail's notes: what was made under the earlier one stays good."""

from datetime import timedelta
from pathlib import Path

import pytest

from survey_api.access.class_code import class_code, class_of
from survey_api.access.tickets import new_ticket
from survey_api.audit import chain, checkpoints, queries
from survey_api.audit.checkpoints import Checkpoint, CheckpointBroken
from survey_api.cli.keys import renew_now, rotate_now
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.kit.actor import Actor
from survey_api.kit.crypto import Keyring
from survey_api.kit.keyfile import read_key_file
from survey_api.kit.problems import BadInput
from survey_api.services.memos.actions import give_card
from survey_api.services.memos.queries import card_by_code
from survey_api.services.submissions.queries import ticket_by_code, ticket_by_secret
from tests.house import House, open_house

CLASS = ("wave", "school", 1, "1組")


def opening(house: House, card: str, code: str) -> list[bool]:
    """Whether what stands on paper opens: the QR code, the typed number, a memo card, the code of a class."""
    keys, printed = house.runtime.keys, house.pupils[0]
    with house.runtime.reading() as db:
        found = [
            ticket_by_secret(db, keys, printed.ticket.secret),
            ticket_by_code(db, keys, printed.ticket.code),
        ]
        assert all(one is None or one.id == printed.ticket_id for one in found)
        return [
            *(one is not None for one in found),
            card_by_code(db, keys, card) is not None,
            class_of(keys, code, [CLASS]) is not None,
        ]


def test_what_was_printed_before_opens_after_a_renewal_and_not_once_the_key_is_thrown_away(
    tmp_path: Path,
) -> None:
    with open_house(tmp_path) as house:
        with house.runtime.work(Actor.terminal("test")) as work:
            card = give_card(work, "民生委員")
        code, old = class_code(house.runtime.keys, CLASS), house.runtime.keys["tickets"]
        for _ in range(2):  # the service runs all the time and follows
            renew_now(house.runtime.settings, "tickets")
            assert opening(house, card, code) == [True] * 4
        rotate_now(house.runtime.settings)
        assert opening(house, card, code) == [True] * 4, "replacing the wrapping keys forgets no earlier one"
        assert class_code(house.runtime.keys, CLASS) != code
        fresh = new_ticket(house.runtime.keys, house.wave_id)
        assert Keyring({"tickets": old}).mac("tickets", "qr", fresh.secret).hex() != fresh.qr_mac
        renew_now(house.runtime.settings, "tickets", forget_earlier=True)
        assert opening(house, card, code) == [False] * 4
        assert old not in read_key_file(tmp_path / "keys.json").every("tickets")
        with house.runtime.reading() as db:
            kinds = [line.kind for line in queries.all_entries(db) if line.subject_kind == "keys"]
    assert kinds == ["keys.renewed", "keys.renewed", "keys.rotated", "keys.renewed", "keys.forgotten"]


def test_notes_name_the_key_that_signed_them_and_an_earlier_one_signs_no_longer_trail(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        folder, old = house.runtime.settings.checkpoint_folder, house.runtime.keys["checkpoints"]
        write_checkpoint(house.runtime)
        house.clock.move(timedelta(days=1))
        renew_now(house.runtime.settings, "trail")
        keys = read_key_file(tmp_path / "keys.json")
        signed_by = [path.read_text().split("— ")[1].split()[0] for path in checkpoints.files(folder)]
        assert len(set(signed_by)) == 2, "a note by the new key is written at once"
        with house.runtime.reading() as db:
            verdict = chain.verify(queries.all_entries(db), checkpoints.marks(folder, house.runtime.keys))
            lines, _ = queries.head(db)
        assert verdict.broken_at is None
        assert old not in (*keys.keys.values(), *keys.every("checkpoints")), "its secret half is gone"
        stolen = Keyring({**keys.keys, "checkpoints": old})
        checkpoints.keep(folder, stolen, Checkpoint(lines + 5, "f" * 64, house.clock.now()))
        with pytest.raises(CheckpointBroken, match=f"{lines + 5:012}"):
            checkpoints.kept(folder, house.runtime.keys)


def test_what_must_stay_checkable_is_not_thrown_away(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        for what in ("tables", "trail"):
            with pytest.raises(BadInput, match="tickets だけ"):
                renew_now(house.runtime.settings, what, forget_earlier=True)
