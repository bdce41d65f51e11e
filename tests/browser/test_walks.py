"""Random walks of children over taps, back, reload, killed tabs, lost network, two tabs and two tablets that go from
child to child: at the end the service has the last tap of every question of every child, every time.

The same pages, script and service as a child's; only the fingers are faster. The suite walks a few; `make walks`
walks a thousand (tools/walks.py). KIZUKI_WALKS says how many here, KIZUKI_FIRST_WALK with which seed to begin.
"""

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page
from playwright.sync_api import TimeoutError as NotInTime

from survey_api.services.submissions.actions import add_wave_key
from tests.browser.chromium import ASKED_AGAIN, NEVER_ASKS, close_at_rest, close_tab
from tests.browser.tablets import draft_of, pupils_of, running_house, sent_of, wait_until
from tests.house import SETUP, House, Pupil, bank

WALKS = int(os.environ.get("KIZUKI_WALKS", "6"))
FIRST = int(os.environ.get("KIZUKI_FIRST_WALK", "0"))
STEPS = 9
FINGER = 200
"""Milliseconds from a tap until a child could do something else than tap."""
APART = 600
"""Milliseconds a child needs, at the very least, to turn to another tablet: two tablets are compared to within the
network's delay."""
BEHIND = 1500
"""Milliseconds after which a slow tablet is through with what a tap left to do: it dies then, or goes to the next
child, not before."""
SMALL: Any = {"width": 375, "height": 600}
CHILDREN_PER_TABLET = 20
PATIENCE = 120_000
"""Milliseconds a page may take on a busy machine; a slow page is no lost answer."""
POLLING = 30
"""Milliseconds between two looks at a page: a tab behind has no frames, and frames cost more than the walk."""
CHILD = bank("sho-low").bank

SETTLED = (
    "() => document.readyState === 'complete'"
    " && (!document.body?.dataset.screens || document.body.dataset.ready === '1')"
)
NOBODY_ANSWERS = "() => document.readyState === 'complete' && !document.body?.dataset.screens"
"""The tab of a child before has ended by itself."""
TORN_OUT = "No entry with passed id"
ON_ITS_OWN_WAY = ("ERR_ABORTED", "interrupted by another navigation")
GOES_ON = "Execution context was destroyed"
LET_IN_OR_NOT = re.compile(r"/s/reading$|://[^/]+/$")
"""Or on the first page again: the tablet was just putting the child before's away."""
WITHOUT_NETWORK = "() => document.body?.dataset.page === 'away'"
TURNED_BY = 30_000
NOTHING_WAITS = "() => !document.body.dataset.screens || document.body.dataset.unsent === '0'"
MAY_SEND = (
    "() => document.body.dataset.ready === '1' && document.querySelector(\"form[action='/s/send']\") !== null"
)
WAITS = "() => document.querySelector('#waiting:not([hidden])') !== null"
ON_A_QUESTION = (
    "() => document.body.dataset.ready === '1' && document.querySelector('form.question, .lines') !== null"
)
TAP = """([chance]) => {
    const form = document.querySelector("form.question");
    if (!form) return null;
    const boxes = [...form.querySelectorAll("input[name=a]")];
    if (boxes.length) {
        boxes[Math.floor(chance * boxes.length)].click();
        const ticked = boxes.filter((box) => box.checked).map((box) => box.value).sort();
        return [form.dataset.key, ticked.length ? ticked : null];
    }
    const words = form.querySelector("textarea");
    if (words) {
        words.value = `ことば ${Math.floor(chance * 1e6)}`;
        const said = words.value;
        form.requestSubmit(form.querySelector("button.go"));
        return [form.dataset.key, said];
    }
    const choices = [...form.querySelectorAll("button[name=a]")];
    if (!choices.length) {
        form.querySelector("button.go").click();
        return null;
    }
    const button = choices[Math.floor(chance * choices.length)], key = form.dataset.key, value = button.value;
    button.click();
    return [key, value];
}"""


SLOW = """{
    const late = (most) => new Promise((done) => setTimeout(done, Math.max(0, Math.random() * 1.4 - 0.4) * most));
    const said = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
        set(heard) { said.set.call(this, () => late(300).then(heard)); },
    });
    for (const name of ["encrypt", "decrypt", "importKey"]) {
        const work = SubtleCrypto.prototype[name];
        SubtleCrypto.prototype[name] = function (...given) { return late(60).then(() => work.apply(this, given)); };
    }
    const asked = fetch;
    globalThis.fetch = async (...what) => {
        if (!what[1]?.keepalive) await late(200);
        const answer = await asked(...what);
        await late(400);
        return answer;
    };
}"""
"""An old tablet on a bad network: whatever it does behind a tap is done a little later than the quick one would, each
time in another order."""


