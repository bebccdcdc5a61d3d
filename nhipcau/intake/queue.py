"""The queue of what comes in: batches of one event a person, retried while the database is away, halved when poisoned.

Nobody waits for a batch to fill: whoever comes first is worked for at once, and for all that came meanwhile with it. So
a lonely update is a batch of one, and a busy office makes batches as large as its own transactions are long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.error_log import name_of
from nhipcau.metrics import FAILED
from nhipcau.storage.database import is_conflict, is_passing

log = structlog.get_logger()

#: Events of one transaction at most.
MOST = 200
#: Tries of a batch while the database is busy or away, a little longer apart each time; then the channel repeats it.
TRIES = 6

#: Kinds whose file still lies with the app.
_WITH_FILE = frozenset({EventKind.PHOTO, EventKind.FILE})

Prepare = Callable[[Event], Awaitable[Event]]


class Keeping(Protocol):
    """What is done with a batch."""

    async def is_welcome(self, event: Event) -> bool: ...

    async def keep(self, events: Sequence[Event]) -> None: ...

    async def fail(self, event: Event) -> None: ...


@dataclass(slots=True, eq=False)
class _Entry:
    """One event that waits to be committed."""

    event: Event
    done: bool = False
    error: Exception | None = None


def _whose(event: Event) -> tuple[str, str]:
    return event.channel, event.address


class EventQueue:
    """`prepare` fetches a picture or a document before its event takes its place."""

    def __init__(self, keeping: Keeping, prepare: Prepare) -> None:
        self._keeping = keeping
        self._prepare = prepare
        self._queue: list[_Entry] = []
        self._turn = asyncio.Lock()

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed. Raises when the database is away: they are to be handed over again."""
        with_files = {_whose(event) for event in events if event.kind in _WITH_FILE}
        if not with_files:
            await self._commit(events)
            return
        lines = [[event for event in events if _whose(event) == who] for who in with_files]
        others = [event for event in events if _whose(event) not in with_files]
        work = (self._commit(others), *(self._line(line) for line in lines))
        # all are waited for: what goes on in the background would race with what is handed over again
        for found in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(found, BaseException):
                raise found

    async def _line(self, events: Sequence[Event]) -> None:
        """Events of one person, in order; a file is fetched before it takes its place, and holds up nobody else."""
        for event in events:
            if event.kind in _WITH_FILE:
                if await self._keeping.is_welcome(event):
                    event = await self._prepare(event)
                elif event.kind is EventKind.FILE:
                    event = replace(event, kind=EventKind.OTHER, text="wrong.no_file", file=None)
            await self._commit([event])

    async def _commit(self, events: Sequence[Event]) -> None:
        """Wait until these are committed. Whoever comes first works for all that wait meanwhile."""
        entries = [_Entry(event) for event in events]
        self._queue += entries
        try:
            async with self._turn:
                while not all(entry.done for entry in entries):
                    await self._work()
        finally:
            self._queue = [entry for entry in self._queue if entry not in entries]
        for entry in entries:
            if entry.error is not None:
                raise entry.error

    async def _work(self) -> None:
        """One batch: at most one event a person, in the order they came."""
        batch: dict[tuple[str, str], _Entry] = {}
        for entry in self._queue:
            batch.setdefault(_whose(entry.event), entry)
            if len(batch) == MOST:
                break
        error: Exception | None = None
        try:
            await self._keep([entry.event for entry in batch.values()])
        except Exception as failure:
            error = failure
        for entry in self._queue:
            whose = _whose(entry.event)
            # what failed comes again: later events of the same person must not overtake it
            if batch.get(whose) is entry or (error is not None and whose in batch):
                entry.done, entry.error = True, error
        self._queue = [entry for entry in self._queue if not entry.done]

    async def _keep(self, events: Sequence[Event]) -> None:
        """Commit these events; a batch that can't be saved is halved down to the one at fault, failed alone."""
        for attempt in range(1, TRIES + 1):
            try:
                await self._keeping.keep(events)
                return
            except Exception as error:
                passing = is_passing(error)
                if not passing and len(events) > 1:
                    half = len(events) // 2
                    await self._keep(events[:half])
                    await self._keep(events[half:])
                    return
                may_pass = passing or is_conflict(error)
                if not may_pass or (attempt == TRIES and not passing):
                    report_failure(events[0], error)
                    await self._keeping.fail(events[0])
                    return
                if attempt == TRIES:
                    raise
                await asyncio.sleep(0.05 * 2**attempt if passing else 0)


def report_failure(event: Event, error: Exception) -> None:
    FAILED.labels(event.channel, type(error).__name__).inc()
    log.error("event failed", channel=event.channel, kind=event.kind.value, **name_of(error))
