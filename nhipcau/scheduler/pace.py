"""Waiting: for a turn at a channel's pace, and for news or a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Pace:
    """At most `rate` messages a second in all, a short burst allowed; 0: no limit of ours."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._clock = clock
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the next free place."""
        if not self._gap:
            return
        now = self._clock()
        place = max(self._next, now)
        self._next = place + self._gap
        if place > now:
            await asyncio.sleep(place - now)


class Bell:
    """Wakes one loop; rings in between are not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return when it rang since the last call, or after this long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), max(0.0, seconds))
        self._event.clear()
