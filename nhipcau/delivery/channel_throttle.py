"""What one channel bears now: its pace, and what has to wait because the app said so or does not answer."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from nhipcau.delivery.rate_limiter import RateLimiter

#: Tries in a row that reached nobody until the channel as a whole waits, ever longer.
_MISSES = 5
#: Seconds: the longest wait between two tries while an app is away.
LONGEST_WAIT = 20.0


def backoff(tries: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try, twice as many each time, a quarter up or down so that tries do not march in step."""
    return float(min(LONGEST_WAIT, 0.5 * 2.0 ** min(tries, 8)) * (0.75 + 0.5 * chance()))


class ChannelThrottle:
    """One channel. Doors are contact ids; moments are those of `clock`, in seconds.

    "Too many" is said of one chat or of the whole bot, and the app does not say which. So at first only that chat
    waits; once a second one is refused with nothing delivered in between, it is the bot, and everything waits.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self.pace = RateLimiter(rate, clock)
        self._clock = clock
        self._until = 0.0
        self._doors: dict[int, float] = {}
        #: Doors refused since something was last delivered.
        self._refused: set[int] = set()
        self._misses = 0
        self._delivered: deque[float] = deque()

    def wait(self, door: int | None = None) -> float:
        """Seconds until this door (None: any) may be written to."""
        now = self._clock()
        until = self._until
        if door is not None:
            until = max(until, self._doors.get(door, 0.0))
            if until <= now:
                self._doors.pop(door, None)
        return max(0.0, until - now)

    def delivered(self) -> None:
        self._refused.clear()
        self._misses = 0
        self._delivered.append(self._clock())
        self.borne()

    def too_many(self, door: int, seconds: float) -> bool:
        """The app asked to wait this long. True: from now on the whole channel does."""
        until = self._clock() + seconds
        self._doors[door] = max(until, self._doors.get(door, 0.0))
        self._refused.add(door)
        if len(self._refused) < 2:
            return False
        if self.wait() <= 0 and (borne := self.borne()):
            # with nothing borne lately it is not the pace that is too fast
            self.pace.lower(borne)
        self._until = max(self._until, *(self._doors.get(door, 0.0) for door in self._refused))
        return True

    def missed(self) -> None:
        """Nobody answered, or only to say that the app is broken."""
        if self.wait() > 0:
            return
        self._misses += 1
        if self._misses >= _MISSES:
            self.stop(backoff(self._misses - _MISSES))

    def stop(self, seconds: float) -> None:
        """The whole channel waits this long."""
        self._until = max(self._until, self._clock() + seconds)

    def borne(self) -> float:
        """How many arrived in the last second."""
        while self._delivered and self._delivered[0] < self._clock() - 1:
            self._delivered.popleft()
        return float(len(self._delivered))
