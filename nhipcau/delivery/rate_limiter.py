"""Waiting: for a turn at a channel's pace, and for news or a while."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from contextlib import suppress

#: Seconds a timer may be late.
_LATE = 0.005
#: Of what an app has just borne, what it is given after it refused more.
_AFTER_REFUSAL = 0.8
#: Never fewer a second than this.
_SLOWEST = 4.0
#: Seconds in which a lowered rate doubles again, and how often it may until it is no limit any more.
_DOUBLES, _DOUBLINGS = 30.0, 4


class RateLimiter:
    """At most `rate` messages a second in all, the lowest lane first; 0: no limit but what refusals teach."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._ceiling = rate or float("inf")
        self._clock = clock
        #: After a refusal: the rate it was lowered to, and when.
        self._lowered: tuple[float, float] | None = None
        #: When the next place is free.
        self._next = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def rate(self) -> float:
        """Messages a second allowed now; infinite without a limit."""
        if self._lowered is None:
            return self._ceiling
        low, since = self._lowered
        doublings = (self._clock() - since) / _DOUBLES
        if doublings > _DOUBLINGS or low * 2**doublings >= self._ceiling:
            self._lowered = None
            return self._ceiling
        return float(low * 2**doublings)

    def lower(self, borne: float) -> None:
        """The app refused, having borne so many in the last second: fewer from now on, then ever more again."""
        low = min(_AFTER_REFUSAL * borne, _AFTER_REFUSAL * self.rate)
        self._lowered = (max(_SLOWEST, low), self._clock())

    async def turn(self, lane: int) -> None:
        """Wait for a place; whoever waits in a lower lane goes first, and a reply may take the next place early."""
        gap = 1 / self.rate
        if not gap:
            return
        early = gap if lane == 0 else 0.0
        if not (self._waiting and self._waiting[0][0] <= lane) and self._clock() >= self._next - early:
            self._take(gap)
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._numbers), place))
        self._wake()
        await place

    def _take(self, gap: float) -> None:
        # counted on from the place before, so that a timer a little late does not slow the rest
        self._next = max(self._next, self._clock() - _LATE) + gap

    def _wake(self) -> None:
        if self._timer is None:
            wait = max(0.0, self._next - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._release)

    def _release(self) -> None:
        self._timer = None
        if self._clock() < self._next - _LATE:
            # a reply took the place that was waited for
            self._wake()
            return
        while self._waiting:
            place = heapq.heappop(self._waiting)[2]
            if not place.done():
                self._take(1 / self.rate)
                place.set_result(None)
                break
        if self._waiting:
            self._wake()


class WakeUp:
    """Wakes one loop; a wake-up in between is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return when it was set since the last call, or after this long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), max(0.0, seconds))
        self._event.clear()
