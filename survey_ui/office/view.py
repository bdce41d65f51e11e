"""What the office may see of a wave: counts so coarse that nobody can be told from them. Pure."""

from dataclasses import dataclass
from itertools import groupby

from survey_api.services.waves.queries import ClassRow
from survey_api.services.waves.rules import SMALL_CLASS, coarse
from survey_api.vocabulary import GRADE_WORDS

BANK_WORDS = {"sho-low": "小学校1〜3年", "sho-high": "小学校4〜6年", "chu": "中学校", "kou": "高校"}
LANGUAGE_WORDS = {
    "ja-easy": "やさしい日本語",
    "en": "英語",
    "pt-BR": "ポルトガル語",
    "zh-Hans": "中国語(簡体字)",
    "fil": "フィリピノ語",
    "vi": "ベトナム語",
    "es": "スペイン語",
}


@dataclass(frozen=True)
class ClassLine:
    school_id: str
    grade: int
    grade_word: str
    class_name: str
    tickets: str
    progress: str


@dataclass(frozen=True)
class SchoolBlock:
    school: str
    classes: tuple[ClassLine, ...]


def school_blocks(rows: list[ClassRow]) -> list[SchoolBlock]:
    """Classes under their school, in the fixed order."""
    return [
        SchoolBlock(school, tuple(_line(row) for row in members))
        for school, members in groupby(rows, key=lambda row: row.school)
    ]


def _line(row: ClassRow) -> ClassLine:
    tickets = f"{row.tickets}枚" if row.tickets >= SMALL_CLASS else f"{SMALL_CLASS}枚未満"
    progress = coarse(row.sent, row.tickets)
    return ClassLine(row.school_id, row.grade, GRADE_WORDS[row.grade], row.class_name, tickets, progress)
