"""Wrong codes of the last minutes, in memory: whoever guesses is stopped, and nothing is written for it."""

from __future__ import annotations

import time
from collections import deque

#: Wrong codes taken from one address or for one person, and from all together, in ten minutes; a right guess is one in
#: a million.
TRIES_OF_ONE = 10
TRIES_IN_ALL = 60
TRIES_SECONDS = 600.0


class Tries:
    def __init__(self) -> None:
        #: When, and of whom: the address, and the person where it is known.
        self._all: deque[tuple[float, frozenset[str]]] = deque()

    def may_try(self, *whose: str) -> bool:
        self._forget()
        each = (sum(1 for _, of in self._all if one in of) for one in whose)
        return len(self._all) < TRIES_IN_ALL and all(number < TRIES_OF_ONE for number in each)

    def note_wrong(self, *whose: str) -> None:
        self._all.append((time.monotonic(), frozenset(whose)))

    def _forget(self) -> None:
        while self._all and self._all[0][0] < time.monotonic() - TRIES_SECONDS:
            self._all.popleft()
