"""One house and one office desk per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, open_house
from tests.survey_ui.office.office_door import OfficeDesk


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, banks=("sho-low", "sho-high", "chu", "kou"), pupils=6) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Iterator[OfficeDesk]:
    with house.client() as client:
        house.sign_in(client, "ono")
        yield OfficeDesk(house, client)