def wait_for(page: Page, condition: str) -> None:
    """Until a page is so, with a fresh look every few seconds: one in some thousand looks is never answered, though every
    tab is as it should be (seen after two minutes of waiting)."""
    until = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            page.wait_for_function(condition, polling=POLLING, timeout=ASKED_AGAIN)
            return
        except NotInTime:
            if time.monotonic() > until:
                raise


def looked_at(page: Page) -> str:
    """What a tab shows while a walk goes wrong: its page, and whether it has woken up."""
    try:
        awake = page.wait_for_function(
            "() => `${document.readyState} ${JSON.stringify(document.body.dataset)}`",
            polling=POLLING,
            timeout=3000,
        )
        return f"{page.url} {awake.json_value()}"
    except Error:
        return f"{page.url} does not answer"


class Tablets:
    """Two tablets that go from child to child, as they were left; the second one is slow."""

    def __init__(self, browser: Browser, house: House, url: str) -> None:
        self.house, self.url = house, url
        self.both = [browser.new_context(base_url=url, locale="ja-JP", viewport=SMALL) for _ in range(2)]
        for context in self.both:
            context.set_default_timeout(PATIENCE)
            context.add_init_script(NEVER_ASKS)
        self.both[1].add_init_script(SLOW)
        self.cut_off: set[BrowserContext] = set()
        self.owed: list[Walk] = []
        """Children who walked away before everything had arrived."""

    def network(self, context: BrowserContext, *, on: bool) -> None:
        context.set_offline(not on)
        (self.cut_off.discard if on else self.cut_off.add)(context)

    def arrive(self) -> None:
        """Both tablets find the network again, and everything on them is sent."""
        for context in self.both:
            self.network(context, on=True)
            for page in context.pages:
                self.tell_online(page)
        for context in self.both:
            for page in context.pages:
                wait_for(page, NOTHING_WAITS)

    @staticmethod
    def tell_online(page: Page) -> None:
        """A page that just then goes on to the thank-you page has heard it."""
        try:
            page.evaluate("() => { dispatchEvent(new Event('online')); }")
        except Error as gone:
            if GOES_ON not in str(gone):
                raise

    def put_away(self) -> None:
        """Each tablet shows the first page, and so sends what children have left on it."""
        for context in self.both:
            self.network(context, on=True)
            page = context.new_page()
            page.goto("/")
            wait_for(page, SETTLED)
        for walk in self.owed:
            walk.kept()

    def close(self) -> None:
        for context in self.both:
            close_at_rest(context)


