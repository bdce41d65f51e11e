"""JSON Schema findings as sentences a non-programmer can act on."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

SCHEMAS = Path(__file__).resolve().parents[3] / "question_banks" / "_schema"


def schema_problems(data: Any, kind: str) -> list[str]:
    """Everything in `data` that does not fit <kind>.schema.json, each with where it stands."""
    errors = sorted(_validator(kind).iter_errors(data), key=lambda error: [str(part) for part in error.path])
    return list(dict.fromkeys(_sentence(_deepest(error)) for error in errors))


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _deepest(error: ValidationError) -> ValidationError:
    """A choice of forms fails as a whole; the closest form tells more."""
    while error.context:
        closest = best_match(error.context)
        if closest is None:
            break
        error = closest
    return error


def _sentence(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "全体"
    return f"{where}: {_what(error)}"


def _what(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    given: Any = error.instance
    match str(error.validator):
        case "required":
            return f"「{'」「'.join(name for name in wanted if name not in given)}」がありません"
        case "additionalProperties" | "not" if isinstance(given, dict):
            known = set(error.schema.get("properties", {})) if isinstance(error.schema, dict) else set()
            extra = [name for name in given if name not in known]
            return f"使えない項目があります: {'、'.join(map(str, extra))}"
        case "enum":
            return f"「{given}」は使えません。{'・'.join(map(str, wanted))} のどれかにしてください"
        case "const":
            return f"{wanted} 以外は書けません"
        case "type":
            return f"値の種類がちがいます({wanted} にしてください)"
        case "pattern":
            return f"「{given}」は名前に使えない字を含みます"
        case "minItems" | "minProperties":
            return f"数が足りません({wanted} 以上)"
        case "maxLength":
            return f"「{given}」が長すぎます({wanted}字まで)"
        case "minLength":
            return "短すぎます"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"{given} は範囲の外です({wanted})"
        case "uniqueItems":
            return "同じものが2回あります"
        case "dependentRequired":
            return "when と otherwise は、いつも一緒に書きます"
        case _:
            return "決まった形に合いません(_schema を見てください)"
