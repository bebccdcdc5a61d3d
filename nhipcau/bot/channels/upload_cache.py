"""Remembers the ids of our files that an app has: each file is uploaded once, then sent by its id."""

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
    """The app's ids of our files, by a key of the caller's. `life`: seconds an id is valid."""

    def __init__(self, life: float) -> None:
        self._life = life
        #: By key: the id, and until when it is valid (seconds since 1970).
        self._known: dict[str, tuple[str, float]] = {}
        #: Held while a file is uploaded; dropped when nobody waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def id_of(self, key: str) -> str:
        """The app's id; "" where the file must be uploaded."""
        id, until = self._known.get(key, ("", 0.0))
        return id if until > time.time() else ""

    def keep(self, key: str, id: str) -> None:
        self._known[key] = id, time.time() + self._life
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def forget(self, key: str) -> None:
        """The app no longer accepts the id."""
        self._known.pop(key, None)

    async def upload_once(self, key: str, upload: Callable[[], Awaitable[T]]) -> T | None:
        """The result of `upload`, which also has to `keep` the id; None where another task uploaded it meanwhile.

        A broadcast begins with many sends of one file at once: the first uploads, the others wait for it.
        """
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            return None if self.id_of(key) else await upload()
