"""Processes on one PostgreSQL wake each other: NOTIFY in the transaction that wrote, LISTEN in whoever waits.

A wake-up only wakes: rows are the truth, and whoever waits also looks by itself now and then.
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
_CHANNEL = "nhipcau"
#: Seconds between two looks whether the line is still open.
_LOOK = 5.0


async def notify_processes(connection: AsyncConnection, wakeup: str) -> None:
    """Wake all processes that listen, once this transaction has committed (SQLite: one process, rung by itself)."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_notify(:channel, :wakeup)"), {"channel": _CHANNEL, "wakeup": wakeup})


async def listen(database: Database, heard: Callable[[str], None], beat: Callable[[], None] = lambda: None) -> None:
    """Call `heard` for every wake-up, until cancelled; after a break for all of them: some may have been missed."""
    while not database.is_sqlite:
        try:
            async with database.apart() as connection:
                await _listen(connection, heard, beat)
        except Exception as error:
            log.warning("not listening", **name_of(error))
        beat()
        await asyncio.sleep(1)


async def _listen(connection: AsyncConnection, heard: Callable[[str], None], beat: Callable[[], None]) -> None:
    def on_notify(_: Any, pid: int, channel: str, wakeup: str) -> None:
        heard(wakeup)

    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await connection.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": SERVING})
    await driver.add_listener(_CHANNEL, on_notify)
    for wakeup in (OUTBOX, REQUESTS):
        heard(wakeup)
    while True:
        beat()
        await asyncio.sleep(_LOOK)
        await asyncio.wait_for(connection.execute(text("SELECT 1")), _LOOK)
