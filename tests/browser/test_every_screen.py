"""Every page of a child, not only the questions: large enough to tap on every school screen, nothing pushed out when
its words are half as long again, one address for each title, and no picture that speaks."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import OpenPage
from tests.browser.tablets import (
    ALL_SENT,
    READY,
    TORN,
    each_screen,
    every_screen,
    let_in,
    pupils_of,
    running_house,
    tap,
)
from tests.house import House, bank

SCREENS = ((853, 417), (1080, 740), (810, 1010), (375, 600), (320, 640))
BANDS = {"sho-low": "L", "chu": "H"}
SMALL = """() => [...document.querySelectorAll("button, a, .tile, input:not([type=hidden]):not(.tile input)")]
    .filter((e) => e.checkVisibility() && (e.getBoundingClientRect().height < 48 || e.getBoundingClientRect().width < 48))
    .map((e) => `${e.tagName} ${e.textContent.trim()} ${Math.round(e.getBoundingClientRect().width)}x${e.getBoundingClientRect().height}`)"""
UNLIKE = """() => [...document.querySelectorAll(".pair, .sizes")].filter((row) => {
    const boxes = [...row.querySelectorAll(".go, .reserved, .tile")].map((e) => e.getBoundingClientRect());
    return boxes.some((a) => boxes.some((b) => a.top === b.top && Math.abs(a.height - b.height) > 1)) || boxes.some((a) => a.height > 112);
}).map((row) => `of unlike height: ${row.textContent.trim()}`)"""
SHEETS = """() => ["#idle", "#waiting", "#net", "#elsewhere", ".net"].filter((one) => {
    const part = document.querySelector(one);
    return part && getComputedStyle(part).wordBreak !== "keep-all";
}).map((one) => `tears words: ${one}`)"""
AWAY = """() => [...document.querySelectorAll(".switches .go, .ends .go")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.top < 0 || box.bottom > innerHeight + .5;
}).map((e) => `out of sight: ${e.textContent}`)"""
FAINT = """() => {
    const light = (colour) => {
        const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((each) => each / 255);
        const [r, g, b] = parts.map((each) => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll("button, a.back, a.go, a.button, .lines a, .tile, .words, .code")].filter((e) => {
        const edge = light(getComputedStyle(e).borderTopColor);
        return e.checkVisibility() && (Math.max(edge, paper) + .05) / (Math.min(edge, paper) + .05) < 3;
    }).map((e) => `edge too faint: ${e.className} ${e.textContent.trim()}`);
}"""
LONGER = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.textContent.trim() && walker.currentNode.parentElement.tagName !== "RT") texts.push(walker.currentNode);
    for (const text of texts) {
        const said = text.textContent.trim();
        text.textContent = `[${said} ${"ñ".repeat(Math.max(1, Math.ceil(said.length * 0.4) - 3))}]`;
    }
}"""
PUSHED_OUT = """() => [...(document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} px wide`] : []),
    ...[...document.querySelectorAll("button, a, .tile, h1, h2, p, li")]
        .filter((e) => e.checkVisibility() && !e.closest(".visually-hidden") && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)]"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with running_house(tmp_path_factory.mktemp("screens"), tuple(BANDS), 1) as house_and_url:
        yield house_and_url


@pytest.fixture(params=list(BANDS))
def pages(
    request: pytest.FixtureRequest, served: tuple[House, str], open_page: OpenPage
) -> tuple[Page, list[str]]:
    """A browser whose child has shown a ticket, and every address of its way."""
    house, url = served
    name, page = request.param, open_page(url)
    let_in(page, pupils_of(house, name)[0])
    loaded, kinds = bank(name), {}
    for shown in loaded.bank.path({}):
        kinds.setdefault(loaded.bank.items[shown.item].kind if shown.item else "notice", shown.place)
    around = (
        "/",
        "/s/reading",
        "/s/welcome",
        "/s/more",
        "/s/practice",
        "/s/resume",
        "/s/review",
        "/s/forget",
    )
    ends = [f"/s/{end}/{BANDS[name]}" for end in ("thanks", "quiet", "late", "back")]
    return page, [*around, *(f"/s/q/{place}" for place in kinds.values()), *ends, "/s/nowhere"]


def test_everything_to_tap_is_large_enough(pages: tuple[Page, list[str]]) -> None:
    """And its edge is seen (3:1 on the paper), buttons side by side are of one height, what sends or goes on is in sight, and no word is torn, also on the
    sheets that show later."""
    page, addresses = pages
    found = []
    for path in addresses:
        page.goto(path)
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            looks = (
                SMALL,
                UNLIKE,
                SHEETS,
                *([FAINT] if width == 320 else []),
                *([TORN, AWAY] if width > 320 else []),
            )
            found += [(path, width, fault) for look in looks for fault in page.evaluate(look)]
    assert found == []


def test_words_half_as_long_again_push_nothing_out(pages: tuple[Page, list[str]]) -> None:
    page, addresses = pages
    found = []
    for path in addresses:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(LONGER)
        for width, height in ((375, 600), (810, 1010), (853, 417)):
            page.set_viewport_size({"width": width, "height": height})
            found += [(path, (width, height), out) for out in page.evaluate(PUSHED_OUT)]
    assert found == []


PRINTED = "() => document.body.innerText.replace(/\\s/g, '')"


def test_paper_shows_what_anybody_may_read_whole_and_nothing_of_a_question(
    pages: tuple[Page, list[str]],
) -> None:
    page, addresses = pages
    tap(page, "button.option, .tile input")  # something is answered
    for path in addresses:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        asks = "/s/q/" in path or path == "/s/review"
        title = page.locator("h1").first.inner_text()
        shown = page.locator("main").inner_text()
        page.emulate_media(media="print")
        printed = page.evaluate(PRINTED)
        left = [part for part in shown.split() if part not in printed]
        assert page.locator("h1").first.is_visible() is not asks, (path, title)
        assert bool(left) is asks, (path, left)
        page.emulate_media(media="screen")


GREY = """() => { const s = new CSSStyleSheet(); s.replaceSync("html{filter:grayscale(1)}"); document.adoptedStyleSheets = [s]; }"""


SHAPE = """(e) => { const s = getComputedStyle(e);
    return [s.boxShadow.replace(/rgba?\\([^)]*\\)/g, ""), s.borderWidth, s.borderStyle].join(); }"""


@pytest.mark.parametrize(("name", "drawn"), [("sho-low", ".face"), ("chu", ".days")])
def test_pictures_of_answers_are_silent_and_differ_without_colour(
    served: tuple[House, str], open_page: OpenPage, name: str, drawn: str
) -> None:
    """Dots and faces are drawn beside words: hidden from those who listen, and told apart in grey; so is a choice."""
    house, url = served
    page = open_page(url)
    let_in(page, pupils_of(house, name)[0])
    screens = every_screen(page, url)
    loud = """(main) => [...main.querySelectorAll(".option")].filter((e) => !e.innerText.trim()
        || e.querySelector(":is(.days, .face, img, svg):not([aria-hidden=true])")).map((e) => e.outerHTML)"""
    assert [found for found in each_screen(page, screens, loud) if found] == []
    loaded = bank(name)
    place = next(
        shown.place
        for shown in loaded.bank.path({})
        if shown.item and loaded.bank.items[shown.item].look == ("faces" if drawn == ".face" else "days")
    )
    page.goto(f"/s/q/{place}")
    page.wait_for_function(READY)
    page.evaluate(GREY)
    pictures = page.locator(drawn).all()
    assert len({picture.screenshot() for picture in pictures}) == len(pictures) > 1
    option = page.locator(".option").first
    for colors in ("none", "active"):
        page.emulate_media(forced_colors=colors)
        option.evaluate("(e) => e.setAttribute('aria-pressed', 'false')")
        before = option.evaluate(SHAPE)
        option.evaluate("(e) => e.setAttribute('aria-pressed', 'true')")
        assert option.evaluate(SHAPE) != before, f"a choice is a matter of colour alone: {colors}"


def test_a_skipped_line_of_the_review_looks_like_an_answered_one(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page = open_page(url)
    let_in(page, pupils_of(house, "sho-low")[0])
    tap(page, "button.option")
    page.wait_for_url("**/s/q/2")
    page.wait_for_function(ALL_SENT)
    page.goto("/s/review")
    page.wait_for_function(READY)
    looks = page.evaluate(
        """() => [...document.querySelectorAll(".lines a")].filter((line) => line.checkVisibility()).map((line) => {
            const look = (e) => { const s = getComputedStyle(e);
                return [s.color, s.backgroundColor, s.borderColor, s.borderStyle, s.borderWidth, s.fontWeight,
                    s.fontSize, s.textDecorationLine, s.opacity].join(); };
            const said = [...line.querySelectorAll("span")].find((e) => e.checkVisibility());
            return [Object.keys(said.dataset)[0], look(line), look(said)];
        })"""
    )
    assert {kind for kind, *_ in looks} == {"answered", "skipped"}
    assert len({(line, said) for _, line, said in looks}) == 1
