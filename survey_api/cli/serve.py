"""`kizuki run`, `serve`, `migrate`: bring the databases up to date and serve."""

import http.client
import socket
import threading
import time

import typer
import uvicorn
from sqlalchemy.exc import OperationalError

from survey_api.cli import practice
from survey_api.cli.migrate import upgrade_both
from survey_api.jobs.clocks import ticking
from survey_api.kit.db import plain_reason
from survey_api.kit.own_address import EVERYWHERE
from survey_api.kit.problems import Problem
from survey_api.settings import Mode, Settings

BETWEEN_TRIES = 0.2
"""Seconds between two looks whether the service answers yet."""


def migrate() -> None:
    """Bring both databases to the newest schema."""
    settings = Settings()
    try:
        upgrade_both(settings)
    except OperationalError as broken:
        raise Problem(plain_reason(settings.survey_database_url, broken)) from broken


def serve() -> None:
    """Serve pages and JSON with the settings of the environment."""
    settings = Settings()
    require_free_port(settings)
    if settings.mode is Mode.PRACTICE:
        practice.require_own_house(settings)
    with ticking(settings):
        uvicorn.run(
            "survey_ui.app:app",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
        )


def run() -> None:
    """What `make run` calls: migrate, in practice mode load the invented city once, say what to open, serve."""
    settings = Settings()
    require_free_port(settings)
    migrate()
    if settings.mode is Mode.PRACTICE:
        practice.load_once(settings)
        practice.say_what_to_open(settings)
    typer.echo("始めています。")
    threading.Thread(target=say_when_it_answers, args=(settings,), daemon=True).start()
    serve()


def say_when_it_answers(settings: Settings) -> None:
    """The line that people wait for is true when it stands there: a first click that finds nobody looks broken."""
    while not answers(settings):
        time.sleep(BETWEEN_TRIES)
    typer.echo(f"{settings.address} で動いています。止めるには Ctrl+C。")
    if settings.host in EVERYWHERE and not settings.public_url:
        typer.echo(
            "同じネットワークのタブレットからも、このアドレスで開きます"
            "(開かないときは、この機械のアドレスを KIZUKI_PUBLIC_URL に入れてください)。"
        )


def answers(settings: Settings) -> bool:
    """Whether the service answers now, asked as a browser would."""
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    line = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        line.request("GET", "/health")
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def require_free_port(settings: Settings) -> None:
    """One sentence instead of a traceback when the port is taken or the address is not ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as taken:
            raise Problem(
                f"{settings.host}:{settings.port} はほかのプログラムが使っています。"
                f"`make run PORT={settings.port + 1}` のように、別の番号で始めてください。"
            ) from taken
