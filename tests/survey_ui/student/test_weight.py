"""What a child's pages weigh on the line: a school's forty tablets begin at one bell.

The budgets of time are measured by `make bench-pages`; weight does not depend on the machine and is held here.
"""

import gzip
import json
import re

from starlette.testclient import TestClient

from tests.house import House
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import allow

FETCHED = re.compile(r'<(?:script|link|body|img)[^>]*?(?:src|href|data-screens)="(/[^"#]+)"')
KEPT = re.compile(r"const FILES = (\[.*?\]);")
FIRST_PAGE, EVERY_QUESTION, KEPT_AHEAD = 40_000, 60_000, 150_000
"""Compressed bytes, as a proxy in front of the service sends them."""


def weights(client: TestClient, path: str) -> dict[str, int]:
    """Compressed bytes of a page and of each thing it fetches, by address."""
    page = client.get(path)
    assert page.status_code == 200
    found = {path: len(gzip.compress(page.content, 6))}
    for address in set(FETCHED.findall(page.text)):
        part = client.get(address)
        assert part.status_code == 200, address
        found[address] = len(gzip.compress(part.content, 6))
    return found


def test_the_first_page_is_light(client: TestClient) -> None:
    found = weights(client, "/")
    assert any(address.endswith("/child.js") for address in found)
    assert sum(found.values()) <= FIRST_PAGE, found


def test_what_a_tablet_keeps_ahead_for_a_lost_network_is_light(client: TestClient) -> None:
    listed = KEPT.search(client.get("/sw.js").text)
    assert listed is not None
    files = json.loads(listed.group(1))
    assert len(files) > 1
    assert sum(sum(weights(client, file).values()) for file in files) <= KEPT_AHEAD


def test_a_question_with_all_the_others_is_light(house: House, client: TestClient) -> None:
    """With Japanese beneath another language: the most that the pages of a bank ever hold."""
    allow(house)
    for name in BANKS:
        client.cookies.clear()
        house.show_ticket(client, pupil_of(house, name))
        client.post("/s/reading", data={"language": "vi"})
        client.post("/s/reading", data={"both": "on", "ruby": "on"})
        assert 'class="under"' in client.get("/s/q/1").text
        found = weights(client, "/s/q/1")
        assert any("/s/screens" in address for address in found)
        assert sum(found.values()) <= EVERY_QUESTION, (name, found)
