"""Readings inside a sentence: split, taken out, spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_api.services.banks.ruby import plain, segments, stray_marks, yomi


def test_a_reading_takes_the_whole_run_of_kanji_before_it() -> None:
    assert segments("こたえは保健《ほけん》の先生") == [
        ("こたえは", None),
        ("保健", "ほけん"),
        ("の先生", None),
    ]


def test_a_bar_starts_the_base_inside_a_run() -> None:
    assert segments("学校｜保健《ほけん》室") == [("学校", None), ("保健", "ほけん"), ("室", None)]
    assert plain("学校｜保健《ほけん》室") == "学校保健室"
    assert yomi("学校｜保健《ほけん》室") == "学校ほけん室"


def test_repeated_and_small_characters_belong_to_the_run() -> None:
    assert segments("人々《ひとびと》") == [("人々", "ひとびと")]
    assert segments("1ヶ月《げつ》") == [("1", None), ("ヶ月", "げつ")]


def test_text_without_readings_is_one_segment_and_nothing_is_nothing() -> None:
    assert segments("ありがとう") == [("ありがとう", None)]
    assert segments("") == []


@pytest.mark.parametrize(
    "text", ["《ほけん》", "保健《》", "保健《ほけん", "ほけん》", "学校｜保健", "かな《かな》"]
)
def test_a_mark_that_reads_nothing_is_noticed(text: str) -> None:
    assert stray_marks(text)


PIECES = st.lists(
    st.one_of(
        st.tuples(st.text("あいうえおカキ。、1２ a", min_size=1, max_size=4), st.none()),
        st.tuples(
            st.text("保健室学校体", min_size=1, max_size=3), st.text("ほけんしつ", min_size=1, max_size=4)
        ),
    ),
    max_size=8,
)


@given(PIECES)
def test_writing_pieces_and_splitting_them_gives_bases_and_readings_back(
    pieces: list[tuple[str, str | None]],
) -> None:
    text = "".join(base if reading is None else f"{base}《{reading}》" for base, reading in pieces)
    assert plain(text) == "".join(base for base, _ in pieces)
    assert yomi(text) == "".join(reading or base for base, reading in pieces)
    assert not stray_marks(text)
