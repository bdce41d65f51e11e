"""The bill of materials of what is shipped: CycloneDX 1.6 JSON from the runtime lock, on standard output.

Versions and hashes come from the lock, licences and who needs whom from what is installed. The same lock on the same
machine gives the same bytes: no moment, and a serial number drawn from the lock. It names no place of download.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "runtime.lock"
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)(?: ;([^\\]*))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED = re.compile(r"^([A-Za-z0-9._-]+)")
_SAID = "License :: OSI Approved :: "
_READ = {"pyrage": "MIT"}
"""Says it in its licence file only, where a person read it."""


@dataclass(frozen=True)
class Pin:
    """One line of the lock: name, version, on which machines, and what its files hash to."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(lock: str) -> Iterator[Pin]:
    """Every pin of a lock's text."""
    for block in re.split(r"\n(?=\S)", lock):
        if found := _PIN.match(block):
            yield Pin(found[1], found[2], (found[3] or "").strip(), tuple(sorted(_HASH.findall(block))))


def bill(lock: str) -> Bom:
    """The bill of a lock's text: one component per pin, under the service itself."""
    licences = LicenseFactory()
    shipped = Component(
        name="kizuki",
        version=distribution("kizuki").version,
        type=ComponentType.APPLICATION,
        licenses=[licences.make_from_string("Apache-2.0")],
        bom_ref="kizuki",
    )
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, sha256(lock.encode()).hexdigest()))
    bom.metadata.component = shipped
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the same lock, the same bytes
    made = [
        _component(pin, licences) for pin in pins(lock)
    ]  # one name may be pinned twice, by kind of machine
    for component in made:
        bom.components.add(component)
        installed = _installed(component.name)
        needs = _needs(installed) if installed else set()
        bom.register_dependency(component, [other for other in made if other.name in needs])
    bom.register_dependency(shipped, made)
    return bom


def text_of(lock: str) -> str:
    """The bill as it is written down."""
    return JsonV1Dot6(bill(lock)).output_as_string(indent=1) + "\n"


def _component(pin: Pin, licences: LicenseFactory) -> Component:
    installed = _installed(pin.name)
    told = [Property(name="kizuki:only-where", value=pin.marker)] if pin.marker else []
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=pin.name, version=pin.version),
        bom_ref=f"{pin.name}@{pin.version}",
        licenses=_licences(installed, licences) if installed else [],
        properties=told,
        # A component has one hash; a pin has one for each file it may be installed from.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in pin.hashes],
    )


def _licences(installed: Distribution, licences: LicenseFactory) -> list[License]:
    told = installed.metadata
    if expression := told.get("License-Expression"):
        return [licences.make_from_string(expression)]
    classified = [
        one.removeprefix(_SAID) for one in told.get_all("Classifier") or () if one.startswith(_SAID)
    ]
    short = (told.get("License") or "").strip().splitlines()[:1]
    read = [_READ[installed.name]] if installed.name in _READ else []
    return [licences.make_from_string(one) for one in (classified or short or read)]


def _needs(installed: Distribution) -> set[str]:
    found = (_NEEDED.match(line) for line in installed.requires or () if "extra ==" not in line)
    return {re.sub(r"[-_.]+", "-", one[1]).lower() for one in found if one}


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:  # a library of another kind of machine
        return None


if __name__ == "__main__":
    sys.stdout.write(text_of(LOCK.read_text()))
