"""What every test may ask for."""

import pytest

pytest_plugins = [
    "tests.postgres",
    "tests.browser.chromium",
    "tests.browser.live",
    "tests.quick_passwords",
    "tests.skips",
]

# A test that asks for one of these fixtures is marked, so that it can be chosen or left out by mark.
NEEDS = {"chromium": "browser", "postgres_server": "postgres"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in NEEDS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
