"""What a memo says, and the numbers of cards and receipts."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import MemoState

FIELDS: Mapping[str, tuple[str, int]] = {
    "seen_on": ("いつ", 40),
    "place": ("どこで", 60),
    "what": ("見たこと・聞いたこと", 500),
    "age": ("子どもの年齢(およそ)", 20),
    "area": ("住んでいそうな地区", 40),
}
"""Field → what it is called, and how many characters it may have."""
NEEDED = ("seen_on", "place", "what")
LABEL_LENGTH = 40

STATE_WORDS: Mapping[MemoState, str] = {
    MemoState.RECEIVED: "受け取りました",
    MemoState.ACTED: "対応しました",
}
"""All that a sender ever learns."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 12  # 60 bits: nobody guesses one


@dataclass(frozen=True)
class Memo:
    """One memo as its sender wrote it."""

    fields: Mapping[str, str]
    urgent: bool
    school_id: str | None


def checked(memo: Memo) -> Memo:
    """BadInput that names the field."""
    for name in NEEDED:
        if not memo.fields.get(name):
            raise BadInput(f"{FIELDS[name][0]}を書いてください。")
    for name, (label, limit) in FIELDS.items():
        length = len(memo.fields.get(name, ""))
        if length > limit:
            raise BadInput(f"{label}: {limit}文字までにしてください(今は{length}文字)。")
    return Memo({name: memo.fields.get(name, "") for name in FIELDS}, memo.urgent, memo.school_id)


def new_code() -> str:
    """A fresh number for a card or a receipt."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def spoken(code: str) -> str:
    """ABCD-EFGH-JKLM, as it is printed."""
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def typed(text: str) -> str:
    """A number as a person typed it: full-width, small letters, dashes and spaces are fine."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter in ALPHABET)


def told_words(memo: Memo, received_on: date) -> str:
    """The memo on a case's timeline."""
    lines = [f"{FIELDS[name][0]}: {text}" for name, text in memo.fields.items() if text]
    return "\n".join([f"{received_on.month}月{received_on.day}日に届いた気づきメモ", *lines])
