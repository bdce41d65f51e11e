"""A child's tablet in a real browser, and what the service has of that child meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from survey_api.kit.clock import ShiftedClock
from survey_api.kit.writer import GroupWriter
from survey_api.services.submissions import queries
from survey_api.tables.submissions import Submission
from tests.browser.live import serve
from tests.house import MORNING, House, Pupil, bank, open_house

SEEN = "performance.now() > (performance.getEntriesByType('paint')[0]?.startTime ?? 0) + 400"
"""For longer than two taps of one finger take: a page that came by itself is guarded from the second one."""
READY = f"() => document.body.dataset.ready === '1' && {SEEN}"
ALL_SENT = "() => document.body.dataset.unsent === '0'"


@contextmanager
def running_house(folder: Path, banks: tuple[str, ...], pupils: int) -> Iterator[tuple[House, str]]:
    """A served house whose clock runs: which tap was the last one is a matter of time."""
    with open_house(folder, banks=banks, pupils=pupils) as house:
        clock = ShiftedClock(MORNING)
        writer = GroupWriter(house.runtime.survey, house.runtime.keys, clock)
        writer.start()
        house.runtime = replace(house.runtime, clock=clock, writer=writer)
        try:
            with serve(house) as url:
                yield house, url
        finally:
            writer.stop()


def pupils_of(house: House, name: str) -> list[Pupil]:
    return [pupil for pupil in house.pupils if pupil.grade == bank(name).bank.grades[0]]


def let_in(page: Page, pupil: Pupil, place: int = 1) -> None:
    """Show the QR code and go to a question; wait until the tablet moves by itself."""
    page.goto(f"/t#{pupil.ticket.secret}", wait_until="commit")  # the page goes on by itself
    page.wait_for_url("**/s/reading")
    open_question(page, place)


def open_question(page: Page, place: int) -> None:
    page.goto(f"/s/q/{place}")
    page.wait_for_function(READY)


def offline(page: Page, yes: bool = True) -> None:
    """Cut the tablet off, once it has made ready for that, as it does while a child reads the first pages."""
    if yes:
        page.evaluate("() => navigator.serviceWorker?.ready.then(() => true)")
    page.context.set_offline(yes)


def tap(page: Page, selector: str) -> None:
    """Press as assistive technology does: a finger this fast would be taken for a double tap."""
    page.locator(selector).first.evaluate("element => element.click()")


def draft_of(house: House, pupil: Pupil) -> dict[str, Any]:
    """The answers the service has of a child who has not sent."""
    with house.runtime.reading() as db:
        ticket = queries.ticket_by_id(db, pupil.ticket_id)
        assert ticket is not None
        return dict(queries.draft_of(db, house.runtime.keys, ticket).get("answers", {}))


def sent_of(house: House, pupil: Pupil) -> dict[str, Any] | None:
    """The answers the service keeps of a child who has sent."""
    with house.runtime.reading() as db:
        kept = queries.kept_of_ticket(db, pupil.ticket_id)
        row = kept and db.get(Submission, kept.id)
        return dict(queries.sealed_answers(db, house.runtime.keys, row)["answers"]) if row else None


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


EVERYTHING_STORED = """async () => {
    const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request)).text());
    }
    for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((done) => { indexedDB.open(name).onsuccess = (e) => done(e.target.result); });
        for (const store of db.objectStoreNames) {
            const rows = await new Promise((done) => {
                db.transaction(store).objectStore(store).getAll().onsuccess = (e) => done(e.target.result);
            });
            for (const row of rows) {
                for (const value of Object.values(row)) {
                    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
                    found.push(bytes instanceof Uint8Array
                        ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join("") + new TextDecoder().decode(bytes)
                        : typeof value === "object" ? JSON.stringify(value) : String(value));
                }
            }
            found.push(`${store}: ${rows.length}`);
        }
        db.close();
    }
    return found.join("\\n");
}"""
"""All a page can read of what its tablet keeps: storage, caches, databases, byte by byte."""


EACH_SCREEN = """(text) => {
  const all = new DOMParser().parseFromString(text, "text/html");
  const bar = all.querySelector("template[data-view=question]").content;
  const show = (one) => {
    const main = document.createElement("main");
    main.append(document.importNode(one.content, true));
    document.body.replaceChildren(document.importNode(bar, true), main);
    return main;
  };
  const look = %s;
  return [...all.querySelectorAll("template[data-place]")].map((one) => look(show(one), () => show(one)));
}"""


TORN = """() => {
  const torn = [], range = document.createRange();
  let word = [], paragraph = null;
  const ends = () => {
    const boxes = word.flatMap((piece) => piece.boxes), middles = boxes.map((box) => (box.top + box.bottom) / 2);
    const letter = Math.max(...boxes.map((box) => box.height));
    if (boxes.length && Math.max(...middles) - Math.min(...middles) > letter * .6)
      torn.push(`torn: ${word.map((piece) => piece.text).join("|")}`);
    word = [];
  };
  const goesOn = (text, from, to) => {
    range.setStart(text, from);
    range.setEnd(text, to);
    word.push({ text: text.data.slice(from, to), boxes: [...range.getClientRects()].filter((box) => box.width) });
  };
  const paragraphOf = (e) => (/^(inline|ruby|contents)$/.test(getComputedStyle(e).display) ? paragraphOf(e.parentElement) : e);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (text.nodeType === Node.ELEMENT_NODE) {
      if (text.matches("wbr, br")) ends();
      continue;
    }
    if (!parent.checkVisibility() || parent.closest("rt, script, style, .invented, .visually-hidden, textarea")) continue;
    if (paragraph !== paragraphOf(parent)) ends();
    paragraph = paragraphOf(parent);
    for (const { 0: run, index } of text.data.matchAll(/[\\p{L}\\p{M}\\p{N}\\u2060]+|[^\\p{L}\\p{M}\\p{N}\\u2060]+/gu)) {
      const stops = /^[、。]/.test(run), letters = /^[\\p{L}\\p{M}\\p{N}\\u2060]/u.test(run);
      if (letters || (stops && word.length)) goesOn(text, index, index + (letters ? run.length : 1));
      if (!letters) ends();
    }
  }
  ends();
  return torn;
}"""
"""Every Japanese word of a page, with its readings and the stop after it, that is cut between two lines: lines break
only where the words' writers let them."""


def every_screen(page: Page, url: str) -> str:
    """Each question and notice of the child's bank, as its tablet fetches them. For `each_screen`."""
    page.goto(f"{url}/s/more")
    source = str(page.locator("body").get_attribute("data-screens"))
    return str(page.evaluate("async (source) => (await fetch(source)).text()", source))


def each_screen(page: Page, screens: str, look: str) -> list[Any]:
    """Put one after the other on the page as a tablet does, and say what `look` (a function of main) finds there.

    One page load for a whole bank: the looks of a screen are tested, not the way to it.
    """
    return list(page.evaluate(EACH_SCREEN % look, screens))
