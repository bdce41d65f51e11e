"""Every pupil screen in every language at four widths: no barrier that a machine can find, nothing wider than the
screen, keyboard alone, forced colours, and each word heard once."""

import os
import re
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlmodel import col, update

from survey_api.access.class_code import class_code
from survey_api.access.tickets import damm
from survey_api.services.banks.ruby import plain
from survey_api.services.banks.texts_check import LANGUAGES
from survey_api.tables.waves import Ticket, Wave
from survey_api.vocabulary import TicketState
from survey_ui.shell.child_words import html_lang, words
from survey_ui.student.view import band_of
from tests.browser.chromium import PATIENCE, OpenPage
from tests.browser.live import serve
from tests.browser.tablets import READY, TORN, each_screen, every_screen, offline
from tests.house import SETUP, House, Pupil, bank, open_house

BANKS = ("sho-low", "sho-high", "chu", "kou")
EVERYTHING = os.environ.get("KIZUKI_AXE") == "all"
"""Every screen of every bank in every language at every width with every rule: minutes, so by `make axe-all`."""
WIDTHS = (320, 375, 810, 1080)
JAPANESE = ("ja", "ja-easy")
UPRIGHT = 810
"""A tablet held upright has a layout of its own."""
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LAYOUT = {
    "type": "rule",
    "values": ["target-size", "scrollable-region-focusable"],
}
"""At the first width every rule; at the others those that a width can change."""
FIND = """async (rules) => {
  const ask = (only) => axe.run(document, {runOnly: only, resultTypes: ["violations", "incomplete"], elementRef: false});
  const unsure = (found) => found.incomplete.filter((each) => each.id === "color-contrast").flatMap((each) => each.nodes);
  const sticks = [...document.querySelectorAll("main *")].filter((part) => getComputedStyle(part).position === "sticky");
  for (const part of sticks) part.style.position = "static";
  const found = await ask(rules), sign = document.querySelector(".invented");
  const byItself = ({ html, any }) => any[0].relatedNodes.length > 0 && any[0].relatedNodes.every((other) => other.html === html);
  let faint = unsure(found);
  if (faint.length && sign) {
    sign.remove();
    faint = unsure(await ask({type: "rule", values: ["color-contrast"]}));
    document.body.prepend(sign);
  }
  for (const part of sticks) part.style.position = "";
  return [...found.violations.map((each) => `${each.id}: ${each.nodes[0].html}`),
    ...faint.filter((node) => !byItself(node) && !/^<(rt|span class="days") aria-hidden|class="veiled"/.test(node.html))
      .map((node) => `contrast not known: ${node.html}`)];
}"""
"""Every barrier, and all text of which axe cannot say whether it stands out. Let through are readings and rows of dots
hidden from screen readers, the ones because they share a line with their neighbours, the others because axe does not
take a dot for a letter (the words stand beside them); the field of free words, whose letters are veiled on purpose; what
axe says lies under nothing but itself (a line of Chinese in a button); and what scrolls beneath the sign of the invented
city, which no real child sees. What sticks to the lower edge is looked at in its own place: whatever lies beneath it
there is scrolled into sight."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("languages"), banks=BANKS, pupils=2) as opened:
        with opened.runtime.work(SETUP) as work:
            drafts = ",".join(language for language in LANGUAGES if language != "ja")
            work.db.exec(update(Wave).where(col(Wave.id) == opened.wave_id).values(draft_languages=drafts))
            gone = [
                pupil.ticket_id for pupil in opened.pupils if pupil.grade == bank("sho-high").bank.grades[0]
            ][1]
            work.db.exec(update(Ticket).where(col(Ticket.id) == gone).values(state=TicketState.SPENT))
        yield opened


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    with serve(house) as url:
        yield url


def pupil_of(house: House, name: str) -> Pupil:
    return next(pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0])


def read_in(page: Page, address: str, language: str, *, size: int = 0, both: bool = False) -> None:
    value = f"{language}.1.{int(language == 'ja-easy')}.{size}.0.0.{int(both)}"
    page.context.add_cookies([{"name": "kizuki_reading", "value": value, "url": address}])


def enter(page: Page, house: House, address: str, name: str) -> None:
    page.goto("about:blank")  # from /t to /t# nothing would be loaded
    page.goto(f"{address}/t#{pupil_of(house, name).ticket.secret}")
    page.wait_for_url("**/s/reading")


@pytest.fixture(scope="module")
def unknown(house: House) -> Iterator[str]:
    """Numbers without a slip of the finger that belong to nobody, each from another corner of all there are: too many
    wrong ones in one corner have to wait."""
    heads = (f"{number:011d}"[::-1] for number in range(10**11))
    codes = (head + str(damm(head)) for head in heads)
    given = {pupil.ticket.code for pupil in house.pupils}
    return (code for code in codes if code not in given)


def places(name: str) -> dict[str, int]:
    """One screen of each kind."""
    loaded = bank(name)
    return {
        (loaded.bank.items[shown.item].kind if shown.item else "notice"): shown.place
        for shown in loaded.bank.path({})
    }


def screens(name: str) -> list[str]:
    band = band_of(name)
    asked = [f"/s/q/{place}" for place in places(name).values()]
    before = ["/", "/s/reading", "/s/welcome", "/s/more", "/s/practice", "/s/resume"]
    ends = [f"/s/{end}/{band}" for end in ("thanks", "quiet", "late")]
    return [*before, *asked, "/s/review", "/s/forget", *ends, "/s/nowhere"]


@pytest.fixture(scope="module")
def axe_page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="ja-JP")
    context.add_init_script(Axe().axe_script)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


@pytest.mark.parametrize(("number", "language"), list(enumerate(LANGUAGES)), ids=LANGUAGES)
def test_no_barrier_and_no_sideways_scroll(
    house: House, address: str, axe_page: Page, number: int, language: str
) -> None:
    """Every page around the questions and each kind of question, one bank a language; `make axe-all`: all of all."""
    page, found = axe_page, []
    doubled = language not in JAPANESE and (EVERYTHING or language == "fil")
    for name, both in product(
        BANKS if EVERYTHING else (BANKS[number % len(BANKS)],), (False, True) if doubled else (False,)
    ):
        enter(page, house, address, name)
        read_in(page, address, language, both=both)
        for path in screens(name):
            page.goto(address + path)
            assert page.evaluate("() => document.documentElement.lang") == html_lang(language)
            found += barriers(page, f"{name} {path} {both}")
        for place in range(len(bank(name).bank.screens) if EVERYTHING else 0):
            page.goto(f"{address}/s/q/{place + 1}")
            found += barriers(page, f"{name} {place + 1} {both}")
    assert found == []


def barriers(page: Page, path: str) -> list[tuple[str, int, str]]:
    """What hinders somebody on the page that is open, at each width."""
    found: list[tuple[str, int, str]] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1080 if width == UPRIGHT else 740})
        if EVERYTHING or width in (WIDTHS[0], WIDTHS[-1]):
            rules = ALL if width == WIDTHS[0] or EVERYTHING else LAYOUT
            found += [(path, width, fault) for fault in page.evaluate(FIND, rules)]
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        found += [(path, width, f"{wide} px wide")] if wide > width else []
    return found


SHEET = """(id) => {
  document.body.classList.add("covered");
  for (const part of document.body.children) part.inert = part.id !== id;
  document.getElementById(id).hidden = false;
}"""
"""A sheet over the page as its tablet puts it there after minutes without a touch, or without network."""
REFUSED = """(form) => {
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = true;
  HTMLFormElement.prototype.submit.call(form);
}"""
"""A form past its script: what stands alone beside all the others, or a number as it was typed."""


def send(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(form).evaluate(REFUSED)


def covered(page: Page, address: str, sheet: str) -> None:
    page.goto(f"{address}/s/q/1")
    page.wait_for_function(READY)
    page.evaluate(SHEET, sheet)


def refused_question(page: Page, address: str, name: str) -> None:
    asked = [
        shown.place
        for shown in bank(name).bank.path({})
        if shown.item and bank(name).bank.items[shown.item].exclusive
    ]
    page.goto(f"{address}/s/q/{asked[0]}")
    send(page, "form.question")


def refused_number(page: Page, address: str, code: str, tries: int = 1) -> None:
    for _ in range(tries):
        page.goto(f"{address}/")
        page.locator("#code").fill(code)
        send(page, "form[action='/t']")


def spent(page: Page, address: str, pupil: Pupil) -> None:
    page.goto("about:blank")
    page.goto(f"{address}/t#{pupil.ticket.secret}")
    page.locator("form[action='/s/back']").wait_for()


def taking_back(page: Page, address: str, pupil: Pupil) -> None:
    spent(page, address, pupil)
    send(page, "form[action='/s/back']")


def reloaded_without_network(page: Page, address: str, path: str) -> None:
    """The page a tablet keeps, dressed for its child."""
    page.goto(address + path)
    page.wait_for_function(READY)
    offline(page)
    page.reload()
    page.wait_for_function(READY)


WRONG = "1234-5678-9011"


@pytest.mark.parametrize(("number", "language"), list(enumerate(LANGUAGES)), ids=LANGUAGES)
def test_no_barrier_on_sheets_refusals_and_the_ways_out(
    house: House, address: str, axe_page: Page, unknown: Iterator[str], number: int, language: str
) -> None:
    """What is laid over a page, what is refused, and what comes after the end: each in two languages, in one of them
    with its Japanese beneath."""
    page, found, name = axe_page, [], "sho-high"
    gone = [pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0]][1]
    ways: dict[str, Callable[[], object]] = {
        "#cover": lambda: covered(page, address, "cover"),
        "#idle": lambda: covered(page, address, "idle"),
        "#waiting": lambda: covered(page, address, "waiting"),
        ".question .error-summary": lambda: refused_question(page, address, name),
        "#wrong": lambda: refused_number(page, address, WRONG),
        ".error-summary:not(#wrong)": lambda: refused_number(page, address, next(unknown)),
        "#not-here": lambda: page.goto(f"{address}/t"),
        "form[action='/s/back']": lambda: spent(page, address, gone),
        "form[action='/s/back/yes']": lambda: taking_back(page, address, gone),
        "main > h1 + p + p > a[href='/']:only-child": lambda: page.goto(f"{address}/s/back/M"),
        "#wait": lambda: refused_number(page, address, next(unknown), tries=6),
        "body:not([data-mark]) .question": lambda: reloaded_without_network(page, address, "/s/q/2"),
        "[data-page=away] .button": lambda: reloaded_without_network(page, address, "/s/welcome"),
    }
    for index, (sign, go) in enumerate(ways.items()):
        if not EVERYTHING and index % 4 != number % 4:
            continue
        page.context.clear_cookies()
        enter(page, house, address, name)
        for both in (False, True) if EVERYTHING and language not in JAPANESE else (number >= 4,):
            read_in(page, address, language, both=both)
            go()
            page.locator(f"{sign} >> visible=true").first.wait_for()
            assert page.evaluate("() => document.documentElement.lang") == html_lang(language), sign
            found += barriers(page, f"{sign} {both}")
            offline(page, False)
    assert found == []


def test_no_barrier_on_the_class_screen_of_a_teacher(house: House, address: str, axe_page: Page) -> None:
    page, found = axe_page, []
    page.context.clear_cookies()  # too many wrong numbers have been typed on this tablet
    grade = bank("chu").bank.grades[0]
    page.goto(f"{address}/class")
    found += barriers(page, "/class")
    page.fill("#code", class_code(house.runtime.keys, (house.wave_id, house.schools["north"], grade, "1")))
    page.click("button.primary")
    page.wait_for_url("**/class/now")
    assert found + barriers(page, "/class/now") == []


SCHOOL_SCREENS = ((853, 417), (1024, 520), (1366, 640), (1080, 740), (810, 1010), (375, 600))
OUT_OF_SIGHT = f"""(main) => {{
  const torn = document.documentElement.lang === "ja" ? ({TORN})() : [];"""
OUT_OF_SIGHT += """
  const both = document.documentElement.classList.contains("both");
  const least = both ? 48 : {L: 64, M: 56, H: 48}[document.body.className.match(/band-(.)/)[1]];
  const low = (selector, height) => [...main.querySelectorAll(selector)].filter((e) => e.getBoundingClientRect().height < height);
  const days = [...main.querySelectorAll("[data-whom]")];
  days.forEach((day) => { day.hidden = false; });
  const longest = Math.max(...days.map((day) => day.offsetHeight));
  const told = days.find((day) => day.offsetHeight === longest);
  days.forEach((day) => { day.hidden = day !== told; });
  const seen = (e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight + .5; };
  const whole = (e) => {
    const r = e.getBoundingClientRect(), x = r.left + r.width / 2;
    return [r.top + 4, r.bottom - 4].every((y) => e.contains(document.elementFromPoint(x, y)));
  };
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const root = document.documentElement;
  const place = document.querySelector(".bar .place span");
  place.textContent = place.textContent.replace(/^\\d+/, "28");
  const first = document.querySelector(".bar .back"), voice = document.createElement("button");
  voice.className = "back listen";
  voice.textContent = document.documentElement.dataset.listen;
  if (!document.querySelector(".bar .listen")) first.before(voice);
  const bar = innerWidth < 375 ? [] : shown(".bar .back");
  return [main.querySelector(".question").className, root.scrollWidth - innerWidth, root.scrollHeight - innerHeight,
    [...shown(".bar :is(a, button), .go, .reserved").filter((e) => !seen(e) || !whole(e)),
      ...low(".option", least), ...low(".multi .tile", both ? 48 : 56),
      ...shown("button, .tile, .bar a").filter((e) => e.getBoundingClientRect().height < 48),
      ...[...main.querySelectorAll(".now")].filter((e) => !e.checkVisibility() || !seen(e)),
      ...bar.filter((e) => e.offsetTop >= bar[0].offsetTop + bar[0].offsetHeight)].map((e) => e.textContent).concat(torn)];
}"""


@pytest.mark.parametrize("name", BANKS)
def test_every_question_fits_every_school_screen(
    house: House, address: str, axe_page: Page, name: str
) -> None:
    """In every language, read aloud, with and without its Japanese beneath: nothing scrolls, no Japanese word is torn and choices are
    as high as the band needs (64, 56 or 48 px, tiles 56; 48 with the Japanese beneath); where to go now stands in sight
    beside the wish to talk; only a long list with its Japanese beneath may scroll, on a phone, and its way on stays in view."""
    page, faults = axe_page, []
    enter(page, house, address, name)
    for language, both in product(LANGUAGES, (False, True)):
        if both and language in JAPANESE:
            continue
        read_in(page, address, language, both=both)
        screens = every_screen(page, address)
        listen = plain(words(band_of(name), language)["listen"])
        page.evaluate("(word) => { document.documentElement.dataset.listen = word; }", listen)
        assert screens.count("promise now") == 2, "both steps of the wish say where to go now"
        for width, height in SCHOOL_SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            for place, (kind, across, down, faulty) in enumerate(
                each_screen(page, screens, OUT_OF_SIGHT), start=1
            ):
                may_scroll = both and width == 375 and "multi" in kind
                if across > 0 or faulty or (down > 0 and not may_scroll):
                    faults.append((language, both, place, (width, height), across, down, faulty))
    assert faults == []


LOW_AND_LARGE = ((375, 600), (853, 417), (810, 1010))
LEADS_ON = """(main) => {
  scrollTo(0, 0);
  return [...main.querySelectorAll(":is(.multi, .text) .go")].flatMap((go) => {
    const box = go.getBoundingClientRect(), x = box.left + box.width / 2;
    const bare = [box.top + 4, box.bottom - 4].every((y) => go.contains(document.elementFromPoint(x, y)));
    return box.top >= 0 && box.bottom <= innerHeight + .5 && bare ? [] : [main.querySelector("h1").textContent.slice(0, 20), box.top, box.bottom];
  });
}"""


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("name", BANKS)
def test_with_large_letters_the_way_on_from_tiles_and_own_words_stays_in_sight(
    house: House, address: str, axe_page: Page, name: str, size: int
) -> None:
    """The answers may scroll then, つぎへ may not: a child who sees none does not know that there is a way on."""
    page, faults = axe_page, []
    enter(page, house, address, name)
    read_in(page, address, "ja", size=size)
    screens = every_screen(page, address)
    for width, height in LOW_AND_LARGE:
        page.set_viewport_size({"width": width, "height": height})
        for place, out in enumerate(each_screen(page, screens, LEADS_ON), start=1):
            faults += [(place, (width, height), out)] if out else []
    assert faults == []


TOLD_IN_SIGHT = """() => ["#elsewhere", "#net > [data-keeps=false]", "#net > .told"].filter((one) => {
  const line = document.querySelector(one);
  line.hidden = false;
  const box = line.getBoundingClientRect(), x = box.left + box.width / 2;
  const seen = box.height < 2 || [box.top + 3, box.bottom - 3].every((y) => line.contains(document.elementFromPoint(x, y)));
  line.hidden = true;
  return !seen;
})"""


@pytest.mark.parametrize("name", ["sho-low", "chu"])
def test_with_large_letters_the_way_on_lies_over_nothing_a_child_is_told(
    house: House, address: str, axe_page: Page, name: str
) -> None:
    """That another tablet has answered too, and that this one keeps nothing."""
    page, faults = axe_page, []
    enter(page, house, address, name)
    for path in screens(name):
        for size in (1, 2) if "/q/" in path else ():
            read_in(page, address, "ja", size=size)
            page.goto(address + path)
            for width, height in (*LOW_AND_LARGE, (810, 1080)):
                page.set_viewport_size({"width": width, "height": height})
                faults += [(path, size, (width, height), one) for one in page.evaluate(TOLD_IN_SIGHT)]
    assert faults == []


BAR_IN_ROWS = """[...document.querySelectorAll(".bar .back")].filter((e) => e.checkVisibility()).flatMap((e, _, all) => {
    const box = e.getBoundingClientRect(), first = all[0].getBoundingClientRect(), faults = [];
    if (box.top + box.bottom > first.top + first.bottom + 12) faults.push("lies in another row");
    if (Math.min(box.width, box.height) < 44) faults.push("too small for a finger");
    if (box.right > innerWidth || e.scrollWidth > e.clientWidth + 1) faults.push("has no room");
    return faults.map((fault) => `the bar: ${e.textContent} ${fault}`);
  })"""
WHOLE = f"() => [...({TORN})(), ...{BAR_IN_ROWS}]"


@pytest.mark.parametrize("name", BANKS)
def test_large_letters_tear_no_word_and_leave_the_bar_in_one_row(
    house: House, address: str, axe_page: Page, name: str
) -> None:
    """Every question and every page around them."""
    page, found = axe_page, []
    enter(page, house, address, name)
    for language, size in product(JAPANESE, (0, 1, 2)):
        read_in(page, address, language, size=size)
        asked = every_screen(page, address)
        for width, height in LOW_AND_LARGE:
            page.set_viewport_size({"width": width, "height": height})
            for place, faults in enumerate(each_screen(page, asked, WHOLE), start=1):
                found += [(language, size, (width, height), place, faults)] if faults else []
        for path in screens(name):
            if "/q/" in path:
                continue
            page.goto(address + path)
            for width, height in LOW_AND_LARGE:
                page.set_viewport_size({"width": width, "height": height})
                faults = page.evaluate(WHOLE)
                found += [(language, size, (width, height), path, faults)] if faults else []
    assert found == []


LOCAL_VOICES = """speechSynthesis.getVoices = () =>
    ["ja-JP", "en-US", "pt-BR", "zh-CN", "fil-PH", "vi-VN", "es-ES"].map((lang) => ({ lang, localService: true }))"""
BARS = f"""() => ["", "size-1", "size-2"].flatMap((size) => [false, true].flatMap((away) => {{
    document.documentElement.classList.remove("size-1", "size-2");
    if (size) document.documentElement.classList.add(size);
    document.body.classList.toggle("offline", away);
    return {BAR_IN_ROWS}.map((fault) => `${{fault}} ${{size}} ${{away ? "offline" : ""}}`);
  }}))"""


@pytest.mark.parametrize("name", ["sho-low", "kou"])
def test_the_bar_keeps_one_row_with_a_voice_and_without_a_network_in_every_language(
    house: House, address: str, chromium: Browser, name: str
) -> None:
    """Five buttons, the place, and words for a lost network beside it; かくす is where it was, whatever is switched on."""
    found: list[str] = []
    last = [path for path in screens(name) if "/q/" in path][-1]
    with chromium.new_context() as context:
        context.add_init_script(LOCAL_VOICES)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        enter(page, house, address, name)
        for language, speak, both in product(LANGUAGES, (0, 1), (0, 1)):
            value = f"{language}.1.{int(language == 'ja-easy')}.0.{speak}.0.{both}"
            context.add_cookies([{"name": "kizuki_reading", "value": value, "url": address}])
            page.goto(address + last)
            assert page.locator(".bar .listen").count() == speak
            for width, height in LOW_AND_LARGE:
                page.set_viewport_size({"width": width, "height": height})
                found += [f"{language} {both} {width}x{height} {fault}" for fault in page.evaluate(BARS)]
    assert found == []


ZOOMED = ((405, 540), (512, 260), (683, 320), (427, 209), (320, 512))
"""School screens at 200 %; the phone's stays at the 320 px of WCAG 1.4.10."""
SPACED = """() => {
  const css = new CSSStyleSheet();
  css.replaceSync("p,h1,button,label,a{letter-spacing:.12em!important;word-spacing:.16em!important;line-height:1.5!important}");
  document.adoptedStyleSheets = [css];
}"""
LOST = """() => {
  const named = (e) => `${e.tagName} ${e.textContent.trim().slice(0, 40)}`;
  const wide = document.documentElement.scrollWidth;
  const lost = wide > innerWidth ? [`${wide} px wide`] : [];
  for (const e of document.querySelectorAll("button, .tile, .go, h1, p"))
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) lost.push(`clipped: ${named(e)}`);
  const controls = [...document.querySelectorAll("a[href], button, input, textarea")].filter((e) => e.checkVisibility() && !e.disabled);
  scrollTo(0, 0);
  for (const e of [...controls, ...controls.toReversed()]) {
    e.focus();
    const box = e.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (document.activeElement !== e) lost.push(`takes no focus: ${named(e)}`);
    else if (![e, ...(e.labels ?? [])].some((own) => own.contains(there)))
      lost.push(`${there ? "covered" : "out of sight"}: ${named(e)} ${there ? `by ${named(there)}` : ""}`);
  }
  document.activeElement.blur();
  return [...new Set(lost)];
}"""
"""What is cut off at the side, and every control whose middle somebody who goes to it, down the page or up again, does not
see: it lies under something, or no scrolling reaches it."""


@pytest.mark.parametrize("name", BANKS)
def test_twice_the_size_and_wide_spacing_lose_nothing(
    house: House, address: str, axe_page: Page, name: str
) -> None:
    """200 % zoom, the largest letters of the switches, and the text spacing of WCAG 1.4.12."""
    page, found = axe_page, []
    enter(page, house, address, name)
    read_in(page, address, "fil" if name == "chu" else "ja", size=2)
    for path in screens(name):
        page.goto(address + path)
        page.evaluate(SPACED)
        for width, height in ZOOMED:
            page.set_viewport_size({"width": width, "height": height})
            found += [(path, (width, height), lost) for lost in page.evaluate(LOST)]
    assert found == []


WHAT_IT_HOLDS_READY = """() => [document.documentElement.lang, document.documentElement.className, document.body.className.replace(" offline", ""),
    ...[...document.querySelectorAll("[role=status], .sheet")].map((part) => part.textContent.replace(/\\s+/g, " "))]"""


@pytest.mark.parametrize(("name", "language"), [("kou", "ja"), ("sho-high", "ja-easy"), ("chu", "vi")])
def test_reloaded_without_network_a_tablet_speaks_to_the_same_child(
    house: House, address: str, open_page: OpenPage, name: str, language: str
) -> None:
    """In its band and language, with its Japanese beneath: also the line that answers are safe, and each sheet."""
    page = open_page(address)
    enter(page, house, address, name)
    read_in(page, address, language, both=language == "vi")
    page.goto("/s/q/2")
    page.wait_for_function(READY)
    before = page.evaluate(WHAT_IT_HOLDS_READY)
    offline(page)
    answer = page.reload()
    assert answer is not None
    assert answer.from_service_worker, "the one empty page of all children"
    page.wait_for_function(READY)
    assert page.evaluate(WHAT_IT_HOLDS_READY) == before


ALL_AT_ONCE = """(text) => {
  const all = new DOMParser().parseFromString(text, "text/html");
  document.body.replaceChildren(...[...all.querySelectorAll("template[data-place]")].map((one) => {
    const main = document.createElement("main");
    main.append(document.importNode(one.content, true));
    return main;
  }));
}"""
READINGS = """(main) => {
  const bare = main.cloneNode(true), readings = [...main.querySelectorAll("rt")].map((rt) => rt.textContent);
  for (const rt of bare.querySelectorAll("rt")) rt.remove();
  return [readings, bare.textContent.replace(/\\s/g, "")];
}"""


def said_twice(page: Page) -> list[str]:
    """Readings that whoever listens hears beside their words; what is written in kana anyhow is heard."""
    found = []
    for main in page.locator("main").all():
        heard = re.sub(r"\s", "", main.aria_snapshot())
        readings, written = main.evaluate(READINGS)
        found += [said for said in readings if len(said) > 2 and heard.count(said) > written.count(said)]
    return found


@pytest.mark.parametrize("name", ["sho-low", "sho-high", "chu"])
def test_each_word_is_heard_once(house: House, address: str, axe_page: Page, name: str) -> None:
    """Every question and every page around them, in a bank of each age."""
    page, found, band = axe_page, [], band_of(name)
    enter(page, house, address, name)
    read_in(page, address, "ja-easy")
    asked = every_screen(page, address)
    around = ("welcome", "more", "practice", "review", "forget", f"thanks/{band}", "resume", f"quiet/{band}")
    for path in around:
        page.goto(f"{address}/s/{path}")
        assert path.startswith("quiet") or page.locator("main rt").count() > 0, path
        found += [(path, said) for said in said_twice(page)]
    page.evaluate(ALL_AT_ONCE, asked)
    assert page.locator("main").count() >= len(bank(name).bank.screens)
    found += [("a question", said) for said in said_twice(page)]
    assert found == []


def test_a_child_without_a_pointer_answers_and_always_sees_the_focus(
    house: House, address: str, open_page: OpenPage
) -> None:
    page = open_page(address, viewport=(1080, 740), reduced_motion="reduce", forced_colors="active")
    page.goto("/")
    page.locator("#code").press("Tab")
    page.goto(f"/t#{house.pupils[-1].ticket.secret}")
    page.wait_for_url("**/s/reading")
    for pressed in ("これでよい", "回答する"):
        tab_to(page, pressed)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.wait_for_url("**/s/practice")
    page.wait_for_function(READY)
    tab_to(page, "", "button.option")
    page.keyboard.press("Enter")
    for place in range(1, 6):
        page.wait_for_url(f"**/s/q/{place}")
        tab_to(page, "", "button.option, button.go, label.tile input")
        seen = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert seen[0] != "none"
        assert seen[1] >= 4
        assert page.evaluate(IN_SIGHT), "what has the focus is out of sight or lies under something"
        if page.evaluate("() => document.activeElement.matches('input')"):
            page.keyboard.press("Space")
            tab_to(page, "", "button.go")
        page.wait_for_timeout(450)  # two presses closer together than the guard count as one
        page.keyboard.press("Enter")


IN_SIGHT = """() => {
    const here = document.activeElement, box = here.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    return box.top >= -.5 && box.bottom <= innerHeight + .5 && here.contains(document.elementFromPoint(x, y));
}"""
"""Half a pixel is let through: a page scrolls by whole ones."""


FOCUSED = "() => document.activeElement.outerHTML.slice(0, 120)"


@pytest.mark.parametrize("path", ["/s/reading", "/s/review", "multi"])
@pytest.mark.parametrize(("width", "height"), [(853, 417), (375, 600)])
@pytest.mark.parametrize(("language", "size"), [("en", 0), ("ja", 2)])
def test_on_a_low_screen_with_the_japanese_beneath_or_large_letters_the_focus_is_in_sight(
    house: House, address: str, axe_page: Page, path: str, width: int, height: int, language: str, size: int
) -> None:
    """What stays at the lower edge lies over whatever scrolls beneath it, so the focus has to scroll clear of it."""
    page, faults = axe_page, []
    page.set_viewport_size({"width": width, "height": height})
    enter(page, house, address, "sho-high")
    read_in(page, address, language, size=size, both=language not in JAPANESE)
    page.goto(address + (f"/s/q/{places('sho-high')['multi']}" if path == "multi" else path))
    page.wait_for_function("() => document.readyState === 'complete'")
    for _ in range(25):
        page.keyboard.press("Tab")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if page.evaluate("() => document.activeElement === document.body"):
            break
        faults += [] if page.evaluate(IN_SIGHT) else [page.evaluate(FOCUSED)]
    assert faults == []


def tab_to(page: Page, text: str, selector: str = "a, button") -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([text, selector]) => document.activeElement.matches(selector)"
            " && document.activeElement.textContent.includes(text)",
            [text, selector],
        ):
            return
    raise AssertionError(f"the keyboard does not reach {text or selector}")


