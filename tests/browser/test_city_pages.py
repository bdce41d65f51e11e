"""The city's pages on a laptop and a tablet: no fault of access, no drawing or table wider than the screen."""

import io
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from tests.browser.chromium import FAULTS_ONLY, TABLET, OpenPage
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
    "/welfare/files",
    "/welfare/files/pack",
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
        if path not in ("/method", "/plan"):
            assert page.evaluate("document.querySelector('header nav').offsetHeight") < 48, (
                f"{path}: two rows"
            )
        if size == TABLET:
            assert Axe().run(page, options=FAULTS_ONLY).response["violations"] == [], path


MENUS = {"ono": ("/office/", 1), "oda": ("/operator/", 2), "sato": ("/counselor/", 2)}
"""Login → where its menu is, and the rows it may take on a laptop and on a tablet held upright."""
ROWS = """() => {
    const links = [...document.querySelectorAll("header nav a")];
    const rows = new Set(links.map((link) => Math.round(link.getBoundingClientRect().top)));
    const torn = links.filter((link) => link.getClientRects().length > 1 || link.offsetHeight > 46);
    return [rows.size, torn.map((link) => link.textContent), document.documentElement.scrollWidth];
}"""


def test_no_menu_takes_rows_from_the_work(city: tuple[House, str], open_page: OpenPage) -> None:
    house, url = city
    page = open_page(url, (1366, 768))
    for login, (path, allowed) in MENUS.items():
        with house.client() as client:
            house.sign_in(client, login)
            page.context.add_cookies(
                [{"name": "kizuki_staff", "value": client.cookies["kizuki_staff"], "url": url}]
            )
        page.goto(path)
        for width, height in ((1366, 768), TABLET):
            page.set_viewport_size({"width": width, "height": height})
            rows, torn, wide = page.evaluate(ROWS)
            assert 1 <= rows <= allowed, (login, width, rows)
            assert (torn, wide) == ([], width), login


def test_a_meeting_pack_is_five_clicks_away_at_most(city: tuple[House, str], open_page: OpenPage) -> None:
    house, url = city
    with house.client() as client:
        house.sign_in(client, "ito")
        token = client.cookies["kizuki_staff"]
    page = open_page(url, (1366, 640))
    page.context.add_cookies([{"name": "kizuki_staff", "value": token, "url": url}])
    page.goto("/welfare/")
    clicks = 0

    def click(target: Locator) -> None:
        nonlocal clicks
        clicks += 1
        target.click()

    click(page.get_by_role("link", name="会議資料"))
    assert page.get_by_label("学校名を出さない").is_checked()
    for box in page.get_by_role("checkbox").all():
        assert (
            min((box.bounding_box() or {"width": 0, "height": 0})[side] for side in ("width", "height")) >= 24
        )
    click(page.get_by_label("使う目的"))
    page.keyboard.type("子ども・子育て会議の資料")
    click(page.get_by_label("渡す相手"))
    page.keyboard.type("会議の委員")
    with page.expect_download() as waiting:
        click(page.get_by_role("button", name="資料を作る"))
    content = Path(waiting.value.path()).read_bytes()
    assert clicks <= 5
    page.get_by_role("status").filter(
        has_text=f"「{waiting.value.suggested_filename}」を作りました"
    ).wait_for()
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) >= 4
    assert len(content) <= 2_000_000
