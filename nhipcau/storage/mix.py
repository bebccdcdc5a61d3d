"""The nightly mix: rows written together betray each other by their order, so they are written anew in random order.

Until the mix the order of rows on the disk tells who wrote what (docs/protection.md); afterwards it is chance. Rows
are deleted and inserted again in slices, each a random part in a short transaction of its own, so that whoever waits to
write waits for one slice only. A slice is whole or not at all: killed at any moment, the mix is begun again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Table, func, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import RequestState
from nhipcau.privacy.atomic_files import rewrite_files
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import mix_outbox, sealed_answers, search_index, talks
from nhipcau.storage.bands import empty_bands
from nhipcau.storage.database import Database, is_passing
from nhipcau.storage.last_acts import seal_acts_anew
from nhipcau.storage.process_locks import only_one
from nhipcau.storage.rewriting import rewrite, shuffle
from nhipcau.storage.shared_values import read_fact, set_fact
from nhipcau.storage.tables import (
    attention,
    audit,
    contacts,
    conversations,
    events,
    guards,
    issue_acts,
    learned,
    metadata,
    official_answers,
    participation,
    poll_answers,
    posted,
    regroupings,
    report_counts,
    report_notes,
    reports,
    requests,
    strands,
    supports,
)

#: The fact that holds the day of the last complete mix, in the office's time zone.
_DONE = "mix.done"
#: Rows of a slice: at first, and at most.
_FIRST_SLICE, _LARGEST_SLICE = 100, 500
#: Rows whose keys are held at once.
_GROUP = 5000
#: Seconds a slice should take; the next one is made smaller or larger after it.
_SLICE_SECONDS = 0.1
#: Milliseconds a slice waits for locks before it is tried again, since whoever comes after it waits too (PostgreSQL).
_LOCK_WAIT_MS = 400
_TRIES = 30


@dataclass(slots=True)
class Mixed:
    """What a mix has done."""

    rows: int = 0
    files: int = 0
    #: Seconds of its longest transaction: for so long others waited to write.
    longest: float = 0.0
    #: Rows by table.
    tables: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where pictures and documents lie."""

    photos: Path
    documents: Path


async def last_mix(database: Database) -> date | None:
    """The day of the last complete mix."""
    async with database.reading() as connection:
        done = await read_fact(connection, _DONE)
    return date.fromisoformat(done) if done else None


async def mix(database: Database, sealer: Sealer, now: datetime, zone: ZoneInfo, folders: Folders) -> Mixed:
    """Rewrite in random order everything written since the last complete mix. Raises LockTaken while another process
    does it."""
    async with only_one(database, "mix"):
        return await _Mix(database, sealer, now, zone).run(folders)


