"""The two kinds of meeting, the gate of each, and what minutes must hold before they are fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import ConferenceKind


@dataclass(frozen=True)
class Kind:
    """What a kind of meeting is called, on which ground it stands, and whether it needs consent."""

    words: str
    ground: str
    needs_consent: bool


KINDS: Mapping[ConferenceKind, Kind] = {
    ConferenceKind.SUPPORT: Kind(
        "支援会議",
        "社会福祉法 第106条の6。本人の同意がなくても情報を共有できます。非公開で、構成員には守秘義務があります。",
        False,
    ),
    ConferenceKind.LAYERED: Kind(
        "重層的支援会議",
        "重層的支援体制整備事業の会議。本人の同意を得てから開き、支援プランを話し合います。非公開です。",
        True,
    ),
}
HEARD, NOT_HEARD = "heard", "not_heard"
CHILD_VIEW: Mapping[str, str] = {HEARD: "聞いた", NOT_HEARD: "聞けていない"}

TEXTS: Mapping[str, tuple[str, int]] = {
    "place": ("場所・方法", 60),
    "reason": ("集まる理由", 200),
    "consent_by": ("同意を説明した人", 30),
    "consent_day": ("同意の日", 20),
    "strengths": ("本人・家族の力になっていること", 300),
    "risks": ("心配なこと", 300),
    "child_words": ("本人の意見(ことばのまま)", 400),
    "child_why": ("聞けていない理由と、いつだれが聞くか", 200),
    "policy": ("支援方針", 300),
    "may_take": ("持ち帰ってよいこと", 200),
    "tells_child": ("だれが・いつ本人に伝えるか", 100),
    "council": ("要対協の番号(あるとき)", 30),
    "next_on": ("次回", 60),
    "destroy_on": ("記録を捨てる時期", 60),
}
"""Field → what it is called, and how many characters it may have."""

ROWS: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "members": (("agency", "機関", 40), ("role", "役割・職名", 40), ("secrecy", "守秘の確認", 3)),
    "facts": (("agency", "機関", 40), ("words", "分かっている事実", 300)),
    "decisions": (("what", "決めたこと", 200), ("who", "だれが", 60), ("by", "いつまで", 30)),
}
"""Table → its columns: name, what it is called, how many characters."""
MOST_ROWS = 15
FEWEST_MEMBERS = 2


@dataclass(frozen=True)
class Minutes:
    """What is written about one meeting. No name of the child: the sign stands for it."""

    texts: Mapping[str, str]
    child_view: str
    rows: Mapping[str, Sequence[Mapping[str, str]]]

    def as_dict(self) -> dict[str, Any]:
        """As it is sealed."""
        return {
            "texts": dict(self.texts),
            "child_view": self.child_view,
            "rows": {table: [dict(row) for row in rows] for table, rows in self.rows.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Minutes":
        """As it was sealed."""
        return cls(stored["texts"], stored["child_view"], stored["rows"])

    def text(self, name: str) -> str:
        """One field, empty when nothing was written."""
        return self.texts.get(name, "")


EMPTY = Minutes({}, "", dict.fromkeys(ROWS, ()))


def tidy(minutes: Minutes) -> Minutes:
    """Without empty rows; BadInput that names a field or row that is too long or unknown."""
    for name, (label, limit) in TEXTS.items():
        _require_short(label, minutes.text(name), limit)
    if minutes.child_view not in ("", *CHILD_VIEW):
        raise BadInput("本人の意見: 「聞いた」か「聞けていない」を選んでください。")
    rows = {}
    for table, columns in ROWS.items():
        kept = [row for row in minutes.rows.get(table, ()) if _written(row)]
        if len(kept) > MOST_ROWS:
            raise BadInput(f"1つの表は{MOST_ROWS}行までです。")
        for number, row in enumerate(kept, 1):
            for name, label, limit in columns:
                _require_short(f"{label}({number}行目)", row.get(name, ""), limit)
        rows[table] = [{name: row.get(name, "") for name, _, _ in columns} for row in kept]
    return Minutes({name: minutes.text(name) for name in TEXTS}, minutes.child_view, rows)


def require_open(kind: ConferenceKind, minutes: Minutes) -> None:
    """The gate before anything is shared: consent for the one, a reason for both."""
    if not minutes.text("reason"):
        raise BadInput("集まる理由を書いてください。")
    if KINDS[kind].needs_consent and not (minutes.text("consent_by") and minutes.text("consent_day")):
        raise BadInput(
            "重層的支援会議は本人の同意が要ります。説明した人と同意の日を入れてください。"
            "同意がまだのときは、支援会議(社会福祉法106条の6)なら開けます。"
        )


def require_fixed(kind: ConferenceKind, minutes: Minutes) -> None:
    """BadInput with everything that minutes lack before they are fixed."""
    require_open(kind, minutes)
    members, facts, decisions = (minutes.rows[table] for table in ("members", "facts", "decisions"))
    silent = [row["agency"] for row in members if row["secrecy"] != "yes"]
    checks = [
        (f"出席者を{FEWEST_MEMBERS}機関以上入れる", len(members) >= FEWEST_MEMBERS),
        (f"守秘の確認をとる({'、'.join(silent)})", not silent),
        ("機関ごとに分かっている事実を1つ以上書く", bool(facts)),
        ("事実を言った機関を、出席者に入れる", _agencies(facts) <= _agencies(members)),
        ("本人の意見を「聞いた」か「聞けていない」から選ぶ", bool(minutes.child_view)),
        ("聞いた本人の意見を書く", minutes.child_view != HEARD or bool(minutes.text("child_words"))),
        ("聞けていない理由を書く", minutes.child_view != NOT_HEARD or bool(minutes.text("child_why"))),
        ("決めたことを1つ以上書く", bool(decisions)),
        (
            "決めたことの行ごとに、だれが・いつまでを入れる",
            all(row["what"] and row["who"] and row["by"] for row in decisions),
        ),
        ("だれが・いつ本人に伝えるかを書く", bool(minutes.text("tells_child"))),
    ]
    missing = [words for words, done in checks if not done]
    if missing:
        raise BadInput(f"記録を確定する前に、次を入れてください: {'、'.join(missing)}。", details=missing)


def _agencies(rows: Sequence[Mapping[str, str]]) -> set[str]:
    return {row["agency"] for row in rows}


def _written(row: Mapping[str, str]) -> bool:
    return any(text for name, text in row.items() if name != "secrecy")


def _require_short(label: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise BadInput(f"{label}: {limit}文字までにしてください(今は{len(text)}文字)。")
