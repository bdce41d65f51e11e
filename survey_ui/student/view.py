"""A bank's screen and the draft so far → what a page needs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from survey_api.journeys.promise_talk import TalkDays
from survey_api.services.banks.bank import SKIP, Branch, Shown
from survey_api.services.banks.library import LoadedBank
from survey_api.tables.agencies import Agency
from survey_ui.shell.child_words import ENDONYMS, day_words, paired, status_of
from survey_ui.shell.reading import Reading

AGES = {"L": (7, 9), "M": (10, 12), "H": (13, 17)}
"""A place on the last page takes every age of its band: no child is sent away from where it was sent."""
BANDS = {"sho-low": "L", "sho-high": "M"}
READ_WITHIN_SCHOOL_DAYS = 10
"""What the last page says; no clock of the desk may be slower (tests hold them together)."""


def states_of(loaded: LoadedBank) -> dict[str, frozenset[str]]:
    """Language → the states of everything a child would read in it: the bank's words and the pages' words."""
    return {
        language: frozenset({str(loaded.texts[language]["status"]), status_of(language)})
        for language in ENDONYMS
        if language in loaded.texts
    }


def band_of(bank_id: str) -> str:
    """L, M or H: how a bank speaks."""
    return BANDS.get(bank_id, "H")


@dataclass(frozen=True)
class Choice:
    code: str
    text: str
    chosen: bool
    alone: bool = False
    """Cannot be chosen together with others."""
    step: int = 0
    """Where it stands among the choices: how many dots or which face is drawn beside it."""
    note: str = ""
    """The day by which this person comes."""


@dataclass(frozen=True)
class Question:
    """One screen as the template shows it."""

    place: int
    of: int
    key: str
    kind: str
    ask: str
    hint: str
    choices: tuple[Choice, ...]
    reserved: tuple[Choice, ...]
    text: str
    max_chars: int
    look: str = "plain"
    """Dots for days, faces for the youngest, or nothing: a locked question is never drawn on."""
    wish: str = ""
    """Which step of the wish to talk this is (whom, how), empty elsewhere."""
    promises: tuple[tuple[str, str, bool], ...] = ()
    """(whom, who comes by when, whether it is the one chosen), where the child has said whom it wants."""
    promise: bool = False
    """Whether this is where a child may wish to talk: the day by which somebody comes stands beside it."""


def question(
    loaded: LoadedBank, shown: Shown, answers: dict[str, Any], how: Reading | None = None
) -> Question:
    """A question, or a notice (kind “notice”), as this child reads."""
    how = how or Reading()
    of = len(loaded.bank.screens)
    if shown.item is None:
        return _notice(shown, _said(loaded, how, "notices", str(shown.notice)), of)
    item, said = loaded.bank.items[shown.item], _said(loaded, how, "items", shown.item)
    given = answers.get(item.id)
    chosen = set(given) if isinstance(given, list) else {given}
    reserved = (
        ()
        if item.kind == "text"
        else tuple(
            Choice(code, text, code in chosen) for code, text in _said(loaded, how, "reserved").items()
        )
    )
    return Question(
        place=shown.place,
        of=of,
        key=item.id,
        kind=item.kind,
        ask=said["ask"],
        hint=said.get("hint", ""),
        choices=tuple(
            Choice(code, said["options"][code], code in chosen, code in item.exclusive, step)
            for step, code in enumerate(item.options)
        ),
        reserved=reserved,
        text=given if item.kind == "text" and isinstance(given, str) else "",
        max_chars=item.max_chars or 0,
        look="plain" if item.locked_layout else item.look,
        wish=WISH_STEPS.get(item.id, ""),
        promise=item.id == _wish_of(loaded),
    )


WHOM, HOW = "talk_whom", "talk_how"
WISH_STEPS = {WHOM: "whom", HOW: "how"}


def with_people(q: Question, said: dict[str, Any], days: TalkDays, chosen: str) -> Question:
    """The steps of the wish with the people of the child's own school, and the day by which each of them comes."""
    if q.wish == "whom":
        here = [choice for choice in q.choices if choice.code in days.whom or choice.chosen]
        noted = (
            replace(choice, note=said["by_day"].format(day=day_words(said, days.of(choice.code))))
            for choice in here
        )
        return replace(q, choices=tuple(noted))
    if q.wish == "how":
        roles, day_of = said["roles"], days.of
        lines = tuple(
            (
                code,
                said["promise_chosen"].format(
                    day=day_words(said, day_of(code)), who=roles.get(code, roles["teacher"])
                ),
            )
            for code in ("", *days.whom)
        )
        known = chosen if chosen in days.whom else ""
        return replace(q, promises=tuple((code, line, code == known) for code, line in lines))
    return q


