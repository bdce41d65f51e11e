"""A child goes the whole way in a real browser, with every bank, touching what is on the screen."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from survey_api.kit.work import reading
from survey_api.services.submissions.queries import kept_of_ticket
from tests.browser.chromium import TABLET, OpenPage
from tests.browser.live import LiveHouse
from tests.house import Pupil

GRADES = {"sho-low": 1, "sho-high": 4, "chu": 7, "kou": 10}
DOUBLE_TAP = 600  # milliseconds after which a second touch is surely no double tap


def pupil_of(live: LiveHouse, bank: str, number: int) -> Pupil:
    return [pupil for pupil in live.house.pupils if pupil.grade == GRADES[bank]][number]


def enter(page: Page, pupil: Pupil) -> None:
    page.goto("/")
    page.locator("#code").fill(pupil.ticket.code)
    for press in (page.locator("button.go"), page.locator(".switches .go"), page.locator("a.go")):
        with page.expect_navigation():
            press.click()
    practise(page)


def practise(page: Page) -> None:
    """One tap on the practice question leads to the first real one; nothing of it is ever stored."""
    expect(page).to_have_url(re.compile("/s/practice$"))
    page.locator("button.option").first.click()
    expect(page).to_have_url(re.compile("/s/q/1$"))


def press(target: Locator, *, by_finger: bool) -> None:
    """A finger waits until it can no longer be taken for a double tap; assistive technology need not."""
    if by_finger:
        target.page.wait_for_timeout(DOUBLE_TAP)
        target.click()
    else:
        target.evaluate("element => element.click()")


def answer_all(page: Page, *, by_finger: bool) -> int:
    """Touch the first choice of every question; returns how many screens there were."""
    screens = 0
    while "/s/q/" in page.url:
        screens += 1
        page.wait_for_load_state("domcontentloaded")  # a page whose script slept has asked the service
        form, here = page.locator("form.question"), page.url
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        target = form.locator("button.option").first
        if not target.count():
            target = form.locator("button.go")
            if form.locator("input[type=checkbox]").count():
                press(form.locator("label.tile").first, by_finger=by_finger)
        press(target, by_finger=by_finger)
        page.wait_for_function("here => location.href !== here", arg=here)
    return screens


@pytest.mark.parametrize("bank", GRADES)
def test_from_the_ticket_to_the_thanks(open_page: OpenPage, live_house: LiveHouse, bank: str) -> None:
    pupil = pupil_of(live_house, bank, 0)
    page = open_page(live_house.url, viewport=TABLET)
    enter(page, pupil)
    assert answer_all(page, by_finger=bank == "sho-low") >= 5
    expect(page).to_have_url(re.compile("/s/review$"))
    press(page.locator("form[action='/s/send'] button"), by_finger=True)
    expect(page).to_have_url(re.compile("/s/thanks/[LMH]$"))
    with reading(live_house.house.runtime.survey) as db:
        assert kept_of_ticket(db, pupil.ticket_id) is not None


def test_the_secret_of_a_qr_code_leaves_the_address(open_page: OpenPage, live_house: LiveHouse) -> None:
    pupil = pupil_of(live_house, "chu", 2)
    page = open_page(live_house.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/t#{pupil.ticket.secret}")
    expect(page).to_have_url(re.compile("/s/reading$"))
    page.go_back()
    assert pupil.ticket.secret not in page.url
    assert not [url for url in asked if pupil.ticket.secret in url.partition("#")[0]]
    page = open_page(
        live_house.url, service_workers="block"
    )  # what its worker asks for is out of the test's hands
    page.route(
        "**/t", lambda asks: asks.continue_() if asks.request.method == "GET" else asks.fulfill(status=204)
    )
    with page.expect_response(lambda answer: answer.status == 204):
        page.goto(f"/t#{pupil.ticket.secret}", wait_until="commit")
    assert page.evaluate("() => location.href").endswith("/t"), "nor while it is on its way"


def test_without_javascript_the_way_is_the_same(open_page: OpenPage, live_house: LiveHouse) -> None:
    page = open_page(live_house.url, java_script_enabled=False)
    enter(page, pupil_of(live_house, "sho-low", 2))
    page.locator("button.option, button.go").first.click()
    expect(page).to_have_url(re.compile("/s/q/2$"))
