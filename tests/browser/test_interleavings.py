"""What may come in while a tablet waits for its storage or the network: a finger, another tab, the next child, a
refusal. Each of these once lost an answer, showed one to somebody else, or left a page standing."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from survey_api.services.submissions import actions, queries
from survey_api.services.waves.actions import follow_roster
from survey_api.tables.submissions import LateSheet
from tests.browser.chromium import OpenPage
from tests.browser.tablets import (
    ALL_SENT,
    EVERYTHING_STORED,
    READY,
    SEEN,
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
from tests.house import SETUP, House, Pupil, bank

SCREENS = bank("sho-low").bank.screens
MULTI = next(place for place, screen in enumerate(SCREENS, 1) if screen.item == "needs")
TEXT = next(place for place, screen in enumerate(SCREENS, 1) if screen.item == "free_text")

ON_HOLD = """{
    const asked = fetch, waiting = [];
    globalThis.held = 0;
    globalThis.letGo = () => { localStorage.removeItem("hold"); waiting.splice(0).forEach((go) => go()); };
    globalThis.fetch = async (where, how) => {
        const hold = localStorage.getItem("hold");
        if (hold && `${how?.method ?? "GET"} ${where}`.startsWith(hold)) {
            held += 1;
            await new Promise((go) => waiting.push(go));
        }
        return asked(where, how);
    };
}"""
"""A request named in localStorage does not leave before the test says so."""
IS_HELD = "() => held > 0"

SLOW_STORAGE = """{
    const said = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
        set(heard) { said.set.call(this, () => setTimeout(heard, 300)); },
    });
}"""

FULL_STORAGE = """{
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...asked) {
        const asking = transaction.apply(this, asked);
        if (localStorage.getItem("full") && asked[1] === "readwrite") queueMicrotask(() => asking.abort());
        return asking;
    };
}"""
"""From when localStorage says so."""


MARK = "async () => (await (await fetch('/s/draft')).json()).mark"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str, Iterator[Pupil]]]:
    with running_house(tmp_path_factory.mktemp("late"), ("sho-low",), 66) as (house, url):
        yield house, url, iter(pupils_of(house, "sho-low"))


@pytest.fixture
def house(served: tuple[House, str, Iterator[Pupil]]) -> House:
    return served[0]


@pytest.fixture
def child(served: tuple[House, str, Iterator[Pupil]]) -> Pupil:
    return next(served[2])


@pytest.fixture
def second(served: tuple[House, str, Iterator[Pupil]]) -> Pupil:
    return next(served[2])


@pytest.fixture
def page(served: tuple[House, str, Iterator[Pupil]], open_page: OpenPage) -> Page:
    page = open_page(served[1])
    page.add_init_script(ON_HOLD)
    return page


def hold(page: Page, what: str) -> None:
    page.evaluate("(what) => localStorage.setItem('hold', what)", what)


def let_go(page: Page) -> None:
    page.evaluate("() => letGo()")


def finish_without_network(page: Page, words: str) -> None:
    """On the question of free words."""
    page.locator("textarea").fill(words)
    offline(page)
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()


def test_what_is_given_after_the_press_that_sends_is_not_shown_as_given(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child, TEXT)
    page.locator("textarea").fill("はい")
    tap(page, "form.question button.go")
    page.wait_for_url("**/s/review")
    page.wait_for_function(ALL_SENT)
    hold(page, "GET /s/draft")
    tap(page, "form[action='/s/send'] button")
    page.wait_for_function(IS_HELD)
    expect(page.locator("#sending")).to_be_visible()
    page.evaluate("() => history.back()")
    page.wait_for_url(f"**/s/q/{TEXT}")
    tap(page, ".cover-now")
    tap(page, "#cover button")
    field = page.locator("textarea").bounding_box()
    assert field is not None
    page.mouse.click(field["x"] + 20, field["y"] + 20)
    page.keyboard.insert_text("やっぱり ")
    shown = page.evaluate(
        "() => { const { value } = document.querySelector('textarea'); letGo(); return value; }"
    )
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"free_text": shown}


def test_whoever_has_pressed_send_has_sent_also_when_the_next_child_is_quicker_than_the_network(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    let_in(page, child)
    tap(page, "button[value=early]")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    hold(page, "GET /s/draft")
    tap(page, "form[action='/s/send'] button")
    page.wait_for_function(IS_HELD)
    let_in(page.context.new_page(), second)
    page.wait_for_url("**/")
    wait_until(lambda: sent_of(house, child) == {"bedtime": "early"})
    assert sent_of(house, second) is None


def test_a_try_that_takes_long_keeps_nobody_waiting_however_often_it_is_asked_for(
    page: Page, child: Pupil
) -> None:
    page.add_init_script(
        """{
            const asked = fetch, every = setInterval, slowly = (_, fail) => setTimeout(fail, 300, new TypeError("lost"));
            globalThis.fetch = (where, how) => (String(where) === "/s/sealed" ? new Promise(slowly) : asked(where, how));
            globalThis.setInterval = (work, wait) => every(work, wait === 8000 ? 100 : wait);
        }"""
    )
    let_in(page, child, TEXT)
    page.evaluate(ANOTHER_SHEET)
    page.locator("textarea").fill("まつ")
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()


ANOTHER_SHEET = """() => new Promise((done) => {
    indexedDB.open("kizuki").onsuccess = ({ target }) => {
        const kept = target.result.transaction("out", "readwrite");
        kept.objectStore("out").put({ id: "other.child", sealed: new Uint8Array(9), finished: true, since: 0 });
        kept.oncomplete = () => { target.result.close(); done(); };
    };
})"""


def test_a_tablet_that_locks_shows_nothing_while_it_still_waits_for_the_network(
    page: Page, house: House, child: Pupil
) -> None:
    page.clock.install()
    let_in(page, child)
    hold(page, "POST /s/draft")
    tap(page, "button[value=late]")
    page.wait_for_function(IS_HELD)
    page.clock.fast_forward("09:30")
    page.wait_for_function("() => !document.querySelector('main').childNodes.length")
    assert page.evaluate("() => document.body.inert")
    let_go(page)
    page.wait_for_url("**/")
    wait_until(lambda: draft_of(house, child) == {"bedtime": "late"})


TAP_A_MOMENT_LATER = """{
    const { addEventListener } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.addEventListener = function (kind, heard) {
        addEventListener.call(this, kind, (event) => {
            heard(event);
            if (event.data.over) setTimeout(() => {
                const button = document.querySelector("button[value=early]");
                localStorage.setItem("given", String(Boolean(button)));
                button?.click();
            }, 100);
        });
    };
}"""


def test_a_tap_while_another_tab_ends_the_go_is_either_kept_or_not_possible(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(SLOW_STORAGE)
    page.add_init_script(TAP_A_MOMENT_LATER)
    let_in(page, child)
    hold(page, "POST /s/draft")
    other = page.context.new_page()
    other.goto("/s/more")
    over = other.evaluate(MARK)
    other.evaluate("(over) => new BroadcastChannel('kizuki').postMessage({ over })", over)
    page.wait_for_url("**/")
    page.wait_for_function("() => localStorage.getItem('given')")
    given = page.evaluate("() => localStorage.getItem('given')") == "true"
    let_go(page)
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))
    assert draft_of(house, child) == ({"bedtime": "early"} if given else {})


def test_words_that_are_being_written_when_the_service_knows_the_tablet_no_more_are_kept(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child, TEXT)
    hold(page, "POST /s/draft")
    page.locator("textarea").fill("はじめ")
    page.wait_for_function(IS_HELD)
    page.context.clear_cookies()
    page.evaluate(
        """() => {
            const words = document.querySelector("textarea");
            words.value = "はじめから おわりまで";
            words.dispatchEvent(new Event("input", { bubbles: true }));
            letGo();
        }"""
    )
    page.wait_for_url("**/")
    wait_until(lambda: draft_of(house, child) == {"free_text": "はじめから おわりまで"})


def test_what_was_ticked_or_written_before_the_page_woke_up_is_kept(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    page.evaluate("() => caches.delete('kizuki-go')")
    hold(page, "GET /s/screens")
    page.goto(f"/s/q/{MULTI}")
    page.wait_for_function(f"() => held > 0 && {SEEN}")
    page.locator("input[value=bath]").check()
    let_go(page)
    page.wait_for_function(READY)
    assert page.locator("input[value=bath]").is_checked()
    page.evaluate("() => caches.delete('kizuki-go')")
    hold(page, "GET /s/screens")
    page.goto(f"/s/q/{TEXT}")
    page.wait_for_function(IS_HELD)
    page.locator("textarea").fill("はやく かいた")
    page.locator("textarea").blur()
    let_go(page)
    page.wait_for_function(READY)
    assert page.locator("textarea").input_value() == "はやく かいた"
    wait_until(lambda: draft_of(house, child) == {"needs": ["bath"], "free_text": "はやく かいた"})


TICKED_EARLY = """new MutationObserver((_, looks) => {
    const early = localStorage.getItem("early")?.split(" ") ?? [];
    const boxes = early.map((value) => document.querySelector(`.tile input[value=${value}]`));
    if (!boxes.length || !boxes.every(Boolean)) return;
    for (const box of boxes) box.checked = true;
    looks.disconnect();
}).observe(document, { childList: true, subtree: true })"""
"""Ticked as the page is read, before any of its script runs: what localStorage names."""
TICKED = "() => [...document.querySelectorAll('.tile input:checked')].map((box) => box.value)"


def open_ticked(page: Page, values: str) -> None:
    page.evaluate("(values) => localStorage.setItem('early', values)", values)
    page.goto(f"/s/q/{MULTI}")
    page.wait_for_function(READY)
    page.evaluate("() => localStorage.removeItem('early')")


def test_of_two_that_exclude_each_other_the_one_ticked_before_the_page_woke_up_stands(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(TICKED_EARLY)
    let_in(page, child, MULTI)
    tap(page, "input[value=bath]")
    page.wait_for_function(ALL_SENT)
    open_ticked(page, "none")
    assert page.evaluate(TICKED) == ["none"]
    wait_until(lambda: draft_of(house, child) == {"needs": ["none"]})
    open_ticked(page, "bath")
    assert page.evaluate(TICKED) == ["bath"]
    wait_until(lambda: draft_of(house, child) == {"needs": ["bath"]})


@pytest.mark.parametrize("by_form", [False, True])
def test_where_nobody_can_tell_which_of_two_stands_the_child_is_asked(
    page: Page, house: House, child: Pupil, by_form: bool
) -> None:
    page.add_init_script(TICKED_EARLY)
    let_in(page, child, MULTI)
    if by_form:  # pressed, too, before the page woke up
        page.evaluate(
            """() => {
            for (const value of ["bath", "none"]) document.querySelector(`.tile input[value=${value}]`).checked = true;
            document.querySelector("form.question").submit();
            }"""
        )
        page.wait_for_function("() => document.title.startsWith('エラー')")
        page.wait_for_function(READY)
    else:
        open_ticked(page, "bath none")
    assert page.evaluate(TICKED) == ["bath", "none"]
    expect(page.locator("main [role=alert]")).to_be_visible()
    tap(page, "button.go")
    expect(page.locator("main [role=alert]")).to_be_visible()
    assert page.url.endswith(f"/s/q/{MULTI}")
    assert draft_of(house, child) == {}
    tap(page, "input[value=none]")
    expect(page.locator("main [role=alert]")).to_be_hidden()
    assert page.evaluate(TICKED) == ["bath"]
    tap(page, "button.go")
    page.wait_for_url(f"**/s/q/{MULTI + 1}")
    wait_until(lambda: draft_of(house, child) == {"needs": ["bath"]})


def test_one_answer_that_the_service_cannot_take_holds_up_no_other(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    offline(page)
    page.locator("button[value=early]").evaluate("(button) => { button.value = 'earliest'; }")
    tap(page, "button[value=earliest]")
    tap(page, "button.option")
    page.wait_for_url(f"**/s/q/{MULTI}")
    tap(page, "input[value=bath]")
    tap(page, "button.go")
    offline(page, False)
    page.wait_for_function(ALL_SENT)
    kept = draft_of(house, child)
    assert "bedtime" not in kept
    assert len(kept) == 2
    page.goto("/s/review")
    page.wait_for_function(READY)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == kept


@pytest.mark.parametrize("begun", [True, False])
def test_the_network_that_comes_back_while_the_page_without_it_loads_brings_the_question_back(
    page: Page, house: House, child: Pupil, begun: bool
) -> None:
    let_in(page, child)
    tap(page, "button[value=early]")
    page.wait_for_function(ALL_SENT)
    hold(page, "GET /s/draft")
    if not begun:  # nothing in this tab says whose it is
        page.evaluate("() => sessionStorage.clear()")
    offline(page)
    page.reload()
    page.wait_for_function(IS_HELD)
    assert page.locator("form.question").count() == 0
    offline(page, False)
    let_go(page)
    page.wait_for_function("() => document.querySelector('form.question') !== null")
    page.wait_for_function(READY)
    tap(page, "button.option")
    wait_until(lambda: len(draft_of(house, child)) == 2)


PARTED_OR_OPEN = "() => !sessionStorage.getItem('kizuki.key') || document.body.dataset.ready"
"""The page has decided whether what it finds in its tab is of its own child."""


def test_the_next_child_sees_nothing_of_the_one_before_while_the_service_is_busy(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    page.add_init_script("delete globalThis.BroadcastChannel")
    let_in(page, child)
    hold(page, "POST /s/draft")
    tap(page, "button[value=late]")
    wait_until(lambda: "out: 1" in page.evaluate(EVERYTHING_STORED))
    other = page.context.new_page()
    other.goto(f"/t#{second.ticket.secret}", wait_until="commit")
    other.wait_for_url("**/s/reading")
    busy = {"status": 503, "content_type": "application/problem+json", "body": '{"code": "busy"}'}
    page.route("**/s/draft", lambda route: route.fulfill(**busy))
    page.goto("/s/q/1")
    page.wait_for_function(PARTED_OR_OPEN)
    assert page.locator("[aria-pressed=true]").count() == 0
    offline(page)
    page.reload()
    page.wait_for_function("() => document.body.dataset.page === 'away'")
    page.evaluate("() => new Promise((done) => setTimeout(done, 500))")
    assert page.locator("form.question").count() == 0


def test_the_first_page_without_network_does_not_open_the_go_of_the_child_before(
    page: Page, child: Pupil, second: Pupil
) -> None:
    let_in(page, child)
    tap(page, "button[value=late]")
    page.wait_for_function(ALL_SENT)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto("/s/review")
    page.wait_for_function(READY)
    offline(page)
    page.goto(f"/t#{second.ticket.secret}")
    page.wait_for_function(PARTED_OR_OPEN)
    page.wait_for_function("() => location.href.endsWith('/t')")
    page.go_back()
    page.wait_for_function("() => document.body.dataset.page === 'away'")
    page.evaluate("() => new Promise((done) => setTimeout(done, 500))")
    assert page.locator("form.question, .lines").count() == 0


def test_the_go_of_a_tablet_that_has_locked_is_not_seen_while_the_service_is_asked(
    page: Page, child: Pupil
) -> None:
    let_in(page, child)
    tap(page, "button[value=late]")
    page.wait_for_function(ALL_SENT)
    mark = page.evaluate(MARK)
    page.evaluate("(mark) => localStorage.setItem('kizuki.shut', `/s/later ${mark}`)", mark)
    hold(page, "POST /s/later")
    page.route("**/s/draft", lambda route: None)  # never answered
    page.goto("/s/q/1")
    page.wait_for_function("() => !document.querySelector('main').childNodes.length")
    page.wait_for_function(IS_HELD)
    let_go(page)
    page.wait_for_url("**/")
    expect(page.locator("#code")).to_be_visible()


def test_a_page_that_never_woke_up_locks_the_go_as_well(page: Page, child: Pupil) -> None:
    let_in(page, child)
    page.clock.install()
    other = page.context.new_page()
    busy = {"status": 503, "content_type": "application/problem+json", "body": '{"code": "busy"}'}
    other.route("**/s/draft", lambda route: route.fulfill(**busy))
    other.add_init_script("sessionStorage.clear(); delete globalThis.BroadcastChannel")
    other.goto("/s/q/1")
    page.close()
    other.wait_for_timeout(1000)
    assert other.evaluate("() => document.body.dataset.ready") is None
    offline(other)
    other.clock.fast_forward("09:30")
    other.wait_for_url("**/")
    other.unroute_all()
    offline(other, False)
    other.goto("/s/q/1")
    other.wait_for_url("**/")
    expect(other.locator("#code")).to_be_visible()


@pytest.mark.parametrize("what", ["**/s/draft", "**/s/screens*"])
def test_a_page_that_found_the_service_busy_wakes_up_by_itself_with_what_was_ticked(
    page: Page, house: House, child: Pupil, what: str
) -> None:
    let_in(page, child)
    page.evaluate("() => caches.delete('kizuki-go')")
    page.add_init_script("sessionStorage.clear()")  # a tab that has nothing of its own to wake up with
    busy = {"status": 503, "content_type": "application/problem+json", "body": '{"code": "busy"}'}
    page.route(what, lambda route: route.fulfill(**busy))
    with page.expect_response(what):
        page.goto(f"/s/q/{MULTI}")
    page.wait_for_function(f"() => {SEEN}")
    page.locator("input[value=bath]").check()
    assert page.evaluate("() => document.body.dataset.ready") is None
    page.unroute_all()
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_function(READY)
    assert page.locator("input[value=bath]").is_checked()
    wait_until(lambda: draft_of(house, child) == {"needs": ["bath"]})


def test_a_page_whose_ticket_went_while_it_was_on_its_way_shows_the_first_page(
    page: Page, child: Pupil
) -> None:
    let_in(page, child)
    other = page.context.new_page()
    other.add_init_script(ON_HOLD)
    hold(page, "GET /s/draft")
    other.goto("/s/q/2")
    other.wait_for_function(IS_HELD)
    page.context.clear_cookies()
    let_go(other)
    other.wait_for_url("**/")
    expect(other.locator("#code")).to_be_visible()


def test_a_wish_to_delete_is_not_lost_when_the_next_child_comes_before_the_network(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    let_in(page, child)
    tap(page, "button[value=late]")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/welcome")
    page.wait_for_function(READY)
    offline(page)
    tap(page, "form[action='/s/decline'] button")
    page.wait_for_url("**/")
    other = page.context.new_page()
    page.close()
    offline(other, False)
    let_in(other, second)
    tap(other, "button[value=early]")
    wait_until(lambda: draft_of(house, child) == {})
    with house.runtime.reading() as db:
        kept = queries.kept_of_ticket(db, child.ticket_id)
    assert kept is not None
    assert kept.state == "declined"
    other.wait_for_function(ALL_SENT)
    assert draft_of(house, second) == {"bedtime": "early"}


def test_words_in_another_tab_do_not_outlive_the_wish_to_delete_everything(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child)
    page.goto("/s/forget")
    page.wait_for_function(READY)
    writing = page.context.new_page()
    writing.add_init_script(
        "const later = setTimeout; globalThis.setTimeout = (work, wait) => wait === 500 || later(work, wait)"
    )
    open_question(writing, TEXT)
    writing.locator("textarea").fill("けして")
    tap(page, "form[action='/s/forget'] button")
    writing.wait_for_url("**/")
    page.wait_for_url("**/s/quiet/L")
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))
    assert draft_of(house, child) == {}


def test_words_are_kept_when_their_question_is_left_in_the_same_moment(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child, TEXT)
    page.evaluate(
        """() => {
            const words = document.querySelector("textarea");
            words.value = "さいごまで";
            words.dispatchEvent(new Event("input", { bubbles: true }));
            document.querySelector(".bar .back").click();
        }"""
    )
    page.wait_for_url(f"**/s/q/{TEXT - 1}")
    wait_until(lambda: draft_of(house, child) == {"free_text": "さいごまで"})


def test_a_sheet_that_waits_is_in_sight_although_the_child_had_covered_the_page(
    page: Page, child: Pupil
) -> None:
    let_in(page, child)
    page.goto("/s/review")
    page.wait_for_function(READY)
    hold(page, "GET /s/draft")
    tap(page, "form[action='/s/send'] button")
    page.wait_for_function(IS_HELD)
    tap(page, ".cover-now")
    offline(page)
    let_go(page)
    expect(page.locator("#waiting h1")).to_be_visible()
    page.evaluate(
        """() => {
            Object.defineProperty(document, "visibilityState", { value: "hidden" });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.locator("#waiting button").click()


def test_a_sheet_that_comes_after_its_draft_has_gone_is_whole(page: Page, house: House, child: Pupil) -> None:
    let_in(page, child)
    tap(page, "button[value=late]")
    page.wait_for_function(ALL_SENT)
    open_question(page, TEXT)
    finish_without_network(page, "おわり")
    with house.runtime.work(SETUP) as work:
        ticket = queries.ticket_by_id(work.db, child.ticket_id)
        assert ticket is not None
        actions.discard_draft(work, ticket)
    offline(page, False)
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"bedtime": "late", "free_text": "おわり"}


