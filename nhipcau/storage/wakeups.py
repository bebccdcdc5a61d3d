"""Processes on one PostgreSQL wake each other: NOTIFY in the transaction that wrote, LISTEN in whoever waits.

A bell only wakes: rows are the truth, and whoever waits also looks by itself now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.error_log import name_of
from nhipcau.storage.database import Database

log = structlog.get_logger()

#: Something lies in the outbox; a request was made or changed.
OUTBOX, REQUESTS = "outbox", "requests"
#: Key of the advisory lock that every serving process shares: a restore takes it alone.
SERVING = 7_041_956
_WIRE = "nhipcau"
#: Seconds between two looks whether the line is still open.
_LOOK = 5.0


async def notify_processes(connection: AsyncConnection, bell: str) -> None:
    """Wake all processes that listen, once this transaction has committed (SQLite: one process, rung by itself)."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_notify(:wire, :bell)"), {"wire": _WIRE, "bell": bell})


async def listen(database: Database, heard: Callable[[str], None], beat: Callable[[], None] = lambda: None) -> None:
    """Call `heard` for every bell, until cancelled; after a break for all bells, since some may have been missed."""
    while not database.is_sqlite:
        try:
            async with database.apart() as connection:
                await _listen(connection, heard, beat)
        except Exception as error:
            log.warning("not listening", **name_of(error))
        beat()
        await asyncio.sleep(1)


async def _listen(connection: AsyncConnection, heard: Callable[[str], None], beat: Callable[[], None]) -> None:
    def on_bell(_: Any, pid: int, wire: str, bell: str) -> None:
        heard(bell)

    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await connection.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": SERVING})
    await driver.add_listener(_WIRE, on_bell)
    for bell in (OUTBOX, REQUESTS):
        heard(bell)
    while True:
        beat()
        await asyncio.sleep(_LOOK)
        await asyncio.wait_for(connection.execute(text("SELECT 1")), _LOOK)
