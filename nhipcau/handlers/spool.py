"""What an app hands over only once, or wants answered within two seconds: on the disk until it is committed.

The database is tried first. Where it takes too long (it is away, or a picture comes slowly), the event is sealed into
a file and synced, the app is answered, and the file goes once the event is committed. Nobody's events overtake each
other.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from nhipcau.bot.events import Event, File, Kind
from nhipcau.faults import name_of
from nhipcau.privacy.seal import Sealer, Unreadable

log = structlog.get_logger()

#: Seconds the database is given before the event goes to the disk; the app waits two.
_PATIENCE = 1.2
#: Seconds between two tries of what lies on the disk.
_AGAIN = 1.0

Submit = Callable[[Sequence[Event]], Awaitable[None]]


class Spool:
    """One channel's. `folder` is made when it is first needed."""

    def __init__(
        self, folder: Path, sealer: Sealer, submit: Submit, zone: ZoneInfo, *, patience: float = _PATIENCE
    ) -> None:
        self._folder = folder
        self._sealer = sealer
        self._submit = submit
        self._zone = zone
        self._patience = patience
        #: Whose events lie on the disk, and how many.
        self._lying: dict[str, int] = {}
        #: Files whose event is being committed by the post that brought it.
        self._under_way: dict[Path, asyncio.Task[None]] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._last = 0

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed or on the disk. Raises OSError where neither can be."""
        for event in events:
            if self._lying.get(event.address):
                self._put(event)
                continue
            task = asyncio.create_task(self._commit_now(event))
            self._work.add(task)
            task.add_done_callback(self._work.discard)
            await asyncio.wait([task], timeout=self._patience)
            if task.done() and task.exception() is None:
                continue
            path = self._put(event)
            if not task.done():
                self._under_way[path] = task

    async def _commit_now(self, event: Event) -> None:
        await self._submit([event])

    def _put(self, event: Event) -> Path:
        """Sealed, synced, and named so that names tell the order."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        today = datetime.now(self._zone).date()
        # one clock tick later than the last: two in one tick keep their order
        self._last = max(time.time_ns(), self._last + 1)
        path = self._folder / f"{self._last:020d}-{today.isoformat()}"
        aside = path.with_name(f".{path.name}")
        sealed = self._sealer.seal(today, json.dumps(asdict(event)), "spool")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, sealed)
            os.fsync(handle)
        finally:
            os.close(handle)
        aside.rename(path)
        self._sync()
        self._lying[event.address] = self._lying.get(event.address, 0) + 1
        return path

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    async def run(self) -> None:
        """Commit what lies on the disk, oldest first, until cancelled; also what an earlier process has left."""
        for path in self._files():
            if (event := self._read(path)) is not None:
                self._lying[event.address] = self._lying.get(event.address, 0) + 1
        while True:
            await self._round()
            await asyncio.sleep(_AGAIN)

    async def _round(self) -> None:
        waiting: set[str] = set()
        for path in self._files():
            event = self._read(path)
            if event is None:
                log.warning("spooled event unreadable", channel=self._folder.name)
                path.unlink(missing_ok=True)
                continue
            task = self._under_way.get(path)
            if event.address in waiting or (task is not None and not task.done()):
                # a slow picture holds up nobody else
                waiting.add(event.address)
                continue
            if not await self._commit(path, event):
                return

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if not path.name.startswith("."))

    def _read(self, path: Path) -> Event | None:
        """The event; None where its day's key is gone, or another version wrote it."""
        try:
            day = date.fromisoformat(path.name.partition("-")[2])
            body = json.loads(self._sealer.open(day, path.read_bytes(), "spool"))
            file = File(**body.pop("file")) if body.get("file") else body.pop("file", None)
            return Event(**body | {"kind": Kind(body["kind"]), "file": file})
        except (OSError, Unreadable, ValueError, TypeError, KeyError):
            return None

    async def _commit(self, path: Path, event: Event) -> bool:
        """False: not now. The same event committed twice changes nothing: it is claimed once."""
        task = self._under_way.pop(path, None)
        if task is None or task.cancelled() or task.exception() is not None:
            try:
                await self._submit([event])
            except Exception as error:
                log.warning("spool waits", channel=self._folder.name, **name_of(error))
                return False
        path.unlink(missing_ok=True)
        left = self._lying.pop(event.address, 1) - 1
        if left > 0:
            self._lying[event.address] = left
        return True
