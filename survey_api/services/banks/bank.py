"""What a child is asked: items, screens, and which screen comes next for the answers given so far.

Pure values. Every screen place shows exactly one thing, the question or its matched alternative, so the
number of screens never depends on the answers. Never scores, never words (texts.py), never storage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

DONT_KNOW = "dont_know"
DECLINED = "declined"
RESERVED = frozenset({DONT_KNOW, DECLINED})
SKIP = "skip"  # stored under a notice's key when the child chose 「とばす」 there

Kind = Literal["single", "multi", "text"]
Sensitivity = Literal["ordinary", "sensitive", "acute"]
Missing = Literal["declined", "dont_know", "not_shown", "left"]
Value = str | Sequence[str]
Answers = Mapping[str, Value]


@dataclass(frozen=True)
class Item:
    """One question. `options` are the codes in the order shown; the two reserved codes are always allowed."""

    id: str
    construct: str
    kind: Kind
    sensitivity: Sensitivity
    options: tuple[str, ...] = ()
    exclusive: frozenset[str] = frozenset()
    max_chars: int | None = None
    look: str = "plain"
    positive: bool = False
    also: tuple[str, ...] = ()
    locked_layout: bool = False
    """Its owner allows no picture and no other order: dots and faces stay away."""

    def refuses(self, value: object) -> str | None:
        """Why this value cannot be an answer here, in a word a program can act on; None when it can."""
        if isinstance(value, str) and (value in RESERVED or self.kind != "multi"):
            return self._refuses_one(value)
        if self.kind != "multi" or isinstance(value, str) or not isinstance(value, Sequence):
            return "wrong_type"
        return self._refuses_many(value)

    def _refuses_one(self, value: str) -> str | None:
        if value in RESERVED:
            return None
        if self.kind == "text":
            return "too_long" if self.max_chars is not None and len(value) > self.max_chars else None
        return None if value in self.options else "unknown_option"

    def _refuses_many(self, values: Sequence[object]) -> str | None:
        if not values:
            return "empty"
        if any(not isinstance(code, str) or code not in self.options for code in values):
            return "unknown_option"
        if len(set(values)) != len(values):
            return "repeated_option"
        if len(values) > 1 and self.exclusive.intersection(str(code) for code in values):
            return "exclusive_with_others"
        return None


@dataclass(frozen=True)
class Branch:
    """When the main question of a screen is shown. `on` is an earlier item, or an earlier notice (skip)."""

    on: str
    codes: frozenset[str]
    form: Literal["answered", "answered_other_than", "unless_skipped"]

    def holds(self, answers: Answers) -> bool:
        """Decided from the answers so far; a reserved code or no answer never opens a follow-up."""
        given = answers.get(self.on)
        if self.form == "unless_skipped":
            return given != SKIP
        chosen = {given} if isinstance(given, str) else set(given or ())
        chosen -= RESERVED
        if self.form == "answered":
            return bool(chosen & self.codes)
        return bool(chosen - self.codes)


@dataclass(frozen=True)
class Screen:
    """One place in the survey: an item or a notice, perhaps with the alternative shown when `when` fails."""

    item: str | None = None
    notice: str | None = None
    when: Branch | None = None
    other_item: str | None = None
    other_notice: str | None = None
    may_skip: bool = False


@dataclass(frozen=True)
class Shown:
    """One screen as one child sees it. `place` counts from 1; exactly one of `item` and `notice` is set."""

    place: int
    item: str | None
    notice: str | None
    may_skip: bool = False


@dataclass(frozen=True)
class Bank:
    """A checked bank. Build it with `bank_from_dict` after the schema has passed."""

    id: str
    version: int
    grades: tuple[int, ...]
    screens: tuple[Screen, ...]
    items: Mapping[str, Item] = field(hash=False)

    def path(self, answers: Answers) -> list[Shown]:
        """The screens this child sees, in order, given the answers so far. Its length is the same for all."""
        return [_resolve(place, screen, answers) for place, screen in enumerate(self.screens, start=1)]

    def shown_items(self, answers: Answers) -> list[str]:
        """The questions on this child's path, in order."""
        return [shown.item for shown in self.path(answers) if shown.item is not None]

    def on_path(self, answers: Answers) -> dict[str, Value]:
        """Only the answers on the final path: a changed earlier answer drops its follow-ups."""
        keys = [*self.skippable(), *self.shown_items(answers)]
        return {key: answers[key] for key in keys if key in answers}

    def missing(self, answers: Answers) -> dict[str, Missing]:
        """Why each item without a substantive answer has none. A block skipped at its notice was declined."""
        shown = set(self.shown_items(answers))
        declined = self._skipped_at_notice(answers)
        states: dict[str, Missing] = {}
        for item_id in self.items:
            given = answers.get(item_id)
            if item_id not in shown:
                states[item_id] = "declined" if item_id in declined else "not_shown"
            elif given == DECLINED:
                states[item_id] = "declined"
            elif given == DONT_KNOW:
                states[item_id] = "dont_know"
            elif given is None or len(given) == 0:
                states[item_id] = "left"
        return states

    def skippable(self) -> tuple[str, ...]:
        """The notices at which a child may skip what follows."""
        return tuple(screen.notice for screen in self.screens if screen.notice and screen.may_skip)

    def question_count(self) -> int:
        """How many screens ask something; a question and its alternative count once. Notices do not count."""
        return sum(screen.item is not None for screen in self.screens)

    def _skipped_at_notice(self, answers: Answers) -> set[str]:
        return {
            screen.item
            for screen in self.screens
            if screen.item
            and screen.when
            and screen.when.form == "unless_skipped"
            and not screen.when.holds(answers)
        }


