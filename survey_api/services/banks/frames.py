"""A table of answers as it was stored → the table the batch scoring reads, each empty cell with its reason."""

import pandas as pd

from scoring.batch import frame_of
from scoring.sheet import AnswerMistake, AnswerSheet, AnswerValue
from scoring.vocabulary import REFUSALS
from survey_api.services.banks.library import LoadedBank
from survey_api.services.banks.sheets import sheet_of


def on_path(loaded: LoadedBank, frame: pd.DataFrame, first: int = 1) -> pd.DataFrame:
    """Answers walked through the bank's own screens, so that “not shown” and “left” stay apart.

    AnswerMistake for a column that is no item of the bank, and for a row (by its number in the table, `first` being
    that of the first one here) that cannot exist.
    Columns of seconds and of the last wave are handed on as they are.
    """
    known = [name for name in frame.columns if str(name).startswith(("seconds.", "before."))]
    asked = {*loaded.bank.items, *loaded.bank.skippable()}
    strangers = [
        str(name) for name in frame.columns if name not in asked and name not in (*known, "pseudonym")
    ]
    if strangers:
        raise AnswerMistake(
            f"「{strangers[0]}」という質問は、この質問集にありません。列の名前を確かめてください。"
        )
    scored = set(loaded.scoring_key.items)
    absent = sorted(scored - set(map(str, frame.columns)))
    if absent:
        raise AnswerMistake(f"「{absent[0]}」の列がありません。")
    names = [name for name in frame.columns if name in asked]
    sheets = [
        _sheet(loaded, number, dict(zip(names, row, strict=True)))
        for number, row in enumerate(frame[names].itertuples(index=False, name=None), start=first)
    ]
    walked = frame_of(loaded.scoring_key, sheets).set_axis(frame.index, axis=0)
    return pd.concat([walked, frame[known]], axis=1) if known else walked


def _sheet(loaded: LoadedBank, number: int, row: dict[str, object]) -> AnswerSheet:
    answers: dict[str, AnswerValue] = {}
    for name, value in row.items():
        if value is None or value != value or value == "":
            continue
        item = loaded.bank.items.get(name)
        several = item is not None and item.kind == "multi" and value not in REFUSALS
        answers[name] = sorted(str(value).split("|")) if several else str(value)
        if item is not None and item.refuses(answers[name]) is not None:
            raise AnswerMistake(f"{number}行目: 「{name}」の答えが、この質問の選択肢ではありません。")
    try:
        return sheet_of(loaded, answers)
    except AnswerMistake as mistake:
        raise AnswerMistake(f"{number}行目: {mistake}") from mistake
