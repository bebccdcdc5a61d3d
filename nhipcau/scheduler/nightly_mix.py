"""Runs the mix once a night, and clears SQLite's log wherever nothing is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import structlog

from nhipcau.error_log import name_of
from nhipcau.privacy.sealing import Sealer
from nhipcau.scheduler.look_each_minute import look_each_minute
from nhipcau.settings import Settings
from nhipcau.storage.database import Database
from nhipcau.storage.mix import Folders, last_mix, mix
from nhipcau.storage.process_locks import LockTaken

log = structlog.get_logger()

#: Local time from which on the mix of a day is due.
_QUIET = clock_time(2, 30)
#: SQLite's log is cleared once nothing was written for this many seconds, and after so many in any case.
_IDLE_SECONDS, _LONGEST_SECONDS = 1.0, 55.0


def folders(settings: Settings) -> Folders:
    return Folders(settings.photos, settings.documents)


class NightlyMix:
    """Several processes may run it: one does the mix, and the day of the last one stands in the database."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._sealer, self._settings, self._now = database, sealer, settings, now

    async def run(self) -> None:
        """Run until cancelled; errors are logged and the mix tried again."""
        await look_each_minute(self.run_if_due, "mix failed, will retry")

    async def run_if_due(self) -> bool:
        """Mix, if that was not done since the last night began. Returns whether it was done."""
        now = self._now()
        done = await last_mix(self._database)
        if done is not None and done >= night_of(now, self._settings.zone):
            return False
        try:
            await mix(self._database, self._sealer, now, self._settings.zone, folders(self._settings))
        except LockTaken:
            # another process is at it
            return False
        return True


def night_of(now: datetime, zone: ZoneInfo) -> date:
    """The day whose mix is the last one due by now."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= _QUIET else local.date() - timedelta(days=1)


async def keep_log_short(database: Database) -> None:
    """Until cancelled: clear SQLite's log at every idle second and at least once a minute, since it keeps copies of
    what was changed and deleted, in the order of the acts."""
    cleared = time.monotonic()
    while True:
        await asyncio.sleep(_IDLE_SECONDS)
        idle = database.seconds_since_write()
        if idle is None:
            cleared = time.monotonic()
        elif idle >= _IDLE_SECONDS or time.monotonic() - cleared >= _LONGEST_SECONDS:
            try:
                await database.wipe()
            except Exception as error:
                log.warning("log not cleared, the next second does it", **name_of(error))