def _said(loaded: LoadedBank, how: Reading, part: str, name: str | None = None) -> Any:
    """One part of the bank's words in the child's language, with the Japanese beneath where it is wished."""
    said, japanese = loaded.words(how.language)[part], loaded.words()[part]
    if name is not None:
        said, japanese = said[name], japanese[name]
    return paired(said, japanese) if how.both else said


def reserved_words(loaded: LoadedBank, how: Reading) -> dict[str, str]:
    """わからない and こたえたくない, for the page on which they are tried."""
    return dict(_said(loaded, how, "reserved"))


def _wish_of(loaded: LoadedBank) -> str | None:
    """The item every child is asked whether it wishes to talk: the first of its kind."""
    asked = (screen.item for screen in loaded.bank.screens if screen.item)
    return next((item for item in asked if loaded.bank.items[item].construct == "wish"), None)


def _notice(shown: Shown, text: str, of: int) -> Question:
    choices = (Choice(SKIP, "", False),) if shown.may_skip else ()
    return Question(shown.place, of, str(shown.notice), "notice", text, "", choices, (), "", 0)


@dataclass(frozen=True)
class Line:
    place: int
    answered: bool


def review_lines(loaded: LoadedBank, answers: dict[str, Any]) -> list[Line]:
    """Numbers with answered or skipped, never an answer."""
    asked = [shown for shown in loaded.bank.path(answers) if shown.item is not None]
    return [Line(shown.place, bool(answers.get(str(shown.item)))) for shown in asked]


@dataclass(frozen=True)
class ScreenForm:
    """One screen for a tablet that moves by itself: its question and, when that fails, the one in its stead."""

    question: Question
    when: Branch | None
    other: Question | None


def screen_forms(loaded: LoadedBank, how: Reading | None = None) -> list[ScreenForm]:
    """Every screen of a bank, without any answer."""
    forms = []
    for place, screen in enumerate(loaded.bank.screens, start=1):
        main = question(loaded, Shown(place, screen.item, screen.notice, screen.may_skip), {}, how)
        stead = Shown(place, screen.other_item, screen.other_notice)
        other = question(loaded, stead, {}, how) if screen.when else None
        forms.append(ScreenForm(main, screen.when, other))
    return forms


def place_lines(places: Sequence[Agency], band: str) -> list[str]:
    """Each place as a child of the band reads it: in kana, or for the oldest as it is called."""
    if band == "H":
        return [f"{place.name}({place.address}) {place.hours}" for place in places]
    return [place.for_children for place in places]


def stand_alone_together(exclusive: frozenset[str], picked: list[str], reserved: list[str]) -> bool:
    """Whether a choice that stands alone was ticked beside others: the child is asked which it is."""
    return not reserved and len(picked) > 1 and bool(exclusive & set(picked))


def stays(kind: str, value: Any, before: Any) -> bool:
    """つぎへ without a tick beside 「こたえたくない」 or 「わからない」: what was said before stands, as with script."""
    return kind == "multi" and value is None and isinstance(before, str)


def read_choice(kind: str, picked: list[str], reserved: list[str], text: str) -> Any:
    """What the form said → the value to keep; None for a skip."""
    if kind == "text":
        return text.replace("\r\n", "\n") or None  # a form counts a new line twice
    if kind != "multi":
        return picked[0] if picked else None
    if reserved:
        return reserved[0]
    return picked or None
