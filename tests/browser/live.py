"""A house that answers on a real port, for the browser: the whole app over both databases, on a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn

from survey_api.runtime import Runtime
from survey_api.settings import Settings
from survey_ui.app import create_app
from tests.house import House, open_house

KEPT_ALIVE = 600
"""Seconds a quiet connection stays open: Playwright's own requests fail on one that was just closed, and a browser's
are sent again."""


@dataclass(frozen=True)
class LiveHouse:
    """The house and its address; `house` gives the pupils' tickets and the staff's logins."""

    house: House
    url: str


@contextmanager
def serve(house: House) -> Iterator[str]:
    """Serve the house's app on a free port; yields the address."""

    @contextmanager
    def same_runtime(_settings: Settings) -> Iterator[Runtime]:
        yield house.runtime

    app = create_app(house.runtime.settings, open_with=same_runtime)
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, timeout_keep_alive=KEPT_ALIVE)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def live_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHouse]:
    """One house with all four banks for each test module."""
    banks = ("sho-low", "sho-high", "chu", "kou")
    with open_house(tmp_path_factory.mktemp("house"), banks=banks) as house, serve(house) as url:
        yield LiveHouse(house, url)
