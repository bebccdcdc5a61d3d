"""How many requests for news may wait at once: of one session, of one address, of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from nhipcau.web.addresses import origin_of

#: Several windows of one phone; the phones of one office behind one address.
OF_A_SESSION, OF_AN_ADDRESS = 3, 20


class Waits:
    """`most`: of all together, below the connections there may be, so that some are free for acts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def turn(self, request: Request, session: str) -> Iterator[bool]:
        """Whether this request may wait, for as long as it does; the others are answered at once."""
        visitor = origin_of(request)
        keys = ("", f"address {visitor}", f"session {session}")
        bounds = (self._most, OF_AN_ADDRESS, OF_A_SESSION)
        may = all(self._waiting[key] < bound for key, bound in zip(keys, bounds, strict=True))
        if may:
            self._waiting.update(keys)
        try:
            yield may
        finally:
            if may:
                self._waiting.subtract(keys)
                self._waiting += Counter()
