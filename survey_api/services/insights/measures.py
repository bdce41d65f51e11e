"""The declared indicators: what the city counts, said before anybody answers.

Each reads one child's answers as yes (“needs attention”) or no, per question bank, by one item's answers,
one subscale's band or one rule that fired. Nothing else is ever counted. A child who skipped or declined is
counted as answering and read as no. Declared in question_banks/_shared/indicators.yaml.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

BANK_GRADES: Mapping[str, tuple[int, ...]] = {
    "sho-low": (1, 2, 3),
    "sho-high": (4, 5, 6),
    "chu": (7, 8, 9),
    "kou": (10, 11, 12),
}

SHIPPED = Path(__file__).parents[3] / "question_banks" / "_shared" / "indicators.yaml"


class Sensitivity(StrEnum):
    """Sensitive numbers exist for levels and the city only."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class ItemReading:
    """Yes when the child tapped one of these codes (any of them, for a choice of several)."""

    item: str
    answered: frozenset[str]


@dataclass(frozen=True, slots=True)
class BandReading:
    """Yes when the subscale fell into one of these bands."""

    subscale: str
    bands: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleReading:
    """Yes when one of these rules fired."""

    rules: frozenset[str]


Reading = ItemReading | BandReading | RuleReading


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number of the city's tables. `readings`: bank → how a child's answers are read."""

    id: str
    title: str
    definition: str
    topic: str
    sensitivity: Sensitivity
    stable: bool
    readings: Mapping[str, Reading]

    @property
    def level_only(self) -> bool:
        """No number below school level: sensitive, or a trait that hardly changes between waves."""
        return self.sensitivity is Sensitivity.SENSITIVE or self.stable

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades that are asked."""
        return tuple(sorted(grade for bank in self.readings for grade in BANK_GRADES[bank]))

    def reads_yes(
        self,
        bank: str,
        *,
        answers: Mapping[str, str | Collection[str]],
        bands: Mapping[str, str],
        rules: Collection[str],
    ) -> bool:
        """Read one child. `bands`: subscale → band, `rules`: ids of the rules that fired."""
        match self.readings[bank]:
            case ItemReading(item, codes):
                given = answers.get(item, ())
                return not codes.isdisjoint({given} if isinstance(given, str) else given)
            case BandReading(subscale, wanted):
                return bands.get(subscale) in wanted
            case RuleReading(wanted):
                return not wanted.isdisjoint(rules)


class IndicatorsInvalid(ValueError):  # noqa: N818 - named after what happened
    """The declaration has mistakes; `problems` lists all of them."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def load_indicators(path: Path = SHIPPED) -> tuple[Indicator, ...]:
    """Read and check the declaration. IndicatorsInvalid names every mistake at once."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = document.get("indicators") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise IndicatorsInvalid([f"{path.name}: a list under `indicators` is missing"])
    problems: list[str] = []
    indicators = []
    for number, entry in enumerate(entries, start=1):
        where = (
            f"{path.name}: indicator {number} ({entry.get('id', '?') if isinstance(entry, dict) else '?'})"
        )
        found = _entry_problems(entry)
        problems += [f"{where}: {problem}" for problem in found]
        if not found:
            indicators.append(_indicator(entry))
    problems += _shared_sources(indicators)
    if problems:
        raise IndicatorsInvalid(problems)
    return tuple(indicators)


_TEXTS = ("id", "title", "definition", "topic")
_KEYS = {*_TEXTS, "sensitivity", "stable", "reading"}


def _entry_problems(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return ["must be a mapping"]
    problems = [f"unknown key `{key}`" for key in sorted(set(entry) - _KEYS)]
    problems += [f"`{key}` must be a text" for key in _TEXTS if not str(entry.get(key) or "").strip()]
    if entry.get("sensitivity") not in list(Sensitivity):
        problems.append("`sensitivity` must be ordinary or sensitive")
    if not isinstance(entry.get("stable", False), bool):
        problems.append("`stable` must be true or false")
    reading = entry.get("reading")
    if not isinstance(reading, dict) or not reading:
        return [*problems, "`reading` must name at least one bank"]
    for bank, how in reading.items():
        if bank not in BANK_GRADES:
            problems.append(f"`{bank}` is no bank (known: {', '.join(BANK_GRADES)})")
        elif _reading(how) is None:
            problems.append(
                f"{bank}: a reading is {{item, answered}}, {{subscale, band}} or {{rule}}, not {how}"
            )
    return problems


def _reading(how: Any) -> Reading | None:
    match how:
        case {"item": str(item), "answered": [*codes], **rest} if codes and not rest:
            return ItemReading(item, frozenset(codes))
        case {"subscale": str(subscale), "band": [*bands], **rest} if bands and not rest:
            return BandReading(subscale, frozenset(bands))
        case {"rule": [*rules], **rest} if rules and not rest:
            return RuleReading(frozenset(rules))
        case _:
            return None


def _indicator(entry: Mapping[str, Any]) -> Indicator:
    readings = {bank: _reading(how) for bank, how in entry["reading"].items()}
    return Indicator(
        id=entry["id"],
        title=entry["title"],
        definition=entry["definition"],
        topic=entry["topic"],
        sensitivity=Sensitivity(entry["sensitivity"]),
        stable=entry.get("stable", False),
        readings={bank: reading for bank, reading in readings.items() if reading is not None},
    )


def _shared_sources(indicators: Collection[Indicator]) -> list[str]:
    """Two numbers out of one source could be subtracted from each other, so each source is used once."""
    problems = []
    owner: dict[tuple[str, str], str] = {}
    ids: set[str] = set()
    for indicator in indicators:
        if indicator.id in ids:
            problems.append(f"indicator {indicator.id} is declared twice")
        ids.add(indicator.id)
        for bank, reading in indicator.readings.items():
            for source in sorted(sources(reading)):
                other = owner.setdefault((bank, source), indicator.id)
                if other != indicator.id:
                    problems.append(f"{bank}: {source} is read by both {other} and {indicator.id}")
    return problems


def sources(reading: Reading) -> frozenset[str]:
    """What a reading looks at, in one word each: item:…, subscale:… or rule:…."""
    match reading:
        case ItemReading(item, _):
            return frozenset({f"item:{item}"})
        case BandReading(subscale, _):
            return frozenset({f"subscale:{subscale}"})
        case RuleReading(rules):
            return frozenset(f"rule:{rule}" for rule in rules)
