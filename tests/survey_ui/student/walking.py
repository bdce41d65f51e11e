"""Walking the pages as a browser without script does: read the form, press one of its buttons."""

import re
from collections.abc import Mapping
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from survey_api.services.banks.bank import SKIP
from survey_api.services.banks.library import LoadedBank

SCREEN = re.compile(r"^/s/q/(\d+)$")


def form_for(loaded: LoadedBank, item: str, value: Any) -> dict[str, Any]:
    """The fields the page of this item sends for a value; None presses on without an answer."""
    kind = loaded.bank.items[item].kind
    if kind == "text":
        return {"text": value or ""}
    if kind == "multi" and isinstance(value, str):
        return {"r": value}
    return {} if value is None else {"a": value}


def walk(
    client: TestClient, loaded: LoadedBank, answers: Mapping[str, Any], *, skip_notices: bool = False
) -> list[str]:
    """From the first screen to the review; returns every address visited."""
    given: dict[str, Any] = {}
    visited = ["/s/q/1"]
    while (screen := SCREEN.match(visited[-1])) is not None:
        shown = loaded.bank.path(given)[int(screen[1]) - 1]
        fields: dict[str, Any] = {}
        if shown.item is not None:
            value = answers.get(shown.item)
            fields = form_for(loaded, shown.item, value)
            given |= {shown.item: value} if value else {}
        elif shown.may_skip and skip_notices:
            fields = {"a": SKIP}
            given[str(shown.notice)] = SKIP
        assert client.get(visited[-1]).status_code == 200
        visited.append(follow(client.post(visited[-1], data=fields)))
        assert len(visited) < 60, "the way does not end"
    return visited


def follow(response: Response) -> str:
    """Where a form sends the browser next."""
    assert response.status_code == 303, response.text
    return str(response.headers["location"])
