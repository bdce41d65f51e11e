"""The hash chain: each line carries the hash of the one before, so that an edit shows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from survey_api.tables.audit import AuditEntry

GENESIS = "0" * 64


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over everything the line says and the hash before it."""
    return link_hash(
        entry.seq,
        entry.at,
        entry.actor_kind,
        entry.actor_id,
        entry.kind,
        entry.subject_kind,
        entry.subject_id,
        entry.facts,
        entry.previous_hash,
    )


def link_hash(seq: int, at: datetime, *said: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical([seq, moment, *said]).encode()).hexdigest()


@dataclass(frozen=True)
class Mark:
    """What somebody wrote down earlier, outside the database: after `lines` lines the last hash was `head`."""

    lines: int
    head: str
    name: str


@dataclass(frozen=True)
class Verdict:
    """`broken_at` is the seq of the first line that does not fit; None when the chain holds."""

    lines: int
    head: str
    broken_at: int | None = None
    reason: str = ""


def verify(entries: Iterable[AuditEntry], marks: Iterable[Mark] = ()) -> Verdict:
    """Walk the lines in order of seq. Finds an edit, an insertion, a missing line and a swap.

    With marks also what the lines alone cannot show: a cut-off tail, and a trail that was written anew.
    """
    previous, count, sure = GENESIS, 0, 0
    waiting = sorted(marks, key=lambda mark: mark.lines)
    for entry in entries:
        if entry.seq != count + 1:
            return Verdict(count, previous, count + 1, "a line is missing or out of place")
        if entry.previous_hash != previous:
            return Verdict(count, previous, entry.seq, "the line before it was changed or removed")
        if entry.hash != entry_hash(entry):
            return Verdict(count, previous, entry.seq, "the line was changed after it was written")
        previous, count = entry.hash, count + 1
        while waiting and waiting[0].lines == count:
            mark = waiting.pop(0)
            if mark.head != previous:
                why = f"written anew somewhere in lines {sure + 1} to {count}: {mark.name} saw another line {count}"
                return Verdict(count, previous, sure + 1, why)
            sure = count
    cut = [mark for mark in waiting if mark.lines > count]
    if cut:
        return Verdict(count, previous, count + 1, f"cut off: {cut[-1].name} saw {cut[-1].lines} lines")
    return Verdict(count, previous)
