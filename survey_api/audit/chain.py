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
            return Verdict(count, previous, count + 1, "行が抜けているか、順序がちがいます")
        if entry.previous_hash != previous:
            return Verdict(count, previous, entry.seq, "前の行が変えられたか、消されています")
        if entry.hash != entry_hash(entry):
            return Verdict(count, previous, entry.seq, "書かれたあとに変えられています")
        previous, count = entry.hash, count + 1
        while waiting and waiting[0].lines == count:
            mark = waiting.pop(0)
            if mark.head != previous:
                why = f"{sure + 1}〜{count}行目のどこかから書き直されています。控え {mark.name} の{count}行目とちがいます"
                return Verdict(count, previous, sure + 1, why)
            sure = count
    cut = [mark for mark in waiting if mark.lines > count]
    if cut:
        return Verdict(
            count,
            previous,
            count + 1,
            f"終わりが切り取られています。控え {cut[-1].name} のときは{cut[-1].lines}行ありました",
        )
    return Verdict(count, previous)
