"""The desk in a real browser: keys, a name that goes away, words that stay, nothing printed, nothing inaccessible."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlmodel import select

from survey_api.tables.cases import Case
from tests.browser.chromium import CHROMEBOOK, FAULTS_ONLY, OpenPage
from tests.browser.live import serve
from tests.house import PASSWORD, House, bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send


@dataclass(frozen=True)
class Desk:
    house: House
    url: str
    case_id: str

    @property
    def here(self) -> str:
        return f"/counselor/cases/{self.case_id}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_house(tmp_path_factory.mktemp("desk"), pupils=4) as house, serve(house) as url:
        for pupil in house.pupils[:3]:
            send(house, pupil, worst_answers(bank("chu")))
        with house.runtime.reading() as db:
            case_id = db.exec(select(Case.id).where(Case.pseudonym == house.pupils[0].pseudonym)).one()
        yield Desk(house, url, case_id)


def signed_in(open_page: OpenPage, desk: Desk, login: str, viewport: tuple[int, int] = CHROMEBOOK) -> Page:
    page = open_page(desk.url, viewport)
    page.goto("/signin")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/counselor/**")
    return page


def test_the_queue_is_worked_from_the_keyboard(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, "aoki")
    assert page.locator(".keys").is_visible()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"  # keys are for the list alone
    page.locator("#queue tbody th a").first.focus()
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == second
    with page.expect_navigation():
        page.keyboard.press("a")
    row = page.locator("#queue tbody tr", has_text=second)
    assert "aokiさん" in row.inner_text()
    page.locator("#queue tbody th a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/counselor/cases/**")


def test_a_name_comes_with_a_click_and_goes_by_itself(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, "aoki")
    page.clock.install()
    page.goto(desk.here)
    given = desk.house.pupils[0].name.given
    page.get_by_role("button", name="すぐに名前を見る").click()
    page.locator(".who-shown b").wait_for()
    assert given in page.content()
    assert page.url.endswith(desk.here)
    page.clock.fast_forward(61_000)
    page.locator(".who-shown").wait_for(state="hidden")
    assert given not in page.content()


def test_typed_words_survive_a_lost_page(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, "aoki")
    page.goto(desk.here)
    page.locator("#do-note summary").click()
    with page.expect_response("**/draft"):
        page.fill("#note-words", "廊下で声をかけた")
    page.goto(desk.here)
    assert page.input_value("#note-words") == "廊下で声をかけた"
    assert page.locator("#note-words").is_visible()
    with page.expect_navigation():
        page.locator("#do-note button").click()
    assert page.input_value("#note-words") == ""
    assert page.locator(".timeline", has_text="廊下で声をかけた").count() == 1


def test_answers_do_not_print(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, "aoki")
    page.goto(desk.here)
    page.emulate_media(media="print")
    expect(page.locator(".print-refused")).to_be_visible()
    expect(page.locator(".case-page")).to_be_hidden()


STARTS = {"aoki": "/counselor/", "sato": "/counselor/", "mori": "/counselor/duty"}
ONE_OF_EACH = re.compile(r"[0-9a-f]{32}")
FILES = ("/file", ".csv", ".xlsx", ".pdf")


def shapes_from(page: Page, start: str) -> Iterator[str]:
    """Every page of the desk that a person reaches by links from here, one of each shape."""
    waiting, known = [start], {start}
    while waiting:
        place = waiting.pop(0)
        yield place
        links = page.eval_on_selector_all(
            "main a[href], nav a[href]", "(all) => all.map((one) => one.getAttribute('href'))"
        )
        for link in links:
            path = link.split("#")[0].split("?")[0]
            shape = ONE_OF_EACH.sub("*", path)
            if path.startswith("/counselor") and shape not in known and not path.endswith(FILES):
                known.add(shape)
                waiting.append(path)


@pytest.mark.parametrize("viewport", [CHROMEBOOK, (1080, 740)], ids=["chromebook", "tablet"])
@pytest.mark.parametrize("login", STARTS)
def test_no_page_of_the_desk_shuts_anybody_out(
    open_page: OpenPage, desk: Desk, login: str, viewport: tuple[int, int]
) -> None:
    """No barrier and no sideways scrolling on any page that links lead to; forms of a case are opened first."""
    page, seen, faults = signed_in(open_page, desk, login, viewport), 0, []
    for place in shapes_from(page, STARTS[login]):
        answer = page.goto(place)
        if answer is None or not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        if viewport == CHROMEBOOK and page.locator(".pane").count():
            page.locator(".pane .reasons").wait_for()  # a barrier of the pane shows only once it is filled
        page.evaluate(
            "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
        )
        found = Axe().run(page, options=FAULTS_ONLY)
        if found.violations_count:
            faults.append(f"{place}: {found.generate_report()}")
        if not page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"):
            faults.append(f"{place}: wider than the screen")
        seen += 1
    assert not faults, "\n".join(faults)
    assert seen >= (3 if login == "mori" else 12)


def test_what_can_be_done_about_a_case_is_seen_on_a_low_screen(open_page: OpenPage, desk: Desk) -> None:
    """Beside the answers, without scrolling inside the pane: from the contact to the report and the plan."""
    page = signed_in(open_page, desk, "sato", (1080, 740))
    page.goto(desk.here)
    page.locator(".answers").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.case-log').getBoundingClientRect().top || scrollTo(0, 600)")
    for last in (page.get_by_text("終了する", exact=True).first, page.get_by_role("link", name="支援プラン")):
        assert last.evaluate("one => one.getBoundingClientRect().bottom <= innerHeight"), last


def test_the_week_of_the_school_is_read_upright(open_page: OpenPage, desk: Desk) -> None:
    page = signed_in(open_page, desk, "aoki", (810, 1080))
    page.goto("/counselor/days")
    week = page.locator(".week")
    assert week.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth"), (
        "all five days stand there"
    )
    assert week.locator("select").first.evaluate("one => one.clientWidth") >= 120, "the role can be read"
    assert week.locator("thead").evaluate("one => one.clientHeight") < 80, (
        "no head runs down letter by letter"
    )
