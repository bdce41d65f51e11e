"""Each mistake somebody could make in a bank is found, with its file and a sentence; all at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey_api.services.banks import check, library
from survey_api.services.banks.check import BankProblems, bank_problems, checked_bank, problems
from survey_api.services.banks.schema import schema_problems
from survey_api.services.banks.yaml_files import read_yaml
from tests.question_banks.edited_bank import Change, copied_bank, edit


@pytest.fixture(scope="module", autouse=True)
def each_file_once() -> Iterator[None]:
    """A mistake changes a file or two; the twelve others are read and held against their schemas once for all."""
    read, judged = dict[bytes, str](), dict[tuple[str, str], list[str]]()

    def read_once(path: Path) -> Any:
        written = path.read_bytes() if path.is_file() else b""
        if written not in read:
            read[written] = json.dumps(read_yaml(path))
        return json.loads(read[written])

    def judge_once(data: Any, kind: str) -> list[str]:
        known = (kind, json.dumps(data))
        if known not in judged:
            judged[known] = schema_problems(data, kind)
        return list(judged[known])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "read_yaml", read_once)
        patch.setattr(library, "read_yaml", read_once)
        patch.setattr(check, "schema_problems", judge_once)
        yield


def screen(bank: dict[str, Any], item: str) -> dict[str, Any]:
    return next(entry for entry in bank["screens"] if entry.get("item") == item)


def moved(bank: dict[str, Any], item: str, place: int) -> None:
    entry = screen(bank, item)
    bank["screens"].remove(entry)
    bank["screens"].insert(place, entry)


def rule(scoring: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in scoring["rules"] if entry["id"] == name)


CASES: list[tuple[str, str, Change, str]] = [
    ("a question on no screen", "bank.yaml", lambda d: d["screens"].remove(screen(d, "rested")), "どの画面にも"),
    ("a screen without its question", "bank.yaml", lambda d: d["items"].pop("rested"), "「rested」という質問が items に"),
    ("a question twice", "bank.yaml", lambda d: d["screens"].append({"item": "rested"}), "2つの画面"),
    ("too many questions", "bank.yaml", lambda d: d["screens"].extend({"item": "n_place"} for _ in range(5)), "28問まで"),
    ("too many steps of the wish", "bank.yaml", lambda d: d["screens"].append(dict(d["screens"][-2], item="n_place")), "3問まで"),
    ("a code that is no code", "bank.yaml", lambda d: d["items"]["rested"]["options"].append("D 0"), "名前に使えない"),
    ("an unknown field", "bank.yaml", lambda d: d["items"]["rested"].update(colour="red"), "使えない項目"),
    ("no source", "bank.yaml", lambda d: d["items"]["rested"].pop("source"), "「source」がありません"),
    ("too few options", "bank.yaml", lambda d: d["items"]["rested"].update(options=["d0", "d1_3"]), "選択肢が2個"),
    ("a subject nobody asks", "bank.yaml", lambda d: d["items"]["doctor"].update(construct="sleep"), "「health」"),
    ("a hard opening", "bank.yaml", lambda d: moved(d, "hungry", 0), "だれにも負担のない"),
    ("a hard question too early", "bank.yaml", lambda d: moved(d, "home_hit", 3), "55〜80%"),
    ("a hard question without a way round", "bank.yaml",
     lambda d: [screen(d, "home_hit").pop(key) for key in ("when", "otherwise")], "「とばす」のあるお知らせ"),
    ("nothing good afterwards", "bank.yaml",
     lambda d: [d["items"][item].pop("positive") for item in ("together", "confide")], "明るい質問"),
    ("the words not last", "bank.yaml", lambda d: moved(d, "free_text", 5), "最後の質問は自由記述"),
    ("the wish before the hard block", "bank.yaml", lambda d: moved(d, "wish_talk", 5), "「話したいか」"),
    ("a branch without an alternative", "bank.yaml", lambda d: screen(d, "care_days").pop("otherwise"), "when と otherwise"),
    ("a branch on a later question", "bank.yaml", lambda d: moved(d, "care_days", 3), "これより前の"),
    ("a branch on an unknown answer", "bank.yaml",
     lambda d: screen(d, "care_days")["when"].update(answered_other_than=["nothing"]), "「nothing」という答え"),
    ("an alternative of another shape", "bank.yaml",
     lambda d: [screen(d, "care_days").update(otherwise="n_place"), screen(d, "care_who").update(otherwise="n_exercise")],
     "形がちがいます"),
    ("an alternative that asks something", "bank.yaml",
     lambda d: d["items"]["n_exercise"].update(construct="mood"), "neutral にしてください"),
    ("a missing sentence", "texts/ja.yaml", lambda d: d["items"].pop("rested"), "items.rested: 言葉がありません"),
    ("a missing option", "texts/en.yaml", lambda d: d["items"]["rested"]["options"].pop("d0"), "options.d0: 言葉が"),
    ("a sentence too many", "texts/vi.yaml", lambda d: d["notices"].update(extra="..."), "notices.extra: bank.yaml に"),
    ("a kanji without reading", "texts/ja.yaml", lambda d: d["items"]["rested"].update(ask="憂鬱でしたか。"), "憂、鬱"),
    ("a promise", "texts/en.yaml", lambda d: d["notices"].update(hard_things="We keep it secret."), "「secret」"),
    ("a label", "texts/ja.yaml", lambda d: d["items"]["bullied"].update(ask="いじめはありますか。"), "「いじめ」"),
    ("Japanese left over", "texts/es.yaml", lambda d: d["items"]["rested"].update(ask="すっきり?"), "日本語のまま"),
    ("a hint not in every language", "texts/fil.yaml", lambda d: d["items"]["hungry"].pop("hint"), "説明がありません"),
    ("a translation called original", "texts/fil.yaml", lambda d: d.update(status="original"), "original は日本語"),
    ("staff words in a translation", "texts/en.yaml", lambda d: d.update(reasons={"hurt-at-home": "x"}), "ja.yaml だけ"),
    ("no label for staff", "texts/ja.yaml", lambda d: d["items"]["rested"].pop("short"), "短い名前がありません"),
    ("a reason without words", "texts/ja.yaml", lambda d: d["reasons"].pop("hurt-at-home"), "reasons.hurt-at-home"),
    ("a verdict about a child", "texts/ja.yaml", lambda d: d["reasons"].update({"hurt-at-home": "要注意"}), "職員向けの文に"),
    ("a level for no option", "scoring.yaml", lambda d: d["items"]["rested"]["levels"].update(often=5), "often"),
    ("a rule on a gap", "scoring.yaml", lambda d: rule(d, "often-hungry")["when"].update(answered=["d4_7"]), "続けて並べて"),
    ("a rule without a source", "scoring.yaml", lambda d: rule(d, "often-hungry").pop("source"), "「source」がありません"),
    ("cuts that fall", "scoring.yaml", lambda d: d["bands"]["mood"][1].update(below=0.1), "区切りはだんだん大きく"),
    ("versions that differ", "scoring.yaml", lambda d: d.update(version=2), "version が bank.yaml とちがいます"),
    ("a mean that does not follow", "scoring.yaml",
     lambda d: d["model"]["concerns"]["care"]["mean"].update(care_days=0.5), "になるはずです"),
    ("shares that do not add up", "reference.yaml", lambda d: d["items"]["rested"].update(d0=0.5), "合計が1に"),
    ("an example that comes out otherwise", "examples.yaml",
     lambda d: d[2]["expect"].update(urgency="none"), "urgency は none のはず"),
    ("an example with an impossible answer", "examples.yaml",
     lambda d: d[0]["answers"].update(rested="never"), "「rested」の答えが正しくありません"),
    ("an example off the path", "examples.yaml", lambda d: d[0]["answers"].update(care_days="d0"), "出ていない質問に答え"),
    ("a rule nobody exemplifies", "examples.yaml",
     lambda d: d.remove(next(x for x in d if "utilities-cut" in x["expect"]["flags"])), "規則 utilities-cut にあたる"),
    ("too few examples", "examples.yaml", lambda d: d.__delitem__(slice(10, None)), "数が足りません"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_mistake_is_found_and_its_file_named(
    tmp_path: Path, name: str, change: Change, expected: str
) -> None:
    folder = copied_bank(tmp_path)
    edit(folder / name, change)
    found = bank_problems(folder)
    assert any(expected in problem for problem in found), found
    assert any(problem.split(":")[0].endswith(".yaml") for problem in found)


def test_mistakes_in_several_files_are_listed_together(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path)
    edit(folder / "bank.yaml", lambda d: moved(d, "hungry", 0))
    edit(folder / "texts" / "en.yaml", lambda d: d["items"].pop("rested"))
    edit(folder / "texts" / "ja.yaml", lambda d: d["reasons"].pop("hurt-at-home"))
    found = "\n".join(problems(folder.parent))
    assert "chu/bank.yaml" in found
    assert "chu/texts/en.yaml" in found
    assert "chu/texts/ja.yaml" in found


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("bank.yaml", "bank: chu\nbank: kou\n", "2行目: 「bank」が2回"),
        ("bank.yaml", "bank: [chu\n", "YAML として読めません"),
        ("texts/ja.yaml", "language: 2026-04-01\n", "引用符で囲んで"),
        ("scoring.yaml", "- 1\n", "値の種類がちがいます"),
    ],
    ids=["a key twice", "broken brackets", "a date", "a list where a table belongs"],
)
def test_a_file_that_cannot_be_read_says_where(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    folder = copied_bank(tmp_path)
    (folder / name).write_text(content, encoding="utf-8")
    assert any(problem.startswith(f"{name}: ") and expected in problem for problem in bank_problems(folder))


def test_a_missing_file_and_a_file_not_in_utf8_are_named(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path)
    (folder / "texts" / "en.yaml").unlink()
    (folder / "examples.yaml").write_bytes("例".encode("cp932"))
    found = bank_problems(folder)
    assert "texts/en.yaml: ファイルがありません" in found
    assert "examples.yaml: UTF-8 で保存されていません" in found


def test_an_unknown_language_file_is_noticed(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path)
    (folder / "texts" / "ko.yaml").write_text("language: ko\n", encoding="utf-8")
    assert "texts/ko.yaml: 知らない言語のファイルです" in bank_problems(folder)


def test_a_bank_with_mistakes_is_not_opened(tmp_path: Path) -> None:
    folder = copied_bank(tmp_path)
    edit(folder / "texts" / "en.yaml", lambda d: d["items"].pop("rested"))
    with pytest.raises(BankProblems, match="rested"):
        checked_bank(folder)


def test_a_folder_without_banks_says_so(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path.name}: 質問集がありません"]
