"""A child's tablet: one tap an answer without the network, nothing lost, nothing left behind, hidden in one tap."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect
from sqlmodel import select

from survey_api.tables.submissions import Submission
from survey_ui.shell.assets import address
from tests.browser.chromium import PATIENCE, QUIET, OpenPage, find_chromium
from tests.browser.line import slow_and_lossy
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
from tests.house import House, Pupil, bank

NOTHING_SEALED_LEAVES = """{
    const asked = fetch;
    globalThis.fetch = async (where, how) => {
        if (where === "/s/sealed" && localStorage.getItem("nothing-leaves")) throw new TypeError("no network");
        return asked(where, how);
    };
}"""
"""Once the test says so. In the page: what Chromium is told to refuse may come a moment too late for an open page."""
DOUBLE_TAP = 600
GUARD = 400
"""Milliseconds in which a second tap of the same finger is none (DOUBLE_TAP of answer.js)."""
SHO = bank("sho-low")
SECRET_WORDS = "そのまま のこっては いけない ことば"
MULTI = next(place for place, screen in enumerate(SHO.bank.screens, 1) if screen.item == "needs")
TEXT = next(place for place, screen in enumerate(SHO.bank.screens, 1) if screen.item == "free_text")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str, Iterator[Pupil]]]:
    with running_house(tmp_path_factory.mktemp("tablet"), ("sho-low",), 51) as (house, url):
        yield house, url, iter(pupils_of(house, "sho-low"))


@pytest.fixture
def house(served: tuple[House, str, Iterator[Pupil]]) -> House:
    return served[0]


@pytest.fixture
def child(served: tuple[House, str, Iterator[Pupil]]) -> Pupil:
    return next(served[2])


@pytest.fixture
def page(served: tuple[House, str, Iterator[Pupil]], open_page: OpenPage) -> Page:
    return open_page(served[1])


def answer_to_the_end(page: Page) -> None:
    while not page.url.endswith("/s/review"):
        here = page.url
        tap(page, "form.question button.option, form.question button.go")
        page.wait_for_function("here => location.href !== here", arg=here)


FASTEST_TAP = """async () => {
    const codes = [...document.querySelectorAll("button.option")].map((button) => button.value);
    let took, asks = 0;
    const asked = fetch;
    globalThis.fetch = (...what) => { asks += 1; return asked(...what); };
    for (const code of codes) {
        const began = performance.now(), before = asks;
        document.querySelector(`button.option[value=${code}]`).click();
        await new Promise(requestAnimationFrame);
        const place = document.querySelector(".place span").textContent;
        took = [performance.now() - began, place, code, asks - before];
        if (took[0] < 100) break;
        document.querySelector(".bar .back").click();
        while (document.body.dataset.unsent !== "0") await new Promise((done) => setTimeout(done, 20));
    }
    return took;
}"""
"""From the tap to the frame with the next question. A machine that does something else in between holds up one tap, a
slow tablet holds up every one: then the next choice is tapped."""


def test_a_tap_stores_and_goes_on_without_asking_the_network(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    took = page.evaluate(FASTEST_TAP)
    assert took[0] < 100
    assert (took[1], took[3]) == ("2／16", 0), "the next question, and nothing asked meanwhile"
    assert page.locator(".aa").get_attribute("href") == "/s/reading?at=2"
    page.wait_for_url("**/s/q/2")
    page.wait_for_function("() => document.activeElement.id === 'ask' && document.title === '2／16'")
    page.wait_for_function(ALL_SENT)
    assert {url.rsplit("/", 1)[1] for url in asked} == {"draft"}
    assert draft_of(house, child) == {"bedtime": took[2]}


def test_a_second_tap_of_the_same_finger_does_not_answer_the_next_question(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    page.locator("button.option").first.dblclick()
    expect(page).to_have_url(re.compile("/s/q/2$"))
    page.wait_for_timeout(DOUBLE_TAP)
    expect(page).to_have_url(re.compile("/s/q/2$"))
    page.locator("button.option").nth(1).click()
    expect(page).to_have_url(re.compile("/s/q/3$"))
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, child) == {"bedtime": "early", "hungry": "few"}


def test_a_slow_tablet_comes_late_to_a_second_tap_and_still_knows_it(page: Page, child: Pupil) -> None:
    let_in(page, child)
    first = page.evaluate(
        """() => {
            const now = (performance.timeOrigin + performance.now()) / 1000;
            document.querySelector("button.option").click();
            return now;
        }"""
    )
    touched = first + 0.2  # half of the time in which a finger taps twice
    expect(page).to_have_url(re.compile("/s/q/2$"))
    page.wait_for_timeout(DOUBLE_TAP)
    at, finger = page.locator("button.option").first.bounding_box(), page.context.new_cdp_session(page)
    assert at is not None
    for kind in ("mousePressed", "mouseReleased"):
        where = {"x": at["x"] + 20, "y": at["y"] + 20, "button": "left", "clickCount": 1}
        finger.send("Input.dispatchMouseEvent", {"type": kind, "timestamp": touched, **where})
    page.wait_for_timeout(DOUBLE_TAP)
    expect(page).to_have_url(re.compile("/s/q/2$"))


def test_a_second_tap_on_what_led_to_a_page_does_not_answer_the_question_there(
    page: Page, child: Pupil
) -> None:
    let_in(page, child)
    page.goto("/s/q/2")
    page.wait_for_function("() => document.body.dataset.ready === '1'")
    seen = page.evaluate(
        "() => (performance.timeOrigin + performance.getEntriesByType('paint')[0].startTime) / 1000"
    )
    at, finger = page.locator("button.option").first.bounding_box(), page.context.new_cdp_session(page)
    assert at is not None
    for after in (0.2, 0.6):
        expect(page).to_have_url(re.compile("/s/q/2$"))
        for kind in ("mousePressed", "mouseReleased"):
            where = {"x": at["x"] + 20, "y": at["y"] + 20, "button": "left", "clickCount": 1}
            finger.send("Input.dispatchMouseEvent", {"type": kind, "timestamp": seen + after, **where})
        page.wait_for_timeout(DOUBLE_TAP)
    expect(page).to_have_url(re.compile("/s/q/3$"))


def test_what_is_pressed_without_network_before_the_questions_is_told_and_not_sent_again(
    page: Page, child: Pupil
) -> None:
    let_in(page, child, 3)
    page.goto("/s/reading?at=3")
    page.wait_for_function(READY)
    offline(page)
    page.locator(".switches .go").click()
    page.wait_for_function(READY)
    assert page.locator(".place span").first.inner_text() == "3／16"
    offline(page, False)
    page.goto("/")
    offline(page)
    page.locator("#code").fill(child.ticket.code_shown)
    page.locator("form[action='/t'] button").click()
    expect(page.locator("main h1")).to_have_text("つながって いません")
    expect(page.locator("main a")).to_have_text("さいしょの がめんへ")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    offline(page, False)
    page.reload()
    assert "POST" not in asked


def test_the_first_page_shows_by_a_dot_whether_there_is_a_network_and_says_it_when_there_is_none(
    page: Page,
) -> None:
    page.goto("/")
    said = page.locator(".line-state span")
    assert page.locator(".line-state").bounding_box()
    expect(said).to_be_hidden()
    offline(page)
    expect(said).to_have_text("つながって いません")
    expect(said).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 600})
    title, dot = page.locator("h1").bounding_box(), page.locator(".line-state").bounding_box()
    assert title
    assert dot
    assert title["x"] + title["width"] <= dot["x"] or title["y"] + title["height"] <= dot["y"]
    offline(page, False)
    expect(said).to_be_hidden()
    assert page.locator(".by-camera svg").bounding_box()


def test_back_and_forward_show_what_was_answered(page: Page, child: Pupil) -> None:
    let_in(page, child)
    tap(page, "button.option >> nth=1")
    tap(page, "button.option >> nth=2")
    page.wait_for_url("**/s/q/3")
    page.go_back()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "often")
    page.go_back()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "middle")
    page.go_forward()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "often")
    page.locator(".bar .back").first.click()
    expect(page).to_have_url(re.compile("/s/q/1$"))
    page.reload()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "middle")
    texts = page.evaluate("() => [location.href, document.title, JSON.stringify(history.state)].join()")
    assert "middle" not in texts
    assert "bedtime" not in texts


def test_back_before_the_address_has_followed_leads_to_the_question_before(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    page.evaluate(
        """() => {
            const later = [], answer = (at) => document.querySelectorAll("button.option")[at].click();
            globalThis.requestAnimationFrame = (draw) => draw();
            globalThis.setTimeout = (work) => later.push(work);
            answer(1);
            const [afterFrame, withoutFrame] = later;
            afterFrame();
            answer(2);
            withoutFrame(); // what is left of the first answer does not hurry the second
        }"""
    )
    assert page.evaluate("() => location.pathname") == "/s/q/2"
    assert page.locator(".place span").first.inner_text() == "3／16"
    page.evaluate("() => history.back()")
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "often")
    expect(page).to_have_url(re.compile("/s/q/2$"))
    page.goto("/s/review")
    page.wait_for_function(READY)
    wait_until(lambda: draft_of(house, child) == {"bedtime": "middle", "hungry": "often"})


def test_back_in_the_frame_of_the_first_answer_leaves_and_loses_nothing(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    page.evaluate("() => { document.querySelector('button.option:nth-child(2)').click(); history.back(); }")
    page.wait_for_url("**/s/reading")
    wait_until(lambda: draft_of(house, child) == {"bedtime": "middle"})
    page.go_forward()
    page.wait_for_function(READY)
    expect(page).to_have_url(re.compile("/s/q/1$"))
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "middle")


SENT_ENTRY = 'performance.getEntriesByType("resource").find((one) => one.name.endsWith("/s/draft"))'


def test_what_is_sent_while_the_page_is_left_asks_no_worker_first(page: Page, child: Pupil) -> None:
    """The worker would be asked by a page that is gone before it answers: 9 of 72 taps were lost so on a busy machine."""
    let_in(page, child)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    open_question(page, 2)
    assert page.evaluate("() => navigator.serviceWorker.controller !== null")
    page.evaluate("() => performance.clearResourceTimings()")
    tap(page, "button.option")
    page.wait_for_function(f"() => ({SENT_ENTRY})")
    way = page.evaluate(
        f"() => {SENT_ENTRY}.workerMatchedSourceType ?? {SENT_ENTRY}.workerMatchedRouterSource"
    )
    assert way == "network"


def test_keys_answer_go_back_and_move_between_choices(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    page.locator(".cover-now").focus()
    for key in ("1", "9", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator(".place span").first.inner_text() == "1／16", "keys answer from the question alone"
    page.locator(".cover-now").blur()
    page.wait_for_timeout(DOUBLE_TAP)
    for key, place in (("2", 2), ("0", 3)):
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(f"/s/q/{place}$"))
        page.wait_for_timeout(DOUBLE_TAP)
    page.keyboard.press("1")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("/s/q/2$"))
    page.wait_for_timeout(DOUBLE_TAP)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("/s/q/3$"))
    page.wait_for_timeout(DOUBLE_TAP)
    page.keyboard.press("9")
    expect(page).to_have_url(re.compile("/s/q/4$"))
    page.wait_for_timeout(DOUBLE_TAP)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.value") == "few"
    page.keyboard.press("Enter")
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, child) == {
        "bedtime": "middle",
        "hungry": "dont_know",
        "needs": "declined",
        "night_alone": "few",
    }


def test_what_stands_alone_and_the_others_untick_each_other_in_sight(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child, MULTI)
    for code, ticked in (
        ("bath", ["bath"]),
        ("clothes", ["bath", "clothes"]),
        ("none", ["none"]),
        ("tooth", ["tooth"]),
    ):
        page.locator(f"input[value={code}]").check()
        assert (
            page.evaluate("() => [...document.querySelectorAll('input:checked')].map(e => e.value)") == ticked
        )
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, child) == {"needs": ["tooth"]}


def test_words_are_kept_while_they_are_written(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child, TEXT)
    offline(page)
    page.locator("textarea").focus()
    page.keyboard.insert_text("いえに ")  # one change of the field, so kept once
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    begun = page.evaluate(EVERYTHING_STORED)
    page.keyboard.press("ArrowLeft")  # moves between letters here, never between questions
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.value") == "いえに "
    page.keyboard.insert_text("かえりたくない")
    wait_until(lambda: page.evaluate(EVERYTHING_STORED) != begun)
    page.context.new_page()
    page.close(run_before_unload=False)
    (other,) = page.context.pages
    offline(other, False)
    open_question(other, TEXT)
    expect(other.locator("textarea")).to_have_value("いえに かえりたくない")
    assert draft_of(house, child)["free_text"] == "いえに かえりたくない"


def test_a_change_from_the_review_returns_to_its_line(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    answer_to_the_end(page)
    assert page.locator("main").inner_text().count("こたえた") >= 8
    tap(page, "#line-2")
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "never")
    tap(page, "button[value=often]")
    expect(page).to_have_url(re.compile("/s/review$"))
    page.wait_for_function("() => document.activeElement.id === 'line-2'")
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, child)["hungry"] == "often"


def test_a_dead_tablet_loses_the_last_tap_at_most(page: Page, house: House, child: Pupil) -> None:
    """A tap is on its way before a finger may tap again, whatever the child does then."""
    page.add_init_script("globalThis.setInterval = () => 0")  # what is tried again every 8 s is no help
    let_in(page, child)
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=60))
    tap(page, "button.option >> nth=1")
    page.clock.run_for(GUARD)
    wait_until(lambda: draft_of(house, child) == {"bedtime": "middle"})


def test_a_child_who_has_not_begun_is_not_led_past_what_is_told_first(
    page: Page, house: House, child: Pupil
) -> None:
    page.goto(f"/t#{child.ticket.secret}", wait_until="commit")
    page.wait_for_url("**/s/reading")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto("/s/welcome")
    page.wait_for_function(READY)
    wait_until(lambda: "own: 1" in page.evaluate(EVERYTHING_STORED))
    offline(page)
    page.reload()
    page.wait_for_function(READY)
    expect(page.locator("main h1")).to_have_text("つながって いません")
    assert page.url.endswith("/s/welcome")
    assert page.locator("form.question").count() == 0
    offline(page, False)
    page.locator("main a").click()
    expect(page.locator("a[href='/s/practice']")).to_be_visible()
    page.goto("/s/q/2")
    page.wait_for_function(READY)
    tap(page, "button.option")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/reading?at=3")
    page.wait_for_function(READY)
    offline(page)
    page.reload()
    page.wait_for_function(READY)
    assert page.locator(".place span").first.inner_text() == "3／16"


@pytest.mark.parametrize("first", ["without network", "no ticket", "no code"])
def test_a_qr_code_shown_again_in_the_same_tab_is_read(page: Page, child: Pupil, first: str) -> None:
    """For the browser the second code is another place on the page it has, and nothing would be loaded."""
    page.goto("/")
    if first == "no code":
        page.goto("/t")
        page.locator("#not-here").wait_for()
    elif first == "no ticket":
        page.goto("/t#" + 22 * "x", wait_until="commit")
        page.locator("main [role=alert]:visible").wait_for()
    else:
        offline(page)
        page.goto(f"/t#{child.ticket.secret}")
        page.locator("main a[href='/']").wait_for()
    offline(page, False)
    page.goto(f"/t#{child.ticket.secret}", wait_until="commit")
    page.wait_for_url("**/s/reading")
    page.go_back()
    assert child.ticket.secret not in page.url


def test_from_the_second_question_to_the_end_without_network(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    tap(page, "button.option")
    page.wait_for_function(ALL_SENT)
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))
    offline(page)
    tap(page, "button.option >> nth=2")
    expect(page.locator(".place .net")).to_be_visible()
    page.wait_for_url("**/s/q/3")
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    page.reload()
    page.wait_for_function(READY)
    expect(page).to_have_url(re.compile("/s/q/3$"))
    page.go_back()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "often")
    page.go_forward()
    tap(page, "label.tile")
    answer_to_the_end(page)
    page.wait_for_timeout(DOUBLE_TAP)
    page.locator("form[action='/s/send'] button").click()
    expect(page.locator("#waiting h1")).to_be_visible()
    assert "こたえた" not in page.locator("body").inner_text()
    assert sent_of(house, child) is None
    stored = page.evaluate(EVERYTHING_STORED)
    assert "out: 1" in stored
    assert "own: 0" in stored
    assert "kizuki-go" not in page.evaluate("() => caches.keys()")
    assert page.evaluate("() => sessionStorage.length") == 0, "nothing here opens anything any more"
    for word in ("often", "bedtime", "hungry"):
        assert word not in stored
    offline(page, False)
    expect(page).to_have_url(re.compile("/s/thanks/L$"))
    sent = sent_of(house, child)
    assert sent is not None
    assert sent["hungry"] == "often"
    assert sent["needs"] == ["bath"]
    assert "out: 0" in page.evaluate(EVERYTHING_STORED)


def test_a_sheet_that_waits_is_sent_by_whoever_uses_the_tablet_next(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    offline(page)
    answer_to_the_end(page)
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()
    page.context.new_page()
    page.close(run_before_unload=False)
    (next_one,) = page.context.pages
    next_one.goto("/s/review")
    expect(next_one.locator("#waiting h1")).to_be_visible()
    seen = next_one.locator("body").inner_text()
    assert "未送信 1" in seen
    assert seen == next_one.locator("#waiting").inner_text(), "the number, and nothing of a child"
    with next_one.expect_response("**/s/later"):  # the go ends a moment after its sheet has arrived
        offline(next_one, False)
    next_one.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) is not None
    next_one.wait_for_function("() => !localStorage.getItem('kizuki.shut')")
    next_one.goto("/s/q/1")
    expect(next_one.locator("#code")).to_be_visible()


BY_HAND = """{
    globalThis.ticks = [];
    globalThis.setInterval = (work, wait) => ticks.push([work, wait]);
    globalThis.tries = 0;
    const asked = fetch;
    globalThis.fetch = (where, ...more) => {
        if (!localStorage.getItem("cut")) return asked(where, ...more);
        tries += String(where).endsWith("/s/sealed");
        return Promise.reject(new TypeError("no way through"));
    };
}"""
"""The clock ticks when the test says so, and nothing gets through while it is cut."""
LOOK_AGAIN = """() => { tries = 0; document.dispatchEvent(new Event("visibilitychange")); }"""
A_TICK = """() => { tries = 0; for (const [work, wait] of ticks) if (wait <= 30000) work(); }"""


def test_what_waits_is_tried_again_by_the_clock_and_whenever_the_page_is_looked_at(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(BY_HAND)
    let_in(page, child, TEXT)
    page.locator("textarea").fill("もう いちど")
    page.evaluate("() => localStorage.setItem('cut', 'yes')")
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()
    for cause in (LOOK_AGAIN, A_TICK):
        page.wait_for_function("() => tries > 0")
        page.evaluate(cause)
    page.wait_for_function("() => tries > 0")
    corner = page.context.new_page()
    corner.add_init_script(BY_HAND)
    corner.goto("/")
    expect(corner.locator("#unsent")).to_be_visible()
    assert corner.locator("#unsent").inner_text() == "未送信 1"
    corner.evaluate("() => localStorage.removeItem('cut')")
    corner.evaluate(A_TICK)
    expect(corner.locator("#unsent")).to_be_hidden()
    assert sent_of(house, child) == {"free_text": "もう いちど"}


SLOW_STORAGE = """{
    const said = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
        set(heard) { said.set.call(this, () => setTimeout(heard, 300)); },
    });
}"""
"""A tablet that has written says so a moment later: longer than the page waits with what a tap has left to do."""


def test_what_the_last_tap_left_to_do_does_not_open_a_sheet_again_that_is_finished(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(SLOW_STORAGE)
    let_in(page, child, TEXT)
    page.locator("textarea").fill("はやい ゆび")
    offline(page)
    page.evaluate("""() => {
        for (const pressed of ["form.question button.go", "form[action='/s/send'] button"]) document.querySelector(pressed).click();
    }""")
    expect(page.locator("#waiting h1")).to_be_visible()
    expect(page.locator("#waiting [data-count]")).to_have_text("1")
    with page.expect_response("**/s/later"):
        offline(page, False)
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"free_text": "はやい ゆび"}


STORAGE_BY_HAND = """{
    const { open } = indexedDB, { transaction } = IDBDatabase.prototype, opened = [];
    globalThis.closeStorage = () => opened.forEach((db) => db.close());
    IDBFactory.prototype.open = function (...asked) {
        const request = open.apply(this, asked);
        request.addEventListener("success", () => opened.push(request.result));
        return request;
    };
    IDBDatabase.prototype.transaction = function (...asked) {
        const asking = transaction.apply(this, asked);
        if (localStorage.getItem("silent")) queueMicrotask(() => asking.abort());
        return asking;
    };
}"""
"""The browser closes its storage, as Safari does while a tablet sleeps; or the storage does not answer at all."""


def test_a_storage_that_was_closed_while_the_tablet_slept_is_opened_again(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(STORAGE_BY_HAND)
    let_in(page, child, TEXT)
    offline(page)
    page.evaluate("() => closeStorage()")
    page.locator("textarea").fill("ねて おきた")
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()
    page.evaluate("() => closeStorage()")
    offline(page, False)
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"free_text": "ねて おきた"}


STORAGE_GOES = (
    "() => localStorage.setItem('silent', 'yes')",
    """() => {
        localStorage.removeItem("silent");
        indexedDB.open("kizuki").onsuccess = ({ target }) => target.result.transaction("out", "readwrite").objectStore("out").clear();
    }""",
)


def test_a_storage_that_is_silent_or_emptied_is_not_taken_for_a_sheet_that_has_arrived(
    page: Page, house: House, child: Pupil
) -> None:
    """The page that waits has it still."""
    page.add_init_script(BY_HAND)
    page.add_init_script(STORAGE_BY_HAND)
    let_in(page, child, TEXT)
    page.locator("textarea").fill("まだ ここ")
    page.evaluate("() => localStorage.setItem('cut', 'yes')")
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()
    for gone in STORAGE_GOES:
        page.wait_for_function("() => tries > 0")
        page.evaluate(gone)
        page.evaluate(A_TICK)
    page.wait_for_function("() => tries > 0")
    assert page.locator("#waiting h1").is_visible()
    assert sent_of(house, child) is None
    page.evaluate("() => localStorage.removeItem('cut')")
    page.evaluate(A_TICK)
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"free_text": "まだ ここ"}


IN_A_HURRY = """{
    const { setTimeout: later, setInterval: often } = globalThis, soon = (wait) => (wait >= 8000 && wait <= 30000 ? 100 : wait);
    globalThis.setTimeout = (work, wait, ...more) => later(work, soon(wait), ...more);
    globalThis.setInterval = (work, wait, ...more) => often(work, soon(wait), ...more);
}"""
"""What failed is tried again in a moment instead of in eight or thirty seconds."""


def test_over_a_slow_line_that_breaks_off_again_and_again_everything_arrives_once(
    open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], house: House, child: Pupil
) -> None:
    with slow_and_lossy(served[1]) as line:
        page = open_page(line.url)
        page.add_init_script(IN_A_HURRY)
        let_in(page, child, TEXT)
        line.fates = {"/s/draft": ["asked", "unheard", "answered"]}
        page.locator("textarea").fill("とぎれ とぎれ")
        tap(page, "form.question button.go")
        page.wait_for_function(ALL_SENT)
        assert line.fates == {"/s/draft": []}
        line.fates = {"/s/send": ["asked"], "/s/sealed": ["asked", "unheard", "answered"]}
        tap(page, "form[action='/s/send'] button")
        page.wait_for_url("**/s/thanks/L")
        assert line.fates == {"/s/send": [], "/s/sealed": []}
    assert sent_of(house, child) == {"free_text": "とぎれ とぎれ"}
    with house.runtime.reading() as db:
        assert len(db.exec(select(Submission).where(Submission.ticket_id == child.ticket_id)).all()) == 1


BUSY_AT_FIRST = """() => {
    const asked = fetch, later = setTimeout, chances = [0.25, 0.75, 0.5], busy = [503, 429, 502];
    globalThis.fetch = (where, ...more) => {
        const status = String(where).endsWith("/s/send") && busy.shift();
        return status ? Promise.resolve(new Response("", { status })) : asked(where, ...more);
    };
    globalThis.setTimeout = (work, wait, ...more) => {
        const between = wait >= 500 && wait < 2000;
        if (between) console.log(`again after ${wait}`);
        return later(work, between ? 0 : wait, ...more);
    };
    Math.random = () => chances.shift();
}"""


def test_a_busy_service_is_asked_again_and_not_by_all_tablets_at_once(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    tap(page, "button.option")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(BUSY_AT_FIRST)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    assert said == ["again after 875", "again after 1625", "again after 1250"]
    assert sent_of(house, child) == {"bedtime": "early"}


CAPTIVE = """() => {
    const asked = fetch, elsewhere = { ok: true, redirected: true, status: 200, url: location.origin + "/signin" };
    const followed = (how) => (how.redirect === "manual" ? { type: "opaqueredirect", status: 0 } : elsewhere);
    globalThis.fetch = (where, how) => (String(where).endsWith("/s/send") ? Promise.resolve(followed(how)) : asked(where, how));
}"""


def test_a_network_that_sends_everybody_to_its_own_page_is_not_believed(
    page: Page, house: House, child: Pupil
) -> None:
    """The sheet is sealed instead and goes another way: nobody is thanked for what did not arrive."""
    let_in(page, child)
    tap(page, "button.option")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    page.evaluate(CAPTIVE)
    tap(page, "form[action='/s/send'] button")
    wait_until(lambda: sent_of(house, child) is not None)
    page.wait_for_url("**/s/thanks/L")


def finish_without_network(page: Page, child: Pupil) -> None:
    """A whole sheet that waits on its tablet."""
    let_in(page, child)
    offline(page)
    answer_to_the_end(page)
    page.wait_for_timeout(DOUBLE_TAP)
    page.locator("form[action='/s/send'] button").click()
    expect(page.locator("#waiting h1")).to_be_visible()


def test_a_sheet_that_has_waited_for_a_day_says_so_and_closing_it_is_asked_about(
    open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], house: House, child: Pupil
) -> None:
    page = open_page(served[1], may_ask=True)
    finish_without_network(page, child)
    expect(page.locator("#waiting [data-old]")).to_be_hidden()
    page.locator("#waiting button").click()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 25 * 3600e3; }")
    page.locator("#waiting button").click()
    expect(page.locator("#waiting [data-old]")).to_be_visible()
    assert sent_of(house, child) is None, (
        "before it is closed: a tab that goes takes its lost network with it"
    )
    page.close(run_before_unload=False)


def test_closing_the_first_page_is_asked_about_while_a_sheet_waits_and_the_next_child_is_not_asked(
    open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], house: House, child: Pupil
) -> None:
    page = open_page(served[1], may_ask=True)
    page.context.add_init_script(NOTHING_SEALED_LEAVES)
    finish_without_network(page, child)
    page.evaluate("() => localStorage.setItem('nothing-leaves', 'yes')")
    offline(page, False)
    first = page.context.new_page()
    first.goto("/")
    expect(first.locator("#unsent [data-count]")).to_have_text("1")
    expect(first.locator("#unsent")).to_be_visible()
    first.locator("#code").fill(next(served[2]).ticket.code_shown)
    with first.expect_event("dialog") as asked:
        first.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    first.locator("form[action='/t'] button").click()
    first.wait_for_url("**/s/reading")
    page.evaluate("() => localStorage.removeItem('nothing-leaves')")
    page.locator("#waiting button").click()
    wait_until(lambda: sent_of(house, child) is not None)


def test_who_shows_a_qr_code_after_a_wrong_one_is_not_asked_about_the_sheet_of_the_child_before(
    open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], child: Pupil
) -> None:
    page = open_page(served[1], may_ask=True)
    page.context.add_init_script(NOTHING_SEALED_LEAVES)
    page.goto("/")
    page.evaluate("() => localStorage.setItem('nothing-leaves', 'yes')")
    finish_without_network(page, child)
    offline(page, False)
    first, secret = page.context.new_page(), next(served[2]).ticket.secret
    first.goto("/t#" + 22 * "x", wait_until="commit")
    expect(first.locator("#unsent")).to_be_visible()
    asked: list[str] = []
    first.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    first.locator("#code").click()
    first.goto(f"/t#{secret}", wait_until="commit")
    first.wait_for_url("**/s/reading")
    assert asked == []
    first.go_back()
    assert secret not in first.url


def test_a_sheet_that_waited_through_a_reload_ends_on_the_page_of_its_age(
    open_page: OpenPage, tmp_path: Path
) -> None:
    with running_house(tmp_path, ("chu",), 1) as (house, url):
        page, (child, *_) = open_page(url), pupils_of(house, "chu")
        let_in(page, child, len(bank("chu").bank.screens))
        offline(page)
        tap(page, "form.question button.go")
        tap(page, "form[action='/s/send'] button")
        expect(page.locator("#waiting h1")).to_be_visible()
        page.reload()
        expect(page.locator("#waiting h1")).to_be_visible()
        offline(page, False)
        page.wait_for_url("**/s/thanks/H")
        assert sent_of(house, child) == {}


def leave_by(page: Page, way: str) -> None:
    if way == "send":
        tap(page, "form[action='/s/send'] button")
        page.wait_for_url("**/s/thanks/L")
    elif way == "lock":
        page.clock.fast_forward("09:30")
        page.wait_for_url("**/")
    else:
        page.locator(".bar .stop").click()
        page.wait_for_url("**/s/forget")
        page.wait_for_function(READY)
        tap(page, f"form[action='/s/{way}'] button")
        page.wait_for_url("**/s/quiet/L")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("way", ["send", "later", "forget", "lock"])
def test_nothing_readable_stays_on_the_tablet(page: Page, house: House, child: Pupil, way: str) -> None:
    if way == "lock":
        page.clock.install()
    let_in(page, child, TEXT)
    page.locator("textarea").fill(SECRET_WORDS)
    if way != "lock":  # that comes while the words are still being written
        page.locator("textarea").blur()
        page.locator("form.question").evaluate("form => form.requestSubmit()")
        expect(page).to_have_url(re.compile("/s/review$"))
    leave_by(page, way)
    page.wait_for_function("() => localStorage.length + sessionStorage.length === 0")
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))
    stored = page.evaluate(EVERYTHING_STORED)
    assert "own: 0" in stored
    assert SECRET_WORDS not in stored
    assert "free_text" not in stored
    for _ in range(4):
        page.go_back()
        page.wait_for_load_state()
        assert SECRET_WORDS not in page.content()
        assert page.locator("form.question, .lines").count() == 0
    page.goto("/s/q/13")
    expect(page).to_have_url(re.compile("/$"))
    if way in ("later", "lock"):
        assert draft_of(house, child)["free_text"] == SECRET_WORDS
    elif way == "forget":
        assert draft_of(house, child) == {}


def test_a_page_that_comes_back_from_the_browser_s_memory_is_empty_at_once(page: Page, child: Pupil) -> None:
    let_in(page, child, TEXT)
    page.locator("textarea").fill(SECRET_WORDS)
    seen = page.evaluate(
        """() => {
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
            return [document.querySelector("main").childNodes.length, document.querySelector("#cover").hidden];
        }"""
    )
    assert seen == [0, False]


def content_of(page: Page) -> str:
    """What stands on a page; of one that is just loading itself anew, what stands there then."""
    while True:
        try:
            return page.content()
        except Error:
            page.wait_for_load_state()


def test_with_the_browser_s_memory_on_going_back_after_the_end_shows_nothing_of_the_child(
    chromium: Browser, served: tuple[House, str, Iterator[Pupil]], child: Pupil
) -> None:
    """Playwright switches that memory off; here it is on, and a page of no child shows that it works."""
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(),
        args=[*QUIET, "--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    try:
        page = browser.new_page(base_url=served[1])
        page.set_default_timeout(PATIENCE)
        page.add_init_script("addEventListener('pageshow', (e) => { globalThis.remembered = e.persisted; })")
        for name in ("code.js", "wait.js"):
            page.goto(address(name))
        page.go_back(wait_until="commit")
        page.wait_for_function("() => globalThis.remembered")
        let_in(page, child, TEXT)
        page.locator("textarea").fill(SECRET_WORDS)
        page.locator("form.question").evaluate("form => form.requestSubmit()")
        page.wait_for_url("**/s/review")
        leave_by(page, "send")
        for _ in range(4):
            page.go_back(wait_until="commit")
            page.wait_for_function("() => document.readyState === 'complete'")
            assert SECRET_WORDS not in content_of(page)
            assert page.locator("form.question, .lines").count() == 0
    finally:
        browser.close()


def test_two_tabs_end_together(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    other = page.context.new_page()
    open_question(other, 2)
    tap(other, "button.option >> nth=1")
    other.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    other.wait_for_url("**/")
    assert sent_of(house, child) == {"hungry": "few"}


A_MINUTE_AGO = """(selector) => {
    const now = Date.now;
    Date.now = () => now() - 60000;
    document.querySelector(selector).click();
    Date.now = now;
}"""
"""Two tablets are compared to within the network's delay, which a busy machine makes long."""


