"""kill -9 in the middle of a class that presses at once: whatever was acknowledged is there after the restart."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx2
from sqlmodel import select

from survey_api.practice.tablets import busy, serving
from survey_api.tables.results import Result
from survey_api.tables.submissions import Submission
from tests.house import MORNING, House, bank, best_answers, open_house, worst_answers

PUPILS = 200
ROUNDS = 3


def bodies(house: House) -> dict[str, dict[str, object]]:
    """Ticket secret → what this child sends."""
    kinds = (best_answers(bank("chu")), worst_answers(bank("chu")))
    return {
        pupil.ticket.secret: {"client_id": f"tablet-{index:04}", "answers": kinds[index % 2]}
        for index, pupil in enumerate(house.pupils)
    }


async def patient(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """A house too busy to answer is asked again, as a tablet does."""
    while busy(answer := await ask()):
        await asyncio.sleep(0.5)
    return answer


async def send_until_killed(
    address: str, sheets: dict[str, dict[str, object]], kill: object, after: int
) -> set[str]:
    """Send everything at once; kill the service after some acknowledgements. Returns who was acknowledged."""
    acknowledged: set[str] = set()

    async def tablet(secret: str, body: dict[str, object]) -> None:
        # plain HTTP to ourselves: reading the certificate store for every tablet costs more than all the rest
        with contextlib.suppress(httpx2.TransportError):
            async with httpx2.AsyncClient(base_url=address, verify=False, timeout=300) as client:
                await patient(lambda: client.post("/t", data={"secret": secret}))
                sent = await patient(lambda: client.post("/s/submissions", json=body))
                if sent.status_code == 200 and json.loads(sent.text)["received"]:
                    acknowledged.add(secret)
                    if len(acknowledged) == after:
                        kill()  # type: ignore[operator]

    await asyncio.gather(*(tablet(secret, body) for secret, body in sheets.items()))
    return acknowledged


def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=PUPILS) as house:
        sheets, acknowledged = bodies(house), set[str]()
        by_secret = {pupil.ticket.secret: pupil.ticket_id for pupil in house.pupils}
        for after in (20, 60, 10_000)[:ROUNDS]:
            waiting = {secret: body for secret, body in sheets.items() if secret not in acknowledged}
            with serving(house.runtime.settings, MORNING + timedelta(hours=1)) as (address, process):
                acknowledged |= asyncio.run(
                    send_until_killed(
                        address, waiting, lambda process=process: process.send_signal(signal.SIGKILL), after
                    )
                )
            with house.runtime.reading() as db:
                kept = [row.ticket_id for row in db.exec(select(Submission)).all()]
                results = db.exec(select(Result.id)).all()
            assert len(kept) == len(set(kept)) == len(results)
            assert {by_secret[secret] for secret in acknowledged} <= set(kept)
        assert len(kept) == PUPILS
