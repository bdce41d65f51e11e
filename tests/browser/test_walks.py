"""Random walks of children over taps, back, reload, killed tabs, lost network, two tabs and two tablets: at the end
the service has the last tap of every question, every time.

The same pages, script and service as a child's; only the fingers are faster. KIZUKI_WALKS says how many.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from survey_api.services.submissions.actions import add_wave_key
from survey_api.web.cookies import _signer
from tests.browser.tablets import (
    READY,
    draft_of,
    let_in,
    open_question,
    pupils_of,
    running_house,
    sent_of,
    wait_until,
)
from tests.house import SETUP, House, Pupil, bank

WALKS = int(os.environ.get("KIZUKI_WALKS", "20"))
STEPS = 9
APART = 150
"""Milliseconds a child needs to turn to another tablet; two tablets are compared to within the network's delay."""
CHILD = bank("sho-low").bank

NOTHING_WAITS = "() => !document.body.dataset.screens || document.body.dataset.unsent === '0'"
ON_A_QUESTION = (
    "() => document.body.dataset.ready === '1' && document.querySelector('form.question, .lines') !== null"
)
TAP = """([chance]) => {
    const form = document.querySelector("form.question");
    if (!form) return null;
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
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


class Walk:
    """One child, up to two tablets with up to two tabs each, and what was tapped last."""

    def __init__(self, browser: Browser, house: House, url: str, child: Pupil, seed: int) -> None:
        self.browser, self.house, self.url, self.child = browser, house, url, child
        self.chance = random.Random(seed)
        self.last: dict[str, Any] = {}
        self.tablets: list[BrowserContext] = []
        self.cut_off: set[BrowserContext] = set()
        self.page = self.new_tablet()
        self.story = [f"seed {seed}"]

    def new_tablet(self) -> Page:
        context = self.browser.new_context(base_url=self.url, locale="ja-JP")
        context.set_default_timeout(15_000)
        self.tablets.append(context)
        return self.enter(context.new_page())

    def enter(self, page: Page) -> Page:
        """Back at a question: by the QR code, or, as often, with the cookie that one has left."""
        if self.chance.random() < 0.2:
            let_in(page, self.child, self.somewhere())
            return self.settled(page)
        cookie = _signer(self.house.runtime.keys).sign(self.child.ticket_id).decode()
        page.context.add_cookies([{"name": "kizuki_pupil", "value": cookie, "url": self.url}])
        open_question(page, self.somewhere())
        return self.settled(page)

    def settled(self, page: Page) -> Page:
        """While a child reads what the survey is for, its tablet has made ready for a lost network."""
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        return page

    def somewhere(self) -> int:
        return self.chance.randint(1, len(CHILD.screens))

    def go(self, step: str) -> None:
        self.story.append(step)
        getattr(self, step)()

    def tap(self) -> None:
        if not self.page.evaluate(ON_A_QUESTION):
            open_question(self.page, self.somewhere())
        told = self.page.evaluate(TAP, [self.chance.random()])
        if told is not None:
            self.last[told[0]] = told[1]
            self.story.append(f"{told[0]}={told[1]}")

    def back(self) -> None:
        self.page.evaluate("() => document.querySelector('.bar .back[href^=\"/s/q/\"]')?.click()")

    def browser_back(self) -> None:
        """Inside the go; what lies before it is another test's."""
        place = self.page.url
        self.page.evaluate("() => history.back()")
        self.page.wait_for_timeout(50)
        if self.page.url != place:
            self.page.wait_for_load_state()

    def reload(self) -> None:
        if not self.page.url.startswith(self.url):  # back before the first page of all
            open_question(self.page, self.somewhere())
        self.page.reload()
        self.page.wait_for_function(READY)

    def kill(self) -> None:
        """The tab dies 200 ms after whatever was done last; the child opens another one."""
        self.page.wait_for_timeout(200)
        context = self.page.context
        successor = context.new_page()
        self.page.close(run_before_unload=False)
        self.network(context, on=True)
        self.page = self.enter(successor)

    def network(self, context: BrowserContext, *, on: bool) -> None:
        context.set_offline(not on)
        (self.cut_off.discard if on else self.cut_off.add)(context)

    def lose_or_find_the_network(self) -> None:
        self.network(self.page.context, on=self.page.context in self.cut_off)

    def other_tab(self) -> None:
        context = self.page.context
        if len(context.pages) > 1:
            self.page = next(page for page in context.pages if page is not self.page)
        elif context not in self.cut_off:
            self.page = context.new_page()
            open_question(self.page, self.somewhere())
        self.page.bring_to_front()

    def other_tablet(self) -> None:
        self.page.wait_for_timeout(APART)
        if len(self.tablets) == 1:
            self.page = self.new_tablet()
        else:
            context = next(one for one in self.tablets if one is not self.page.context)
            self.page = context.pages[-1]
        self.page.bring_to_front()

    def arrive(self) -> None:
        """Every tablet finds the network again, and everything on it is sent."""
        for context in self.tablets:
            self.network(context, on=True)
            for page in context.pages:
                page.evaluate("() => { dispatchEvent(new Event('online')); }")
                page.wait_for_function(NOTHING_WAITS, polling=50)  # a tab behind has no frames

    def check(self) -> None:
        expected = {item: value for item, value in self.last.items() if value is not None}
        self.arrive()
        wait_until(lambda: draft_of(self.house, self.child) == expected, 5)

    def send(self) -> None:
        """おくる: what is kept is the draft, as far as it lies on the child's way."""
        draft = draft_of(self.house, self.child)
        self.page.goto("/s/review")
        self.page.wait_for_function(READY)
        self.page.evaluate("() => document.querySelector(\"form[action='/s/send'] button\").click()")
        self.page.wait_for_url("**/s/thanks/L")
        assert sent_of(self.house, self.child) == dict(CHILD.on_path(draft))

    def end(self) -> None:
        for context in self.tablets:
            context.close()


CHOICES = {
    "tap": 12, "back": 3, "browser_back": 2, "reload": 2, "kill": 1, "lose_or_find_the_network": 3,
    "other_tab": 1, "other_tablet": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    folder: Path = tmp_path_factory.mktemp("walks")
    with running_house(folder, ("sho-low",), WALKS) as (house, url):
        with house.runtime.work(SETUP) as work:
            add_wave_key(work, house.wave_id)
        yield house, url


def test_after_any_walk_the_last_tap_of_every_question_is_kept(
    chromium: Browser, served: tuple[House, str]
) -> None:
    house, url = served
    first = int(os.environ.get("KIZUKI_FIRST_WALK", "0"))
    for number, child in enumerate(pupils_of(house, "sho-low")):
        walk = Walk(chromium, house, url, child, first + number)
        try:
            for _ in range(STEPS):
                walk.go(walk.chance.choices(list(CHOICES), list(CHOICES.values()))[0])
            walk.check()
            if number % 5 == 0:
                walk.send()
        except Exception as failed:
            raise AssertionError(f"{walk.story}: {walk.last} but {draft_of(house, child)}") from failed
        finally:
            walk.end()
