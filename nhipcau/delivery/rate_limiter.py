"""Two ways to wait: for a slot of a channel's rate limit, and for a wake-up or a time limit."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from contextlib import suppress

#: Seconds a timer may be late.
_LATE = 0.005
#: After a refusal, the new rate as a share of what the app took in the second before.
_AFTER_REFUSAL = 0.8
#: Messages a second: no rate is lowered below this.
_SLOWEST = 4.0
#: Seconds in which a lowered rate doubles again, and doublings after which it is lifted.
_DOUBLES, _DOUBLINGS = 30.0, 4


class RateLimiter:
    """At most `rate` messages a second, lowest lane first; 0: unlimited until a refusal lowers it (`lower`)."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._ceiling = rate or float("inf")
        self._clock = clock
        #: After a refusal: the rate it was lowered to, and when.
        self._lowered: tuple[float, float] | None = None
        #: When the next slot is free.
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

    def lower(self, delivered: float) -> None:
        """The app refused after taking this many in the last second: slow down, then double the rate step by step."""
        low = min(_AFTER_REFUSAL * delivered, _AFTER_REFUSAL * self.rate)
        self._lowered = (max(_SLOWEST, low), self._clock())

    async def wait_for_slot(self, lane: int) -> None:
        """Wait for a slot; lower lanes go first, and a reply (lane 0) may take the next slot early."""
        gap = 1 / self.rate
        if not gap:
            return
        early = gap if lane == 0 else 0.0
        if not (self._waiting and self._waiting[0][0] <= lane) and self._clock() >= self._next - early:
            self._take(gap)
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._numbers), slot))
        self._start_timer()
        await slot

    def _take(self, gap: float) -> None:
        # counted from the slot before, so that a timer a little late does not slow the rest
        self._next = max(self._next, self._clock() - _LATE) + gap

    def _start_timer(self) -> None:
        if self._timer is None:
            wait = max(0.0, self._next - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._release)

    def _release(self) -> None:
        self._timer = None
        if self._clock() < self._next - _LATE:
            # a reply took the slot early
            self._start_timer()
            return
        while self._waiting:
            slot = heapq.heappop(self._waiting)[2]
            if not slot.done():
                self._take(1 / self.rate)
                slot.set_result(None)
                break
        if self._waiting:
            self._start_timer()


class WakeUp:
    """Wakes one waiting loop; set before the loop waits, it is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return at once when it was set since the last call, else when it is set, or after this long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), max(0.0, seconds))
        self._event.clear()