def _resolve(place: int, screen: Screen, answers: Answers) -> Shown:
    if screen.when is not None and not screen.when.holds(answers):
        return Shown(place, screen.other_item, screen.other_notice)
    return Shown(place, screen.item, screen.notice, screen.may_skip)


def bank_from_dict(raw: Mapping[str, object]) -> Bank:
    """bank.yaml as read, already valid against bank.schema.json, as a Bank."""
    items = {item_id: _item(item_id, entry) for item_id, entry in _mapping(raw["items"]).items()}
    screens = tuple(_screen(_mapping(entry)) for entry in _sequence(raw["screens"]))
    grades = tuple(int(str(grade)) for grade in _sequence(raw["grades"]))
    return Bank(str(raw["bank"]), int(str(raw["version"])), grades, screens, items)


def _item(item_id: str, entry: object) -> Item:
    known = _mapping(entry)
    limit = known.get("max_chars")
    return Item(
        id=item_id,
        construct=str(known["construct"]),
        kind=known["kind"],  # type: ignore[arg-type]  # the schema allows these three words only
        sensitivity=known["sensitivity"],  # type: ignore[arg-type]
        options=tuple(str(code) for code in _sequence(known.get("options", ()))),
        exclusive=frozenset(str(code) for code in _sequence(known.get("exclusive", ()))),
        max_chars=None if limit is None else int(str(limit)),
        look=str(known.get("look", "plain")),
        positive=bool(known.get("positive", False)),
        also=tuple(str(code) for code in _sequence(known.get("also", ()))),
        locked_layout=bool(known.get("locked_layout", False)),
    )


def _screen(entry: Mapping[str, object]) -> Screen:
    if "notice" in entry:
        return Screen(notice=str(entry["notice"]), may_skip=bool(entry.get("may_skip", False)))
    if "when" not in entry:
        return Screen(item=str(entry["item"]))
    other = entry["otherwise"]
    other_item = other if isinstance(other, str) else None
    other_notice = None if isinstance(other, str) else str(_mapping(other)["notice"])
    branch = _branch(_mapping(entry["when"]))
    return Screen(item=str(entry["item"]), when=branch, other_item=other_item, other_notice=other_notice)


def _branch(entry: Mapping[str, object]) -> Branch:
    if "notice" in entry:
        return Branch(str(entry["notice"]), frozenset(), "unless_skipped")
    if "answered" in entry:
        return Branch(str(entry["item"]), frozenset(map(str, _sequence(entry["answered"]))), "answered")
    codes = frozenset(map(str, _sequence(entry["answered_other_than"])))
    return Branch(str(entry["item"]), codes, "answered_other_than")


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("a bank part that should be a mapping is not one; check it against the schema first")
    return value


def _sequence(value: object) -> Sequence[object]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("a bank part that should be a list is not one; check it against the schema first")
    return value
