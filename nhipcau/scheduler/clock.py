"""What is due: requests open, remind and close; what has ended is deleted. Rows are the truth, timers only wake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.faults import name_of
from nhipcau.handlers import asking
from nhipcau.handlers.situation import Office
from nhipcau.privacy.seal import Sealer
from nhipcau.scheduler.pace import Bell
from nhipcau.settings import Settings
from nhipcau.storage import requests, retention, saving
from nhipcau.storage.db import Database

log = structlog.get_logger()

#: Seconds between looks.
LOOK = 1.0
#: Seconds between sweeps.
SWEEP = 900.0
#: Shares of the time allowed at which those who have not answered are reminded.
REMINDERS: Mapping[str, tuple[float, ...]] = {"poll": (0.5,), "rapid": (0.5, 0.9)}


class Clock:
    """Does what is due, once: each request's own row decides who does it."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        office: Callable[[AsyncConnection], Awaitable[Office]],
        settings: Settings,
        *,
        said: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._office = office
        self._settings = settings
        self._said = said
        self._now = now
        self._swept = float("-inf")
        self.bell = Bell()
        self.beat = time.monotonic()

    async def run(self) -> None:
        """Run until cancelled; a database that is away is waited for."""
        while True:
            self.beat = time.monotonic()
            wait = LOOK
            try:
                wait = min(LOOK, await self.tick())
            except Exception as error:
                log.error("clock waits", **name_of(error))
            await self.bell.wait(wait)

    async def tick(self) -> float:
        """Do everything that is due now. Returns seconds until the next thing may be."""
        now = self._now()
        async with self._database.reading() as connection:
            opening, closing = await requests.due(connection, now)
            running = await requests.running(connection)
            moment = await requests.next_moment(connection)
        for id in opening:
            await self._work(partial(asking.open_request, id=id))
        for id in closing:
            await self._work(partial(asking.close, id=id))
        for row in running:
            if row["id"] not in closing and (step := due_reminder(row, now)):
                await self._work(partial(_remind, id=row["id"], step=step))
        if time.monotonic() - self._swept > SWEEP:
            await self.sweep()
        return LOOK if moment is None else max(0.0, (moment - self._now()).total_seconds())

    async def _work(self, act: Callable[[asking.Work], Awaitable[Any]]) -> None:
        """One transaction; keys it ended are destroyed after its commit."""
        async with self._database.writing() as connection:
            work = asking.Work(connection, self._sealer, await self._office(connection), self._now())
            ended = await act(work)
        keys = ended if isinstance(ended, list) else []
        for name in keys:
            self._sealer.forget(name)
        if keys:
            await self._database.wipe()
        self._said()

    async def sweep(self) -> None:
        """Delete what has ended, and the keys it was made under."""
        now = self._now()
        today = now.astimezone(self._settings.zone).date()
        ring = self._sealer.ring
        async with self._database.writing() as connection:
            ended = await retention.sweep(connection, ring, now, today, self._settings.follow_up_days)
            for name in ended:
                await saving.note(connection, now, "key.destroy", name)
        for name in ended:
            self._sealer.forget(name)
        await self._database.wipe()
        async with self._database.reading() as connection:
            unused = await retention.unused_pictures(connection, self._sealer, self._settings.photos)
        for path in unused:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        self._swept = time.monotonic()


def due_reminder(row: Mapping[str, Any], now: datetime) -> int:
    """Which reminder of this request is due now (1, 2), 0 if none; after a standstill only the last one."""
    opens, closes = row["opens_at"], row["closes_at"]
    used = (now - opens).total_seconds() / max(1.0, (closes - opens).total_seconds())
    passed = sum(1 for share in REMINDERS[row["kind"]] if used >= share)
    return passed if passed > row["reminders"] else 0


async def _remind(work: asking.Work, id: str, step: int) -> None:
    if await requests.take_reminder(work.connection, id, step):
        await asking.remind(work, id)
