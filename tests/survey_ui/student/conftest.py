"""One house with all four banks, and a browser that has shown a ticket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.house import House, open_house

BANKS = ("sho-low", "sho-high", "chu", "kou")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, banks=BANKS, pupils=2) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as opened:
        yield opened
