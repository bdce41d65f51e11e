"""Submissions per second over HTTP: the bare floor, Kizuki's whole journey, and the obvious way, in one run.

Every server acknowledges only what is durable (SQLite, WAL, synchronous=FULL) and every acknowledged row is
counted afterwards. Same bodies, same client, 35 connections (a class that presses at once), one after another
on the same disk. Absolute figures belong to this machine; the ratios travel. The client shares the machine.

  floor    bare ASGI, one writer thread, one commit for whatever waits; stores the body as it came
  kizuki   ticket, check, assessment, sealing, result, case, outbox, trail: the real service
  obvious  FastAPI + SQLModel, one session and one commit per request; stores a row per answer
"""

import asyncio
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CONNECTIONS = 35
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")


# ---- the three servers ------------------------------------------------------------------------------------


def floor_app() -> Any:
    """As little as can durably keep a body."""
    waiting: SimpleQueue[tuple[bytes, asyncio.Future[None], asyncio.AbstractEventLoop]] = SimpleQueue()

    def writer() -> None:
        db = sqlite3.connect(os.environ["BENCH_DB"], isolation_level=None)
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        db.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB)")
        while True:
            group = [waiting.get()]
            while not waiting.empty():
                group.append(waiting.get())
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO kept (body) VALUES (?)", [(body,) for body, _, _ in group])
            db.execute("COMMIT")
            for _, future, loop in group:
                loop.call_soon_threadsafe(future.set_result, None)

    threading.Thread(target=writer, daemon=True).start()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", scope["method"] == "POST"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if body:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()
            waiting.put((body, future, loop))
            await future
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


