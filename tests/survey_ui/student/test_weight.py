"""What a child's pages weigh on the line: a school's forty tablets begin at one bell.

The budgets of time are measured by `make bench-pages`; weight does not depend on the machine and is held here.
"""

import json
import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.house import House, bank
from tests.survey_ui.student.conftest import BANKS
from tests.survey_ui.student.test_answering import pupil_of
from tests.survey_ui.student.test_languages import allow

FETCHED = re.compile(r'<(?:script|link|body|img)[^>]*?(?:src|href|data-screens)="(/[^"#]+)"')
KEPT = re.compile(r"const FILES = (\[.*?\]);")
FIRST_PAGE, EVERY_QUESTION, KEPT_AHEAD = 40_000, 60_000, 150_000
"""Bytes on the wire, as the service itself sends them to a browser that takes gzip."""


def on_the_wire(client: TestClient, path: str) -> tuple[int, Response]:
    """How many bytes of the body travel, and the answer as a browser reads it."""
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, path
    sent = int(answer.headers["content-length"])
    if "content-encoding" not in answer.headers:
        assert sent == len(answer.content), path
    return sent, answer


def weights(client: TestClient, path: str) -> dict[str, int]:
    """What a page and each thing it fetches weigh on the wire, by address."""
    sent, page = on_the_wire(client, path)
    return {path: sent} | {
        address: on_the_wire(client, address)[0] for address in set(FETCHED.findall(page.text))
    }


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


KNOWS_NOBODY = ("/", "/t", "/s/screens", "/s/away")
"""Pages without anything of a child: they alone travel compressed."""


@pytest.mark.parametrize("path", KNOWS_NOBODY)
def test_what_knows_nobody_travels_compressed_and_reads_the_same(
    house: House, client: TestClient, path: str
) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    sent, packed = on_the_wire(client, path)
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert sent < len(plain.content) / 2
    for answer in (packed, plain):
        assert answer.headers["vary"] == "accept-encoding", (
            "a cache must not hand one to who takes only the other"
        )
        assert answer.headers["cache-control"] == plain.headers["cache-control"] == "no-store"


def test_every_question_at_once_is_the_same_for_two_children_and_says_nothing_that_was_sent(
    house: House, client: TestClient
) -> None:
    """The reason why it may travel compressed: nothing of a child is in it, and nothing that somebody can choose."""
    texts = []
    for pupil in [one for one in house.pupils if one.grade == pupil_of(house, "chu").grade][:2]:
        client.cookies.clear()
        house.show_ticket(client, pupil)
        client.post("/s/q/1", data={"a": bank("chu").bank.items["free_time"].options[0]})
        texts.append(client.get("/s/screens?v=canary-0815", headers={"user-agent": "canary-0815"}).text)
    assert len(texts) == 2
    assert texts[0] == texts[1]
    assert "canary-0815" not in texts[0]
    assert 'aria-pressed="true"' not in texts[0]


def test_a_page_of_a_child_is_not_compressed(house: House, client: TestClient) -> None:
    house.show_ticket(client, pupil_of(house, "chu"))
    for path in ("/s/reading", "/s/welcome", "/s/q/1", "/s/review", "/s/forget"):
        _, page = on_the_wire(client, path)
        assert "content-encoding" not in page.headers, path
