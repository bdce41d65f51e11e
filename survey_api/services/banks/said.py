"""A sheet as a person reads it: what was asked and what was said, in the child's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_api.services.banks import reading
from survey_api.services.banks.library import LoadedBank


@dataclass(frozen=True)
class Said:
    """One question and what was said to it, in words. `given` is False for every kind of no answer."""

    item: str
    ask: str
    short: str
    answer: str
    given: bool
    before: str | None = None
    """The answer of the wave before, when there is one and the question was asked then."""

    @property
    def changed(self) -> bool:
        return self.before is not None and self.before != self.answer


def said(bank: LoadedBank, item: str, answers: dict[str, Any], before: Mapping[str, str]) -> Said:
    """One question of a sheet."""
    missing = bank.bank.missing(answers).get(item)
    return Said(
        item=item,
        ask=reading.ask_of(bank, item),
        short=reading.short_of(bank, item),
        answer=reading.missing_words(missing)
        if missing
        else reading.answer_words(bank, item, answers.get(item)),
        given=missing is None,
        before=before.get(item),
    )


def whole_sheet(bank: LoadedBank, answers: dict[str, Any], before: Mapping[str, str]) -> dict[str, Said]:
    """Every question that was shown, in the order it was asked."""
    return {item: said(bank, item, answers, before) for item in bank.bank.shown_items(answers)}