def obvious_app() -> Any:
    """What one writes first: a model per body, a session per request, a row per answer."""
    from fastapi import Depends, FastAPI
    from pydantic import BaseModel
    from sqlalchemy import event
    from sqlmodel import Field, Session, SQLModel, create_engine

    class Sheet(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        client_id: str = Field(unique=True)

    class Answer(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        sheet_id: int = Field(foreign_key="sheet.id")
        item: str
        value: str

    class Body(BaseModel):
        client_id: str
        answers: dict[str, str | list[str]]
        seconds: dict[str, float]

    engine = create_engine(
        f"sqlite:///{os.environ['BENCH_DB']}", connect_args={"check_same_thread": False, "timeout": 60}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    SQLModel.metadata.create_all(engine)
    app = FastAPI()

    def session() -> Any:
        with Session(engine) as opened:
            yield opened

    @app.post("/s/submissions")
    def submit(body: Body, db: Session = Depends(session)) -> dict[str, bool]:  # noqa: B008 - the obvious way
        sheet = Sheet(client_id=body.client_id)
        db.add(sheet)
        db.flush()
        for item, value in body.answers.items():
            db.add(Answer(sheet_id=sheet.id, item=item, value=json.dumps(value)))
        db.commit()
        return {"received": True}

    @app.get("/ready")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


# ---- the client -------------------------------------------------------------------------------------------


async def send_all(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send every request once over 35 connections; returns seconds taken and each one's milliseconds."""
    waiting, times = iter(requests), []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            while head.startswith(b"HTTP/1.1 503"):  # busy: again in a moment, as a tablet does
                await reader.readexactly(length_of(head))
                await asyncio.sleep(0.5 + random.random())  # noqa: S311 - no secret
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode()[:80])
            await reader.readexactly(length_of(head))
            times.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, times


def length_of(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))


def as_request(body: dict[str, Any], cookie: str = "") -> bytes:
    raw = json.dumps(body, ensure_ascii=False).encode()
    head = f"POST /s/submissions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n"
    return (head + (f"cookie: kizuki_pupil={cookie}\r\n" if cookie else "") + "\r\n").encode() + raw


# ---- the run ----------------------------------------------------------------------------------------------


def prepare(folder: Path) -> tuple[Any, list[tuple[str, dict[str, Any]]]]:
    """A house with an open wave for the invented city, and one simulated sheet with a cookie per pupil."""
    from itsdangerous import TimestampSigner
    from sqlmodel import select

    from scoring.lab.simulator import SimulatedPupil, simulate_wave
    from survey_api.cli.migrate import upgrade_both
    from survey_api.journeys import enrol_students, open_wave, publish_bank
    from survey_api.kit.actor import Actor
    from survey_api.kit.clock import school_day
    from survey_api.practice.children import with_reference
    from survey_api.practice.city import invent_city
    from survey_api.practice.load import BANK_NAMES, BANKS
    from survey_api.practice.roster_zip import write_roster_zip
    from survey_api.runtime import open_runtime
    from survey_api.services.waves.rules import WavePlan
    from survey_api.settings import Settings
    from survey_api.tables.schools import Student
    from survey_api.tables.waves import Ticket

    settings = Settings(
        survey_database_url=f"sqlite:///{folder}/survey.db",
        vault_database_url=f"sqlite:///{folder}/vault.db",
        key_file=folder / "keys.json",
        _env_file=None,
    )
    upgrade_both(settings)
    office = replace(Actor.terminal("bench"), grants=frozenset({("office", None)}))
    today = school_day(datetime.now(UTC))
    sheets = []
    with open_runtime(settings) as runtime:
        with runtime.work(office) as work:
            for name in BANK_NAMES:
                publish_bank.publish_bank(work, BANKS / name, practice=True)
            with runtime.vault_work(office) as vault_work:
                enrol_students.apply(work, vault_work, runtime.vault, write_roster_zip(invent_city(), today))
            plan = WavePlan(
                "bench",
                today,
                today + timedelta(days=7),
                frozenset(range(1, 13)),
                helplines_checked_on=today,
            )
            open_wave.open_wave(work, plan)
        signer = TimestampSigner(runtime.keys["cookies"], salt="kizuki.pupil")
        with runtime.reading() as db:
            rows = db.exec(
                select(Ticket.id, Student.grade).join(Student, Student.pseudonym == Ticket.pseudonym)
            ).all()
            pupils = [SimulatedPupil(ticket_id, grade) for ticket_id, grade in rows]
            banks = {name: with_reference(BANKS / name) for name in BANK_NAMES}
            for sheet in simulate_wave(banks, pupils, seed=1).submissions:
                body = {"client_id": sheet.key, "answers": sheet.answers, "seconds": sheet.seconds}
                sheets.append((signer.sign(sheet.key).decode(), body))
    return settings, sheets


def measure(
    name: str, target: list[str], environment: dict[str, str], requests: list[bytes]
) -> dict[str, float]:
    """Start one server, send everything, stop it."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        *target,
        "--port",
        str(port),
        "--log-level",
        "error",
        "--no-access-log",
    ]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, env={**os.environ, **environment}, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(0.5)
        before = processor_seconds(process.pid)
        taken, times = asyncio.run(send_all(port, requests))
        spent = processor_seconds(process.pid) - before
    finally:
        process.terminate()
        process.wait(timeout=30)
    times.sort()
    return {
        "per_second": len(requests) / taken,
        "p50": statistics.median(times),
        "p99": times[int(len(times) * 0.99)],
        "processor": 1000 * spent / len(requests),
        "sent": len(requests),
    }


def processor_seconds(pid: int) -> float:
    """What a process has used up so far: unlike a second of the clock, the same on a busy machine. Linux only."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own names


def main() -> None:
    from survey_api.practice.tablets import settings_environment

    with tempfile.TemporaryDirectory(prefix="kizuki-bench-") as name:
        folder = Path(name)
        settings, sheets = prepare(folder)
        plain = [as_request(body) for _, body in sheets]
        mine = [as_request(body, cookie) for cookie, body in sheets]
        floor_db, obvious_db = folder / "floor.db", folder / "obvious.db"
        here = "tools.bench_submissions"
        results = {
            "floor": measure("floor", [f"{here}:floor_app", "--factory"], {"BENCH_DB": str(floor_db)}, plain),
            "kizuki": measure("kizuki", ["survey_ui.app:app"], settings_environment(settings), mine),
            "obvious": measure(
                "obvious", [f"{here}:obvious_app", "--factory"], {"BENCH_DB": str(obvious_db)}, plain[:600]
            ),
        }
        kept = {
            "floor": count(floor_db, "kept"),
            "kizuki": count(folder / "survey.db", "submissions"),
            "obvious": count(obvious_db, "sheet"),
        }
    print(
        f"{'':10}{'submits/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'cpu ms':>8}{'× floor':>9}{'× obvious':>11}{'acknowledged':>14}{'kept':>7}"
    )
    for way, row in results.items():
        print(
            f"{way:10}{row['per_second']:>11.0f}{row['p50']:>9.1f}{row['p99']:>9.1f}{row['processor']:>8.2f}"
            f"{row['per_second'] / results['floor']['per_second']:>9.2f}"
            f"{row['per_second'] / results['obvious']['per_second']:>11.1f}{row['sent']:>14.0f}{kept[way]:>7}"
        )


if __name__ == "__main__":
    main()
