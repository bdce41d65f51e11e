"""Seals and keys: nothing opens elsewhere, altered, or under another key."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.kit.crypto import open_sealed, seal
from survey_api.kit.keyfile import create_key_file, read_key_file
from survey_api.kit.problems import KeyMissing

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.text(max_size=20))
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    assert open_sealed(KEY, seal(KEY, plain, place), place) == plain


@given(st.binary(min_size=1, max_size=100), st.data())
def test_an_altered_blob_does_not_open(plain: bytes, data: st.DataObject) -> None:
    blob = bytearray(seal(KEY, plain, "here"))
    blob[data.draw(st.integers(1, len(blob) - 1))] ^= 1
    with pytest.raises(KeyMissing):
        open_sealed(KEY, bytes(blob), "here")


def test_a_moved_blob_does_not_open() -> None:
    with pytest.raises(KeyMissing):
        open_sealed(KEY, seal(KEY, b"x", "here"), "there")


def test_the_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = create_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path) == made
    with pytest.raises(FileExistsError):
        create_key_file(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"survey_kek": "zz"}'])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyMissing, match=r"keys\.json"):
        read_key_file(path)


def test_macs_of_different_parts_differ(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    assert keys.mac("lookup", "ab", "c") != keys.mac("lookup", "a", "bc")
    assert "b'" not in repr(keys)