class Walk:
    """One child, up to two tablets with up to two tabs each, and what was tapped last."""

    def __init__(self, tablets: Tablets, child: Pupil, seed: int) -> None:
        self.tablets, self.house, self.child = tablets, tablets.house, child
        self.chance = random.Random(seed)
        self.last: dict[str, Any] = {}
        self.story: list[str] = [f"seed {seed}"]
        self.tapped = self.sent = False
        self.steps = 0
        self.tabs: list[Page] = []
        self.page: Page

    def told(self) -> None:
        """The walk, and its story with whatever went wrong."""
        try:
            self.walk()
        except Exception as failed:
            shown = [looked_at(page) for context in self.tablets.both for page in context.pages]
            raise AssertionError(f"{self.story}: {self.last}: {shown}: {failed}") from failed

    def walk(self) -> None:
        self.page = self.take(self.chance.choice(self.tablets.both))
        for _ in range(STEPS):
            self.go(self.chance.choices(list(CHOICES), list(CHOICES.values()))[0])
        self.go(self.chance.choices(list(ENDS), list(ENDS.values()))[0])

    def go(self, step: str) -> None:
        self.story.append(step)
        self.steps += 1
        if self.tapped and step not in ("tap", "reload"):  # a page may be loaded again in the moment of a tap
            self.pause(FINGER)
        self.tapped = step == "tap"
        getattr(self, step)()

    def pause(self, milliseconds: int) -> None:
        """As long as this for the page too, however busy the machine is."""
        self.page.evaluate("(wait) => new Promise((done) => setTimeout(done, wait))", milliseconds)

    def behind(self) -> int:
        """Milliseconds until this tablet has done what a tap left to do."""
        return FINGER if self.page.context is self.tablets.both[0] else BEHIND

    def take(self, context: BrowserContext) -> Page:
        """The child has a ticket: in the tab of the child before, beside it, or where no tab was left."""
        self.tablets.network(context, on=True)
        before = list(context.pages)
        left = self.chance.random()
        page = before[-1] if before and left < 0.5 else context.new_page()
        others = [other for other in before if other is not page]
        if left > 0.75:
            for other in others:
                close_tab(other)
        self.enter(page)
        for other in others if left <= 0.75 else ():
            wait_for(other, NOBODY_ANSWERS)
        return page

    def enter(self, page: Page) -> Page:
        """At a question, with the ticket once more where the tablet has just put the child before's away: what it told
        the service may take the new one's cookie with it."""
        self.show_ticket(page)
        if not page.evaluate("() => Boolean(document.body.dataset.screens)"):
            self.show_ticket(page)
        # while a child reads what the survey is for, its tablet has made ready for a lost network
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        self.tabs.append(page)
        return page

    def show_ticket(self, page: Page) -> None:
        """By the QR code, or by what its page posts."""
        if self.chance.random() < 0.2:
            self.show_code(page)
        else:
            shown = page.context.request.post(
                "/t", form={"secret": self.child.ticket.secret}, max_redirects=0
            )
            assert shown.status == 303
        self.open_question(page)

    def show_code(self, page: Page) -> None:
        """Again where the tablet says that it has no network: Chromium's worker gets it back a little later than its
        pages."""
        until = time.monotonic() + PATIENCE / 1000
        self.lead(page, f"/t#{self.child.ticket.secret}", wait_until="commit")
        while True:
            try:
                page.wait_for_url(LET_IN_OR_NOT, timeout=ASKED_AGAIN)
                return
            except NotInTime:
                if time.monotonic() > until:
                    raise
            if page.evaluate(WITHOUT_NETWORK):
                self.story.append("code again")
                self.lead(page, f"/t#{self.child.ticket.secret}", wait_until="commit")

    def open_question(self, page: Page) -> None:
        """By its address."""
        self.lead(page, f"/s/q/{self.chance.randint(1, len(CHILD.screens))}")
        wait_for(page, SETTLED)

    def lead(self, page: Page, address: str, **until: Any) -> None:
        """Again, when the page of the child before was just on its own way to the first page. Chromium now and then says
        that it gave the way up, and goes it all the same: then the page is there."""
        began = time.time() * 1000
        try:
            page.goto(address, **until)
        except Error as refused:
            if not any(words in str(refused) for words in ON_ITS_OWN_WAY):
                raise
            there = f"performance.timeOrigin > {began} && document.body?.dataset.ready === '1'"
            wait_for(page, f"() => ({NOBODY_ANSWERS})() || ({there})")
            if page.evaluate(f"() => {there}"):
                self.story.append("led all the same")
            else:
                page.goto(address, **until)

    def tap(self) -> None:
        if not self.page.evaluate(ON_A_QUESTION):
            self.open_question(self.page)
        told = self.page.evaluate(TAP, [self.chance.random()])
        if told is not None:
            self.last[told[0]] = told[1]
            self.story.append(f"{told[0]}={told[1]}")

    def back(self) -> None:
        self.page.evaluate("() => document.querySelector('.bar .back[href^=\"/s/q/\"]')?.click()")

    def browser_back(self) -> None:
        self.turn(self.page.go_back)

    def browser_forward(self) -> None:
        self.turn(self.page.go_forward)

    def turn(self, leaf: Callable[..., object]) -> None:
        """A leaf that the page has just torn out, by going on from here, is no leaf to turn to. Without network the
        browser now and then leaves one unturned: the child stays where it was, and every tap still counts."""
        try:
            leaf(wait_until="commit", timeout=TURNED_BY)
        except NotInTime:
            if self.page.context not in self.tablets.cut_off:
                raise
            self.story.append("not turned")
        except Error as refused:
            if TORN_OUT not in str(refused):
                raise
        wait_for(self.page, SETTLED)

    def reload(self) -> None:
        if not self.page.url.startswith(self.tablets.url):  # back before the first page of all
            self.open_question(self.page)
        self.page.reload()
        wait_for(self.page, SETTLED)

    def kill(self) -> None:
        """The tab dies 200 ms after whatever was done last, or when a slow one is through with it; the child opens
        another one."""
        context = self.page.context
        self.pause(self.behind())
        successor = context.new_page()
        close_tab(self.page)
        self.tabs.remove(self.page)
        self.tablets.network(context, on=True)
        self.page = self.enter(successor)

    def lose_or_find_the_network(self) -> None:
        context = self.page.context
        self.tablets.network(context, on=context in self.tablets.cut_off)

    def other_tab(self) -> None:
        context = self.page.context
        mine = [page for page in self.tabs if page.context is context and page is not self.page]
        if mine:
            self.page = mine[0]
        elif context not in self.tablets.cut_off:
            self.page = context.new_page()
            self.open_question(self.page)
            self.tabs.append(self.page)
        self.page.bring_to_front()

    def other_tablet(self) -> None:
        self.pause(APART)
        here = self.page.context
        there = next(context for context in self.tablets.both if context is not here)
        mine = [page for page in self.tabs if page.context is there]
        self.page = mine[-1] if mine else self.take(there)
        self.page.bring_to_front()

    def kept(self) -> None:
        expected = {item: value for item, value in self.last.items() if value is not None}
        if self.sent:
            expected = dict(CHILD.on_path(expected))
        there = sent_of if self.sent else draft_of
        try:
            wait_until(lambda: there(self.house, self.child) == expected, PATIENCE / 1000)
        except AssertionError as lost:
            found = there(self.house, self.child)
            raise AssertionError(f"{self.story}: {expected} but {found}") from lost

    def stay(self) -> None:
        self.tablets.arrive()
        self.kept()

    def walk_away(self) -> None:
        """Without a word, perhaps without network: what was tapped is owed. The next child takes its time to show a
        ticket."""
        self.pause(self.behind())
        self.tablets.owed.append(self)

    def send(self) -> None:
        """おくる: what is kept is the draft, as far as it lies on the child's way."""
        self.stay()
        draft = draft_of(self.house, self.child)
        self.page.goto("/s/review")
        wait_for(self.page, SETTLED)
        self.page.evaluate("() => document.querySelector(\"form[action='/s/send'] button\").click()")
        self.page.wait_for_url("**/s/thanks/L")
        assert sent_of(self.house, self.child) == dict(CHILD.on_path(draft))

    def finish_without_network(self) -> None:
        """おくる where nothing gets through: sealed, and owed as a sheet that is sent. The tablet has its questions."""
        self.stay()
        self.open_question(self.page)
        self.pause(BEHIND)
        self.tablets.network(self.page.context, on=False)
        for _ in range(3):
            self.page.goto(f"/s/q/{self.chance.randint(1, len(CHILD.screens))}")
            wait_for(self.page, ON_A_QUESTION)
            self.tap()
            self.pause(BEHIND)
        self.page.goto("/s/review")
        wait_for(self.page, MAY_SEND)
        self.page.evaluate("() => document.querySelector(\"form[action='/s/send'] button\").click()")
        wait_for(self.page, WAITS)
        self.sent = True
        self.tablets.owed.append(self)


