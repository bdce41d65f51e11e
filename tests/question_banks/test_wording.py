"""The wording rules, each with a sentence that passes and one that must not."""

import pytest

from survey_api.services.banks.wording import (
    Band,
    ask_problems,
    bare_kanji,
    has_kana,
    kanji_by_grade,
    negation_problems,
    option_problems,
    phrase_problems,
    sentence_problems,
    staff_problems,
)

GOOD: list[tuple[Band, str]] = [
    ("L", "こたえは、ほけんの せんせいが よみます。そうだんの せんせいも よみます。"),
    ("L", "でも、いのちや からだが あぶない ことが あります。"),
    ("M", "答えを読むのは、保健《ほけん》の先生と、相談を受《う》ける先生です。"),
    ("M", "ただし、あなたやだれかの命や体があぶないときは、ほかの大人にも話します。守るためです。"),
    ("H", "希望はできる限り守ります。安全のために守れない場合は、先に説明します。"),
    ("H", "誰かと話したいですか。"),
    ("easy", "答《こた》えたく ない 質問《しつもん》は とばせます。"),
]


@pytest.mark.parametrize(("band", "text"), GOOD)
def test_fit_sentences_pass(band: Band, text: str) -> None:
    assert sentence_problems(text, band) == []


BAD: list[tuple[Band, str, str]] = [
    ("L", "先生《せんせい》が よみます。", "かなだけ"),
    ("L", "おうちのひとといっしょにごはんをたべますか。", "わかち書き"),
    (
        "L",
        "きのうの よるは おうちの ひとと いっしょに ごはんを たべて おふろに はいって ねましたか。",
        "25字まで",
    ),
    ("M", "保健の先生が読みます。", "ふりがなのない漢字があります: 保、健"),
    (
        "M",
        "この一週間で、家の人といっしょに朝ごはんや夕ごはんを食べた日は、何日くらいあったか教えてください。",
        "40字まで",
    ),
    ("H", "憂鬱な日がありましたか。", "憂、鬱"),
    ("H", "この学校で" + "とても" * 20 + "長い文です。", "60字まで"),
    ("easy", "学校に 行《い》きます。", "学、校"),
    ("easy", "学校《がっこう》に いく まえに あさごはんを たべて かおを あらって きますか。", "24字まで"),
    ("M", "保健《ほけん の先生", "ふりがなの書き方"),
    ("H", "書いた秘密は守ります。", "秘密は守ります"),
    ("L", "ひみつは まもります。", "ひみつは まもります"),
    ("L", "だれにも いいません。", "だれにも いいません"),
    ("H", "匿名のアンケートです。", "匿名"),
    ("H", "ヤングケアラーですか。", "ヤングケアラー"),
    ("M", "安心して答えてください。", "安心して"),
]


@pytest.mark.parametrize(("band", "text", "expected"), BAD)
def test_unfit_sentences_say_why(band: Band, text: str, expected: str) -> None:
    assert any(expected in problem for problem in sentence_problems(text, band))


@pytest.mark.parametrize(
    "text",
    [
        "夕ごはんを食べない日は何日ですか。",
        "話したくなりませんか。",
        "友だちがいなくて、さびしい日は何日ですか。",
    ],
)
def test_a_question_may_not_ask_in_the_negative(text: str) -> None:
    assert any("打ち消し" in problem for problem in ask_problems(text, "M"))


def test_a_word_that_only_looks_negative_may_be_asked() -> None:
    assert ask_problems("家の食べ物が少ない日は何日ですか。", "M") == []
    assert ask_problems("あぶない ことは ありますか。", "L") == []


