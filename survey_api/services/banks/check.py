"""Every mistake of every question bank at once, each with its file and what to do. Reads files, changes none."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scoring.crosscheck import against_bank
from scoring.parse import ScoringMistakes
from survey_api.services.banks.bank import bank_from_dict
from survey_api.services.banks.examples import example_problems
from survey_api.services.banks.handbook import handbook
from survey_api.services.banks.library import LoadedBank, bank_from_content, read_folder
from survey_api.services.banks.order import order_problems, strangers
from survey_api.services.banks.reference import reference_problems
from survey_api.services.banks.rules import read_lock, why_not_publish
from survey_api.services.banks.schema import schema_problems
from survey_api.services.banks.texts_check import (
    LANGUAGES,
    same_hints,
    staff_word_problems,
    text_problems,
)
from survey_api.services.banks.yaml_files import YamlMistake, read_yaml

LOCK = "PUBLISHED.lock"
_YAML_FILES = {
    "bank.yaml": "bank",
    "scoring.yaml": "scoring",
    "reference.yaml": "reference",
    "examples.yaml": "examples",
    "norms.yaml": "norms",
}


class BankProblems(ValueError):  # noqa: N818 - named after what it lists
    """All mistakes of a bank folder, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def problems(folder: Path) -> list[str]:
    """Every mistake of every bank below question_banks/; an empty list when all may be used."""
    banks = bank_folders(folder)
    if not banks:
        return [f"{folder.name}: 質問集がありません"]
    return [f"{bank.name}/{problem}" for bank in banks for problem in bank_problems(bank)]


def bank_folders(folder: Path) -> list[Path]:
    """The bank folders of question_banks/, in order; shared folders start with an underscore."""
    return sorted(path.parent for path in folder.glob("*/bank.yaml") if not path.parent.name.startswith("_"))


def checked_bank(folder: Path) -> LoadedBank:
    """The bank of one folder, or BankProblems with everything that is wrong with it."""
    found = bank_problems(folder)
    if found:
        raise BankProblems(found)
    return bank_from_content(read_folder(folder))


def bank_problems(folder: Path) -> list[str]:
    """Every mistake of one bank folder, as “file: where: what”."""
    data, found = _read(folder)
    if found:
        return found
    bank = bank_from_dict(data["bank.yaml"])
    found = list(_names(folder, data))
    found += [f"bank.yaml: {problem}" for problem in order_problems(bank)]
    for language in LANGUAGES:
        texts, name = data[f"texts/{language}.yaml"], f"texts/{language}.yaml"
        found += [f"{name}: {problem}" for problem in text_problems(bank, texts, language)]
        found += [f"{name}: {problem}" for problem in same_hints(texts, data["texts/ja.yaml"])]
    if strangers(bank):
        return found
    try:
        loaded = bank_from_content(read_folder(folder))
    except ScoringMistakes as mistakes:
        return found + [f"scoring.yaml: {mistake}" for mistake in mistakes.mistakes]
    return found + _scored(folder, loaded, data, clean=not found)


def _scored(folder: Path, loaded: LoadedBank, data: Mapping[str, Any], clean: bool) -> list[str]:
    """What can only be judged with the scoring key; the examples only once everything else is right."""
    key, examples = loaded.scoring_key, data["examples.yaml"]
    found = [f"scoring.yaml: {problem}" for problem in against_bank(key, data["bank.yaml"])]
    found += [f"texts/ja.yaml: {problem}" for problem in staff_word_problems(key, data["texts/ja.yaml"])]
    found += [
        f"reference.yaml: {problem}"
        for problem in reference_problems(loaded, data["reference.yaml"], data["scoring.yaml"])
    ]
    if found or not clean:
        return found
    found += [f"examples.yaml: {problem}" for problem in example_problems(loaded, examples)]
    return found + _papers(folder, loaded, examples)


def _read(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Every YAML file of a bank by name, and what cannot be read or does not fit its schema."""
    data: dict[str, Any] = {}
    found: list[str] = []
    kinds = _YAML_FILES | {f"texts/{language}.yaml": "texts" for language in LANGUAGES}
    for name, kind in kinds.items():
        try:
            data[name] = read_yaml(folder / name)
        except YamlMistake as mistake:
            found.append(f"{name}: {mistake}")
        else:
            found += [f"{name}: {problem}" for problem in schema_problems(data[name], kind)]
    known = {Path(name).name for name in kinds if name.startswith("texts/")}
    extra = sorted(path.name for path in (folder / "texts").glob("*") if path.name not in known)
    found += [f"texts/{name}: 知らない言語のファイルです" for name in extra]
    return data, found


def _names(folder: Path, data: Mapping[str, Any]) -> Iterator[str]:
    for name in ("bank.yaml", "scoring.yaml", "reference.yaml", "norms.yaml"):
        if data[name]["bank"] != folder.name:
            yield f"{name}: bank は「{folder.name}」にしてください(フォルダの名前と同じ)"
    if data["bank.yaml"]["version"] != data["scoring.yaml"]["version"]:
        yield "scoring.yaml: version が bank.yaml とちがいます"


def _papers(folder: Path, loaded: LoadedBank, examples: Any) -> list[str]:
    """The pages beside the data: sources, the generated handbook, and the lock."""
    found = []
    if not (folder / "sources.md").is_file():
        found.append("sources.md: ファイルがありません(質問と規則の出どころを書く)")
    page = folder / "HOW-SCORED.md"
    if not page.is_file() or page.read_text(encoding="utf-8") != handbook(loaded, examples):
        found.append("HOW-SCORED.md: 古くなっています。kizuki banks handbook で作り直してください")
    lock = folder.parent / LOCK
    try:
        entries = read_lock(lock.read_text(encoding="utf-8") if lock.is_file() else "")
    except ValueError as mistake:
        return [*found, f"../{LOCK}: {mistake}"]
    reason = why_not_publish(entries, loaded.bank.id, loaded.bank.version, loaded.sha256)
    return found + ([f"bank.yaml: {reason}"] if reason else [])