CHOICES = {
    "tap": 12, "back": 3, "browser_back": 2, "browser_forward": 1, "reload": 2, "kill": 1, "lose_or_find_the_network": 3,
    "other_tab": 1, "other_tablet": 1,
}  # fmt: skip
ENDS = {"stay": 4, "walk_away": 3, "send": 2, "finish_without_network": 2}


@dataclass
class Tally:
    """How far it is: for the test's last line, and for whoever waits for a thousand."""

    walks: int = 0
    steps: int = 0
    faults: list[str] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    """The seeds of the walks that went wrong, each to be walked again from the beginning of its group."""


@contextmanager
def town(folder: Path, seeds: Sequence[int]) -> Iterator[tuple[House, str, list[tuple[int, Pupil]]]]:
    """A school with one child for every seed."""
    with running_house(folder, ("sho-low",), len(seeds)) as (house, url):
        with house.runtime.work(SETUP) as work:
            add_wave_key(work, house.wave_id)
        yield house, url, list(zip(seeds, pupils_of(house, "sho-low"), strict=False))


def walk_all(
    browser: Browser,
    there: tuple[House, str, list[tuple[int, Pupil]]],
    tell: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """Every child's walk, twenty children to a pair of tablets. One that goes wrong stops no other."""
    house, url, children = there
    tally = Tally()
    for start in range(0, len(children), CHILDREN_PER_TABLET):
        group = children[start : start + CHILDREN_PER_TABLET]
        while group:
            tablets = Tablets(browser, house, url)
            seed = group[0][0]
            try:
                while group:
                    seed, child = group.pop(0)
                    walk = Walk(tablets, child, seed)
                    tally.walks += 1
                    try:
                        walk.told()
                    finally:
                        tally.steps += walk.steps
                    tell(tally)
                tablets.put_away()
            except Exception as lost:  # what the tablets are like now says nothing about the next child
                tally.faults.append(str(lost))
                tally.failed.append(seed)
                tell(tally)
            finally:
                tablets.close()
    return tally


def test_after_any_walk_the_last_tap_of_every_question_is_kept(chromium: Browser, tmp_path: Path) -> None:
    with town(tmp_path, range(FIRST, FIRST + WALKS)) as there:
        tally = walk_all(chromium, there)
    assert not tally.faults, "\n".join(tally.faults)
