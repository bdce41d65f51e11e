"""Typed codes: one wrong digit or a swap of neighbours is noticed on the spot."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.access.tickets import code_fits, code_selector, damm, new_ticket, qr_mac, read_code
from survey_api.kit.keyfile import create_key_file

DIGITS = st.text("0123456789", min_size=11, max_size=11)


@given(DIGITS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    code = digits + str(damm(digits))
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    assert read_code(code) == code
    assert read_code(wrong) is None


@given(DIGITS, st.integers(0, 10))
def test_swapped_neighbours_are_always_noticed(digits: str, place: int) -> None:
    code = digits + str(damm(digits))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or read_code(swapped) is None


@pytest.mark.parametrize("written", ["{a}-{b}-{c}", "{a} {b} {c}", "{a}ー{b}ー{c}", " {a}{b}{c}\n"])
def test_full_width_digits_spaces_and_dashes_are_accepted(written: str) -> None:
    code = "12345678901" + str(damm("12345678901"))
    typed = written.format(a=code[:4], b=code[4:8], c=code[8:])
    assert read_code(typed) == code
    assert read_code(typed.translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == code


@given(st.text(max_size=30))
def test_anything_else_is_no_code(typed: str) -> None:
    read = read_code(typed)
    assert read is None or (len(read) == 12 and damm(read) == 0)


def test_only_hashes_are_stored_and_they_fit_only_their_wave(tmp_path: Path) -> None:
    keys = create_key_file(tmp_path / "keys.json")
    ticket = new_ticket(keys, "wave-1")
    assert read_code(ticket.code_shown) == ticket.code
    assert qr_mac(keys, ticket.secret) == ticket.qr_mac
    assert code_selector(keys, ticket.code) == ticket.code_selector
    assert code_fits(keys, "wave-1", ticket.code, ticket.code_hash)
    assert not code_fits(keys, "wave-2", ticket.code, ticket.code_hash)
    stored = ticket.qr_mac + ticket.code_selector + ticket.code_hash
    assert ticket.code not in stored
    assert ticket.secret not in stored
