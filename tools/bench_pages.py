"""What a child's tablet feels on a slow line: make bench-pages

Chromium with its processor slowed four times and the network of slow 3G (400 kbit/s, 2 s a round trip) or of a
class's Wi-Fi (1.6 Mbit/s, 150 ms), against the real service on this machine. Every row: what was measured, what was
promised, whether it is kept. Exit 1 when one is not. Before each child a page of five Japanese words is
tapped as often, on which a tap changes those words and nothing else: what this machine, its browser and its fonts need
for themselves, today. A machine whose own five words take the larger part of what is promised cannot judge the
promise; what Kizuki adds to them, it can. Repeat on a real tablet.
"""

import gzip
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, CDPSession, Page, Response, sync_playwright

from tests.browser.chromium import QUIET, find_chromium
from tests.browser.tablets import READY, pupils_of, running_house
from tests.house import Pupil

SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CLASS_WIFI = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
RUNS, TIMES_SLOWER, TAPS, COVERS = 3, 4, 30, 10

WATCH = """() => {
    globalThis.seen = { lcp: 0, cls: 0, long: 0, last: 0, inp: [] };
    const watch = (type, each, more) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...more });
    watch("largest-contentful-paint", (e) => { seen.lcp = e.startTime; });
    // the mark at the edge of an invented city, which no real child has, grows as it arrives
    const ours = ({ sources }) => !sources.length || sources.some(({ node }) => !(node?.closest ? node : node?.parentElement)?.closest(".invented"));
    watch("layout-shift", (e) => { if (!e.hadRecentInput && ours(e)) seen.cls += e.value; });
    watch("longtask", (e) => { seen.long += Math.max(0, e.duration - 50); seen.last = e.startTime + e.duration; });
    watch("event", (e) => { if (e.interactionId) seen.inp.push([e.interactionId, e.duration]); }, { durationThreshold: 16 });
}"""


FIVE_WORDS = """<!doctype html><html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>body { font: 1.25rem "Hiragino Sans", "Noto Sans CJK JP", sans-serif } button { font: inherit }</style><main></main><script>
    let turn = 0;
    const show = () => document.querySelector("main").innerHTML = `<h1>気づき ${turn}</h1>` + "<button>答え</button>".repeat(4);
    addEventListener("click", () => { turn += 1; show(); history.replaceState(null, "", "#" + turn); });
    show();
</script>"""


@contextmanager
def five_words_house() -> Iterator[str]:
    """A service with nothing but that page, for what the machine and its browser need for themselves."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name the library asks for
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            with suppress(BrokenPipeError):  # a page that was left early
                self.wfile.write(FIVE_WORDS.encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the table is the only output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@dataclass(frozen=True)
class Row:
    what: str
    measured: float
    promised: float | None
    unit: str

    @property
    def kept(self) -> bool:
        return self.promised is None or self.measured <= self.promised

    def __str__(self) -> str:
        found = f"{self.what:<58}{self.measured:>9.2f} {self.unit:<3}"
        if self.promised is None:
            return f"{found} (the machine)"
        word = "kept" if self.kept else "NOT KEPT"
        return f"{found} ≤ {self.promised:>7.2f} {self.unit:<3} {word}"


@contextmanager
def slow_page(browser: Browser, url: str, network: dict[str, Any]) -> Iterator[tuple[Page, CDPSession]]:
    context = browser.new_context(base_url=url, viewport={"width": 1080, "height": 740}, locale="ja-JP")
    context.set_default_timeout(60_000)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", network)
    session.send("Emulation.setCPUThrottlingRate", {"rate": TIMES_SLOWER})
    page.add_init_script(f"({WATCH})()")
    yield page, session
    context.close()


def seen(page: Page) -> dict[str, Any]:
    page.wait_for_timeout(1500)
    found: dict[str, Any] = page.evaluate(
        """() => ({ ...seen, ready: Math.max(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, seen.last) })"""
    )
    return found


def first_page(browser: Browser, url: str, path: str, network: dict[str, Any]) -> dict[str, float]:
    """Medians of a first visit: seconds to the largest paint, seconds until it can be used, blocking ms, shift."""
    found = []
    for _ in range(RUNS):
        with slow_page(browser, url, network) as (page, _session):
            page.goto(path)
            found.append(seen(page))
    return {name: median(float(one[name]) for one in found) for name in ("lcp", "ready", "long", "cls")}


def transfer(browser: Browser, url: str, pupil: Pupil, path: str) -> float:
    """Kilobytes of a page with all it needs, each compressed, as a proxy in front of the service sends them."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    if path != "/":
        page.goto(f"/t#{pupil.ticket.secret}")
        page.wait_for_url("**/s/reading")
    page.wait_for_load_state("networkidle")
    arrived: list[Response] = []
    page.on("response", lambda response: arrived.append(response))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    size = sum(len(gzip.compress(response.body(), 6)) for response in arrived if response.status == 200)
    context.close()
    return size / 1000


@dataclass(frozen=True)
class Way:
    """What a child felt from the first question to the review, which is the last of each list."""

    touch_to_paint: list[float]
    """Milliseconds from the finger's touch to the frame with the next question, the machine's own hand included."""
    interactions: list[float]
    """The same as the browser reports it (INP): the longest event of each interaction, until its next frame."""
    asked: int
    shift: float


def interactions_of(told: dict[str, Any]) -> list[float]:
    """The longest event of each interaction, milliseconds until its next frame."""
    longest: dict[int, float] = {}
    for number, duration in told["inp"]:
        longest[number] = max(longest.get(number, 0.0), float(duration))
    return list(longest.values())


