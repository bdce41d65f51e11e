"""支援プラン: its rows, what it needs before it is decided, and what is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import Consent, RowState

STATE_WORDS: Mapping[RowState, str] = {
    RowState.PLANNED: "これから",
    RowState.DOING: "進めている",
    RowState.DONE: "できた",
    RowState.STOPPED: "やめた・見直す",
}
OPEN_STATES = frozenset({RowState.PLANNED, RowState.DOING})

HEAD: Mapping[str, tuple[str, int]] = {
    "wish": ("本人の希望(ことばのまま)", 200),
    "long_aim": ("長い目標", 120),
    "short_aim": ("短い目標", 120),
    "emergency": ("急ぐときの連絡", 80),
    "ends_when": ("終わりにする条件", 120),
    "agreed_by": ("同意を確かめた人・日", 60),
}
COLUMNS: Mapping[str, tuple[str, int]] = {
    "trouble": ("困りごと", 60),
    "agency": ("支援機関", 60),
    "method": ("支援方法", 120),
    "person": ("担当者", 30),
    "often": ("頻度", 30),
    "sign": ("うまくいったしるし", 80),
}
"""The seed's three columns, and what makes them happen."""
MOST_ROWS = 20

CONSENTS: Mapping[Consent, str] = {
    Consent.GIVEN: "本人の同意のもとで決める",
    Consent.WITHOUT_FOR_SAFETY: "同意なし(本人の安全のため・支援会議で確認)",
}


@dataclass(frozen=True)
class Row:
    """One line of the plan."""

    texts: Mapping[str, str]
    due_on: date | None
    review_on: date | None
    state: RowState = RowState.PLANNED
    id: str = ""

    def text(self, name: str) -> str:
        """One column, empty when nothing was written."""
        return self.texts.get(name, "")

    @property
    def written(self) -> bool:
        """Whether anything stands in it."""
        return any(self.texts.values()) or self.due_on is not None or self.review_on is not None

    def next_day(self) -> date | None:
        """The next day on which somebody looks at this line; None when it has ended."""
        days = [day for day in (self.review_on, self.due_on) if day]
        return min(days) if days and self.state in OPEN_STATES else None

    def late(self, today: date) -> bool:
        """Whether its day has passed while it is still open."""
        day = self.next_day()
        return day is not None and day < today


@dataclass(frozen=True)
class Plan:
    """The head and its rows."""

    head: Mapping[str, str]
    consent: str
    rows: Sequence[Row]

    def text(self, name: str) -> str:
        """One field of the head, empty when nothing was written."""
        return self.head.get(name, "")


def tidy(plan: Plan) -> Plan:
    """Without empty rows; BadInput that names the field and row."""
    for name, (label, limit) in HEAD.items():
        _require_short(label, plan.text(name), limit)
    if plan.consent not in ("", *CONSENTS):
        raise BadInput("同意: 選べるものの中から選んでください。")
    rows = [row for row in plan.rows if row.written]
    if len(rows) > MOST_ROWS:
        raise BadInput(f"支援プランは{MOST_ROWS}行までです。")
    for number, row in enumerate(rows, 1):
        for name, (label, limit) in COLUMNS.items():
            _require_short(f"{label}({number}行目)", row.text(name), limit)
    return Plan({name: plan.text(name) for name in HEAD}, plan.consent, rows)


def require_decided(plan: Plan) -> None:
    """BadInput with everything a plan lacks before it is decided: every row needs a person and its days."""
    missing = []
    if not plan.consent:
        missing.append("本人の同意の欄を選ぶ")
    if plan.consent and not plan.text("agreed_by"):
        missing.append("同意を確かめた人・日を入れる")
    if not plan.text("wish"):
        missing.append("本人の希望を書く")
    if not plan.rows:
        missing.append("役割の行を1つ以上書く")
    for number, row in enumerate(plan.rows, 1):
        wanted: list[tuple[str, Any]] = [
            *((COLUMNS[name][0], row.text(name)) for name in ("trouble", "agency", "method", "person")),
            ("いつまで", row.due_on),
            ("確認日", row.review_on),
        ]
        lacking = [label for label, given in wanted if not given]
        if lacking:
            missing.append(f"{number}行目: {'・'.join(lacking)}")
    if missing:
        raise BadInput(f"決める前に、次を入れてください: {'、'.join(missing)}。", details=missing)


def next_look(rows: Sequence[Row]) -> date | None:
    """The earliest day on which an open row is due or looked at."""
    days = [day for day in (row.next_day() for row in rows) if day]
    return min(days) if days else None


def _require_short(label: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise BadInput(f"{label}: {limit}文字までにしてください(今は{len(text)}文字)。")
