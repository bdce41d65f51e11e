"""The word list against the labelled texts: what a person must read today is found, and how it is measured."""

from pathlib import Path

import pytest
import yaml

from scoring import morphology
from scoring.freetext import check_text
from scoring.parse_lexicon import lexicon_mistakes, lexicon_of
from scoring.text_measure import EVERY, HARMLESS, Share, TextsMistake, measure, texts_of

SHARED = Path(__file__).parents[2] / "question_banks" / "_shared"
WRITTEN = yaml.safe_load((SHARED / "freetext.yaml").read_text(encoding="utf-8"))
LEXICON = lexicon_of(WRITTEN)
TEXTS = texts_of((SHARED / "freetext_texts.tsv").read_text(encoding="utf-8"))
HELD_OUT = [text for text in TEXTS if text.part == "held_out"]
LANGUAGES = {"ja", "en", "zh", "pt", "es", "fil", "vi"}


def test_the_set_is_large_and_covers_every_language_class_and_kind() -> None:
    assert len(TEXTS) >= 600
    assert len(HELD_OUT) >= 250
    for part in (TEXTS, HELD_OUT):
        assert {text.language for text in part} == LANGUAGES
        assert {text.label for text in part} == {HARMLESS, *WRITTEN["classes"]}
        assert {text.kind for text in part} >= {
            "plain", "lookalike", "misspelling", "dialect", "idiom", "negated", "near_miss",
        }  # fmt: skip
    assert len({text.text for text in TEXTS}) == len(TEXTS)


@pytest.mark.parametrize("label", ["self_harm", "violence"])
def test_what_cannot_wait_is_found_in_texts_written_after_the_list(label: str) -> None:
    found = measure(HELD_OUT, LEXICON)
    assert found.complete
    line = found.line(EVERY, label)
    assert line.recall.total >= 60
    assert line.recall.value is not None
    assert line.recall.value >= 0.97


def test_everything_else_is_found_well_enough_and_few_are_called_for_nothing() -> None:
    line = measure(HELD_OUT, LEXICON).line(EVERY, EVERY)
    assert line.recall.value is not None
    assert line.recall.value >= 0.95
    assert line.precision.value is not None
    assert line.precision.value >= 0.9


def test_without_the_dictionary_the_surface_list_goes_on_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morphology, "_tokenizer", lambda: None)
    check = check_text("もう しにたい", LEXICON)
    assert {hit.kind for hit in check.hits} == {"self_harm"}
    assert not check.complete
    tuned = [text for text in TEXTS if text.part == "tuned" and text.label in ("self_harm", "violence")]
    recall = measure(tuned, LEXICON).line(EVERY, EVERY).recall
    assert recall.value is not None
    assert recall.value >= 0.9


def test_a_dictionary_that_cannot_be_loaded_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import sudachipy

    def broken(**_: str) -> None:
        raise OSError("no such dictionary")

    monkeypatch.setattr(sudachipy, "Dictionary", broken)
    assert morphology.load() is None


def test_the_list_has_no_mistakes_and_every_mistake_is_a_sentence() -> None:
    assert lexicon_mistakes(WRITTEN) == []
    broken = {
        "classes": {
            "self_harm": {"ja": ["死ね - 死ぬしか", "・・", "死にたい", "死にたい"], "en": ["… die"]}
        },
        "normal_forms": {"other": ["死ぬ …"]},
        "lookalikes": {"○ね": "死ね"},
        "negations": {"negatable": ["self_harm", "nothing"]},
    }
    found = "\n".join(lexicon_mistakes(broken))
    for part in ("- か字下げ", "探すものがありません", "2回あります", "語と語の間", "そのような分類",
                 "消える字", "「nothing」という分類", "取り消せません"):  # fmt: skip
        assert part in found


def test_a_bad_line_of_the_texts_is_named_by_number_and_not_copied() -> None:
    head = "part\tlanguage\tclass\tkind\ttext\n"
    for line in ("tuned\tja\tself_harm\tplain", "later\tja\t-\tplain\tひみつの文"):
        with pytest.raises(TextsMistake, match="2行目") as refused:
            texts_of(head + line)
        assert "ひみつ" not in str(refused.value)
    with pytest.raises(TextsMistake, match="1行目"):
        texts_of("text\n")


def test_wilson_intervals() -> None:
    low, high = Share(97, 100).interval
    assert (round(low, 3), round(high, 3)) == (0.915, 0.990)
    assert Share(0, 0).value is None
