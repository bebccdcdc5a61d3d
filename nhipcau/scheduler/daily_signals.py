"""Looks each morning at what grew up to yesterday, and tells coordinators."""

from __future__ import annotations

from datetime import date, timedelta
from datetime import time as clock_time

from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.insight.signals.process import DAYS, compute
from nhipcau.model.signals import Rise
from nhipcau.operations.commit import Committer
from nhipcau.operations.signals import TOLD, tell
from nhipcau.scheduler.look_each_minute import look_each_minute
from nhipcau.settings import Settings
from nhipcau.storage.database import Database
from nhipcau.storage.shared_values import read_fact
from nhipcau.storage.signals import areas_with_clusters, daily_counts
from nhipcau.storage.units import load_tree

#: Local time from which on the look of a day is due: before the office begins.
_MORNING = clock_time(6, 30)
#: With fewer reports than this in four weeks nothing can stand out, so nothing is computed.
_LEAST_REPORTS, _LEAST_DAYS = 5, 28


class DailySignals:
    """Several processes may run it: what is told is claimed in the transaction that tells it."""

    def __init__(self, committer: Committer, settings: Settings) -> None:
        self._committer, self._zone = committer, settings.zone

    async def run(self) -> None:
        """Run until cancelled; errors are logged and the look tried again."""
        await look_each_minute(self.run_if_due, "signals not computed, will retry")

    async def run_if_due(self) -> bool:
        """Look at yesterday, if that was not done yet. Returns whether it was done."""
        local = self._committer.now().astimezone(self._zone)
        day = local.date() - timedelta(days=1)
        async with self._committer.database.reading() as connection:
            told = await read_fact(connection, TOLD)
        if local.time() < _MORNING or told >= day.isoformat():
            return False
        found = await look(self._committer.database, day)
        async with self._committer.transaction() as context:
            context.after.wake_sender = bool(await tell(context, found, day))
        return True


async def look(database: Database, day: date) -> list[Rise]:
    """What stands out at the end of this day, in the whole installation."""
    async with database.reading() as connection:
        tree = await load_tree(connection)
        rows = await daily_counts(connection, tree, day - timedelta(days=DAYS - 1), day)
    recent = day - timedelta(days=_LEAST_DAYS - 1)
    if tree.root is None or sum(number for on, _, _, number in rows if on >= recent) < _LEAST_REPORTS:
        return []
    return await compute(rows, day, TOPICS, areas_with_clusters(tree), tree.root.code)