def five_words_taps(browser: Browser, url: str, taps: int) -> list[float]:
    """As many taps on a page on which a tap changes five words and nothing else."""
    with slow_page(browser, url, SLOW_3G) as (page, _session):
        page.goto("/")
        page.wait_for_timeout(3000)
        for _ in range(taps):
            here = page.url
            box = page.locator("button").first.bounding_box()
            assert box is not None
            page.mouse.click(box["x"] + 5, box["y"] + 5)
            page.wait_for_function("here => location.href !== here", arg=here)
            page.wait_for_timeout(450)
        return interactions_of(seen(page))


def next_questions(browser: Browser, url: str, pupil: Pupil) -> Way:
    """Every question of 中学 answered by pointer, on slow 3G."""
    with slow_page(browser, url, CLASS_WIFI) as (page, session):
        page.goto(f"/t#{pupil.ticket.secret}")
        page.wait_for_url("**/s/reading")
        page.goto("/s/q/1")
        page.wait_for_function(READY)
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        times: list[float] = []
        asked = 0
        while "/s/q/" in page.url:
            page.wait_for_timeout(3000 if not times else 450)
            before = len(requests)
            box = page.locator("button.option, form.question button.go").first.bounding_box()
            assert box is not None
            page.evaluate(
                """() => addEventListener("pointerdown", () => {
                    const began = performance.now();
                    addEventListener("click", () => requestAnimationFrame(() => {
                        const channel = new MessageChannel();
                        channel.port1.onmessage = () => { globalThis.took = performance.now() - began; };
                        channel.port2.postMessage(0);
                    }), { once: true, capture: true });
                }, { once: true, capture: true })"""
            )
            here = page.url
            page.mouse.click(box["x"] + 20, box["y"] + 20)
            page.wait_for_function("here => location.href !== here && globalThis.took", arg=here)
            asked += sum("/s/draft" not in url for url in requests[before:])
            times.append(float(page.evaluate("() => { const t = took; globalThis.took = 0; return t; }")))
        told = seen(page)
        return Way(times, interactions_of(told), asked, float(told["cls"]))


def covers(browser: Browser, url: str, pupil: Pupil) -> list[float]:
    """The cover pressed and taken away again, as often as somebody passes a desk."""
    with slow_page(browser, url, CLASS_WIFI) as (page, _session):
        page.goto(f"/t#{pupil.ticket.secret}")
        page.wait_for_url("**/s/reading")
        page.goto("/s/q/1")
        page.wait_for_function(READY)
        for _ in range(COVERS):
            page.wait_for_timeout(600)
            page.mouse.click(*middle(page, ".cover-now"))
            page.wait_for_function("() => document.body.classList.contains('covered')")
            page.wait_for_timeout(600)
            page.mouse.click(*middle(page, "#cover button"))
            page.wait_for_function("() => !document.body.classList.contains('covered')")
        return interactions_of(seen(page))


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def rows(browser: Browser, url: str, words_url: str, pupils: list[Pupil]) -> Iterator[Row]:
    yield Row("first page, everything it needs, compressed", transfer(browser, url, pupils[0], "/"), 40, "KB")
    yield Row(
        "first question with every question of 中学", transfer(browser, url, pupils[0], "/s/q/1"), 60, "KB"
    )
    nothing = first_page(browser, words_url, "/", SLOW_3G)
    yield Row("five words, slow 3G: largest paint", nothing["lcp"] / 1000, None, "s")
    yield Row("five words, slow 3G: blocked", nothing["long"], None, "ms")
    slow = first_page(browser, url, "/", SLOW_3G)
    yield Row("first page, slow 3G: largest paint", slow["lcp"] / 1000, 3.0, "s")
    yield Row("first page, slow 3G: can be used", slow["ready"] / 1000, 5.0, "s")
    yield Row("first page, slow 3G: blocked", slow["long"], 100, "ms")
    yield Row("first page, slow 3G: layout shift", slow["cls"], 0, "")
    wifi = first_page(browser, url, "/", CLASS_WIFI)
    yield Row("first page, class Wi-Fi: largest paint", wifi["lcp"] / 1000, 1.0, "s")
    ways: list[Way] = []
    words: list[float] = []
    for pupil in pupils[1 : 1 + RUNS]:
        words += five_words_taps(browser, words_url, TAPS)
        ways.append(next_questions(browser, url, pupil))
    interactions = [each for way in ways for each in way.interactions[:-1]]
    touches = [each for way in ways for each in way.touch_to_paint]
    yield Row(f"five words, INP median of {len(words)}", median(words), None, "ms")
    yield Row(f"five words, INP p95 of {len(words)}", p95(words), None, "ms")
    yield Row(f"next question, INP median of {len(interactions)}", median(interactions), 100, "ms")
    steady = [median(each) for each in zip(*(way.interactions[:-1] for way in ways), strict=False)]
    yield Row("next question, INP p95, each question's median of three", p95(steady), 100, "ms")
    yield Row(f"next question, INP p95 of {len(interactions)}", p95(interactions), 100, "ms")
    yield Row("next question or review, touch to paint, p95", p95(touches), 100, "ms")
    to_review = [way.interactions[-1] for way in ways]
    yield Row("from the last question to the review, INP median", median(to_review), 100, "ms")
    yield Row("cover on and off, INP p95", p95(covers(browser, url, pupils[0])), 100, "ms")
    yield Row("next question: requests it waits for", sum(way.asked for way in ways), 0, "")
    yield Row("all questions: layout shift", max(way.shift for way in ways), 0, "")


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_house(Path(folder), ("chu",), 1 + RUNS) as (house, url),
        five_words_house() as words_url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*QUIET, "--no-sandbox"])
        kept = True
        for row in rows(browser, url, words_url, pupils_of(house, "chu")):
            print(row, flush=True)
            kept &= row.kept
        browser.close()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
