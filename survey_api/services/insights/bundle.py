"""A release as signed bytes: what is stored once, never changed, and read by every page and file.

The bundle holds the plan and the SafeTable as canonical JSON under an Ed25519 signature. Opening refuses
anything that was altered, reordered or signed with another key.
"""

import json
from collections.abc import Collection, Mapping
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

FORMAT: Final = "kizuki-release-3"
READABLE: Final = (FORMAT, "kizuki-release-2")
"""What was released by an earlier version stays readable as it is."""


@dataclass(frozen=True, slots=True)
class Release:
    """A bundle that was opened and found whole."""

    plan: ReleasePlan
    table: SafeTable


def bundle_bytes(plan: ReleasePlan, table: SafeTable, *, key: ReleaseKey) -> bytes:
    """Sign a table together with the plan it was made under. Same inputs, same bytes."""
    if table.plan_digest != plan.digest() or table.wave != plan.wave:
        raise ValueError("the table was made under another plan")
    body = {"format": FORMAT, "plan": plan_document(plan), "table": asdict(table)}
    return canonical_json(
        {
            "body": body,
            "key": key.verifier.hex(),
            "signature": key.signer.sign(canonical_json(body)).hex(),
        }
    )


def open_bundle(data: bytes, *, verifiers: Collection[bytes]) -> Release:
    """Check a bundle against the accepted public keys and read it. Refuses with a sentence."""
    try:
        document = json.loads(data)
        body, signer, signature = document["body"], document["key"], bytes.fromhex(document["signature"])
    except (ValueError, KeyError, TypeError):
        raise _tampered() from None
    known = [verifier for verifier in verifiers if verifier.hex() == signer]
    if not known:
        raise ReleaseRefused(
            "release-key-changed",
            "この公表データは、いまの鍵とちがう鍵で作られています。鍵のファイルが元のものか確かめてください。",
        )
    try:
        Ed25519PublicKey.from_public_bytes(known[0]).verify(signature, canonical_json(body))
    except InvalidSignature:
        raise _tampered() from None
    if canonical_json(document) != data or body["format"] not in READABLE:
        raise _tampered()
    plan = plan_from(body["plan"])
    table = _table_from(body["table"])
    if table.plan_digest != plan.digest():
        raise _tampered()
    return Release(plan=plan, table=table)


def _tampered() -> ReleaseRefused:
    return ReleaseRefused(
        "release-tampered",
        "この公表データは、公表したあとに書きかえられています。表示を止めました。バックアップから戻してください。",
    )


def _table_from(document: Mapping[str, Any]) -> SafeTable:
    return SafeTable(
        wave=document["wave"],
        plan_digest=document["plan_digest"],
        method=document["method"],
        indicators=tuple(
            IndicatorNote(**{**note, "grades": tuple(note["grades"])}) for note in document["indicators"]
        ),
        places=tuple(_place_from(place) for place in document["places"]),
        cells=tuple(SafeCell(**cell, seal=SEAL) for cell in document["cells"]),
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
