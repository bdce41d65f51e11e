"""相談をつなぐシート: its fields, what may be left out, and what it needs before it may leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import Consent

WORRIES: Mapping[str, str] = {
    "health": "病気や健康について",
    "mind": "心の悩み",
    "disability": "障がいについて",
    "nursing": "介護について",
    "childcare": "子育てについて",
    "withdrawal": "ひきこもりについて",
    "taxes": "税金や公共料金の支払いについて",
    "living": "生活費・家計について",
    "debts": "債務について",
    "consumer": "消費生活相談",
    "violence": "DV・虐待",
    "guardianship": "成年後見・権利擁護について",
    "education": "教育について",
    "work": "就労について",
    "other": "その他",
}
"""The fifteen kinds of worry of the city's sheet, in its order and words."""

RECIPIENTS: Mapping[str, str] = {
    "welfare": "市 福祉課 地域福祉班",
    "family_centre": "市 こども家庭センター",
    "council": "要保護児童対策地域協議会 事務局",
    "board": "市 教育委員会",
    "child_guidance": "児童相談所",
    "self_reliance": "自立相談支援機関",
}

CONSENT_WORDS: Mapping[Consent, str] = {
    Consent.GIVEN: "本人の同意 あり",
    Consent.WITHOUT_FOR_SAFETY: "同意なし(本人の安全のため)",
    Consent.WITHOUT_CONFERENCE_LAW: "同意なし(支援会議: 社会福祉法106条の6)",
}

LIMITS: Mapping[str, int] = {
    "birth_date": 20,
    "age": 3,
    "sex": 2,
    "address": 80,
    "phone": 20,
    "mobile": 20,
    "email": 60,
    "visitor_name": 40,
    "visitor_relation": 30,
    "visitor_phone": 20,
    "worry_other": 30,
    "facts": 300,
    "own_words": 200,
    "wish": 160,
    "at_school": 200,
    "asked_for": 200,
    "contact_by": 10,
    "contact_detail": 40,
    "contact_time": 30,
    "consent_day": 20,
    "explained_by": 40,
    "guardian_told": 10,
}
"""Text fields and how many characters each may have."""

FIELD_WORDS: Mapping[str, str] = {
    "birth_date": "生年月日",
    "age": "年齢",
    "sex": "性別",
    "address": "住所",
    "phone": "電話(自宅)",
    "mobile": "電話(携帯)",
    "email": "メール",
    "visitor_name": "来談者の氏名",
    "visitor_relation": "本人との関係",
    "visitor_phone": "来談者の電話",
    "worry_other": "「その他」の内容",
    "facts": "事実(アンケートで分かったこと)",
    "own_words": "本人の言葉",
    "wish": "本人の希望",
    "at_school": "学校での様子",
    "asked_for": "してほしいこと",
    "contact_by": "連絡方法",
    "contact_detail": "番号・連絡先",
    "contact_time": "希望時間帯",
    "consent_day": "同意の日",
    "explained_by": "説明した人",
    "guardian_told": "保護者への説明",
}
"""What a field is called on the form, on the paper and in a refusal."""

TEXTS = ("facts", "own_words", "wish", "at_school", "asked_for")
PAPER_LINES = 22
"""Lines of free text that one A4 page holds at 10.5 point, a heading per text counted in."""
LINE_CHARS = 46

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "name": (),
    "person": ("birth_date", "age", "sex", "address", "phone", "mobile", "email"),
    "visitor": ("visitor_name", "visitor_relation", "visitor_phone"),
    "facts": ("facts",),
    "own_words": ("own_words",),
    "wish": ("wish",),
    "at_school": ("at_school",),
    "asked_for": ("asked_for",),
}
"""What can be left out as a whole. A field of a block that is off is not stored and not printed."""

DEFAULT_BLOCKS = frozenset({"name", "facts", "wish", "asked_for"})