@pytest.mark.parametrize("told", [False, True])
def test_a_sheet_whose_ticket_ends_before_the_press_arrives_is_told_as_late(
    page: Page, house: House, child: Pupil, told: bool
) -> None:
    """The service has heard of the last answer before, or answer and press come to it together."""
    let_in(page, child, TEXT)
    page.locator("textarea").fill("まにあった")
    if told:
        tap(page, "form.question button.go")
        page.wait_for_function(ALL_SENT)
    with house.runtime.work(SETUP) as work:
        follow_roster(work, [child.ticket_id], [])
    page.evaluate("""() => {
        for (const press of ["form.question button.go", "form[action='/s/send'] button"]) document.querySelector(press)?.click();
    }""")
    page.wait_for_url("**/s/late/L")
    with house.runtime.work(SETUP) as work:
        kept = select(LateSheet.id).where(col(LateSheet.ticket_id) == child.ticket_id)
        assert len(work.db.exec(kept).all()) == 1
    assert "out: 0" in page.evaluate(EVERYTHING_STORED)


SLOW_TO_CLEAR = """{
    const cleared = CacheStorage.prototype.delete;
    CacheStorage.prototype.delete = async function (name) {
        await new Promise((done) => setTimeout(done, 1500));
        localStorage.setItem("cleared", name);
        return cleared.call(this, name);
    };
}"""


