"""Each morning: what was signed is told above, and who has not signed is reminded."""

from __future__ import annotations

from datetime import time as clock_time

from nhipcau.operations.commit import Committer
from nhipcau.operations.told_syntheses import TOLD, tell
from nhipcau.scheduler.look_each_minute import look_each_minute
from nhipcau.settings import Settings
from nhipcau.storage.shared_values import read_fact

#: Local time from which on it is due.
_MORNING = clock_time(7)


class DailySyntheses:
    """Several processes may run it: a day is claimed in the transaction that tells."""

    def __init__(self, committer: Committer, settings: Settings) -> None:
        self._committer, self._zone = committer, settings.zone

    async def run(self) -> None:
        """Run until cancelled; errors are logged and it is tried again."""
        await look_each_minute(self.run_if_due, "syntheses not told, will retry")

    async def run_if_due(self) -> bool:
        """Tell, if that was not done today. Returns whether it was done."""
        local = self._committer.now().astimezone(self._zone)
        async with self._committer.database.reading() as connection:
            told = await read_fact(connection, TOLD)
        if local.time() < _MORNING or told >= local.date().isoformat():
            return False
        async with self._committer.transaction() as context:
            context.after.wake_sender = bool(await tell(context))
        return True
