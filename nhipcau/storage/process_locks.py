"""Process locks: one process serves a SQLite file; on PostgreSQL one sends for a bot or receives for it.

They are locks of the operating system or the database, not rows, so that they end with the process that holds them.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.error_log import name_of
from nhipcau.storage.database import Database

log = structlog.get_logger()

#: Seconds between two tries to take a lock, and between two checks that the connection that holds it is alive.
_CHECK_INTERVAL = 1.0
#: Seconds such a check may take.
_CHECK_TIMEOUT = 5.0


class LockTaken(Exception):
    """Another process holds the lock."""


def hold_file(path: Path) -> int:
    """Lock this file until the process ends or the returned handle is closed. Raises LockTaken."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise LockTaken(str(path)) from None
    return handle


def hold_database(database: Database) -> int | None:
    """Become the only process that serves this SQLite file (commands may still use it). Raises LockTaken."""
    if not database.is_sqlite or not database.url.database:
        return None
    return hold_file(Path(f"{database.url.database}.serving"))


@asynccontextmanager
async def only_one(database: Database, name: str) -> AsyncIterator[None]:
    """Be the only process at this work, until it is done. Raises LockTaken."""
    if database.is_sqlite:
        handle = hold_file(Path(f"{database.url.database}.{name}")) if database.url.database else None
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)
        return
    async with database.session() as connection:
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key_of(name)}):
            raise LockTaken(name)
        # ends with the connection
        yield


def _key_of(name: str) -> int:
    """63 bits of the name's hash: the key of an advisory lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


class ProcessLock:
    """Lets one process at a time do some work on one PostgreSQL. On SQLite one process serves, and always holds it."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        #: The key of the advisory lock.
        self.key = _key_of(name)
        #: Whether this process holds the lock now.
        self.is_held = database.is_sqlite

    async def run(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do this work while the lock is held, until cancelled; a lock lost with its connection is taken again."""
        if self._database.is_sqlite:
            await work()
            return
        while True:
            try:
                async with self._database.session() as connection:
                    await self._take(connection)
                    await self._work(connection, work)
            except Exception as error:
                log.warning("lock lost", lock=self._name.partition(":")[0], **name_of(error))
            await asyncio.sleep(_CHECK_INTERVAL)

    async def _take(self, connection: AsyncConnection) -> None:
        try_lock = text("SELECT pg_try_advisory_lock(:key)")
        while not await connection.scalar(try_lock, {"key": self.key}):
            await asyncio.sleep(_CHECK_INTERVAL)

    async def _work(self, connection: AsyncConnection, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do the work as long as the connection that holds the lock lives."""
        task = asyncio.create_task(work())
        self.is_held = True
        try:
            while not (await asyncio.wait([task], timeout=_CHECK_INTERVAL))[0]:
                await asyncio.wait_for(connection.execute(text("SELECT 1")), _CHECK_TIMEOUT)
            # raises the error of work that ended by itself
            await task
        finally:
            self.is_held = False
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
