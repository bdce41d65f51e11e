"""Pages in a real Chromium, each watched: a page that breaks its content policy, calls another host or throws
an error fails the test that opened it.

Under a strict content policy `wait_for_function` takes "() => expression", never a bare expression.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

NO_CHROMIUM = (
    "no Chromium: install chromium (Debian: sudo apt install chromium), or name it in KIZUKI_CHROMIUM"
)

TABLET = (810, 1080)  # a school tablet held upright
CHROMEBOOK = (1366, 640)  # what a class laptop leaves for the page

PATIENCE = 60_000
"""Milliseconds a condition may take on a busy machine; it ends as soon as it holds."""
expect.set_options(timeout=PATIENCE)

QUIET = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",  # there is none: everything is drawn by the processor, and here without a detour
    "--disable-gpu-rasterization",
    "--in-process-gpu",
    "--host-resolver-rules=MAP classroom.invalid 127.0.0.1",  # a plain-HTTP name: no WebCrypto, as on a school LAN
)
FAULTS_ONLY = {"resultTypes": ["violations"]}
"""For axe: the nodes that are in order are not written down one by one."""

LOCAL_SCHEMES = {"data", "blob", "about"}

OpenPage = Callable[..., Page]

ASKED_AGAIN = 5_000
"""Milliseconds after which a browser that has not done what it was asked is asked once more."""

NEVER_ASKS = """{
    const { addEventListener } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (kind, ...more) {
        if (kind !== "beforeunload") return addEventListener.call(this, kind, ...more);
    };
}"""


def lead_away(page: Page) -> None:
    """Chromium never ends closing a page that is just then on a way of its own and has something left to do at its end
    (seen in 1 of about 10 closings of such a page). From an empty page nothing goes anywhere."""
    for _ in range(20):
        try:
            page.goto("about:blank", timeout=ASKED_AGAIN)
            return
        except Error:  # its own way was quicker
            continue


def close_tab(page: Page) -> None:
    """Close one page, and ask again where Chromium has not heard: a page that is just then on a way of its own stays."""
    target = page.context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]["targetId"]
    assert page.context.browser is not None
    browser = page.context.browser.new_browser_cdp_session()
    while not page.is_closed():
        try:
            browser.send("Target.closeTarget", {"targetId": target})
            page.wait_for_event("close", timeout=ASKED_AGAIN)
        except Error:  # not closed yet, or closed a moment ago
            continue
    browser.detach()


def close_at_rest(context: BrowserContext) -> None:
    """Close a profile whose pages have been led away first."""
    for page in context.pages:
        lead_away(page)
    context.close()


def find_chromium() -> str | None:
    if named := os.environ.get("KIZUKI_CHROMIUM"):
        return named
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for each test module: while it runs, the thread has an event loop that would hinder others."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    flags = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page must never do, collected while it lives."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.faults.append(f"error in the page: {error}"))

    def on_console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"content policy: {message.text}")

    def on_request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in LOCAL_SCHEMES and origin(request.url) != self.origin:
            self.faults.append(f"request to another host: {request.url}")


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def watched_pages(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages and, at the end, fails with every fault any of them showed."""
    contexts, watches = [], []

    def open_one(
        base_url: str, viewport: tuple[int, int] = TABLET, *, may_ask: bool = False, **options: Any
    ) -> Page:
        settings = {
            "has_touch": viewport == TABLET,
            "locale": "ja-JP",
            "timezone_id": "Asia/Tokyo",
            **options,
        }
        context = browser.new_context(
            base_url=base_url, viewport={"width": viewport[0], "height": viewport[1]}, **settings
        )
        context.set_default_timeout(PATIENCE)
        if not may_ask:
            context.add_init_script(NEVER_ASKS)
        watch = Watch(origin(base_url))
        context.on("page", watch.follow)
        context.on("request", watch.on_request)
        contexts.append(context)
        watches.append(watch)
        return context.new_page()

    try:
        yield open_one
    finally:
        faults = [
            fault for watch in watches for fault in watch.faults
        ]  # the empty page at the end is not theirs
        for context in contexts:
            close_at_rest(context)
    assert not faults, "\n".join(faults)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """`open_page(base_url, viewport=TABLET, **context_options)`: a page in a fresh browser profile.

    `page.goto("/path")` is relative to `base_url`. Touch is on for the tablet; any option of Playwright's
    `new_context` may be given, but never `bypass_csp`, which would hide real faults.
    """
    with watched_pages(chromium) as open_one:
        yield open_one
