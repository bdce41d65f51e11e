"""The practice, the veil over free words, and the paper of the class screen, in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from survey_api.access import ticket_tries
from survey_api.access.class_code import class_code
from survey_api.access.tickets import damm
from tests.browser.chromium import OpenPage
from tests.browser.tablets import READY, draft_of, let_in, pupils_of, running_house, tap
from tests.house import House, bank

TABLET = (1080, 740)
TEXT = next(
    place for place, screen in enumerate(bank("sho-low").bank.screens, 1) if screen.item == "free_text"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with running_house(tmp_path_factory.mktemp("around"), ("sho-low",), 4) as found:
        yield found


def test_the_practice_can_be_covered_and_leaves_nothing(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page, child = open_page(url, TABLET), pupils_of(house, "sho-low")[0]
    let_in(page, child)
    page.goto("/s/practice")
    page.wait_for_function(READY)
    expect(page.locator(".practice")).to_be_visible()
    tap(page, ".cover-now")
    assert page.evaluate(
        "() => [document.title, getComputedStyle(document.querySelector('main')).visibility]"
    ) == [
        "・",
        "hidden",
    ]
    tap(page, "#cover button")
    expect(page.locator(".practice h1")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    tap(page, ".practice .option")
    expect(page).to_have_url(re.compile("/s/q/1$"))
    assert not [url for url in asked if "/s/q" in url or "/s/practice" in url]
    assert page.evaluate("() => document.body.dataset.unsent") in (None, "0")
    assert draft_of(house, child) == {}


def seen(page: Page) -> list[str]:
    """How the field shows its words: its classes, and the edges of the line that is lifted out."""
    return page.locator("textarea").evaluate(
        "field => [field.className, field.style.getPropertyValue('--line-start'), "
        "getComputedStyle(field).maskImage, getComputedStyle(field).color]"
    )


def test_only_the_line_being_written_can_be_read(served: tuple[House, str], open_page: OpenPage) -> None:
    house, url = served
    page = open_page(url, TABLET)
    let_in(page, pupils_of(house, "sho-low")[1], TEXT)
    page.locator("textarea").focus()
    page.keyboard.type("いちぎょうめ")
    first = seen(page)
    page.keyboard.press("Enter")
    page.keyboard.type("にぎょうめ")
    second = seen(page)
    assert "veiled" in second[0]
    assert float(second[1][:-2]) > float(first[1][:-2]), "the line that is lifted out follows the words"
    assert "gradient" in second[2]
    page.locator("textarea").blur()
    assert seen(page)[3] == "rgba(0, 0, 0, 0)", "nothing can be read once the field is left"
    assert page.locator("p[data-count]").inner_text().endswith("12／400")
    page.locator("[data-veil]").uncheck()
    assert "veiled" not in seen(page)[0]
    assert page.locator("textarea").input_value() == "いちぎょうめ\nにぎょうめ"


ONE_WAITS = """() => new Promise((done) => {
    const opening = indexedDB.open("kizuki", 1);
    opening.onupgradeneeded = () => ["out", "own"].forEach((one) => opening.result.createObjectStore(one, { keyPath: "id" }));
    opening.onsuccess = () => {
        const kept = opening.result.transaction("out", "readwrite");
        kept.objectStore("out").put({ id: "sealed", finished: true });
        kept.objectStore("out").put({ id: "taps of a child who still answers", finished: false });
        kept.objectStore("out").put({ id: "wish" });
        kept.oncomplete = () => { opening.result.close(); done(); };
    };
})"""
"""A sheet that this tablet has not sent yet, beside what is no sheet: taps of another child, and a sealed wish."""


def open_class(house: House, page: Page) -> None:
    grade = bank("sho-low").bank.grades[0]
    page.goto("/class")
    page.fill("#code", class_code(house.runtime.keys, (house.wave_id, house.schools["north"], grade, "1")))
    page.click("button.primary")
    page.wait_for_url("**/class/now")


def test_the_class_screen_is_one_sheet_of_paper(
    served: tuple[House, str], open_page: OpenPage, tmp_path: Path
) -> None:
    house, url = served
    page = open_page(url, TABLET)
    open_class(house, page)
    assert page.locator("#minutes").inner_text() == "0分"
    expect(page.locator("#unsent")).to_have_text("0件")
    page.evaluate(ONE_WAITS)
    page.reload()
    expect(page.locator("#unsent")).to_have_text("1件")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


SIGN_IN_PAGE = {"content_type": "text/html", "body": "<h1>Wi-Fi</h1>"}
NOT_LIVE: tuple[Callable[[Route], None], ...] = (
    lambda route: route.abort(),
    lambda route: route.fulfill(status=303, headers={"location": "/class"}),
    lambda route: route.fulfill(**SIGN_IN_PAGE),
    lambda route: route.fulfill(status=503, json={"code": "busy"}),
    lambda route: route.fulfill(json={"code": "busy"}),
)
"""No network; a wave that has ended; the page of a network that wants a sign-in; a busy service; words of another."""


def test_the_class_screen_says_when_its_numbers_are_not_live(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page = open_page(url, TABLET)
    page.clock.install()
    open_class(house, page)
    said = page.locator("#not-live")
    counts = [page.locator("#opened"), page.locator("#sent")]
    shown = [count.inner_text() for count in counts]
    expect(said).to_be_hidden()
    for fails in NOT_LIVE:
        page.route("**/class/counts", fails)
        page.clock.run_for(15_000)
        expect(said).to_be_visible()
        expect(said).to_contain_text("数を読めません")
        assert [count.inner_text() for count in counts] == ["—", "—"]
        page.unroute("**/class/counts")
        page.clock.run_for(15_000)
        expect(said).to_be_hidden()
        assert [count.inner_text() for count in counts] == shown


def test_a_browser_that_cannot_look_says_no_number_of_unsent_sheets(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page = open_page(url, TABLET)
    page.add_init_script("indexedDB.databases = undefined")
    open_class(house, page)
    page.wait_for_function("() => document.getElementById('minutes').textContent !== '—'")
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    assert page.locator("#unsent").inner_text() == "—"


def test_a_wrong_digit_is_told_without_asking_the_network(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page = open_page(url, TABLET)
    page.goto("/")
    title = page.title()
    code = pupils_of(house, "sho-low")[2].ticket.code
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.method) if request.method == "POST" else None)
    for place in range(12):
        wrong = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        page.fill("#code", wrong)
        tap(page, "button.go")
        expect(page.locator("#wrong")).to_be_visible()
        assert page.title() == f"エラー：{title}"
    assert page.locator("#wrong").evaluate("e => getComputedStyle(e).color") == "rgb(31, 42, 48)", (
        "red scares"
    )
    assert posted == []


HEARD = """() => new MutationObserver((changes) => (window.heard ??= []).push(...changes.map((one) => one.type)))
  .observe(document.getElementById("wait-said"), { childList: true, characterData: true, subtree: true })"""


def test_a_cool_down_ticks_for_the_eye_and_is_said_once(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    _, url = served
    page = open_page(url, TABLET)
    page.goto("/")
    for number in range(ticket_tries.DEVICE_FREE + 1):
        digits = f"{number:011d}"
        page.fill("#code", digits + str(damm(digits)))
        tap(page, "button.go")
        page.wait_for_load_state()
    expect(page).to_have_url(re.compile("/s/ticket$"))
    page.evaluate(HEARD)
    shown = page.locator("#wait").inner_text()
    assert "びょう" in shown
    page.wait_for_function("before => document.getElementById('wait').innerText !== before", arg=shown)
    page.wait_for_function("() => window.heard")
    page.wait_for_timeout(2500)  # the eye has seen three numbers meanwhile
    assert page.evaluate("() => window.heard") == ["childList"]
    assert page.locator("#wait-said").inner_text().startswith("60")
    assert page.locator("main").aria_snapshot().count("びょう") == 1
    page.reload()
    expect(page).to_have_url(url + "/")


def test_every_switch_changes_the_sample_at_once(served: tuple[House, str], open_page: OpenPage) -> None:
    house, url = served
    page = open_page(url, TABLET)
    page.context.add_init_script(VOICE)
    page.goto(f"/t#{pupils_of(house, 'sho-low')[3].ticket.secret}", wait_until="commit")
    page.wait_for_url("**/s/reading")
    for switch in (
        "[name=spaced]",
        "[name=left]",
        "[name=speak]",
        "[name=size] >> nth=1",
        "[name=size] >> nth=2",
    ):
        before = page.evaluate(SEEN)
        tap(page, f".switches {switch}")
        assert page.evaluate(SEEN) != before, switch


SEEN = """() => [...document.querySelectorAll(".sample, .sample span")].filter((e) => e.checkVisibility()).map((e) => {
    const box = e.getBoundingClientRect();
    return [e.innerText, box.left, box.width, box.height];
}).join()"""
"""The sample as it is seen: its words and where they stand, not what its switches are called."""


VOICE = """{
    let speaking = false;
    window.saidAloud = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    Object.defineProperty(window, "speechSynthesis", {value: {
        get speaking() { return speaking; },
        getVoices: () => [{lang: "ja-JP", localService: true}],
        speak: (said) => { speaking = true; saidAloud.push(said.text); },
        cancel: () => { speaking = false; saidAloud.length = 0; },
        addEventListener: () => {}, removeEventListener: () => {}}});
}"""


def test_what_is_covered_or_no_longer_on_the_page_is_not_heard(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page, child = open_page(url, TABLET), pupils_of(house, "sho-low")[3]
    page.context.add_init_script(VOICE)
    let_in(page, child)
    page.goto("/s/reading?at=1")
    page.check("input[name=speak]")
    page.click(".switches .go")
    page.wait_for_url("**/s/q/1")
    page.wait_for_function(READY)
    silent = "() => saidAloud.length === 0"
    for ends in (
        lambda: tap(page, ".cover-now"),
        lambda: page.keyboard.press("Escape"),
        lambda: tap(page, "button.option"),
        lambda: tap(page, ".bar .back:not(.listen)"),
        lambda: tap(page, ".listen"),
    ):
        tap(page, ".listen")
        assert len(page.evaluate("() => saidAloud")) > 2
        expect(page.locator(".listen")).to_have_text("とめる")
        ends()
        page.wait_for_function(silent)
        expect(page.locator(".listen")).to_have_text("きく")
        if page.locator("#cover").is_visible():
            page.keyboard.press("Escape")
    tap(page, ".listen")
    page.evaluate(
        "() => document.querySelector('#net').append('x')"
    )  # what happens elsewhere silences nobody
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    assert len(page.evaluate("() => saidAloud")) > 2