def test_two_tablets_the_later_tap_stands_and_the_other_screen_says_so(
    page: Page, open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], house: House, child: Pupil
) -> None:
    second = open_page(served[1])
    let_in(page, child)
    let_in(second, child)
    offline(page)
    page.evaluate(A_MINUTE_AGO, "button[value=early]")
    tap(second, "button[value=late]")
    second.wait_for_function(ALL_SENT)
    offline(page, False)
    expect(page.locator("#elsewhere")).to_be_visible()
    page.go_back()
    expect(page.locator("[aria-pressed=true]")).to_have_attribute("value", "late")
    assert draft_of(house, child) == {"bedtime": "late"}


def test_the_key_nine_is_never_an_answer(open_page: OpenPage, tmp_path: Path) -> None:
    """Where a question has nine choices it would say the ninth, "nothing of these", for a child that will not say."""
    place = next(
        place for place, screen in enumerate(bank("chu").bank.screens, 1) if screen.item == "care_tasks"
    )
    with running_house(tmp_path, ("chu",), 1) as (house, url):
        page, child = open_page(url), pupils_of(house, "chu")[0]
        let_in(page, child, place)
        assert page.locator(".tile input[name=a]").count() == 9
        page.keyboard.press("9")
        page.wait_for_url(f"**/s/q/{place + 1}")
        page.wait_for_function(ALL_SENT)
        assert draft_of(house, child) == {"care_tasks": "declined"}


