"""Files of ours an app knows already: uploaded once, at a time by one, and then only named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")
#: Files remembered.
_MOST = 500


class UploadCache:
    """The app's ids of our files, by what they were uploaded as. `life`: seconds an id is good."""

    def __init__(self, life: float) -> None:
        self._life = life
        #: Id, and until when (seconds since 1970).
        self._known: dict[str, tuple[str, float]] = {}
        #: Whose turn it is to upload a file; gone when nobody waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def known(self, key: str) -> str:
        """The app's id; "" where it must be uploaded."""
        id, until = self._known.get(key, ("", 0.0))
        return id if until > time.time() else ""

    def keep(self, key: str, id: str) -> None:
        self._known[key] = id, time.time() + self._life
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def forget(self, key: str) -> None:
        """The app does not know it any more."""
        self._known.pop(key, None)

    async def in_turn(self, key: str, upload: Callable[[], Awaitable[T]]) -> T | None:
        """What `upload` gives, which keeps the id too; None where somebody else has uploaded it meanwhile.

        A broadcast begins with many sends of one file at once: the first uploads, the others wait for it.
        """
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            return None if self.known(key) else await upload()
