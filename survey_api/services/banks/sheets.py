"""Stored answers as the scoring sees them, with the bank's own account of what was shown and what was declined."""

from collections.abc import Mapping

from scoring.sheet import AnswerSheet, AnswerValue
from survey_api.services.banks.library import LoadedBank


def sheet_of(loaded: LoadedBank, answers: Mapping[str, AnswerValue]) -> AnswerSheet:
    """AnswerMistake for an item that was not shown, an unknown code or a wrong type."""
    shown = [*loaded.bank.skippable(), *loaded.bank.shown_items(answers)]
    return AnswerSheet.of(answers, loaded.scoring_key, shown, loaded.bank.missing(answers))
