"""One tablet, one child after another: what one has tapped never becomes the other's, whichever way the tablet goes
from hand to hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.tablets import (
    ALL_SENT,
    EVERYTHING_STORED,
    READY,
    draft_of,
    let_in,
    offline,
    open_question,
    pupils_of,
    running_house,
    sent_of,
    tap,
    wait_until,
)
from tests.house import House, Pupil


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str, Iterator[Pupil]]]:
    with running_house(tmp_path_factory.mktemp("shared"), ("sho-low",), 20) as (house, url):
        yield house, url, iter(pupils_of(house, "sho-low"))


@pytest.fixture
def house(served: tuple[House, str, Iterator[Pupil]]) -> House:
    return served[0]


@pytest.fixture
def first(served: tuple[House, str, Iterator[Pupil]]) -> Pupil:
    return next(served[2])


@pytest.fixture
def second(served: tuple[House, str, Iterator[Pupil]]) -> Pupil:
    return next(served[2])


@pytest.fixture
def page(served: tuple[House, str, Iterator[Pupil]], open_page: OpenPage) -> Page:
    return open_page(served[1])


NO_TAP_ARRIVES = """{
    const asked = fetch;
    globalThis.fetch = (where, how) =>
        how?.method === "POST" && String(where).endsWith("/s/draft") && localStorage.getItem("cut")
            ? Promise.reject(new TypeError("no way through"))
            : asked(where, how);
}"""
"""While it is cut, what a child taps stays on the tablet: the next child finds the tab just so."""


def test_the_next_child_in_the_same_tab_does_not_take_over_the_last_taps(
    page: Page, house: House, first: Pupil, second: Pupil
) -> None:
    page.add_init_script(NO_TAP_ARRIVES)
    let_in(page, first)
    page.evaluate("() => localStorage.setItem('cut', 'yes')")
    tap(page, "button[value=late]")
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    let_in(page, second)
    assert page.locator("[aria-pressed=true]").count() == 0
    page.evaluate("() => localStorage.removeItem('cut')")
    tap(page, "button[value=early]")
    tap(page, "button[value=few]")
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, second) == {"bedtime": "early", "hungry": "few"}
    wait_until(lambda: draft_of(house, first) == {"bedtime": "late"})


def test_what_waited_for_the_network_arrives_with_the_child_who_tapped_it(
    page: Page, house: House, first: Pupil, second: Pupil
) -> None:
    let_in(page, first)
    offline(page)
    tap(page, "button[value=late]")
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    offline(page, False)
    let_in(page, second)
    tap(page, "button[value=early]")
    page.wait_for_function(ALL_SENT)
    wait_until(lambda: draft_of(house, first) == {"bedtime": "late"})
    assert draft_of(house, second) == {"bedtime": "early"}


def test_a_tab_of_the_child_before_ends_when_the_next_one_begins(
    page: Page, house: House, first: Pupil, second: Pupil
) -> None:
    let_in(page, first)
    offline(page)
    tap(page, "button[value=late]")
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    other = page.context.new_page()
    offline(page, False)
    let_in(other, second)
    tap(other, "button[value=early]")
    page.wait_for_url("**/")
    other.wait_for_function(ALL_SENT)
    wait_until(lambda: draft_of(house, first) == {"bedtime": "late"})
    assert draft_of(house, second) == {"bedtime": "early"}


def test_a_tab_of_the_child_before_sends_nobody_else_s_sheet(
    page: Page, house: House, first: Pupil, second: Pupil
) -> None:
    """Even where tabs cannot speak to each other."""
    page.add_init_script("delete globalThis.BroadcastChannel")
    let_in(page, first)
    page.goto("/s/review")
    page.wait_for_function(READY)
    other = page.context.new_page()
    other.add_init_script("delete globalThis.BroadcastChannel")
    let_in(other, second)
    tap(other, "button[value=early]")
    other.wait_for_function(ALL_SENT)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/")
    assert sent_of(house, second) is None
    wait_until(lambda: sent_of(house, first) == {})
    open_question(other, 2)
    tap(other, "button[value=few]")
    other.wait_for_function(ALL_SENT)
    assert draft_of(house, second) == {"bedtime": "early", "hungry": "few"}


@pytest.mark.parametrize("script", [True, False])
def test_an_old_page_answers_for_nobody_else(
    served: tuple[House, str, Iterator[Pupil]],
    open_page: OpenPage,
    house: House,
    first: Pupil,
    second: Pupil,
    script: bool,
) -> None:
    page = open_page(served[1], java_script_enabled=script)
    if script:
        page.add_init_script("delete globalThis.BroadcastChannel")
        let_in(page, first)
    else:
        enter_by_code(page, first)
        page.goto("/s/q/1")
    other = page.context.new_page()
    if script:
        let_in(other, second)
        tap(page, "button[value=late]")
    else:
        enter_by_code(other, second)
        page.locator("button[value=late]").click()
        page.wait_for_url("**/s/ticket")
        page.locator("a[href='/']").click()
    page.wait_for_url("**/")
    expect(page.locator("#code")).to_be_visible()
    assert draft_of(house, second) == {}


def test_deleting_without_network_empties_the_tablet_at_once_and_the_server_as_soon_as_it_can(
    page: Page, house: House, first: Pupil, second: Pupil
) -> None:
    let_in(page, first)
    tap(page, "button[value=late]")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/forget")
    page.wait_for_function(READY)
    offline(page)
    tap(page, "form[action='/s/forget'] button")
    page.wait_for_url("**/")
    stored = page.evaluate(EVERYTHING_STORED)
    assert "own: 0" in stored
    assert "out: 1" in stored, "the wish itself, sealed"
    assert "bedtime" not in stored
    assert page.evaluate("() => sessionStorage.length") == 0
    offline(page, False)
    page.goto("/")
    wait_until(lambda: draft_of(house, first) == {})
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))
    let_in(page, second)
    assert draft_of(house, second) == {}


def test_who_stops_without_network_is_asked_how_and_goes_back_to_its_question(
    page: Page, house: House, first: Pupil
) -> None:
    let_in(page, first, 6)
    offline(page)
    tap(page, "button.option")
    page.wait_for_function("() => document.querySelector('.place span').textContent.startsWith('7')")
    page.set_viewport_size({"width": 810, "height": 1080})
    told = page.locator("#net .told")
    assert "しまって あります" in told.inner_text()
    assert page.evaluate("() => document.querySelector('#net .told').getBoundingClientRect().height") > 16
    page.locator(".bar .stop").click()
    expect(page.locator("form[action='/s/forget'] button")).to_be_visible()
    assert "7" in str(page.locator("main a.button").get_attribute("href"))
    page.locator("main a.button").click()
    expect(page.locator(".place span").first).to_have_text("7／16")
    page.locator(".bar .stop").click()
    page.wait_for_function(READY)
    tap(page, "form[action='/s/forget'] button")
    page.wait_for_url("**/")
    stored = page.evaluate(EVERYTHING_STORED)
    assert "own: 0" in stored
    assert "out: 1" in stored, "the wish itself, sealed"


def enter_by_code(page: Page, pupil: Pupil) -> None:
    page.goto("/")
    page.fill("#code", pupil.ticket.code_shown)
    page.click("button.go")
    page.wait_for_url("**/s/reading")
