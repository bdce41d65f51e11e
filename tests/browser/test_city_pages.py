"""The city's pages on a laptop and a tablet: no fault of access, no drawing or table wider than the screen."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.chromium import TABLET, OpenPage
from tests.browser.live import serve
from tests.house import House
from tests.survey_ui.test_welfare_attack import planted_house

PAGES = (
    "/welfare/",
    "/welfare/schools",
    "/welfare/trends",
    "/welfare/response",
    "/welfare/outcomes",
    "/welfare/compare",
    "/welfare/city",
    "/welfare/indicators/common",
    "/welfare/releases",
    "/method",
    "/plan",
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with planted_house(tmp_path_factory.mktemp("city"), 1) as (house, _), serve(house) as url:
        yield house, url


@pytest.mark.parametrize("size", [(1366, 768), TABLET], ids=["laptop", "tablet"])
def test_every_page_is_in_reach_of_everybody(
    city: tuple[House, str], open_page: OpenPage, size: tuple[int, int]
) -> None:
    house, url = city
    with house.client() as client:
        house.sign_in(client, "ito")
        token = client.cookies["kizuki_staff"]
    page = open_page(url, size)
    page.context.add_cookies([{"name": "kizuki_staff", "value": token, "url": url}])
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        if size == TABLET:
            assert Axe().run(page).response["violations"] == [], path
