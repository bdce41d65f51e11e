"""Published figures of others: read once, checked, never without source, year, response and definition."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("references.yaml")
BADGES = {"partial": "一部くらべられる", "hard": "くらべにくい"}
EVIDENCE = {"V1": "公的な資料で確かめた", "V2": "報道など二次の資料で確かめた"}
LEVELS = ("elementary", "junior_high", "high", "all")


@dataclass(frozen=True)
class Reference:
    """One figure somebody else published. `level`: the school level it is nearest to, or all."""

    indicator: str
    level: str
    who: str
    percent: float
    source: str
    year: int
    response: str
    definition: str
    comparability: str
    note: str
    evidence: str

    @property
    def badge(self) -> str:
        return BADGES[self.comparability]

    @property
    def read_in(self) -> str:
        return EVIDENCE[self.evidence]


@cache
def references(path: Path = FILE) -> tuple[Reference, ...]:
    """All of them in the order of the file. ValueError names the figure that lacks something."""
    found = []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))["references"], start=1):
        try:
            one = Reference(**{**entry, "percent": float(entry["percent"])})
        except (TypeError, KeyError) as broken:
            raise ValueError(f"{path.name}: reference {number}: {broken}") from broken
        if one.evidence not in EVIDENCE or one.comparability not in BADGES or one.level not in LEVELS:
            raise ValueError(f"{path.name}: reference {number}: evidence, comparability or level is unknown")
        if not (0 <= one.percent <= 100 and one.source and one.response and one.definition and one.note):
            raise ValueError(f"{path.name}: reference {number}: something is empty or not a percentage")
        found.append(one)
    return tuple(found)
