"""A counselor hands a child over: few clicks, one page of grey paper with its own letters, no barrier."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pypdf import PdfReader
from sqlmodel import select

from survey_api.access import queries as access_queries
from survey_api.journeys import keep_plan
from survey_api.kit.actor import Actor, ActorKind
from survey_api.practice.case_of_k import walk_k
from survey_api.services.referrals.words import LIMITS
from survey_api.tables.cases import Case
from tests.browser.chromium import CHROMEBOOK, FAULTS_ONLY, TABLET, OpenPage
from tests.browser.live import LiveHouse, serve
from tests.house import PASSWORD, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHouse]:
    """A house in which one child has answered."""
    with open_house(tmp_path_factory.mktemp("desk"), pupils=2) as house, serve(house) as url:
        send(house, house.pupils[0], worst_answers(bank("chu")))
        yield LiveHouse(house, url)


@pytest.fixture
def page(desk: LiveHouse, open_page: OpenPage) -> Page:
    """Aoki has signed in and taken the case over."""
    page = open_page(desk.url, viewport=CHROMEBOOK)
    page.goto("/signin")
    page.locator("[name=login]").fill("aoki")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/counselor/**")
    with desk.house.runtime.reading() as db:
        case_id = db.exec(select(Case.id)).one()
    page.goto(f"/counselor/cases/{case_id}")
    take = page.get_by_role("button", name="引き受ける")
    if take.count():
        with page.expect_navigation():
            take.click()
    return page


def no_barrier(page: Page) -> None:
    page.wait_for_load_state()  # a click ends when the next page begins to arrive
    found = Axe().run(page, options=FAULTS_ONLY).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def printed(page: Page, folder: Path) -> PdfReader:
    path = folder / "printed.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    return PdfReader(path)


def fonts_of(pdf: PdfReader) -> list[bool]:
    """For each font on the pages: whether its letters are in the file."""
    found = []
    for sheet in pdf.pages:
        for font in sheet["/Resources"].get("/Font", {}).values():  # type: ignore[attr-defined]
            inner = font.get_object()
            for one in inner.get("/DescendantFonts", [inner]):
                about = one.get_object()
                descriptor = about.get("/FontDescriptor")
                files = ("/FontFile", "/FontFile2", "/FontFile3")
                in_place = about.get("/Subtype") == "/Type3"  # its letters are drawn in the font itself
                found.append(in_place or any(name in descriptor.get_object() for name in files))
    return found


COUNT_CLICKS = """addEventListener("pointerup", () => sessionStorage.setItem("clicks",
    String(Number(sessionStorage.getItem("clicks") || 0) + 1)), true)"""
"""What the pages themselves see of a hand: every press, kept across pages of one tab."""


def start_sheet(page: Page) -> int:
    """From the case to the preview with the fewest clicks; returns how many presses the pages have seen."""
    page.add_init_script(COUNT_CLICKS)
    page.reload()
    page.evaluate("sessionStorage.removeItem('clicks')")
    page.get_by_role("link", name="つなぐ").first.click()
    page.locator("#recipient").click()  # a menu counts as one click more: it is opened, then chosen by key
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    if not page.locator("#recipient").input_value():
        page.locator("#recipient").select_option(index=1)
    page.locator("[name=consent][value=given]").click()
    page.get_by_role("button", name="印刷の見本を見る").first.click()
    page.locator(".paper-worries").wait_for()
    return int(page.evaluate("Number(sessionStorage.getItem('clicks'))"))


def test_four_clicks_from_the_case_to_the_final_preview(page: Page) -> None:
    assert 3 <= start_sheet(page) <= 4
    assert "印刷の見本" in page.locator("h1").inner_text()
    assert "◎" in page.locator(".paper-worries").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="確定して渡す").click()
    assert "写し番号" in page.locator(".paper footer").inner_text()
    assert page.locator(".paper footer").inner_text().count("保護者への写し不可") == 1


def test_the_fullest_sheet_is_one_page_with_its_letters(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="つなぐ").first.click()
    page.locator("#recipient").select_option(index=1)
    page.locator("[name=consent][value=without_conference_law]").check()
    for switch in page.locator("[name=blocks]").all():
        switch.check()
    rows = {"facts": 4, "own_words": 3, "wish": 2, "at_school": 1, "asked_for": 1}
    for name, limit in LIMITS.items():
        box = page.locator(f"#f-{name}")
        if box.count():
            box.fill("長" * min(limit, 46 * rows[name] if name in rows else limit))
    with page.expect_navigation():
        page.get_by_role("button", name="印刷の見本を見る").first.click()
    assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()
    pdf = printed(page, tmp_path)
    assert len(pdf.pages) == 1
    width, height = float(pdf.pages[0].mediabox.width), float(pdf.pages[0].mediabox.height)
    assert (round(width), round(height)) == (595, 842)
    fonts = fonts_of(pdf)
    assert fonts
    assert all(fonts)
    text = pdf.pages[0].extract_text()
    assert "保護者への写し不可" in text
    assert "サインアウト" not in text
    assert "確定して渡す" not in text


@pytest.mark.parametrize("viewport", [CHROMEBOOK, TABLET])
def test_the_pages_have_no_barrier(page: Page, viewport: tuple[int, int]) -> None:
    page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
    with page.expect_navigation():
        page.get_by_role("link", name="つなぐ").first.click()
    no_barrier(page)
    page.go_back()
    start_sheet(page)
    no_barrier(page)
    with page.expect_navigation():
        page.get_by_role("button", name="確定して渡す").click()
    page.locator("summary", has_text="返事を記録").click()
    no_barrier(page)
    page.goto("/counselor/places")
    no_barrier(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_leaflet_leaves_out_what_nobody_checked(page: Page, tmp_path: Path) -> None:
    page.goto("/counselor/places?kind=place")
    assert "移動カフェ ほっと" in page.locator("main").inner_text()
    text = "".join(sheet.extract_text() for sheet in printed(page, tmp_path).pages)
    assert "居場所サロン" in text
    assert "移動カフェ" not in text


def test_reporting_meeting_and_planning_have_no_barrier(page: Page, tmp_path: Path) -> None:
    here = page.url
    with page.expect_navigation():
        page.get_by_role("button", name="通告の下書き").click()
    no_barrier(page)
    assert len(printed(page, tmp_path).pages) == 1
    page.goto(f"{here}/conferences")
    no_barrier(page)
    with page.expect_navigation():
        page.get_by_role("link", name="重層的支援会議を用意する").click()
    no_barrier(page)
    page.goto(f"{here}/conferences/new/support")
    page.locator("#c-reason").fill("家の世話が重い")
    with page.expect_navigation():
        page.get_by_role("button", name="会議を用意する").click()
    no_barrier(page)
    page.goto(f"{here}/plan")
    no_barrier(page)


def test_plan_rows_come_and_go_by_keyboard(page: Page) -> None:
    page.goto(f"{page.url}/plan")
    before = page.locator(".plan-rows tbody tr").count()
    page.locator("[name='rows.trouble.0']").fill("学び")
    page.get_by_role("button", name="行を加える").focus()
    page.keyboard.press("Enter")
    page.locator(f"[name='rows.trouble.{before}']").wait_for()
    page.locator("button[value='drop:rows:1']").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => document.querySelectorAll('.plan-rows tbody tr').length === {before}")
    assert page.locator("[name='rows.trouble.0']").input_value() == "学び"


def test_the_plan_of_k_prints_across_with_its_head_on_every_page(
    page: Page, desk: LiveHouse, tmp_path: Path
) -> None:
    staff_id = desk.house.staff["aoki"]
    with desk.house.runtime.reading() as db:
        actor = Actor(ActorKind.STAFF, staff_id, access_queries.grants_of(db, staff_id))
    walk_k(partial(desk.house.runtime.work, actor), page.url.rsplit("/", 1)[-1])
    page.goto(f"{page.url}/plan")
    no_barrier(page)
    pdf = printed(page, tmp_path)
    assert len(pdf.pages) == 1
    assert float(pdf.pages[0].mediabox.width) > float(pdf.pages[0].mediabox.height)
    assert all(fonts_of(pdf))
    case_id = page.url.split("/")[-2]
    with desk.house.runtime.work(actor) as work:
        known = keep_plan.plan_of(work, case_id).plan
        assert known is not None
        longer = replace(known.plan, rows=[*known.plan.rows] * 5)
        keep_plan.write_plan(work, case_id, known.version, longer, decide=True)
    page.reload()
    sheets = printed(page, tmp_path).pages
    assert len(sheets) > 1
    for sheet in sheets:
        text = unicodedata.normalize("NFKC", sheet.extract_text()).replace("\n", "")
        assert "うまくいったしるし" in text  # the last column of the head
