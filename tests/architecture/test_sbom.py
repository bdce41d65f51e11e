"""The bill of materials lists exactly what the runtime lock ships, with hashes and licences, and no place of download."""

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.sbom import text_of

LOCK = Path("requirements/runtime.lock").read_text()


def installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def test_the_bill_is_the_lock_with_hashes_and_licences() -> None:
    written = text_of(LOCK)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    assert written == text_of(LOCK), "the same lock, the same bytes"
    bill = json.loads(written)
    parts = {f"{one['name']}=={one['version']}": one for one in bill["components"]}
    assert set(parts) == set(re.findall(r"^[a-z0-9][^ \\;]*==[^ \\;]+", LOCK, re.MULTILINE))
    hashes = {one["content"] for part in parts.values() for one in part["hashes"]}
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", LOCK))
    here = [name for name, part in parts.items() if installed(part["name"])]
    assert [name for name in here if not parts[name].get("licenses")] == []
    assert len(here) > 80
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert any(
        one.startswith("starlette@") for one in next(v for k, v in needs.items() if k.startswith("fastapi@"))
    )
    assert len(needs["kizuki"]) == len(parts)
    assert [one for one in re.findall(r"\w+://[^\"]*", written) if "cyclonedx.org/schema" not in one] == []
