"""The watched page notices what it is there to notice, and stays quiet on a good page."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import CHROMEBOOK, OpenPage, watched_pages

PAGES = {
    "/good": "<h1>こんにちは</h1><img src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEAAAAALAAAAAABAAEAAAIA'>",
    "/inline": "<p style='color: red'>赤</p>",
    "/elsewhere": "<a href='http://elsewhere.invalid/'>ほかの場所</a>",
    "/broken": "<script src='/broken.js'></script>",
    "/broken.js": "throw new Error('broken on purpose')",
}
POLICY = "default-src 'self'; img-src 'self' data:"


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path, "").encode()
        self.send_response(200 if body else 204)
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_good_page_passes(open_page: OpenPage, site: str) -> None:
    page = open_page(site, viewport=CHROMEBOOK)
    page.goto("/good")
    assert page.locator("h1").inner_text() == "こんにちは"
    assert page.viewport_size == {"width": 1366, "height": 640}


@pytest.mark.parametrize(("path", "fault"), [("/inline", "content policy"), ("/broken", "broken on purpose")])
def test_a_faulty_page_fails_its_test(chromium: Browser, site: str, path: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault), watched_pages(chromium) as open_page:
        open_page(site).goto(path)


def test_a_request_to_another_host_fails_its_test(chromium: Browser, site: str) -> None:
    with pytest.raises(AssertionError, match=r"another host: http://elsewhere\.invalid/"):
        leave_the_site(chromium, site)


def leave_the_site(chromium: Browser, site: str) -> None:
    with watched_pages(chromium) as open_page:
        page = open_page(site)
        page.goto("/elsewhere")
        with page.expect_event("requestfailed"):
            page.locator("a").click()
