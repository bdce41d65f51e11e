"""A signed points table is bound to its signature: whoever changes one point later has to sign again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "seal"
BEFORE_SIGNING = "署名前"
"""Stands in `signed_by` until a person has signed: good for practice, refused for a real wave."""
UNSIGNED = "提案(署名前): 養護教諭・SC 代表が重みを確認するまで試行"


def seal_of(model: Mapping[str, Any]) -> str:
    """sha256 of the `model` part of a scoring.yaml, signature included, the seal itself left out.

    Numbers count, not how they are written: 3 and 3.0 are the same point.
    """
    told = {name: _plain(value) for name, value in model.items() if name != SEAL}
    written = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


def is_signed(signed_by: str) -> bool:
    """Whether a person stands behind the table."""
    return bool(signed_by.strip()) and BEFORE_SIGNING not in signed_by


def sealed(scoring_yaml: str, model: Mapping[str, Any], signed_by: str) -> str:
    """The file with this signature and its seal; nothing else in it changes. ValueError when it has no model."""
    line = json.dumps(signed_by, ensure_ascii=False)
    seal = seal_of({**model, "signed_by": signed_by})
    kept = [each for each in scoring_yaml.split("\n") if not each.startswith(f"  {SEAL}: ")]
    places = [place for place, each in enumerate(kept) if each.startswith("  signed_by: ")]
    if len(places) != 1:
        raise ValueError("scoring.yaml: model.signed_by の行が1つ要ります")
    kept[places[0] : places[0] + 1] = [f"  signed_by: {line}", f"  {SEAL}: {seal}"]
    return "\n".join(kept)
