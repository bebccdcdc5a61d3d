"""The clock on the wall, held against one that only runs forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

#: A clock that its keeper nudges is not set back.
_NUDGE = timedelta(minutes=1)


class ClockJumpDetector:
    """Notices when the machine's clock was set back."""

    def __init__(self, running: Callable[[], float] = time.monotonic) -> None:
        self._running = running
        self._seen: tuple[datetime, float] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anybody has looked yet."""
        return self._seen is not None

    def set_back(self, now: datetime) -> datetime | None:
        """What the clock would show, if since it was last `seen` it was set back by more than a nudge."""
        if self._seen is None:
            return None
        expected = self._seen[0] + timedelta(seconds=self._running() - self._seen[1])
        return expected if expected - now > _NUDGE else None

    def seen(self, now: datetime) -> None:
        """The clock is as it should be, or what follows from its jump has been done."""
        self._seen = (now, self._running())