class _Mix:
    """One mix: what it rewrites, and how long its slices may be."""

    def __init__(self, database: Database, sealer: Sealer, now: datetime, zone: ZoneInfo) -> None:
        self._database, self._sealer, self._zone = database, sealer, zone
        self._began, self._today = now, now.astimezone(zone).date()
        self._started = time.monotonic()
        self._size = _FIRST_SLICE
        self._mixed = Mixed()

    async def run(self, folders: Folders) -> Mixed:
        since = await last_mix(self._database)
        await self._content(since or date.min)
        await self._search_index()
        await self._participation(since)
        await self._people()
        await self._waiting_messages()
        for folder in (folders.photos, folders.documents):
            self._mixed.files += await asyncio.to_thread(rewrite_files, folder, since or date.min)
        # all of them: a table whose rows were not rewritten holds dead ones, and its indexes their places
        await self._database.vacuum(sorted(metadata.tables))
        async with self._database.writing() as connection:
            await set_fact(connection, _DONE, self._today.isoformat())
        await self._database.wipe()
        return self._mixed

    async def _content(self, since: date) -> None:
        touched = or_(
            *(
                reports.c.code.in_(select(table.c.report_code).where(table.c.day >= since))
                for table in (report_notes, issue_acts)
            )
        )
        await self._rewrite(reports.c.code, reports.c.day < since, touched)
        for day_of, key in (
            (reports.c.day, reports.c.code),
            (official_answers.c.day, official_answers.c.id),
            (supports.c.day, supports.c.id),
            (strands.c.day, strands.c.id),
            (regroupings.c.day, regroupings.c.id),
            (audit.c.day, audit.c.id),
        ):
            for days in await self._days(day_of, since):
                await self._rewrite(key, day_of.between(*days))
        if not self._database.is_sqlite:
            # there they lie in the order in which the first of each kind came, and tell which reports came together
            for month in await self._values(report_counts.c.month, report_counts.c.month >= since.isoformat()[:7]):
                await self._rewrite(report_counts.c.area_id, report_counts.c.month == month)
        for days in await self._days(events.c.day, since):
            some = events.c.day.between(*days)
            for channel in await self._values(events.c.channel, some):
                await self._rewrite(events.c.id, events.c.channel == channel, some)
        for id in await self._values(poll_answers.c.request_id, poll_answers.c.request_id.in_(_open())):
            answers = await self._values(poll_answers.c.id, poll_answers.c.request_id == id)
            if self._sealer.has_poll_key(id):
                await self._in_slices(
                    answers, lambda c, ids: sealed_answers.write_anew(c, self._sealer, ids), poll_answers.name
                )

    async def _search_index(self) -> None:
        if not self._database.is_sqlite:
            # there it is a part of the rows
            return

        async def in_slice(part: Callable[[AsyncConnection], Awaitable[int]]) -> int:
            changed, took = await self._slice(lambda connection, _: part(connection), [])
            self._mixed.longest = max(self._mixed.longest, took)
            await asyncio.sleep(took)
            return changed

        await search_index.merge_in_slices(in_slice)

    async def _participation(self, since: date | None) -> None:
        lately = or_(requests.c.kind != RequestKind.POLL, requests.c.state == RequestState.OPEN)
        if since is not None:
            ended = requests.c.closes_at >= datetime.combine(since, datetime.min.time(), self._zone)
            lately = lately & or_(requests.c.state == RequestState.OPEN, ended)
        for id in await self._values(requests.c.id, lately):
            for table, key in ((participation, participation.c.person_id), (guards, guards.c.guard)):
                await self._rewrite(key, table.c.request_id == id)
        # closed before polls were mixed at their end
        ended = participation.c.request_id.not_in(_open()) & participation.c.band.is_not(None)
        for id in await self._values(participation.c.request_id, ended):
            async with self._database.writing() as connection:
                await empty_bands(connection, id)

    async def _people(self) -> None:
        async with self._database.reading() as connection:
            people = await talks.joined(connection)
        await self._in_slices(
            people, lambda c, ids: talks.write_anew(c, self._sealer, self._today, ids), conversations.name
        )
        doors = await self._values(contacts.c.id)
        await self._in_slices(doors, lambda c, ids: seal_acts_anew(c, self._sealer, self._today, ids), contacts.name)
        for key in (learned.c.person_id, attention.c.person_id, posted.c.contact_id):
            await self._rewrite(key)

    async def _waiting_messages(self) -> None:
        async with self._database.reading() as connection:
            waiting = await mix_outbox.contacts_with_waiting(connection)
        # one moment for all slices, but not when the mix began: what came since is due, and must not wait
        now = self._began + timedelta(seconds=time.monotonic() - self._started)
        await self._in_slices(
            waiting, lambda c, ids: mix_outbox.write_anew(c, self._sealer, now, self._today, ids), "outbox"
        )

    async def _days(self, day: Column[date], since: date) -> list[tuple[date, date]]:
        """First and last days of groups of days, each of a few thousand rows or of one day: their keys are held in
        memory, and rows of different days, which carry their day, need not be mixed with each other."""
        statement = select(day, func.count()).where(day >= since).group_by(day).order_by(day)
        async with self._database.reading() as connection:
            numbers = [(row[0], row[1]) for row in await connection.execute(statement)]
        groups: list[tuple[date, date]] = []
        rows = 0
        for each, number in numbers:
            if groups and rows + number <= _GROUP:
                groups[-1] = (groups[-1][0], each)
            else:
                groups.append((each, each))
                rows = 0
            rows += number
        return groups

    async def _values(self, column: Column[Any], *conditions: ColumnElement[bool]) -> list[Any]:
        """The different values of a column."""
        async with self._database.reading() as connection:
            return list(await connection.scalars(select(column).where(*conditions).distinct()))

    async def _rewrite(self, key: Column[Any], *conditions: ColumnElement[bool]) -> None:
        """Rewrite the rows of a table that meet the conditions, in random slices by this column."""
        table = key.table
        assert isinstance(table, Table)
        keys = await self._values(key, *conditions)
        await self._in_slices(keys, lambda c, some: rewrite(c, table, key.in_(some), *conditions), table.name)

    async def _in_slices(
        self, keys: list[Any], write: Callable[[AsyncConnection, list[Any]], Awaitable[int]], name: str
    ) -> None:
        shuffle(keys)
        while keys:
            some = [keys.pop() for _ in range(min(self._size, len(keys)))]
            rows, took = await self._slice(write, some)
            self._mixed.rows += rows
            self._mixed.tables[name] = self._mixed.tables.get(name, 0) + rows
            self._mixed.longest = max(self._mixed.longest, took)
            factor = 2.0 if took < _SLICE_SECONDS / 2 else 0.5 if took > _SLICE_SECONDS else 1.0
            self._size = max(10, min(_LARGEST_SLICE, int(self._size * factor)))
            # as long as the slice took, so that half of the time is everybody's
            await asyncio.sleep(took)

    async def _slice(
        self, write: Callable[[AsyncConnection, list[Any]], Awaitable[int]], some: list[Any]
    ) -> tuple[int, float]:
        """One transaction, tried again where others hold what it needs. Returns rows and the seconds it took."""
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._database.writing() as connection:
                    begun = time.monotonic()
                    if connection.dialect.name != "sqlite":
                        await connection.execute(text(f"SET LOCAL lock_timeout = {_LOCK_WAIT_MS}"))
                    rows = await write(connection, some)
                return rows, time.monotonic() - begun
            except DBAPIError as error:
                if attempt == _TRIES or not is_passing(error):
                    raise
                await asyncio.sleep(0.1 * attempt)
        raise AssertionError("unreachable")


def _open() -> Any:
    return select(requests.c.id).where(requests.c.state == RequestState.OPEN)
