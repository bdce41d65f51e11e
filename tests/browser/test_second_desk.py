"""The desk's other pages in Chromium: no barrier at two sizes, nothing wider than the window, keys that stay off."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.chromium import CHROMEBOOK, FAULTS_ONLY, OpenPage
from tests.browser.live import LiveHouse, serve
from tests.house import PASSWORD, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send

SMALL = (1080, 740)
PAGES = (
    "/counselor/search",
    "/counselor/progress",
    "/counselor/own",
    "/counselor/days",
    "/counselor/appointments",
    "/counselor/places",
    "/counselor/places/leaflet?lang=vi",
    "/counselor/memos",
    "/counselor/alerts",
    "/counselor/checks",
    "/memo",
    "/memo/receipt",
    "/reply",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHouse]:
    """A house in which one child has answered."""
    with open_house(tmp_path_factory.mktemp("second"), pupils=6) as house, serve(house) as url:
        send(house, house.pupils[0], worst_answers(bank("chu")))
        yield LiveHouse(house, url)


def signed_in(
    desk: LiveHouse, open_page: OpenPage, login: str, size: tuple[int, int], **options: bool
) -> Page:
    page = open_page(desk.url, viewport=size, **options)
    page.goto("/signin")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/counselor/**")
    return page


def no_barrier(page: Page) -> None:
    found = Axe().run(page, options=FAULTS_ONLY).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("size", [CHROMEBOOK, SMALL])
def test_the_pages_have_no_barrier(desk: LiveHouse, open_page: OpenPage, size: tuple[int, int]) -> None:
    page = signed_in(desk, open_page, "aoki", size)
    titles = set()
    for address in PAGES:
        page.goto(address)
        no_barrier(page)
        titles.add(page.title())
    assert len(titles) == len(PAGES)


def test_the_reasons_of_the_queue_keep_their_width_beside_long_names(
    desk: LiveHouse, open_page: OpenPage
) -> None:
    page = signed_in(desk, open_page, "aoki", SMALL)
    page.locator("#queue tbody td:nth-child(5)").first.evaluate(
        "cell => { cell.textContent = '青木(スクールカウンセラー・雪野市立第一中学校) 引き受け済み→教育委員会の当番・支援プランの3行が期限切れ' }"
    )
    assert page.locator("#queue tbody td:nth-child(3)").first.evaluate("cell => cell.clientWidth") >= 300
    pill = page.locator("#queue tbody .pill").first
    pill.evaluate("one => { one.className = 'pill check' }")
    assert pill.evaluate("one => one.offsetHeight") <= 30


def test_larger_letters_and_half_the_window_lose_nothing(desk: LiveHouse, open_page: OpenPage) -> None:
    page = signed_in(desk, open_page, "aoki", (CHROMEBOOK[0] // 2, CHROMEBOOK[1] // 2))
    page.goto("/counselor/own")
    page.locator("[name=text_size][value='2']").check()
    with page.expect_navigation():
        page.get_by_role("button", name="画面を変える").click()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "21px"
    for address in ("/counselor/search", "/counselor/own", "/counselor/appointments", "/counselor/progress"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto("/counselor/own")
    page.locator("[name=text_size][value='0']").check()
    with page.expect_navigation():
        page.get_by_role("button", name="画面を変える").click()


def test_keys_that_were_switched_off_do_nothing(desk: LiveHouse, open_page: OpenPage) -> None:
    page = signed_in(desk, open_page, "aoki", CHROMEBOOK)
    page.locator("#queue tbody th a").first.focus()
    page.keyboard.press("x")
    box = page.locator("#queue [name=case]").first
    assert box.is_checked()
    page.goto("/counselor/own")
    page.locator("[name=shortcuts]").uncheck()
    with page.expect_navigation():
        page.get_by_role("button", name="画面を変える").click()
    page.goto("/counselor/")
    page.locator("#queue tbody th a").first.focus()
    page.keyboard.press("x")
    assert not box.is_checked()


def test_a_leaflet_prints_on_a4_with_its_letters(
    desk: LiveHouse, open_page: OpenPage, tmp_path: Path
) -> None:
    page = signed_in(desk, open_page, "aoki", CHROMEBOOK)
    page.goto("/counselor/places/leaflet?lang=vi&alone=yes")
    path = tmp_path / "leaflet.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    sheets = PdfReader(path).pages
    assert len(sheets) <= 2
    assert round(float(sheets[0].mediabox.width)) == 595
    text = unicodedata.normalize("NFKC", "".join(sheet.extract_text() for sheet in sheets))
    assert "Những nơi có thể đến" in text
    assert "地域食堂" in text
    assert "このことばにする" not in text


def test_an_hour_is_booked_without_script(desk: LiveHouse, open_page: OpenPage) -> None:
    page = signed_in(desk, open_page, "aoki", CHROMEBOOK, java_script_enabled=False)
    page.goto("/counselor/appointments")
    page.locator("#a-desk").select_option(index=1)
    page.locator("#a-day").fill("2026-11-26")
    page.locator("#a-starts").fill("10:00")
    page.locator("#a-how").fill("会議室A")
    with page.expect_navigation():
        page.get_by_role("button", name="時間を出す").click()
    page.locator("summary", has_text="予約する").click()
    page.locator("[name=branch]").fill("稲川総合支所")
    page.locator("[name=topic]").select_option("living")
    with page.expect_navigation():
        page.get_by_role("button", name="この時間を予約する").click()
    assert "稲川総合支所" in page.locator(".hours").inner_text()
