"""Processes on one PostgreSQL wake each other: a writing transaction sends NOTIFY, waiting processes LISTEN.

A wake-up carries no data: a woken process reads the rows, and it also looks by itself now and then.
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

OnWakeup = Callable[[str], None]

#: The kinds: a message was put into the outbox; a request was made or changed.
OUTBOX, REQUESTS = "outbox", "requests"
#: Key of the advisory lock that serving processes share and a restore takes exclusively.
SERVING = 7_041_956
_CHANNEL = "nhipcau"
#: Seconds between two checks that the connection is still open.
_CHECK_INTERVAL = 5.0


async def notify_processes(connection: AsyncConnection, wakeup: str) -> None:
    """Wake all listening processes once this transaction has committed (SQLite has one, which wakes itself)."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_notify(:channel, :wakeup)"), {"channel": _CHANNEL, "wakeup": wakeup})


async def listen(database: Database, on_wakeup: OnWakeup, on_alive: Callable[[], None] = lambda: None) -> None:
    """Call `on_wakeup` for every wake-up, until cancelled; after a lost connection for every kind, since some may have
    been missed. `on_alive` is called at every check."""
    while not database.is_sqlite:
        try:
            async with database.session() as connection:
                await _listen(connection, on_wakeup, on_alive)
        except Exception as error:
            log.warning("not listening", **name_of(error))
        on_alive()
        await asyncio.sleep(1)


async def _listen(connection: AsyncConnection, on_wakeup: OnWakeup, on_alive: Callable[[], None]) -> None:
    def on_notify(_: Any, pid: int, channel: str, wakeup: str) -> None:
        on_wakeup(wakeup)

    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await connection.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": SERVING})
    await driver.add_listener(_CHANNEL, on_notify)
    for wakeup in (OUTBOX, REQUESTS):
        on_wakeup(wakeup)
    while True:
        on_alive()
        await asyncio.sleep(_CHECK_INTERVAL)
        await asyncio.wait_for(connection.execute(text("SELECT 1")), _CHECK_INTERVAL)