HAS_VOICES = """(voices) => {
    speechSynthesis.getVoices = () => voices.map(([lang, localService]) => ({ lang, localService }));
    speechSynthesis.dispatchEvent(new Event("voiceschanged"));
}"""


def test_there_is_no_read_aloud_without_a_voice_of_the_tablet(
    house: House, address: str, axe_page: Page
) -> None:
    page = axe_page
    enter(page, house, address, "kou")
    assert page.evaluate("() => speechSynthesis.getVoices().filter((v) => v.localService).length") == 0
    assert page.locator("input[name=speak]").count() == 0
    assert page.locator(".listen").count() == 0
    for voices, offered in (([["ja-JP", False], ["en-US", True]], 0), ([["ja-JP", True]], 1)):
        page.evaluate(HAS_VOICES, voices)
        assert page.locator("input[name=speak]").count() == offered


def test_readings_and_the_japanese_beneath_come_and_go_with_their_switches(
    house: House, address: str, axe_page: Page
) -> None:
    page = axe_page
    enter(page, house, address, "sho-high")
    for language, switch, told in (("ja", "ruby", ".sample rt"), ("en", "both", "#both-sample")):
        read_in(page, address, language)
        page.goto(f"{address}/s/reading")
        for shown in (switch == "ruby", switch != "ruby"):
            assert (page.locator(f"{told}:visible").count() > 0) is shown
            page.locator(f".switches [name={switch}]").evaluate("element => element.click()")


