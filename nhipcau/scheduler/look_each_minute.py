"""Looks each minute whether something is due, until cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from nhipcau.error_log import name_of

log = structlog.get_logger()

#: Seconds between two looks, and before it is tried again.
LOOK_SECONDS = 60.0


async def look_each_minute(run_if_due: Callable[[], Awaitable[bool]], failed: str) -> None:
    """`run_if_due`: does it if it is due; an error of it is logged as `failed`, and it is tried again."""
    while True:
        try:
            await run_if_due()
        except Exception as error:
            log.error(failed, **name_of(error))
        await asyncio.sleep(LOOK_SECONDS)
