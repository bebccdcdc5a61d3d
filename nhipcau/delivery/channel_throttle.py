"""How fast one channel may be sent to: its rate limit, and waits because the app asked for them or does not answer."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from nhipcau.delivery.rate_limiter import RateLimiter

#: Failed tries in a row after which the whole channel waits, ever longer.
_MISSES = 5
#: Seconds: the longest wait between two tries while an app is away.
LONGEST_WAIT = 20.0


def backoff(tries: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try: doubled each time, and a quarter more or less at random so that tries spread out."""
    return float(min(LONGEST_WAIT, 0.5 * 2.0 ** min(tries, 8)) * (0.75 + 0.5 * chance()))


class ChannelThrottle:
    """The throttle of one channel. `clock` gives seconds.

    An app's "too many" concerns one chat or the whole bot, and the app does not say which. So at first only that chat
    waits; once a second chat is refused with nothing delivered in between, the whole channel waits.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self.limiter = RateLimiter(rate, clock)
        self._clock = clock
        self._until = 0.0
        #: Until when each contact has to wait, by contact id.
        self._contacts: dict[int, float] = {}
        #: Contacts refused since something was last delivered.
        self._refused: set[int] = set()
        self._misses = 0
        self._delivered: deque[float] = deque()

    def wait(self, contact: int | None = None) -> float:
        """Seconds until this contact (None: any) may be written to."""
        now = self._clock()
        until = self._until
        if contact is not None:
            until = max(until, self._contacts.get(contact, 0.0))
            if until <= now:
                self._contacts.pop(contact, None)
        return max(0.0, until - now)

    def delivered(self) -> None:
        self._refused.clear()
        self._misses = 0
        self._delivered.append(self._clock())
        self.delivered_last_second()

    def too_many(self, contact: int, seconds: float) -> bool:
        """The app asked to wait this long. True: from now on the whole channel waits."""
        until = self._clock() + seconds
        self._contacts[contact] = max(until, self._contacts.get(contact, 0.0))
        self._refused.add(contact)
        if len(self._refused) < 2:
            return False
        if self.wait() <= 0 and (delivered := self.delivered_last_second()):
            # where nothing was delivered lately, our rate is not what the app refuses
            self.limiter.lower(delivered)
        self._until = max(self._until, *(self._contacts.get(refused, 0.0) for refused in self._refused))
        return True

    def missed(self) -> None:
        """A try failed because the app could not be reached, or is broken."""
        if self.wait() > 0:
            return
        self._misses += 1
        if self._misses >= _MISSES:
            self.stop(backoff(self._misses - _MISSES))

    def stop(self, seconds: float) -> None:
        """The whole channel waits this long."""
        self._until = max(self._until, self._clock() + seconds)

    def delivered_last_second(self) -> float:
        """How many messages the app took in the last second."""
        while self._delivered and self._delivered[0] < self._clock() - 1:
            self._delivered.popleft()
        return float(len(self._delivered))
