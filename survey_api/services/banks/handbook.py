"""HOW-SCORED.md: the scoring of one bank on paper, generated so that it can never disagree with the bank.

With this page, an answer sheet and a pencil anyone can come to the same flags. Written in Japanese for staff.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scoring.key import ConcernTable, Cut, ItemKey
from survey_api.services.banks.condition_words import condition_words
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.ruby import plain

URGENCY = {
    "today": "◆すぐに(今日)",
    "this_week": "▲今週",
    "check": "●確認",
    "watch": "○見守り",
    "none": "なし",
}
LEVEL = {"A": "A すぐに", "B": "B 組み合わせ", "C": "C 続く・変わる", "D": "D 答え方"}
CONCERN = {
    "neglect": "毎日の必要",
    "care": "家族の世話",
    "safety": "家での安全",
    "mood": "気持ち",
    "wish": "本人の希望",
    "text": "自由記述",
    "quality": "答え方",
}


def handbook(loaded: LoadedBank, examples: Sequence[Mapping[str, Any]]) -> str:
    """The whole page as Markdown, ending with one newline."""
    parts = [
        *_head(loaded),
        *_levels(loaded),
        *_rules(loaded),
        *_subscales(loaded),
        *_points(loaded),
        *_quality(loaded),
        *_examples(loaded, examples),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _head(loaded: LoadedBank) -> Iterator[str]:
    bank = loaded.bank
    yield f"# 採点の手引き: {bank.id} 版 {bank.version}"
    yield ""
    yield "この文書は bank.yaml・scoring.yaml・texts/ja.yaml・examples.yaml から自動で作られます。手で直さないでください。"
    yield "判定は「話を聞いたほうがよい答えがある」という印です。診断でも、子どもの点数でもありません。"
    yield "印がないことは、安全を意味しません。決めるのは、いつも人です。"
    yield ""
    yield "紙で確かめる手順: ①答えを水準に置きかえる → ②規則を上から順に見る → ③下位尺度の平均を出す"
    yield "→ ④点数表を足す → ⑤いちばん急ぐものが、その回答の急ぎ方になる。低くする手順はありません。"
    yield ""
    yield f"質問 {bank.question_count()} 問。どの答えでも画面の数は {len(bank.screens)} で同じです。"
    yield ""


def _levels(loaded: LoadedBank) -> Iterator[str]:
    yield "## 1. 答えの水準(0 がいちばんよい)"
    yield ""
    yield "| 質問 | 短い名前 | 答えと水準 |"
    yield "|---|---|---|"
    said = loaded.texts["ja"]["items"]
    for item in loaded.bank.items.values():
        key = loaded.scoring_key.items.get(item.id)
        if key is None:
            continue
        note = "(逆向きの質問)" if key.reverse_keyed else ""
        yield _row(
            plain(said[item.id]["ask"]), said[item.id]["short"] + note, _level_words(key, said[item.id])
        )
    unscored = [
        said[item.id]["short"]
        for item in loaded.bank.items.values()
        if item.id not in loaded.scoring_key.items
    ]
    yield ""
    yield f"水準を持たない質問: {'、'.join(unscored)}。"
    yield "「わからない」「答えたくない」は水準を持ちません。0 とも最悪とも扱いません。"
    yield ""


def _level_words(key: ItemKey, said: Mapping[str, Any]) -> str:
    options = said["options"]
    if not key.is_multi:
        return "、".join(f"{plain(options[code])}={level}" for code, level in key.levels.items())
    counted = "・".join(plain(text) for code, text in options.items() if code in key.count_of)
    steps = "、".join(f"{cut}つ以上={level}" for level, cut in enumerate(key.cuts, start=1))
    return f"次のうち選んだ数: {counted}。0={key.cuts[0]}つ未満、{steps}"


def _rules(loaded: LoadedBank) -> Iterator[str]:
    yield "## 2. 規則"
    yield ""
    yield "わからない部分が残る規則は「判定できない」と表示されます。答えないことは、規則を起こしも止めもしません。"
    yield ""
    yield "| 規則 | 段階 | 領域 | 急ぎ方 | 条件 | 職員に見える理由 | 見込みの割合 | 出どころ |"
    yield "|---|---|---|---|---|---|---|---|"
    reasons = loaded.texts["ja"]["reasons"]
    for rule in loaded.scoring_key.rules:
        low, high = (f"{100 * share:g}" for share in rule.expected_rate)
        trial = "" if rule.active else "(試行: 数えるだけ)"
        yield _row(
            rule.id,
            LEVEL[rule.level] + trial,
            CONCERN[rule.concern],
            URGENCY[rule.urgency],
            condition_words(rule.when, loaded.texts["ja"]),
            reasons[rule.because],
            f"{low}〜{high}%",
            f"{rule.source}(責任: {rule.owner})",
        )
    yield ""
    yield "前の回に起きた規則が今回起きないときは、それだけで「前回あり→今回なし」として見守りに入ります。"
    yield ""


def _subscales(loaded: LoadedBank) -> Iterator[str]:
    yield "## 3. 下位尺度(答えた質問の水準の平均)"
    yield ""
    yield "| 下位尺度 | 質問 | 必要な答えの割合 | 区分 |"
    yield "|---|---|---|---|"
    words = loaded.texts["ja"]
    for subscale in loaded.scoring_key.subscales:
        items = "、".join(words["items"][item]["short"] for item in subscale.items)
        share = f"{100 * subscale.min_answered:g}%"
        yield _row(words["subscales"][subscale.id], items, share, _cuts(subscale.bands, words["bands"]))
    yield ""
    yield "区分は試行の切れ目です。標準化された基準ではありません。"
    yield ""


def _points(loaded: LoadedBank) -> Iterator[str]:
    model = loaded.scoring_key.model
    yield "## 4. 点数表"
    yield ""
    yield f"版 {model.version}。{'校正済み' if model.calibrated else '校正前'}。署名: {model.signed_by}"
    yield f"「わからない」「答えたくない」は、平均から最大までの {100 * model.fill:g}% の点を入れます。"
    yield "出なかった質問と、途中で終わって残った質問には、平均の点を入れます。点の合計は、どの画面にも出ません。"
    yield ""
    words = loaded.texts["ja"]
    for table in model.tables:
        yield f"### {CONCERN[table.concern]}"
        yield ""
        yield f"合計の区分: {_cuts(table.bands, words['bands'])}"
        yield ""
        yield "| 質問 | 点 | 平均の点 |"
        yield "|---|---|---|"
        yield from _point_rows(loaded, table)
        yield ""


def _point_rows(loaded: LoadedBank, table: ConcernTable) -> Iterator[str]:
    said = loaded.texts["ja"]["items"]
    for item, points in table.points.items():
        options = said[item].get("options", {})
        multi = loaded.scoring_key.items[item].is_multi
        names = {code: f"水準{code}" if multi else plain(options[code]) for code in points}
        words = "、".join(f"{names[code]}={_number(value)}" for code, value in points.items())
        yield _row(said[item]["short"], words, _number(table.mean[item]))


def _quality(loaded: LoadedBank) -> Iterator[str]:
    yield "## 5. 答え方の印"
    yield ""
    yield "4つの見方があり、2つ以上の見方で印がつくと「もう一度たずねる」になります。①くり返し: 同じ場所ばかり押す・"
    yield "場所がほとんど動かない ②速さ: その質問の速いほうから5%より速い答えが4割以上 ③一貫性: 反対向きの質問・同じことを"
    yield "たずねる質問で食いちがう、場所が大きくばらつく ④組み合わせ: ほかではまず見ない組み合わせ(マハラノビスの距離)。"
    yield "ふつうの範囲は norms.yaml(模擬の回答から。実際の調査で置きかえる)。計算は scoring/quality.py。"
    yield "印は情報であり、規則を取り消しません。「すぐに(今日)」の印に重なったときは、今日のうちに、まず本人にもう一度たずねます。"
    said = loaded.texts["ja"]["items"]
    for first, second in loaded.scoring_key.reverse_pairs:
        yield f"反対向きの組: 「{said[first]['short']}」と「{said[second]['short']}」。"
    yield ""


def _examples(loaded: LoadedBank, examples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## 6. 例(架空の子ども)"
    yield ""
    yield "答えの全体は examples.yaml にあります。"
    yield ""
    yield "| 例 | 急ぎ方 | 起きる規則 | 判定できない規則 |"
    yield "|---|---|---|---|"
    for example in examples:
        expect = example["expect"]
        flags = "、".join(expect["flags"]) or "なし"
        unknown = "、".join(expect.get("unevaluable", ())) or "—"
        yield _row(example["name"], URGENCY[expect["urgency"]], flags, unknown)
    yield ""


def _cuts(cuts: tuple[Cut, ...], words: Mapping[str, str]) -> str:
    parts = []
    for cut in cuts:
        limit = "それ以上" if cut.below is None else f"{_number(cut.below)}未満"
        urgency = f"({URGENCY[cut.urgency]})" if cut.urgency else ""
        parts.append(f"{limit}={words[cut.band]}{urgency}")
    return "、".join(parts)


def _number(hundredths: int) -> str:
    return f"{hundredths / 100:g}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"
