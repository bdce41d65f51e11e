"""Somebody who listens on the line, or reads the filter's log, learns nothing: two children with the furthest apart
answers ask for the same addresses, with bodies of the same size both ways."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response

from tests.browser.chromium import OpenPage
from tests.browser.tablets import (
    ALL_SENT,
    EVERYTHING_STORED,
    READY,
    let_in,
    pupils_of,
    running_house,
    sent_of,
    tap,
    wait_until,
)
from tests.house import House, bank, worst_answers

EVEN = 4096
CHILD = bank("sho-low")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with running_house(tmp_path_factory.mktemp("line"), ("sho-low",), 3) as house_and_url:
        yield house_and_url


def least_answers() -> dict[str, Any]:
    """The other end of every scale: a child who carries nothing, and writes one letter."""
    items = CHILD.bank.items
    worst = worst_answers(CHILD)
    found: dict[str, Any] = {}
    for item, value in worst.items():
        if items[item].kind == "single":
            found[item] = max(CHILD.shape[item].codes - {value, "declined", "dont_know"})
        elif items[item].kind == "multi":
            found[item] = [sorted(items[item].exclusive)[0]] if items[item].exclusive else value[:1]
        else:
            found[item] = "あ"
    return found


def answer(page: Page, answers: dict[str, Any]) -> None:
    for shown in CHILD.bank.path(answers):
        page.wait_for_url(f"**/s/q/{shown.place}")
        value = answers.get(str(shown.item))
        kind = CHILD.bank.items[shown.item].kind if shown.item else "notice"
        if kind == "single" and value is not None:
            tap(page, f"button.option[value={value}]")
            continue
        for code in value or () if kind == "multi" else ():
            tap(page, f"input[value={code}]")
        if kind == "text":
            page.fill("textarea", value)
        tap(page, "form.question button.go")
    page.wait_for_url("**/s/review")
    page.wait_for_function(ALL_SENT)


NOT_EVERY_EIGHT_SECONDS = "globalThis.setInterval = () => 0"
"""A tablet tries again by the clock, whatever was answered: how often it comes to that is a matter of the machine."""


def path_of(url: str) -> str:
    return url.split("/", 3)[3].split("?")[0]


def heard(
    page: Page, house: House, number: int, answers: dict[str, Any]
) -> tuple[list[str], set[Any], set[Any]]:
    """Addresses in the order of their first request; sizes of everything but the draft; sizes of the draft."""
    asked: list[str] = []
    arrived: list[Response] = []
    child = pupils_of(house, "sho-low")[number]
    page.add_init_script(NOT_EVERY_EIGHT_SECONDS)
    let_in(page, child)
    page.context.on("request", lambda request: asked.append(request.url))
    page.context.on("response", lambda response: arrived.append(response))
    answer(page, answers)
    wait_until(lambda: "out: 0" in page.evaluate(EVERYTHING_STORED))  # else the tablet tells it a second time
    tap(page, "form[action='/s/send'] button")
    page.wait_for_url("**/s/thanks/L")
    page.wait_for_load_state("networkidle")
    assert sent_of(house, child)
    sizes, draft = set(), set()
    first = list(dict.fromkeys(path_of(url) for url in asked))
    for response in arrived:
        path = path_of(response.url)
        told = int(response.headers.get("content-length", 0))
        size = (response.request.method, path, len(response.request.post_data_buffer or b""), told)
        (draft if path == "s/draft" else sizes).add(size)
    return first, sizes, draft


def test_two_extreme_children_sound_the_same(served: tuple[House, str], open_page: OpenPage) -> None:
    house, url = served
    worst = heard(
        open_page(url), house, 0, worst_answers(CHILD) | {"free_text": "いえに かえりたくない " * 10}
    )
    least = heard(open_page(url), house, 1, least_answers())
    assert worst == least
    assert {told for _, _, _, told in worst[2]} == {EVEN}
    assert {said for method, _, said, _ in worst[2] if method == "POST"} == {EVEN}


def test_a_child_who_comes_back_is_heard_as_one_who_begins(
    served: tuple[House, str], open_page: OpenPage
) -> None:
    house, url = served
    page, child = open_page(url), pupils_of(house, "sho-low")[2]
    told = []
    for _ in range(2):
        page.on(
            "response", lambda response: told.append(response) if response.url.endswith("/s/draft") else None
        )
        let_in(page, child)
        page.wait_for_function(READY)
        answer(page, least_answers())
    assert {response.headers["content-length"] for response in told} == {str(EVEN)}
