"""Detects that the system clock was set back, by comparing it with the monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

#: Smaller steps back are corrections of time synchronisation and are ignored.
_TOLERANCE = timedelta(minutes=1)


class ClockJumpDetector:
    """Compares the system clock with `monotonic` (seconds) since the last reading of both."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._reading: tuple[datetime, float] | None = None

    @property
    def has_reading(self) -> bool:
        """Whether there is a reading to compare with."""
        return self._reading is not None

    def expected_if_set_back(self, now: datetime) -> datetime | None:
        """The time the clock should show, where it was set back by more than a minute since the last reading."""
        if self._reading is None:
            return None
        expected = self._reading[0] + timedelta(seconds=self._monotonic() - self._reading[1])
        return expected if expected - now > _TOLERANCE else None

    def take_reading(self, now: datetime) -> None:
        """Compare with this moment from now on: the clock is right, or its jump has been dealt with."""
        self._reading = (now, self._monotonic())