VOICES = """
const voice = (lang, local) => ({lang, localService: local, name: lang, voiceURI: lang, default: false});
const said = [];
window.saidAloud = said;
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", {value: {
  speaking: false, getVoices: () => [voice("en-US", true), voice("ja-JP", false), voice("ja", true)],
  speak: (u) => said.push([u.text, u.voice.lang, u.voice.localService]), cancel: () => {},
  addEventListener: () => {}, removeEventListener: () => {}}});
"""


SHOWN = """() => [...document.querySelectorAll("main li")].filter((line) => line.checkVisibility()).length"""


def hear(page: Page) -> list[tuple[str, str]]:
    """What is said on the page that is open, each with the language of its voice; only voices of the tablet."""
    page.evaluate("() => saidAloud.splice(0)")
    page.click(".listen")
    said = page.evaluate("() => saidAloud")
    assert all(local for _, _, local in said)
    return [(text, language) for text, language, _ in said]


@pytest.fixture
def listener(house: House, address: str, chromium: Browser) -> Iterator[Page]:
    """A child of 小4–6 who has the pages read aloud."""
    context = chromium.new_context(locale="ja-JP")
    context.add_init_script(VOICES)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    enter(page, house, address, "sho-high")
    page.check("input[name=speak]")
    page.click(".switches .go")
    yield page
    context.close()


