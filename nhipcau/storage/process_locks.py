"""What one process at a time may do: serve an SQLite file, fill a post ("sender:telegram") on PostgreSQL.

Locks of the system, not rows: the moment their holder is killed they are free.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.error_log import name_of
from nhipcau.storage.database import Database

log = structlog.get_logger()

#: Seconds between two tries to take a post, and between two looks whether it is still ours.
LOOK = 1.0
#: Seconds the database may take to say that it is.
_PATIENCE = 5.0


class LockTaken(Exception):
    """Another process has it."""


def hold_file(path: Path) -> int:
    """Hold this lock file as long as this process lives, or until its handle is closed. Raises Taken."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise LockTaken(str(path)) from None
    return handle


def hold_database(database: Database) -> int | None:
    """Be the only one who serves this SQLite file (the command line may work beside). Raises Taken."""
    if not database.is_sqlite or not database.url.database:
        return None
    return hold_file(Path(f"{database.url.database}.serving"))


class ProcessLock:
    """Something one process at a time does on one PostgreSQL; on SQLite, where one process serves, always ours."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        #: The key of the advisory lock: 63 bits of the name's hash.
        self.key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
        #: Whether we fill it now.
        self.ours = database.is_sqlite

    async def fill(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do this work whenever the post is ours, until cancelled; lost with the connection, it is tried for again."""
        if self._database.is_sqlite:
            await work()
            return
        while True:
            try:
                async with self._database.apart() as connection:
                    await self._take(connection)
                    await self._work(connection, work)
            except Exception as error:
                log.warning("lock lost", lock=self._name.partition(":")[0], **name_of(error))
            await asyncio.sleep(LOOK)

    async def _take(self, connection: AsyncConnection) -> None:
        taking = text("SELECT pg_try_advisory_lock(:key)")
        while not await connection.scalar(taking, {"key": self.key}):
            await asyncio.sleep(LOOK)

    async def _work(self, connection: AsyncConnection, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Work as long as the connection that holds the lock lives."""
        doing = asyncio.create_task(work())
        self.ours = True
        try:
            while not (await asyncio.wait([doing], timeout=LOOK))[0]:
                await asyncio.wait_for(connection.execute(text("SELECT 1")), _PATIENCE)
            # work that ended by itself says why
            await doing
        finally:
            self.ours = False
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
