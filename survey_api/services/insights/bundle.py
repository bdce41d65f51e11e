"""A release as signed bytes: what is stored once, never changed, and read by every page and file.

The bundle holds the plan and the SafeTable as canonical JSON under an Ed25519 signature. Opening refuses
anything that was altered, reordered or signed with another key.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from survey_api.services.insights.keys import ReleaseKey
from survey_api.services.insights.plan import ReleasePlan, canonical_json, plan_document, plan_from
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.safe import (
    SEAL,
    IndicatorNote,
    Place,
    PlaceKind,
    SafeCell,
    SafeMeasure,
    SafePart,
    SafeTable,
)
from survey_api.vocabulary import Stage

FORMAT: Final = "kizuki-release-4"
EARLIER: Final = ("kizuki-release-3", "kizuki-release-2")
"""What was released by an earlier version stays readable as it is; there each number names its fields."""
_SIGNATURE_BYTES: Final = 64
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Release:
    """A bundle that was opened and found whole."""

    plan: ReleasePlan
    table: SafeTable


def bundle_bytes(plan: ReleasePlan, table: SafeTable, *, key: ReleaseKey) -> bytes:
    """Sign a table together with the plan it was made under. Same inputs, same bytes."""
    if table.plan_digest != plan.digest() or table.wave != plan.wave:
        raise ValueError("the table was made under another plan")
    body = canonical_json({"format": FORMAT, "plan": plan_document(plan), "table": _document(table)})
    return _HEAD + body + _tail(key.verifier, key.signer.sign(body))


def open_bundle(data: bytes, *, verifiers: Collection[bytes]) -> Release:
    """Check a bundle against the accepted public keys and read it. Refuses with a sentence."""
    tail = len(_tail(bytes(_KEY_BYTES), bytes(_SIGNATURE_BYTES)))
    signed, told = data[len(_HEAD) : -tail], data[-tail:]
    try:
        said = json.loads(b'{"body":0' + told)
        signer, signature = bytes.fromhex(said["key"]), bytes.fromhex(said["signature"])
    except (ValueError, KeyError, TypeError):
        raise _tampered() from None
    # the bytes between are what was signed: whoever signed wrote them canonically, so nothing is written anew
    if data != _HEAD + signed + _tail(signer, signature):
        raise _tampered()
    if signer not in verifiers:
        raise ReleaseRefused(
            "release-key-changed",
            "この公表データは、いまの鍵とちがう鍵で作られています。鍵のファイルが元のものか確かめてください。",
        )
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signature, signed)
    except InvalidSignature:
        raise _tampered() from None
    body = json.loads(signed)
    if body["format"] not in (FORMAT, *EARLIER):
        raise _tampered()
    plan = plan_from(body["plan"])
    table = _table_from(body["table"])
    if table.plan_digest != plan.digest():
        raise _tampered()
    return Release(plan=plan, table=table)


_HEAD: Final = b'{"body":'


def _tail(key: bytes, signature: bytes) -> bytes:
    """What follows the signed bytes, so that the whole is canonical JSON."""
    return f',"key":"{key.hex()}","signature":"{signature.hex()}"}}'.encode()


def _tampered() -> ReleaseRefused:
    return ReleaseRefused(
        "release-tampered",
        "この公表データは、公表したあとに書きかえられています。表示を止めました。バックアップから戻してください。",
    )


def _document(table: SafeTable) -> dict[str, Any]:
    """The table as plain values; its numbers per indicator as rows, with the place as its number in the list.

    Each row as a mapping would repeat ten names a hundred thousand times: a prefecture's pages wait for that.
    """
    at = {place.id: number for number, place in enumerate(table.places)}
    cells: dict[str, list[list[int]]] = {note.id: [] for note in table.indicators}
    for cell in table.cells:
        cells[cell.indicator].append([at[cell.place], *cell[2:]])
    return {
        "wave": table.wave,
        "plan_digest": table.plan_digest,
        "method": table.method,
        "indicators": [asdict(note) for note in table.indicators],
        "places": [asdict(place) for place in table.places],
        "columns": ["place", *SafeCell._fields[2:]],
        "cells": cells,
        "withheld": table.withheld,
        "measures": [asdict(measure) for measure in table.measures],
    }


def _cells_from(document: Mapping[str, Any], places: Sequence[Place]) -> Iterator[SafeCell]:
    if "columns" not in document:
        for cell in document["cells"]:
            yield SafeCell(**cell, seal=SEAL)
        return
    names = [place.id for place in places]
    for note in document["indicators"]:
        name = note["id"]
        for place, *numbers in document["cells"][name]:
            yield SafeCell.row((name, names[place], *numbers), SEAL)


def _table_from(document: Mapping[str, Any]) -> SafeTable:
    places = tuple(_place_from(place) for place in document["places"])
    return SafeTable(
        wave=document["wave"],
        plan_digest=document["plan_digest"],
        method=document["method"],
        indicators=tuple(
            IndicatorNote(**{**note, "grades": tuple(note["grades"])}) for note in document["indicators"]
        ),
        places=places,
        cells=tuple(_cells_from(document, places)),
        withheld=tuple((indicator, reason) for indicator, reason in document["withheld"]),
        measures=tuple(_measure_from(measure) for measure in document["measures"]),
        seal=SEAL,
    )


def _measure_from(document: Mapping[str, Any]) -> SafeMeasure:
    parts = tuple(SafePart(**part, seal=SEAL) for part in document["parts"])
    return SafeMeasure(**{**document, "parts": parts}, seal=SEAL)


def _place_from(document: Mapping[str, Any]) -> Place:
    return Place(
        id=document["id"],
        kind=PlaceKind(document["kind"]),
        title=document["title"],
        members=tuple((school, Stage(level)) for school, level in document["members"]),
        grades=tuple(document["grades"]),
        sex=document.get("sex", ""),
    )