def test_the_cover_hides_at_once_and_gives_everything_back(page: Page, child: Pupil) -> None:
    let_in(page, child, TEXT)
    page.set_viewport_size({"width": 320, "height": 240})
    page.locator("textarea").fill("まだ おくって いない")
    page.evaluate("() => scrollTo(0, 90)")
    title = page.title()
    took = page.evaluate(
        """() => {
            for (let turn = 1; ; turn += 1) { // a machine that does something else holds up one turn, not each
                const began = performance.now();
                document.querySelector(".cover-now").click();
                const hidden = !document.querySelector("#ask").checkVisibility({ visibilityProperty: true });
                const took = performance.now() - began;
                if (took < 100 || turn === 5) return [took, hidden, document.querySelector("main").inert, document.title];
                document.querySelector("#cover button").click();
            }
        }"""
    )
    assert took[0] < 100
    assert took[1:] == [True, True, "・"]
    heard = page.locator("body").aria_snapshot().splitlines()
    assert [line for line in heard if "れんしゅう" not in line] == ['- button "もどる"']
    page.locator("#cover button").click()
    assert page.title() == title
    assert page.evaluate("() => [document.activeElement.name, scrollY]") == ["text", 90]
    assert page.locator("textarea").input_value() == "まだ おくって いない"
    page.keyboard.press("Escape")
    expect(page.locator("#cover")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#cover")).to_be_hidden()
    page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(page.locator("#cover")).to_be_visible()


def test_an_idle_tablet_covers_asks_and_can_be_kept_ten_times(page: Page, child: Pupil) -> None:
    page.clock.install()
    let_in(page, child)
    page.clock.fast_forward("01:31")
    expect(page.locator("#cover")).to_be_visible()
    page.locator("#cover button").click()
    for _ in range(10):
        page.clock.fast_forward("08:01")
        expect(page.locator("#idle")).to_be_visible()
        page.clock.fast_forward("00:30")
        expect(page.locator("#idle")).to_be_visible()
        page.locator("#idle button").click()
        expect(page.locator("#ask")).to_be_visible()


NOTHING_LATER = """
const later = setTimeout;
globalThis.setTimeout = (work, wait, ...more) => (wait >= 1500 ? 0 : later(work, wait, ...more));
globalThis.setInterval = () => 0;
"""
"""What is put off never happens: an answer that arrives was sent at once."""


def test_without_webcrypto_it_works_online_only_and_says_so(
    open_page: OpenPage, served: tuple[House, str, Iterator[Pupil]], house: House, child: Pupil
) -> None:
    page = open_page(served[1].replace("127.0.0.1", "classroom.invalid"))
    page.add_init_script(NOTHING_LATER)
    let_in(page, child)
    assert page.evaluate("() => [isSecureContext, Boolean(crypto.subtle)]") == [False, False]
    tap(page, "button.option")
    wait_until(lambda: draft_of(house, child) == {"bedtime": "early"})
    offline(page)
    tap(page, "button.option")
    expect(page.locator("#net span:visible")).to_contain_text("せんせいに みせて ください")
    assert "out: 0" in page.evaluate(EVERYTHING_STORED.replace("await caches.keys()", "[]"))
    offline(page, False)
    answer_to_the_end(page)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    sent = sent_of(house, child)
    assert sent is not None
    assert sent["hungry"] == "never"
