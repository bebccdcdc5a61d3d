"""The queue of incoming events: batches with one event a person, retried while the database is away, and halved to find
an event that can't be saved.

No batch waits to fill up: the first event is handled at once, and those that arrive meanwhile make the next batch. So a
single update is a batch of one, and the busier it gets, the larger batches become.
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
MAX_BATCH = 200
#: Tries of a batch while the database is busy or away, with growing pauses; then the channel has to submit it again.
MAX_TRIES = 6

#: Kinds with a file that has to be downloaded first.
_WITH_FILE = frozenset({EventKind.PHOTO, EventKind.FILE})

Prepare = Callable[[Event], Awaitable[Event]]


class BatchHandler(Protocol):
    """What handles a batch (`Dispatcher`)."""

    async def may_fetch_file(self, event: Event) -> bool: ...

    async def handle(self, events: Sequence[Event]) -> Sequence[Event]:
        """Returns those that are left for another transaction."""

    async def handle_failed(self, event: Event) -> None: ...


@dataclass(slots=True, eq=False)
class _Entry:
    """An event waiting to be committed."""

    event: Event
    done: bool = False
    error: Exception | None = None


def _sender_of(event: Event) -> tuple[str, str]:
    return event.channel, event.address


class EventQueue:
    """`prepare` downloads the file of an event before it is queued."""

    def __init__(self, handler: BatchHandler, prepare: Prepare) -> None:
        self._handler = handler
        self._prepare = prepare
        self._queue: list[_Entry] = []
        self._turn = asyncio.Lock()

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed. Raises while the database is away: submit them again then."""
        with_files = {_sender_of(event) for event in events if event.kind in _WITH_FILE}
        if not with_files:
            await self._commit(events)
            return
        of_each = [[event for event in events if _sender_of(event) == sender] for sender in with_files]
        others = [event for event in events if _sender_of(event) not in with_files]
        work = (self._commit(others), *(self._commit_one_by_one(mine) for mine in of_each))
        # wait for all even after a failure: what went on in the background would race with the next try
        for found in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(found, BaseException):
                raise found

    async def _commit_one_by_one(self, events: Sequence[Event]) -> None:
        """Events of one person, in order; a slow download delays only this person."""
        for event in events:
            if event.kind in _WITH_FILE:
                if await self._handler.may_fetch_file(event):
                    event = await self._prepare(event)
                elif event.kind is EventKind.FILE:
                    event = replace(event, kind=EventKind.OTHER, text="wrong.no_file", file=None)
            await self._commit([event])

    async def _commit(self, events: Sequence[Event]) -> None:
        """Wait until these are committed. The first caller handles batches, also of those who wait behind it."""
        entries = [_Entry(event) for event in events]
        self._queue += entries
        try:
            async with self._turn:
                while not all(entry.done for entry in entries):
                    await self._commit_batch()
        finally:
            self._queue = [entry for entry in self._queue if entry not in entries]
        for entry in entries:
            if entry.error is not None:
                raise entry.error

    async def _commit_batch(self) -> None:
        """One batch: at most one event a person, in the order they came."""
        batch: dict[tuple[str, str], _Entry] = {}
        for entry in self._queue:
            batch.setdefault(_sender_of(entry.event), entry)
            if len(batch) == MAX_BATCH:
                break
        error: Exception | None = None
        left: Sequence[Event] = ()
        try:
            left = await self._handle([entry.event for entry in batch.values()])
        except Exception as failure:
            error = failure
        for event in left:
            del batch[_sender_of(event)]
        for entry in self._queue:
            sender = _sender_of(entry.event)
            # a failed event is submitted again: later events of the same person must not overtake it, so they fail too
            if batch.get(sender) is entry or (error is not None and sender in batch):
                entry.done, entry.error = True, error
        self._queue = [entry for entry in self._queue if not entry.done]

    async def _handle(self, events: Sequence[Event]) -> Sequence[Event]:
        """Commit these events; a batch that can't be saved is halved until the event at fault fails alone. Returns
        those for which this transaction had no time."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._handler.handle(events)
            except Exception as error:
                passing = is_passing(error)
                if not passing and len(events) > 1:
                    half = len(events) // 2
                    return [*await self._handle(events[:half]), *await self._handle(events[half:])]
                may_pass = passing or is_conflict(error)
                if not may_pass or (attempt == MAX_TRIES and not passing):
                    report_failure(events[0], error)
                    await self._handler.handle_failed(events[0])
                    return ()
                if attempt == MAX_TRIES:
                    raise
                await asyncio.sleep(0.05 * 2**attempt if passing else 0)


def report_failure(event: Event, error: Exception) -> None:
    FAILED.labels(event.channel, type(error).__name__).inc()
    log.error("event failed", channel=event.channel, kind=event.kind.value, **name_of(error))
