"""Keeps an event on disk until it is committed, for apps that send it only once, or want an answer within two seconds.

The database is tried first. Where that takes too long (it is away, or a picture loads slowly), the event is sealed into
a file and synced, the app is answered, and the file is deleted once the event is committed. Events of one person stay
in order: while one is under way or on disk, the next is put on disk behind it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import TypeAdapter

from nhipcau.bot.messaging.events import Event
from nhipcau.error_log import name_of
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import is_passing

log = structlog.get_logger()

_EVENT = TypeAdapter(Event)

#: Seconds the database is given before an event is written to disk; the app waits two.
_PATIENCE = 1.2
#: Seconds between two tries to commit the events on disk.
_AGAIN = 1.0
#: Tries of an event that fails for another reason than a database that is away; then it is set aside.
_TRIES = 5
#: Seconds an event set aside is kept: as long as the key of its day.
_SET_ASIDE_LIFE = 8 * 86_400.0

Submit = Callable[[Sequence[Event]], Awaitable[None]]


class Spool:
    """The spool of one channel. `folder` is made when it is first needed; `patience` in seconds."""

    def __init__(
        self, folder: Path, sealer: Sealer, submit: Submit, zone: ZoneInfo, *, patience: float = _PATIENCE
    ) -> None:
        self._folder = folder
        self._sealer = sealer
        self._submit = submit
        self._zone = zone
        self._patience = patience
        #: The address whose event each known file holds.
        self._whose: dict[Path, str] = {}
        #: The commit under way of each address, and of each file that its event was written to meanwhile.
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._of_file: dict[Path, asyncio.Task[None]] = {}
        self._tries: Counter[Path] = Counter()
        self._last = 0

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed or on disk. Raises OSError where neither is possible."""
        ends = time.monotonic() + self._patience
        for event in events:
            # its place in the order is that of its arrival, whenever it is written to disk
            place = self._next_place()
            if event.address in self._under_way or event.address in self._whose.values():
                self._put(place, event)
                continue
            task = asyncio.create_task(self._commit_now(event))
            self._under_way[event.address] = task
            await asyncio.wait([task], timeout=max(0.05, ends - time.monotonic()))
            if task.done():
                self._under_way.pop(event.address, None)
                if task.exception() is None:
                    continue
            path = self._put(place, event)
            if not task.done():
                self._of_file[path] = task

    async def _commit_now(self, event: Event) -> None:
        await self._submit([event])

    def _next_place(self) -> int:
        # at least one more than the last: two in one clock tick keep their order
        self._last = max(time.time_ns(), self._last + 1)
        return self._last

    def _put(self, place: int, event: Event) -> Path:
        """Write the event sealed and synced; file names sort by place. Raises OSError, leaving nothing half-written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        today = datetime.now(self._zone).date()
        path = self._folder / f"{place:020d}-{today.isoformat()}"
        aside = path.with_name(f".{path.name}")
        sealed = self._sealer.seal(today, _EVENT.dump_json(event).decode(), "spool")
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
            self._sync()
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise
        self._whose[path] = event.address
        return path

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    async def run(self) -> None:
        """Commit the events on disk, oldest first, until cancelled; also those an earlier process left."""
        self._delete_old_set_aside()
        while True:
            try:
                await self.run_once()
            except OSError as error:
                log.warning("spooled event failed, will retry", channel=self._folder.name, **name_of(error))
            await asyncio.sleep(_AGAIN)

    def _delete_old_set_aside(self) -> None:
        """Delete events set aside or half-written whose day's key is gone: nobody can read them any more."""
        for path in self._folder.glob(".*") if self._folder.is_dir() else ():
            if time.time() - path.stat().st_mtime > _SET_ASIDE_LIFE:
                path.unlink(missing_ok=True)

    async def run_once(self) -> None:
        files = self._files()
        # another process on the same disk may have committed some
        self._whose = {path: whose for path, whose in self._whose.items() if path in files}
        waiting: set[str] = set()
        for path in files:
            try:
                event = self._read(path)
            except FileNotFoundError:
                # another process has just committed it
                continue
            if event is None:
                self._set_aside(path, "unreadable")
                continue
            self._whose[path] = event.address
            if event.address in waiting or self._is_under_way(event.address):
                # behind an earlier event of this person
                waiting.add(event.address)
            elif not await self._commit(path, event):
                waiting.add(event.address)

    def _is_under_way(self, address: str) -> bool:
        """Whether `submit` is still committing this person's event, this one or an earlier."""
        task = self._under_way.get(address)
        if task is None:
            return False
        if not task.done():
            return True
        del self._under_way[address]
        return False

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if not path.name.startswith("."))

    def _read(self, path: Path) -> Event | None:
        """The event; None where its day's key is gone, or another version wrote it. Raises OSError: try again later."""
        sealed = path.read_bytes()
        try:
            day = date.fromisoformat(path.name.partition("-")[2])
            return _EVENT.validate_json(self._sealer.open(day, sealed, "spool"))
        except (Unreadable, ValueError):
            return None

    async def _commit(self, path: Path, event: Event) -> bool:
        """False: try again later. Committing an event twice changes nothing: the second claim of its id fails."""
        task = self._of_file.pop(path, None)
        if task is None or task.cancelled() or task.exception() is not None:
            try:
                await self._submit([event])
            except Exception as error:
                log.warning("spooled event failed, will retry", channel=self._folder.name, **name_of(error))
                self._tries[path] += not is_passing(error)
                if self._tries[path] >= _TRIES:
                    self._set_aside(path, "not committed")
                return False
        self._whose.pop(path, None)
        self._tries.pop(path, None)
        path.unlink(missing_ok=True)
        return True

    def _set_aside(self, path: Path, why: str) -> None:
        """Rename the file so that it delays no other event, and an operator can still look at it."""
        log.error("spooled event set aside", channel=self._folder.name, why=why)
        self._whose.pop(path, None)
        self._tries.pop(path, None)
        with suppress(FileNotFoundError):
            path.rename(path.with_name(f".aside-{path.name}"))
