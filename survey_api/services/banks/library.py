"""A bank folder, or the frozen content of a published version → a bank that can be asked and scored."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scoring.key import ScoringKey
from scoring.parse import parse
from survey_api.services.banks.bank import SKIP, Bank, bank_from_dict
from survey_api.services.banks.shape import ItemShape, Shape
from survey_api.services.banks.yaml_files import read_yaml

FREETEXT = Path("_shared") / "freetext.yaml"
NORMS = "norms.yaml"


@dataclass(frozen=True)
class LoadedBank:
    """Everything one version of a bank is: questions, scoring, words, and the hash of all of it."""

    bank: Bank
    scoring_key: ScoringKey
    texts: Mapping[str, Mapping[str, Any]]
    """language → words"""
    shape: Shape
    sha256: str
    content: Mapping[str, Any] = field(repr=False)
    phrases: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    """Where its Japanese sentences may break, as stored when it was published."""

    def words(self, language: str = "ja") -> Mapping[str, Any]:
        return self.texts.get(language) or self.texts["ja"]


def read_folder(folder: Path) -> dict[str, Any]:
    """The files of one bank folder as plain data; nothing is checked here (check.py does)."""
    return {
        "bank": read_yaml(folder / "bank.yaml"),
        "scoring": read_yaml(folder / "scoring.yaml"),
        "texts": {path.stem: read_yaml(path) for path in sorted((folder / "texts").glob("*.yaml"))},
        "freetext": read_yaml(folder.parent / FREETEXT),
        "norms": read_yaml(folder / NORMS) if (folder / NORMS).is_file() else None,
    }


def load_bank(folder: Path) -> LoadedBank:
    """Read and build one bank from its folder."""
    return bank_from_content(read_folder(folder))


def bank_from_content(content: Mapping[str, Any]) -> LoadedBank:
    """Build a bank from its content, as published or as read."""
    bank = bank_from_dict(content["bank"])
    texts = frozenset(item.id for item in bank.items.values() if item.kind == "text")
    follow_ups = {
        screen.item: screen.when.on for screen in bank.screens if screen.item is not None and screen.when
    }
    order = [name for screen in bank.screens for name in (screen.item, screen.other_item) if name is not None]
    asked = {name: bank.items[name].options for name in order if bank.items[name].kind == "single"}
    return LoadedBank(
        bank=bank,
        scoring_key=parse(
            content["scoring"],
            content["freetext"],
            text_items=texts,
            follow_ups=follow_ups,
            asked=asked,
            norms=content.get("norms"),
        ),
        texts=content["texts"],
        shape=shape_of(bank),
        sha256=hashlib.sha256(canonical(content)).hexdigest(),
        content=content,
    )


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed and frozen. The order of keys is kept: the order of choices is part of a bank."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def shape_of(bank: Bank) -> Shape:
    """What may be stored per item, and per notice that may be skipped."""
    shape = {
        item.id: ItemShape(item.kind, frozenset(item.options), item.exclusive, item.max_chars or 0)
        for item in bank.items.values()
    }
    for notice in bank.skippable():
        shape[notice] = ItemShape("notice", frozenset({SKIP}))
    return shape
