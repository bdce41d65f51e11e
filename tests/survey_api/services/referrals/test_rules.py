"""The sheet's rules: one page, nothing of a block that is off, and complete before it may leave."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.kit.problems import BadInput
from survey_api.services.referrals.rules import (
    BLOCKS,
    FIELD_WORDS,
    LIMITS,
    LINE_CHARS,
    PAPER_LINES,
    TEXTS,
    Sheet,
    lines_of,
    minimal,
    require_complete,
)
from survey_api.vocabulary import Consent


def sheet(**changes: object) -> Sheet:
    known: dict[str, object] = {
        "recipient": "welfare",
        "reply_by": date(2026, 12, 1),
        "consent": str(Consent.GIVEN),
        "blocks": frozenset(BLOCKS),
        "worries": ("living",),
        "main_worry": "living",
        "fields": {},
    }
    return Sheet(**{**known, **changes})  # type: ignore[arg-type]


@given(st.sets(st.sampled_from(sorted(BLOCKS))))
def test_only_the_chosen_blocks_are_kept(chosen: set[str]) -> None:
    kept = minimal(sheet(blocks=frozenset(chosen), fields=dict.fromkeys(LIMITS, "x")))
    free = set(LIMITS) - {name for names in BLOCKS.values() for name in names}
    assert set(kept.fields) == free | {name for block in chosen for name in BLOCKS[block]}


@given(st.fixed_dictionaries({name: st.text("あい\n", max_size=LIMITS[name]) for name in TEXTS}))
def test_what_is_accepted_fits_one_page(fields: dict[str, str]) -> None:
    lines = sum(1 + lines_of(text) for text in fields.values() if text)
    if lines > PAPER_LINES:
        with pytest.raises(BadInput, match="A4 1枚"):
            minimal(sheet(fields=fields))
    else:
        assert minimal(sheet(fields=fields)).fields == fields


def test_lines_are_counted_as_the_paper_breaks_them() -> None:
    assert [lines_of(text) for text in ("", "あ", "あ" * LINE_CHARS, "あ" * (LINE_CHARS + 1), "あ\nい")] == [
        1,
        1,
        1,
        2,
        2,
    ]


def test_a_text_that_is_too_long_is_named() -> None:
    with pytest.raises(BadInput, match="本人の言葉"):
        minimal(sheet(fields={"own_words": "あ" * (LIMITS["own_words"] + 1)}))


@pytest.mark.parametrize("missing", ["consent", "recipient", "reply_by", "worries"])
def test_an_incomplete_sheet_may_not_leave(missing: str) -> None:
    empty: dict[str, object] = {"consent": "", "recipient": "", "reply_by": None, "worries": ()}
    with pytest.raises(BadInput):
        require_complete(sheet(**{missing: empty[missing]}))
    require_complete(sheet())


def test_every_field_has_words() -> None:
    assert set(FIELD_WORDS) == set(LIMITS)


def test_a_sheet_survives_being_stored() -> None:
    kept = minimal(sheet(fields={"facts": "ある事実"}))
    assert Sheet.from_dict(kept.as_dict()) == kept
