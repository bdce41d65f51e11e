"""The scoring key of one bank version: frozen values, made by parse.py, read by everything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scoring.calibration import Calibration
from scoring.vocabulary import Level, Urgency


@dataclass(frozen=True)
class ItemKey:
    """How one item's answers are ordered. Higher level = worse; 0 = best.

    A single item has `levels` by answer code. A multi item has `count_of` (the codes that count) and `cuts`
    (how many chosen reach level 1, 2, …).
    """

    id: str
    levels: Mapping[str, int] = field(default_factory=dict)
    count_of: frozenset[str] = frozenset()
    cuts: tuple[int, ...] = ()
    reverse_keyed: bool = False

    @property
    def is_multi(self) -> bool:
        return not self.levels

    @property
    def worst(self) -> int:
        return len(self.cuts) if self.is_multi else max(self.levels.values())


@dataclass(frozen=True)
class Cut:
    """A band: values below `below` (None: everything that is left) belong to it."""

    band: str
    below: int | None
    """In hundredths."""
    urgency: Urgency | None = None
    source: str = ""


@dataclass(frozen=True)
class Subscale:
    """Mean or sum of item levels, given enough answers. sd and omega let a change be judged."""

    id: str
    concern: str
    items: tuple[str, ...]
    combine: str
    min_answered: float
    bands: tuple[Cut, ...] = ()
    sd: float | None = None
    omega: float | None = None


@dataclass(frozen=True)
class Condition:
    """One node of a rule: a form and its parts. Evaluated by conditions.py, three-valued."""

    form: str
    """answered other_than is band all any not count text_hit text_written previous worse quality"""
    item: str = ""
    codes: frozenset[str] = frozenset()
    parts: tuple["Condition", ...] = ()
    at_least: int = 0


@dataclass(frozen=True)
class Rule:
    """A declared reason to look. Rules raise; none can lower."""

    id: str
    level: Level
    concern: str
    urgency: Urgency
    when: Condition
    because: str
    owner: str
    source: str
    expected_rate: tuple[float, float]
    active: bool = True
    """False: trial. It is counted and shown as a trial, and opens no case."""


@dataclass(frozen=True)
class ConcernTable:
    """Points per answer for one concern, all in hundredths of a point, never negative."""

    concern: str
    base: int
    points: Mapping[str, Mapping[str, int]]
    """item → answer code (or count level as text) → points"""
    mean: Mapping[str, int]
    """item → what it adds on average in the reference population"""
    bands: tuple[Cut, ...]
    calibration: Calibration | None = None
    """From points to the share of children in need, once outcomes are known; never shown about a child."""

    def worst(self, item: str) -> int:
        return max(self.points[item].values())


@dataclass(frozen=True)
class Model:
    """The points tables, with who signed them and how a refusal is filled."""

    version: str
    calibrated: bool
    signed_by: str
    fill: float
    tables: tuple[ConcernTable, ...]


@dataclass(frozen=True)
class Norms:
    """What is usual in how this bank is answered: the ground of the quality signs. See quality.py for units."""

    seconds_p05: Mapping[str, float]
    items: tuple[str, ...]
    mean: tuple[int, ...]
    precision: tuple[tuple[int, ...], ...]
    distance: int
    halves: int
    spread: tuple[int, int]


@dataclass(frozen=True)
class ScoringKey:
    """Everything needed to turn an answer sheet into an assessment."""

    bank: str
    version: int
    items: Mapping[str, ItemKey]
    subscales: tuple[Subscale, ...]
    rules: tuple[Rule, ...]
    model: Model
    reverse_pairs: tuple[tuple[str, str], ...] = ()
    lexicon: "Lexicon | None" = None
    text_items: frozenset[str] = frozenset()
    """Items answered in the child's own words."""
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """single-choice item → its answers as they stand on the page, items in the order of the pages"""
    follow_ups: Mapping[str, str] = field(default_factory=dict)
    """item → the earlier item whose answer decides whether it is shown"""
    norms: Norms | None = None
    """None: the signs that need to know what is usual are left out"""


@dataclass(frozen=True)
class Step:
    """One place of a sequence: any of these forms or roots, with at most `gap` others before it."""

    forms: frozenset[str]
    gap: int = 0
    roots: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pattern:
    """A sequence of words or morphemes that means a class of the lexicon."""

    kind: str
    steps: tuple[Step, ...]


Patterns = Mapping[str, tuple[Pattern, ...]]
"""By each form that the first step accepts."""


@dataclass(frozen=True)
class Lexicon:
    """What the free-text check looks for, already folded by parse_lexicon."""

    surfaces: Mapping[str, tuple[tuple[str, str], ...]]
    """first two signs of a form → (class, surface form with kana or kanji)"""
    words: Patterns = field(default_factory=dict)
    """forms of languages with spaces between words"""
    normal: Patterns = field(default_factory=dict)
    """Japanese normal forms, read by morphology.py"""
    idioms: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """first two signs → ("", harmless phrase that contains a form): 死ぬほど楽しい"""
    word_idioms: Patterns = field(default_factory=dict)
    normal_idioms: Patterns = field(default_factory=dict)
    negations: tuple[str, ...] = ()
    turned_by: tuple[str, ...] = ()
    """what behind a negation takes it back again: 殴られていない「か」心配"""
    word_negations: Patterns = field(default_factory=dict)
    """right before a word form: never hits me"""
    normal_negations: Patterns = field(default_factory=dict)
    closers: frozenset[str] = frozenset()
    """what may follow a negation without turning it round"""
    lookalikes: tuple[tuple[str, str], ...] = ()
    """(what is written, what is meant): 4ね → 死ね"""
    negatable: frozenset[str] = frozenset()
    """classes whose forms a negation takes back"""
