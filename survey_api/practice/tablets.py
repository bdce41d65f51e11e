"""Real tablets' work in miniature: the real service in a process of its own, and sheets sent to it over HTTP."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx2

from survey_api.kit.problems import Problem
from survey_api.settings import Settings

AT_ONCE = 24
CHILDREN_PER_TABLET = 50

Sheet = tuple[str, dict[str, Any]]
"""A ticket's secret and the body its pupil sends."""


PAUSES = (1, 2, 4, 8)
"""Seconds between tries while the house is busy."""


async def answer_all(address: str, sheets: Sequence[Sheet], told: Callable[[int], None]) -> None:
    """Every pupil opens the ticket and sends; an answer that is not kept stops everything."""
    waiting = list(reversed(sheets))
    done = 0

    async def tablet() -> None:
        nonlocal done
        while waiting:
            # plain HTTP to ourselves: reading the certificate store for every tablet would cost more than sending
            async with httpx2.AsyncClient(base_url=address, verify=False, timeout=60) as client:
                for _ in range(min(CHILDREN_PER_TABLET, len(waiting))):
                    if not waiting:
                        return
                    await _send(client, waiting.pop())
                    done += 1
                    if done % 20 == 0:
                        told(done)

    await asyncio.gather(*(tablet() for _ in range(AT_ONCE)))
    told(done)


def busy(answer: httpx2.Response) -> bool:
    """Too busy to keep an answer, or to let a ticket in: there the house says so on the next page."""
    return answer.status_code == 503 or "retry-after" in answer.headers


async def _patient(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """A busy house is asked again, as a real tablet does: a slow machine must not stop the invented city."""
    answer = await ask()
    for pause in PAUSES:
        if not busy(answer):
            break
        await asyncio.sleep(pause)
        answer = await ask()
    return answer


async def _send(client: httpx2.AsyncClient, sheet: Sheet) -> None:
    secret, body = sheet
    client.cookies.clear()
    opened = await _patient(lambda: client.post("/t", data={"secret": secret}))
    if opened.status_code != 303 or busy(opened):
        raise Problem(f"練習の市: チケットで入れませんでした({opened.status_code})。")
    sent = await _patient(lambda: client.post("/s/submissions", json=body))
    if sent.status_code != 200:
        raise Problem(f"練習の市: 回答が届きませんでした({sent.status_code} {sent.text[:200]})。")


@contextmanager
def serving(settings: Settings, moment: datetime) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """The real service on a free port, its clock starting at the given moment; yields address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **settings_environment(settings),
        "KIZUKI_PRACTICE_NOW": moment.isoformat(),
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "survey_ui.app:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, process)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings that must be the same in the other process."""
    return {
        "KIZUKI_MODE": str(settings.mode),
        "KIZUKI_SURVEY_DATABASE_URL": settings.survey_database_url,
        "KIZUKI_VAULT_DATABASE_URL": settings.vault_database_url,
        "KIZUKI_KEY_FILE": str(settings.key_file),
    }


def _wait_until_up(address: str, process: "subprocess.Popen[bytes]", seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    with httpx2.Client(base_url=address, verify=False, timeout=1) as client:
        while time.monotonic() < until and process.poll() is None:
            try:
                if client.get("/ready").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
    raise Problem("練習の市: サービスを起動できませんでした。`kizuki serve` で原因を確かめてください。")