def test_read_aloud_speaks_readings_once_with_a_voice_of_the_tablet(address: str, listener: Page) -> None:
    listener.goto(f"{address}/s/welcome")
    said = hear(listener)
    spoken = "".join(text for text, _ in said)
    assert {voice for _, voice in said} == {"ja"}
    assert "ほけんの先生" in spoken
    assert "保健" not in spoken


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_stands_in_a_list_is_read_aloud_once_and_japanese_by_a_japanese_voice(
    address: str, listener: Page, language: str
) -> None:
    """The three marks of the practice, what more there is to know, and the numbers and places on the last page."""
    value = f"{language}.1.0.0.1.0.0"
    listener.context.add_cookies([{"name": "kizuki_reading", "value": value, "url": address}])
    own = "en-US" if language == "en" else "ja"
    words_of = {"/s/practice": ["かくれます", "covers"], "/s/more": ["べつの所", "another place"]}
    for path, told in words_of.items():
        listener.goto(address + path)
        said = hear(listener)
        assert {voice for _, voice in said} == {own}
        assert any(told[language == "en"] in text for text, _ in said), said
        assert len({text for text, _ in said}) == len(said) > listener.evaluate(SHOWN)
    listener.goto(f"{address}/s/thanks/M")
    said = hear(listener)
    assert any("0120-99-7777" in text for text, _ in said), said
    places = listener.locator(".places li").count()
    assert places > 0
    assert [voice for _, voice in said][-1 - places :] == ["ja"] * places + [own]
    assert len({text for text, _ in said}) == len(said) > listener.evaluate(SHOWN)


def test_reloaded_without_network_a_page_is_still_read_aloud(address: str, listener: Page) -> None:
    listener.goto(f"{address}/s/q/1")
    listener.wait_for_function(READY)
    online = hear(listener)
    offline(listener)
    listener.reload()
    listener.wait_for_function(READY)
    assert hear(listener) == online
    listener.goto(f"{address}/s/forget?at=1")
    listener.wait_for_function(READY)
    assert len(hear(listener)) > 1
    listener.locator("main a").first.click()
    assert hear(listener) == online
    assert listener.locator(".bar .listen").count() == listener.locator(".listen").count() == 1


def test_the_review_reads_its_sentences_and_no_list_of_numbers(address: str, listener: Page) -> None:
    listener.goto(f"{address}/s/review")
    assert len(hear(listener)) < listener.locator(".lines li").count()
