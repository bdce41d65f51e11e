"""How well the free-text check reads labelled texts: recall and precision per language and per class."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from scoring.freetext import check_text
from scoring.key import Lexicon

HARMLESS = "-"
EVERY = "all"
COLUMNS = ("part", "language", "class", "kind", "text")
PARTS = ("tuned", "held_out")


class TextsMistake(ValueError):  # noqa: N818 - a refusal is named after what happened
    """A line of the labelled texts that cannot be used. Names the line, never the text."""


@dataclass(frozen=True)
class LabelledText:
    """An invented text, the class it belongs to (or “-”), and whether the lexicon was made with it in view."""

    part: str
    language: str
    label: str
    kind: str
    text: str


@dataclass(frozen=True)
class Share:
    """right of total, with its 95 % Wilson interval."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """(0, 1) when nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        z, n, p = 1.96, self.total, self.right / self.total
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


@dataclass(frozen=True)
class Line:
    """One row of the measure. Recall: texts of this class that reach a person today, by whatever was found.

    Named: those in which a form of this very class was found (「死ね」 stands in two). Precision: of the texts in
    which a form of this class was found, those a person should read today.
    """

    language: str
    label: str
    recall: Share
    named: Share
    precision: Share


@dataclass(frozen=True)
class Measure:
    """All lines, the texts that went wrong, and whether the dictionary of normal forms could be read."""

    lines: tuple[Line, ...]
    missed: tuple[LabelledText, ...]
    wrongly_found: tuple[LabelledText, ...]
    complete: bool

    def line(self, language: str, label: str) -> Line:
        return next(line for line in self.lines if (line.language, line.label) == (language, label))


def texts_of(written: str) -> list[LabelledText]:
    """Tab-separated text with a head line → labelled texts. TextsMistake names the first bad line."""
    head, *rows = written.splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise TextsMistake(f"1行目: 列は {'・'.join(COLUMNS)} を、タブで区切って書いてください")
    found = []
    for number, row in enumerate(rows, start=2):
        cells = row.split("\t")
        if len(cells) != len(COLUMNS) or not all(cell.strip() for cell in cells):
            raise TextsMistake(f"{number}行目: タブで区切った{len(COLUMNS)}つの欄を、すべて書いてください")
        if cells[0] not in PARTS:
            raise TextsMistake(f"{number}行目: part は {'・'.join(PARTS)} のどれかにしてください")
        found.append(LabelledText(*cells))
    return found


def measure(texts: Iterable[LabelledText], lexicon: Lexicon) -> Measure:
    """Read every text once; a line per language, per class, and for everything together."""
    read: list[tuple[LabelledText, frozenset[str]]] = []
    complete = True
    for text in texts:
        check = check_text(text.text, lexicon)
        complete = complete and check.complete
        read.append((text, frozenset(hit.kind for hit in check.hits)))
    languages = [EVERY, *dict.fromkeys(text.language for text, _ in read)]
    labels = [EVERY, *dict.fromkeys(text.label for text, _ in read if text.label != HARMLESS)]
    lines = [
        line
        for language in languages
        for label in labels
        if (line := _line(language, label, read)).recall.total or line.precision.total
    ]
    return Measure(
        lines=tuple(lines),
        missed=tuple(text for text, kinds in read if text.label != HARMLESS and not kinds),
        wrongly_found=tuple(text for text, kinds in read if text.label == HARMLESS and kinds),
        complete=complete,
    )


def by_kind(texts: Iterable[LabelledText], lexicon: Lexicon) -> Mapping[str, Share]:
    """Per kind of writing (plain, dialect, idiom …): how many were read rightly."""
    counted: dict[str, list[bool]] = {}
    for text in texts:
        found = {hit.kind for hit in check_text(text.text, lexicon).hits}
        right = bool(found) is (text.label != HARMLESS)
        counted.setdefault(text.kind, []).append(right)
    return {kind: Share(sum(rights), len(rights)) for kind, rights in counted.items()}


def _line(language: str, label: str, read: list[tuple[LabelledText, frozenset[str]]]) -> Line:
    here = [one for one in read if language in (EVERY, one[0].language)]
    harmful = [one for one in here if one[0].label != HARMLESS]
    wanted = [one for one in harmful if label in (EVERY, one[0].label)]
    hit = [one for one in here if (one[1] if label == EVERY else label in one[1])]
    named = sum(text.label in kinds for text, kinds in wanted)
    return Line(
        language,
        label,
        Share(sum(bool(kinds) for _, kinds in wanted), len(wanted)),
        Share(named, len(wanted)),
        Share(sum(text.label != HARMLESS for text, _ in hit), len(hit)),
    )
