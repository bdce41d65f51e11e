"""How long what is kept: a table that a board can change, and the day on which something is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import HoldKind

KINDS = (
    "drafts",
    "ticket_verifiers",
    "calm_answers",
    "pupil",
    "case_records",
    "memos",
    "outbox",
    "sign_ins",
    "trail",
    "releases",
    "backups",
)
SHORTEST = {
    "pupil": 180,
    "calm_answers": 400,
    "case_records": 365,
    "memos": 365,
    "outbox": 365,
    "sign_ins": 30,
}
"""A machine must not erase sooner than this, whatever the file says: a wave needs the one before it."""
NEVER = frozenset({"trail", "releases"})
"""No number of days fits: a chain cannot lose its beginning, and what was published is published."""


@dataclass(frozen=True)
class Rule:
    """One kind of record. `days` of None: never by a machine."""

    kind: str
    what: str
    after: str
    days: int | None
    ground: str

    def last_event(self, today: date) -> date | None:
        """Events on this day or before are due today; None when nothing ever is."""
        return None if self.days is None else today - timedelta(days=self.days)


@dataclass(frozen=True)
class Holds:
    """Everything that is held now: (kind, subject, school of the hold)."""

    rows: frozenset[tuple[str, str, str]] = frozenset()

    def cover(self, pseudonym: str, school_id: str, wave_id: str | None = None) -> bool:
        """Whether something of this pupil, at this school, of this wave (None: of no wave) may not go."""
        return pseudonym in self.pupils or any(
            school == school_id
            and (kind == HoldKind.SCHOOL or (kind == HoldKind.WAVE and subject == wave_id))
            for kind, subject, school in self.rows
        )

    def schools_of(self, wave_id: str) -> frozenset[str]:
        """Schools whose part of a wave may not go."""
        return frozenset(
            school
            for kind, subject, school in self.rows
            if kind == HoldKind.SCHOOL or (kind == HoldKind.WAVE and subject == wave_id)
        )

    @property
    def pupils(self) -> frozenset[str]:
        """Pseudonyms of pupils held by themselves."""
        return frozenset(subject for kind, subject, _ in self.rows if kind == HoldKind.PUPIL)


def rules_from(rows: Any, where: str) -> dict[str, Rule]:
    """The table as data → rules by kind. BadInput names the row that does not fit."""
    if not isinstance(rows, list):
        raise BadInput(f"{where}: 行の並びにしてください。")
    found: dict[str, Rule] = {}
    for number, row in enumerate(rows, 1):
        rule = _rule(row, f"{where} {number}番目")
        if rule.kind in found:
            raise BadInput(f"{where} {number}番目: {rule.kind} が二度あります。")
        found[rule.kind] = rule
    if missing := set(KINDS) - set(found):
        raise BadInput(f"{where}: {'、'.join(sorted(missing))} の行がありません。")
    return found


def _rule(row: Any, where: str) -> Rule:
    if not isinstance(row, Mapping) or set(row) != {"kind", "what", "after", "days", "ground"}:
        raise BadInput(f"{where}: kind, what, after, days, ground を書いてください。")
    days = row["days"]
    if row["kind"] not in KINDS:
        raise BadInput(f"{where}: kind {row['kind']} はありません。")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
        raise BadInput(f"{where}: days は0以上の整数か null にしてください。")
    if days is not None and days < SHORTEST.get(row["kind"], 0):
        raise BadInput(f"{where}: days は{SHORTEST[row['kind']]}日以上にしてください。")
    if days is not None and row["kind"] in NEVER:
        raise BadInput(f"{where}: {row['kind']} は機械では消せません。days は null にしてください。")
    if not str(row["ground"]).strip():
        raise BadInput(f"{where}: ground(根拠)を書いてください。")
    return Rule(str(row["kind"]), str(row["what"]), str(row["after"]), days, str(row["ground"]))