@dataclass(frozen=True)
class Sheet:
    """One sheet as it will be printed. `person` is the name from the vault, filled in by the journey."""

    recipient: str
    reply_by: date | None
    consent: str
    blocks: frozenset[str]
    worries: tuple[str, ...]
    main_worry: str
    fields: Mapping[str, str]
    name: str = ""
    kana: str = ""
    prepared_by: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "recipient": self.recipient,
            "reply_by": self.reply_by.isoformat() if self.reply_by else None,
            "consent": self.consent,
            "blocks": sorted(self.blocks),
            "worries": list(self.worries),
            "main_worry": self.main_worry,
            "fields": dict(self.fields),
            "name": self.name,
            "kana": self.kana,
            "prepared_by": self.prepared_by,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Sheet":
        return cls(
            recipient=stored["recipient"],
            reply_by=date.fromisoformat(stored["reply_by"]) if stored["reply_by"] else None,
            consent=stored["consent"],
            blocks=frozenset(stored["blocks"]),
            worries=tuple(stored["worries"]),
            main_worry=stored["main_worry"],
            fields=stored["fields"],
            name=stored["name"],
            kana=stored["kana"],
            prepared_by=stored["prepared_by"],
        )


def minimal(sheet: Sheet) -> Sheet:
    """The sheet without the blocks that are off; BadInput for an unknown choice or a text that is too long."""
    left_out = {name for block, names in BLOCKS.items() if block not in sheet.blocks for name in names}
    fields = {name: text for name, text in sheet.fields.items() if name in LIMITS and name not in left_out}
    for name, text in fields.items():
        if len(text) > LIMITS[name]:
            raise BadInput(
                f"{FIELD_WORDS[name]}: {LIMITS[name]}文字までにしてください(今は{len(text)}文字)。"
            )
    _require_one_page(fields)
    _require_known("つなぎ先", {sheet.recipient} - {""}, RECIPIENTS)
    _require_known("相談の種類", {*sheet.worries, sheet.main_worry} - {""}, WORRIES)
    _require_known("同意", {sheet.consent} - {""}, {str(consent): "" for consent in Consent})
    if sheet.main_worry and sheet.main_worry not in sheet.worries:
        raise BadInput("一番の困りごとは、○をつけた中から選んでください。")
    return Sheet(
        sheet.recipient,
        sheet.reply_by,
        sheet.consent,
        sheet.blocks & frozenset(BLOCKS),
        tuple(worry for worry in WORRIES if worry in sheet.worries),
        sheet.main_worry,
        fields,
        prepared_by=sheet.prepared_by,
    )


def require_complete(sheet: Sheet) -> None:
    """BadInput with everything that is still missing before the sheet may be handed over."""
    missing = [
        words
        for words, given in (
            ("同意の欄を選ぶ", sheet.consent),
            ("つなぎ先を選ぶ", sheet.recipient),
            ("返事の期日を入れる", sheet.reply_by),
            ("相談の種類に1つ以上○をつける", sheet.worries),
        )
        if not given
    ]
    if missing:
        raise BadInput(f"渡す前に、次を入れてください: {'、'.join(missing)}。", details=missing)


def _require_one_page(fields: Mapping[str, str]) -> None:
    texts = [fields[name] for name in TEXTS if fields.get(name)]
    lines = sum(1 + lines_of(text) for text in texts)
    if lines > PAPER_LINES:
        raise BadInput(
            f"文が長く、A4 1枚に入りません(見出しを入れて{lines}行。{PAPER_LINES}行まで)。"
            "前の画面に戻り、文を短くするか、載せる欄を減らしてください。"
        )


def lines_of(text: str) -> int:
    """How many lines a text takes on the paper."""
    return sum(max(1, -(-len(line) // LINE_CHARS)) for line in text.split("\n"))


def _require_known(label: str, given: set[str], known: Mapping[str, str]) -> None:
    if given - set(known):
        raise BadInput(f"{label}: 選べるものの中から選んでください。")