ASKS_FOR_NO = {
    "ja": "夕ごはんを食べない日は何日ですか。",
    "ja-easy": "夕《ゆう》ごはんを 食《た》べない 日《ひ》は 何日《なんにち》ですか。",
    "en": "On how many days did you not eat breakfast?",
    "pt-BR": "Em quantos dias você não tomou café da manhã?",
    "zh-Hans": "有几天没吃早饭？",
    "fil": "Ilang araw kang hindi nag-almusal?",
    "vi": "Có mấy ngày em không ăn sáng?",
    "es": "¿Cuántos días no desayunaste?",
}
ASKS_FOR_YES = {
    "ja": "家の食べ物が少ない日は何日ですか。",
    "ja-easy": "あぶない ことは ありますか。",
    "en": "On how many days did you notice noise?",
    "pt-BR": "Em quantos dias você tomou café da manhã?",
    "zh-Hans": "有几天身体不舒服？",
    "fil": "Saan ka pumupunta kapag walang pasok?",
    "vi": "Có ai giúp em không?",
    "es": "¿Cuántos días desayunaste?",
}
TURNED_AROUND = {
    "ja": "答えないことはできません。",
    "ja-easy": "答《こた》えない ことは できません。",
    "en": "You cannot go on without an answer.",
    "pt-BR": "Não deixe de responder.",
    "zh-Hans": "不得不回答。",
    "fil": "Hindi puwedeng hindi hindi sumagot.",
    "vi": "Em không thể không trả lời.",
    "es": "No dejes de responder.",
}


@pytest.mark.parametrize("language", ASKS_FOR_NO)
def test_no_language_asks_for_what_has_not_happened(language: str) -> None:
    assert any(
        "打ち消しの" in problem for problem in negation_problems(ASKS_FOR_NO[language], language, asks=True)
    )
    assert negation_problems(ASKS_FOR_YES[language], language, asks=True) == []


@pytest.mark.parametrize("language", TURNED_AROUND)
def test_no_language_turns_a_no_around(language: str) -> None:
    said = TURNED_AROUND[language]
    assert any("重なって" in problem for problem in negation_problems(said, language))
    if language in ("ja", "ja-easy"):
        assert any("重なって" in one for one in sentence_problems(said, "H" if language == "ja" else "easy"))


@pytest.mark.parametrize("text", ["そう思う", "あてはまる", "どちらでもない", "ふつう"])
def test_answers_are_not_degrees_of_agreement(text: str) -> None:
    assert any("選択肢に使えません" in problem for problem in option_problems(text, "H"))


def test_an_answer_to_tap_is_short() -> None:
    assert option_problems("おとうと いもうとの せわ", "L") == []
    assert any(
        "12字まで" in problem for problem in option_problems("おとうとや いもうとや あかちゃんの せわ", "L")
    )


PROMISES = {
    "en": "Your answers stay secret.",
    "pt-BR": "Guardamos segredo.",
    "zh-Hans": "我们会保密。",
    "fil": "Ito ay lihim.",
    "vi": "Chúng tôi giữ bí mật.",
    "es": "Es un secreto.",
    "ja-easy": "ひみつに します。",
}


@pytest.mark.parametrize(("language", "text"), PROMISES.items())
def test_no_language_may_promise_secrecy(language: str, text: str) -> None:
    assert any("秘密を守る約束はしない" in problem for problem in phrase_problems(text, language))


def test_spaces_do_not_hide_a_promise() -> None:
    assert phrase_problems("ひみつ は まもり ます", "ja")


def test_staff_read_facts_and_no_verdicts() -> None:
    assert staff_problems("世話 平日3時間以上(基準3時間)") == []
    assert staff_problems("要注意の子ども")


def test_japanese_left_in_a_translation_is_seen() -> None:
    assert has_kana("Do you ねる?")
    assert not has_kana("你好吗？")


def test_the_kanji_table_has_the_counts_of_the_2020_table() -> None:
    table = kanji_by_grade()
    assert [len(table[grade]) for grade in range(1, 7)] == [80, 160, 200, 202, 193, 191]
    assert len(frozenset().union(*(table[grade] for grade in range(1, 7)))) == 1026


def test_characters_that_moved_in_2020_stand_where_they_moved() -> None:
    table = kanji_by_grade()
    assert set("茨媛岡潟岐熊香佐埼崎滋鹿縄井沖栃奈梨阪阜賀群徳富城") <= table[4]
    assert set("囲紀喜救型航告殺士史象賞貯停堂得毒費粉脈歴") <= table[5]
    assert set("胃腸恩券承舌銭退敵俵預") <= table[6]


def test_what_each_band_reads_bare() -> None:
    assert bare_kanji("L") == frozenset()
    assert bare_kanji("easy") == frozenset()
    assert len(bare_kanji("M")) == 440
    assert len(bare_kanji("H")) > 1026
