"""The sheet's rules: one page, nothing of a block that is off, and complete before it may leave."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.services.referrals.rules import (
    BLOCKS,
    IDENTIFYING,
    LINE_CHARS,
    PAPER_LINES,
    Sheet,
    late_words,
    lines_of,
    minimal,
    require_answer,
    require_complete,
)
from survey_api.services.referrals.words import CHOICES, FIELD_WORDS, LIMITS, TEXTS
from survey_api.vocabulary import Consent, ReferralState


def sheet(**changes: object) -> Sheet:
    known: dict[str, object] = {
        "recipient": "welfare",
        "reply_by": date(2026, 12, 1),
        "consent": str(Consent.GIVEN),
        "blocks": frozenset(BLOCKS),
        "worries": ("living",),
        "main_worry": "living",
        "fields": {
            "contact_by": "other",
            "contact_detail": "学校へ",
            "explained_by": "青木",
            "consent_day": "令和8年11月24日",
        },
    }
    return Sheet(**{**known, **changes})  # type: ignore[arg-type]


FILLED = {name: next(iter(CHOICES[name])) if name in CHOICES else "x" for name in LIMITS}


@given(st.sets(st.sampled_from(sorted(BLOCKS))))
def test_only_the_chosen_blocks_are_kept(chosen: set[str]) -> None:
    kept = minimal(sheet(blocks=frozenset(chosen), fields=FILLED))
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


@pytest.mark.parametrize(
    "lacking",
    [
        {"consent": ""},
        {"recipient": ""},
        {"reply_by": None},
        {"worries": (), "main_worry": ""},
        {"fields": {"explained_by": "青木", "consent_day": "令和8年11月24日"}},
        {"fields": {"contact_by": "other", "contact_detail": "学校へ", "consent_day": "令和8年11月24日"}},
        {"fields": {"contact_by": "other", "contact_detail": "学校へ", "explained_by": "青木"}},
        {"consent": str(Consent.WITHOUT_FOR_SAFETY)},
        {"consent": str(Consent.WITHOUT_CONFERENCE_LAW)},
        {"consent": str(Consent.WITHOUT_COUNCIL_LAW)},
    ],
)
def test_an_incomplete_sheet_may_not_leave(lacking: dict[str, object]) -> None:
    require_complete(sheet())
    with pytest.raises(BadInput):
        require_complete(sheet(**lacking))


@pytest.mark.parametrize("consent", [consent for consent in Consent if consent is not Consent.GIVEN])
def test_without_consent_it_leaves_with_a_reason_or_without_saying_who(consent: Consent) -> None:
    fields = {"contact_by": "other", "contact_detail": "学校へ", "consent_reason": "安全のため"}
    require_complete(minimal(sheet(consent=str(consent), fields=fields)))


@given(st.sets(st.sampled_from(sorted(BLOCKS))))
def test_as_long_as_nobody_was_asked_the_sheet_does_not_say_who(chosen: set[str]) -> None:
    kept = minimal(sheet(consent=str(Consent.NOT_ASKED), blocks=frozenset(chosen), fields=FILLED))
    assert not kept.blocks & IDENTIFYING
    assert not set(kept.fields) & {name for block in IDENTIFYING for name in BLOCKS[block]}


DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("state", "acknowledge_by", "reply_by", "late"),
    [
        ("handed_over", date(2026, 11, 30), date(2026, 12, 9), True),
        ("handed_over", DAY, date(2026, 12, 9), False),
        ("handed_over", date(2026, 12, 3), date(2026, 11, 30), True),
        ("acknowledged", date(2026, 11, 30), DAY, False),
        ("acknowledged", date(2026, 11, 25), date(2026, 11, 30), True),
        ("accepted", date(2026, 11, 25), date(2026, 11, 30), False),
        ("returned", date(2026, 11, 25), date(2026, 11, 30), False),
        ("draft", None, date(2026, 11, 30), False),
    ],
)
def test_an_answer_is_late_after_its_day(
    state: str, acknowledge_by: date, reply_by: date, late: bool
) -> None:
    assert (late_words(ReferralState(state), acknowledge_by, reply_by, DAY) is not None) is late


def test_what_comes_back_comes_with_its_reason() -> None:
    for answer in ("returned", "passed_on"):
        with pytest.raises(BadInput):
            require_answer(ReferralState.HANDED_OVER, answer, " ")
        assert require_answer(ReferralState.ACKNOWLEDGED, answer, "対象外") == answer
    with pytest.raises(IllegalMove):
        require_answer(ReferralState.DRAFT, "acknowledged", "")
    with pytest.raises(IllegalMove):
        require_answer(ReferralState.RETURNED, "accepted", "")
    with pytest.raises(BadInput):
        require_answer(ReferralState.HANDED_OVER, "draft", "")


def test_every_field_has_words() -> None:
    assert set(FIELD_WORDS) == set(LIMITS)


def test_a_sheet_survives_being_stored() -> None:
    kept = minimal(sheet(fields={"facts": "ある事実"}))
    assert Sheet.from_dict(kept.as_dict()) == kept
