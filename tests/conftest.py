"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.postgres",
    "tests.browser.chromium",
    "tests.browser.live",
    "tests.quick_migrations",
    "tests.quick_passwords",
    "tests.skips",
]

# How long an example takes says how busy the machine is: Hypothesis would call 200 ms a fault.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# A test that asks for one of these fixtures is marked, so that it can be chosen or left out by mark.
NEEDS = {"chromium": "browser", "postgres_server": "postgres"}

LONG = ("test_walks.py", "test_load_city.py", "test_kill.py")
"""Files of half a minute and more: begun last, one would keep one worker while the other has nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = places_of(list(dict.fromkeys(item.path for item in items)))
    items.sort(key=lambda item: places[item.path])
    for item in items:
        for fixture, mark in NEEDS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def places_of(files: list[Path]) -> dict[Path, tuple[bool, float]]:
    """The order of the files: long ones first, and those with a browser, which is several processes, far apart."""
    browser = [file for file in files if file.parent.name == "browser"]
    others = [file for file in files if file.parent.name != "browser"]
    return {
        file: (file.name not in LONG, (number + 0.5) / len(group))
        for group in (browser, others)
        for number, file in enumerate(group)
    }
