"""相談をつなぐシート: what may be left out, what it needs before it may leave, and when an answer is late."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.services.referrals.words import (
    CHOICES,
    FIELD_WORDS,
    LIMITS,
    MODES,
    REPLIES,
    STATE_WORDS,
    TEXTS,
    WORRIES,
)
from survey_api.vocabulary import Consent, ReferralMode, ReferralState

PAPER_LINES = 16
"""Lines of free text that one A4 page holds at 10.5 point, a heading per text counted in."""
LINE_CHARS = 46

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "name": (),
    "person": ("birth_date", "age", "sex", "postcode", "address", "phone", "mobile", "email"),
    "visitor": ("visitor_name", "visitor_kind", "visitor_relation", "visitor_phone"),
    "facts": ("facts",),
    "own_words": ("own_words",),
    "wish": ("wish",),
    "at_school": ("at_school",),
    "asked_for": ("asked_for",),
}
"""What can be left out as a whole. A field of a block that is off is not stored and not printed."""

DEFAULT_BLOCKS = frozenset({"name", "facts", "wish", "asked_for"})
IDENTIFYING = frozenset({"name", "person", "visitor"})
"""Blocks that say who it is: they stay off as long as nobody has asked and no law stands for it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as it will be printed. The name comes from the vault, the recipient's name and number from the directory."""

    recipient: str
    reply_by: date | None
    consent: str
    blocks: frozenset[str]
    worries: tuple[str, ...]
    main_worry: str
    fields: Mapping[str, str]
    mode: str = str(ReferralMode.REFER)
    recipient_name: str = ""
    recipient_phone: str = ""
    """The number the recipient gave for those who work with it, never the one for families."""
    name: str = ""
    kana: str = ""
    prepared_by: str = ""
    receipt: str = ""
    """The number with which whoever receives the paper can answer; it opens nothing."""

    def as_dict(self) -> dict[str, Any]:
        """As it is sealed."""
        return {
            **vars(self),
            "reply_by": self.reply_by.isoformat() if self.reply_by else None,
            "blocks": sorted(self.blocks),
            "worries": list(self.worries),
            "fields": dict(self.fields),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Sheet":
        """As it was sealed; sheets from before the directory name their recipient by its code."""
        return cls(
            **{
                **stored,
                "reply_by": date.fromisoformat(stored["reply_by"]) if stored["reply_by"] else None,
                "blocks": frozenset(stored["blocks"]),
                "worries": tuple(stored["worries"]),
            }
        )


def minimal(sheet: Sheet) -> Sheet:
    """The sheet without the blocks that are off; BadInput for an unknown choice or a text that is too long."""
    _require_known("同意", {sheet.consent} - {""}, {str(consent): "" for consent in Consent})
    _require_known("渡し方", {sheet.mode}, {str(mode): words for mode, words in MODES.items()})
    blocks = sheet.blocks & frozenset(BLOCKS)
    if sheet.consent == Consent.NOT_ASKED:
        blocks -= IDENTIFYING
    left_out = {name for block, names in BLOCKS.items() if block not in blocks for name in names}
    fields = {name: text for name, text in sheet.fields.items() if name in LIMITS and name not in left_out}
    for name, text in fields.items():
        if len(text) > LIMITS[name]:
            raise BadInput(
                f"{FIELD_WORDS[name]}: {LIMITS[name]}文字までにしてください(今は{len(text)}文字)。"
            )
        if name in CHOICES:
            _require_known(FIELD_WORDS[name], {text}, CHOICES[name])
    _require_one_page(fields)
    _require_known("相談の種類", {*sheet.worries, sheet.main_worry} - {""}, WORRIES)
    if sheet.main_worry and sheet.main_worry not in sheet.worries:
        raise BadInput("一番の困りごとは、○をつけた中から選んでください。")
    return replace(
        sheet,
        blocks=blocks,
        worries=tuple(worry for worry in WORRIES if worry in sheet.worries),
        fields=fields,
        name="",
        kana="",
    )


def missing(sheet: Sheet) -> list[str]:
    """Everything that the sheet still lacks before it may be handed over, in words."""
    given = sheet.fields
    wanted = [
        ("同意の欄を選ぶ", bool(sheet.consent)),
        ("つなぎ先を選ぶ", bool(sheet.recipient)),
        ("返事の期日を入れる", bool(sheet.reply_by)),
        ("相談の種類に1つ以上○をつける", bool(sheet.worries)),
        ("連絡方法を入れる", bool(given.get("contact_by") and given.get("contact_detail"))),
    ]
    if sheet.consent == Consent.GIVEN:
        wanted += [
            ("説明した人を入れる", bool(given.get("explained_by"))),
            ("同意の日を入れる", bool(given.get("consent_day"))),
        ]
    elif sheet.consent and sheet.consent != Consent.NOT_ASKED:
        wanted.append(("同意なしで渡す理由を書く", bool(given.get("consent_reason"))))
    return [words for words, there in wanted if not there]


def require_complete(sheet: Sheet) -> None:
    """BadInput with everything that is still missing before the sheet may be handed over."""
    if lacking := missing(sheet):
        raise BadInput("まだ渡していません。渡す前に、次を入れてください。", details=lacking)


ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECEIPT_LENGTH = 12  # 60 bits: nobody guesses one


def new_receipt() -> str:
    """A fresh number for one paper, as it is printed: ABCD-EFGH-JKLM."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(RECEIPT_LENGTH))
    return "-".join(code[at : at + 4] for at in range(0, RECEIPT_LENGTH, 4))


def typed_receipt(text: str) -> str:
    """A number as a person typed it: full-width, small letters, dashes and spaces are fine."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter in ALPHABET)


ANSWERS: Mapping[ReferralState, frozenset[ReferralState]] = {
    ReferralState.HANDED_OVER: frozenset(REPLIES),
    ReferralState.ACKNOWLEDGED: frozenset(REPLIES) - {ReferralState.ACKNOWLEDGED},
    ReferralState.ACCEPTED: frozenset({ReferralState.PASSED_ON, ReferralState.RETURNED}),
}
"""From which state of a sheet which answer can come. Returned and passed on are the end of this copy."""

NEEDS_WORDS = frozenset({ReferralState.RETURNED, ReferralState.PASSED_ON})


def require_answer(state: ReferralState, answer: str, words: str) -> ReferralState:
    """The answer that came, or a refusal: unknown, not possible now, or without the reason it needs."""
    if answer not in [str(known) for known in REPLIES]:
        raise BadInput("つなぎ先からの返事を選んでください。")
    chosen = ReferralState(answer)
    if chosen not in ANSWERS.get(state, frozenset()):
        raise IllegalMove(
            f"このシートは「{STATE_WORDS[state]}」なので、「{REPLIES[chosen]}」にはできません。"
        )
    if chosen in NEEDS_WORDS and not words.strip():
        needed = "戻ってきた理由" if chosen is ReferralState.RETURNED else "まわった先と理由"
        raise BadInput(f"「{REPLIES[chosen]}」のときは、{needed}を書いてください。")
    return chosen


def late_words(
    state: ReferralState, acknowledge_by: date | None, reply_by: date | None, today: date
) -> str | None:
    """Which answer is overdue, in words; None while there is still time."""
    if state is ReferralState.HANDED_OVER and acknowledge_by and acknowledge_by < today:
        return "受け取りの連絡がまだありません"
    if state in (ReferralState.HANDED_OVER, ReferralState.ACKNOWLEDGED) and reply_by and reply_by < today:
        return "返事の期日を過ぎています"
    return None


def _require_one_page(fields: Mapping[str, str]) -> None:
    texts = [fields[name] for name in TEXTS if fields.get(name)]
    lines = sum(1 + lines_of(text) for text in texts)
    if lines > PAPER_LINES:
        raise BadInput(
            f"文が長く、A4 1枚に入りません(見出しを入れて{lines}行。{PAPER_LINES}行まで)。"
            "文を短くするか、載せる欄を減らしてください。"
        )


def lines_of(text: str) -> int:
    """How many lines a text takes on the paper."""
    return sum(max(1, -(-len(line) // LINE_CHARS)) for line in text.split("\n"))


def _require_known(label: str, given: set[str], known: Mapping[str, str]) -> None:
    if given - set(known):
        raise BadInput(f"{label}: 選べるものの中から選んでください。")
