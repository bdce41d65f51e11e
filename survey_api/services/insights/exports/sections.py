"""What a meeting pack may hold. Kept apart from the writer of the PDF, which costs a second to load."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    CITY = "city"
    TRENDS = "trends"
    RESPONSE = "response"
    OUTCOMES = "outcomes"
    SCHOOLS = "schools"


SECTIONS: Mapping[Section, str] = {
    Section.CITY: "市全体の数字",
    Section.TRENDS: "推移",
    Section.RESPONSE: "回答した子ども、答えなかった子ども",
    Section.OUTCOMES: "子どもにつながるまで、つながったあと",
    Section.SCHOOLS: "学校のちがい",
}


@dataclass(frozen=True)
class Choice:
    """What the pack holds. `unnamed`: 学校名を出さない; there is then no row about a single school at all."""

    sections: frozenset[Section] = frozenset(Section)
    unnamed: bool = True