def test_a_tab_that_clears_up_after_a_child_leaves_the_next_one_its_questions(
    page: Page, child: Pupil
) -> None:
    page.goto("/")
    before = page.context.new_page()
    before.add_init_script(SLOW_TO_CLEAR)
    before.goto("/")
    let_in(page, child)
    page.wait_for_function("() => localStorage.getItem('cleared') === 'kizuki-go'")
    offline(page)
    page.reload()
    page.wait_for_function(READY)
    tap(page, "button[value=late]")
    expect(page.locator("form[data-key=bedtime]")).to_have_count(0)


def test_a_page_that_wakes_up_after_the_next_child_s_ticket_gives_that_child_nothing_of_its_own(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    let_in(page, child, TEXT)
    offline(page)
    page.locator("textarea").fill("わたしの")
    page.wait_for_function("() => document.body.dataset.unsent === '1'")
    hold(page, "GET /s/draft")
    page.route("**/s/*", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    offline(page, False)
    page.reload()
    page.wait_for_function(IS_HELD)
    shown = page.context.request.post("/t", form={"secret": second.ticket.secret}, max_redirects=0)
    assert shown.status == 303
    page.unroute_all()
    let_go(page)
    page.wait_for_url("**/")
    assert draft_of(house, child) == {"free_text": "わたしの"}
    assert draft_of(house, second) == {}


def test_a_doubled_tab_does_not_delete_the_finished_sheet_of_the_other(
    page: Page, house: House, child: Pupil
) -> None:
    let_in(page, child, TEXT)
    double = page.context.new_page()
    own = page.evaluate("() => JSON.stringify({ ...sessionStorage })")
    double.add_init_script(f"Object.assign(sessionStorage, {own})")
    double.goto("/s/q/1")
    double.wait_for_function(READY)
    finish_without_network(page, "ふたつの がめん")
    double.wait_for_url("**/")
    assert "out: 1" in page.evaluate(EVERYTHING_STORED)
    offline(page, False)
    page.wait_for_url("**/s/thanks/L")
    double.wait_for_function("() => document.querySelector('#waiting:not([hidden])') === null")
    assert sent_of(house, child) == {"free_text": "ふたつの がめん"}


@pytest.mark.parametrize("answer", [404, 500, 200])
def test_what_becomes_of_another_child_s_sheet_holds_up_nobody_and_is_not_told_as_one_s_own(
    page: Page, house: House, child: Pupil, second: Pupil, answer: int
) -> None:
    """The service refuses it for ever, or takes it as one that came too late."""
    let_in(page, child, TEXT)
    finish_without_network(page, "むかしの")
    other = page.context.new_page()
    page.close(run_before_unload=False)
    first_sheet: list[str] = []

    def on_sealed(route: Route) -> None:
        sealed = json.loads(route.request.post_data or "{}")["sealed"]
        if not first_sheet:
            first_sheet.append(sealed)
        if sealed != first_sheet[0]:
            route.continue_()
        elif answer == 200 and sent_once:
            body = json.dumps({"received": True, "finished": True, "late": True})
            route.fulfill(status=200, content_type="application/json", body=body)
        else:
            refusal = 404 if answer == 404 else 500
            route.fulfill(status=refusal, content_type="application/problem+json", body="{}")

    sent_once: list[bool] = []
    other.route("**/s/sealed", on_sealed)
    offline(other, False)
    let_in(other, second, TEXT)
    if answer == 404:
        other.locator("textarea").fill("あたらしい")
        tap(other, "form.question button.go")
        other.wait_for_url("**/s/review")
        tap(other, "form[action='/s/send'] button")
    else:
        finish_without_network(other, "あたらしい")
        sent_once.append(True)
        offline(other, False)
    other.wait_for_url("**/s/thanks/L")
    assert sent_of(house, second) == {"free_text": "あたらしい"}
    if answer != 200:
        other.goto("/")
        expect(other.locator("#unsent")).to_be_visible()
        expect(other.locator("#unsent [data-count]")).to_have_text("1")


def test_a_tablet_that_tells_the_service_of_a_sheet_that_waited_leaves_the_next_child_alone(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    let_in(page, child, TEXT)
    finish_without_network(page, "さきの")
    other = page.context.new_page()
    page.close(run_before_unload=False)
    other.context.route("**/s/sealed", lambda route: route.abort())
    offline(other, False)
    let_in(other, second)
    corner = other.context.new_page()
    corner.goto("/s/away")
    expect(corner.locator("#waiting h1")).to_be_visible()
    other.context.unroute("**/s/sealed")
    corner.wait_for_url("**/")  # by the clock, at any moment from now on
    assert sent_of(house, child) == {"free_text": "さきの"}
    tap(other, "button[value=early]")
    other.wait_for_function(ALL_SENT)
    wait_until(lambda: draft_of(house, second) == {"bedtime": "early"})
    assert "/s/q/2" in other.url


def test_what_the_browser_denies_or_never_answers_takes_nothing_but_the_reload_without_network(
    page: Page, house: House, child: Pupil
) -> None:
    page.add_init_script(
        """for (const name of ["open", "delete"]) CacheStorage.prototype[name] = () => Promise.reject(new DOMException("denied"));
        LockManager.prototype.query = () => Promise.reject(new DOMException("denied"));
        IDBFactory.prototype.open = () => ({});
        const later = setTimeout;
        globalThis.setTimeout = (work, wait, ...more) => later(work, wait === 7e3 ? 0 : wait, ...more);"""
    )
    let_in(page, child)
    tap(page, "button[value=early]")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    assert sent_of(house, child) == {"bedtime": "early"}


def test_where_storage_is_full_nobody_is_told_that_it_keeps(page: Page, child: Pupil) -> None:
    page.add_init_script(FULL_STORAGE)
    let_in(page, child, TEXT)
    page.evaluate("() => localStorage.setItem('full', 'yes')")
    offline(page)
    page.locator("textarea").fill("どこへ")
    tap(page, "form.question button.go")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#net span:visible")).to_contain_text("せんせいに みせて ください")
    expect(page.locator("form[action='/s/send'] button")).to_be_enabled()
    assert not page.evaluate("() => document.querySelector('main').inert")
    page.evaluate("() => localStorage.removeItem('full')")
    tap(page, "form[action='/s/send'] button")
    expect(page.locator("#waiting h1")).to_be_visible()


RELOADED_AT_ONCE = "(answer) => { document.querySelector(answer).click(); location.reload(); }"


@pytest.mark.parametrize("storage", ["as it is", "slow", "full"])
def test_a_tap_without_network_outlives_the_reload_of_the_same_moment(
    page: Page, house: House, child: Pupil, storage: str
) -> None:
    page.add_init_script({"as it is": "", "slow": SLOW_STORAGE, "full": FULL_STORAGE}[storage])
    let_in(page, child)
    page.evaluate("() => localStorage.setItem('full', 'yes')")
    offline(page)
    tapped = {}
    for place, item, answer in ((1, "bedtime", "late"), (2, "hungry", "few")):
        page.goto(f"/s/q/{place}")
        page.wait_for_function(READY)
        page.evaluate(RELOADED_AT_ONCE, f"button[value={answer}]")
        page.wait_for_function(READY)
        tapped[item] = answer
        assert item not in page.evaluate("() => atob(sessionStorage.getItem('kizuki.aside') ?? '')")
        page.goto(f"/s/q/{place}")
        page.wait_for_function(READY)
        expect(page.locator(f"button[value={answer}]")).to_have_attribute("aria-pressed", "true")
    offline(page, False)
    page.wait_for_function(ALL_SENT)
    assert draft_of(house, child) == tapped


def test_a_tap_put_aside_by_a_page_that_comes_back_as_the_next_child_s_reaches_its_own_draft(
    page: Page, house: House, child: Pupil, second: Pupil
) -> None:
    let_in(page, child)
    shown = page.context.request.post("/t", form={"secret": second.ticket.secret}, max_redirects=0)
    assert shown.status == 303
    page.evaluate(RELOADED_AT_ONCE, "button[value=late]")
    wait_until(lambda: draft_of(house, child) == {"bedtime": "late"})
    assert draft_of(house, second) == {}


LATE_TO_WAKE = """{
    const opened = SubtleCrypto.prototype.decrypt;
    SubtleCrypto.prototype.decrypt = async function (...given) {
        while (!localStorage.getItem("awake")) await new Promise((done) => setTimeout(done, 20));
        return opened.apply(this, given);
    };
}"""


@pytest.mark.parametrize("lost", [False, True], ids=["network", "no network"])
def test_a_page_that_wakes_up_late_does_not_end_the_next_child_s_go(
    page: Page, house: House, child: Pupil, second: Pupil, lost: bool
) -> None:
    let_in(page, child, TEXT)
    tap(page, "form.question button.go")
    page.wait_for_function(ALL_SENT)
    page.add_init_script(LATE_TO_WAKE)
    with page.expect_response("**/s/draft"):
        page.reload()
    following = page.context.new_page()
    let_in(following, second)
    if lost:
        offline(following)
    following.evaluate("() => localStorage.setItem('awake', 'yes')")
    page.wait_for_url("**/")
    tap(following, "button[value=late]")
    offline(following, False)
    wait_until(lambda: draft_of(house, second) == {"bedtime": "late"})
    assert "/s/q/" in following.url
