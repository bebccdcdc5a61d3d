"""Waiting: for a turn at a channel's pace, and for news or a while."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from contextlib import suppress

#: Seconds a timer may be late.
_LATE = 0.005


class Pace:
    """At most `rate` messages a second in all, the lowest lane first; 0: no limit of ours."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._clock = clock
        #: When the next place is free.
        self._next = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, lane: int) -> None:
        """Wait for a place; whoever waits in a lower lane goes first."""
        if not self._gap:
            return
        if not self._waiting and self._clock() >= self._next:
            self._take()
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._numbers), place))
        self._wake()
        await place

    def _take(self) -> None:
        # counted on from the place before, so that a timer a little late does not slow the rest
        self._next = max(self._next, self._clock() - _LATE) + self._gap

    def _wake(self) -> None:
        if self._timer is None:
            wait = max(0.0, self._next - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._release)

    def _release(self) -> None:
        self._timer = None
        while self._waiting:
            place = heapq.heappop(self._waiting)[2]
            if not place.done():
                self._take()
                place.set_result(None)
                break
        if self._waiting:
            self._wake()


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
