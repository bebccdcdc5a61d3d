"""Answers of open polls: sealed under the poll's key until it closes; then counted, and written in clear, shuffled.

Nothing may be shown of an open poll, so nothing of it needs to be readable: whoever holds the database without the key
reads how many answered, and no act changes the length of anything else.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import structlog
from sqlalchemy import ColumnElement, RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.keys import KeyGone
from nhipcau.privacy.sealing import PollSealer, Sealer, Unreadable
from nhipcau.storage import running_counts
from nhipcau.storage.bands import empty_bands
from nhipcau.storage.database import wipe_after_commit
from nhipcau.storage.rewriting import insert_shuffled, lock_tables, rewrite
from nhipcau.storage.tables import guards, participation, poll_answers

log = structlog.get_logger()

#: Sealed answers are filled up to a multiple of so many bytes.
_BLOCK = 512
#: So many earlier answers of a sealed poll are written anew with each new one, in random order.
_HIDDEN_AMONG = 32
#: Beside the answers under the seal: the unit. No question has this id.
_UNIT = "_unit"


def seal(poll: PollSealer, answers: Mapping[str, Any], unit: str = "") -> dict[str, Any]:
    """The columns that hold these answers while the poll is open. `unit`: code of the unit that answers, for results by
    cluster; it is gone when the poll closes."""
    line = json.dumps({**answers, _UNIT: unit} if unit else answers, ensure_ascii=False)
    return {"answers": "", "sealed": _seal(poll, line)}


def _seal(poll: PollSealer, line: str) -> bytes:
    return poll.seal(line + " " * (-len(line.encode()) % _BLOCK))


def _open(of_poll: Callable[[str], PollSealer], row: Mapping[str, Any] | RowMapping) -> str:
    """The answers of a row as JSON. Raises KeyGone, Unreadable."""
    if row["sealed"] is None:
        return str(row["answers"])
    return of_poll(row["request_id"]).open(row["sealed"]).rstrip(" ")


async def insert_hidden(
    connection: AsyncConnection, sealer: Sealer, request_id: str, rows: list[dict[str, Any]]
) -> None:
    """Insert new answers of a sealed poll together with earlier ones, all with new ids and sealed anew: the order of
    answers would be that of guards, which name contacts while the key lives."""
    start = new_id("id")
    chosen: list[str] = []
    for part in (poll_answers.c.id >= start, poll_answers.c.id < start):
        some = (
            select(poll_answers.c.id).where(poll_answers.c.request_id == request_id, part).order_by(poll_answers.c.id)
        )
        some = some.limit(_HIDDEN_AMONG - len(chosen))
        if connection.dialect.name != "sqlite":
            some = some.with_for_update(skip_locked=True)
        if len(chosen) < _HIDDEN_AMONG:
            chosen += list(await connection.scalars(some))
    await _write_anew(connection, sealer, poll_answers.c.id.in_(chosen), rows)


async def write_anew(connection: AsyncConnection, sealer: Sealer, ids: Sequence[str]) -> int:
    """Write these answers of open polls anew: new ids, sealed anew, in random order. Returns how many."""
    await lock_tables(connection, poll_answers)
    return await _write_anew(connection, sealer, poll_answers.c.id.in_(ids), [])


async def _write_anew(
    connection: AsyncConnection, sealer: Sealer, which: ColumnElement[bool], more: list[dict[str, Any]]
) -> int:
    # what somebody else deletes at this moment is not returned
    taken = (await connection.execute(delete(poll_answers).where(which).returning(poll_answers))).mappings().all()
    rows = [dict(row, id=new_id("id")) for row in taken]
    of_poll = cache(sealer.of_poll)
    for row in rows:
        # what is damaged stays as it is, and is left out at the end
        with suppress(Unreadable):
            line = _open(of_poll, row)
            row["answers"], row["sealed"] = "", _seal(of_poll(row["request_id"]), line)
    await insert_shuffled(connection, poll_answers, [*rows, *more])
    return len(rows)


async def publish(
    connection: AsyncConnection, sealer: Sealer, request_id: str
) -> dict[str, list[dict[str, Any]]] | None:
    """At the end of a poll: count its answers and write them in clear, in random order, with nothing that links one to
    a person or contact. Returns them by code of the unit ("" where none was kept), to be counted by cluster and
    forgotten. None: its key is lost, so that its answers can't be read by anybody, and are deleted. Of a damaged answer
    alone is nothing counted."""
    await _lock_poll(connection)
    of_poll = poll_answers.c.request_id == request_id
    rows = (await connection.execute(select(poll_answers).where(of_poll))).mappings().all()
    try:
        given = _readable(sealer, rows)
    except KeyGone:
        await end_without_result(connection, request_id)
        return None
    by_unit: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, answers in given:
        by_unit[str(answers.pop(_UNIT, ""))].append(answers)
    form = (await running_counts.forms_of(connection, [request_id]))[request_id]
    changes: running_counts.CountChanges = Counter()
    for _, answers in given:
        running_counts.change(changes, request_id, form, answers, 1)
    await running_counts.forget(connection, request_id)
    await running_counts.apply_count_changes(connection, changes)
    await connection.execute(delete(poll_answers).where(of_poll))
    bare = {"request_id": request_id, "tag": None, "sealed": None}
    clear = [
        {**bare, "id": new_id("id"), "version": version, "answers": json.dumps(answers, ensure_ascii=False)}
        for version, answers in given
    ]
    await insert_shuffled(connection, poll_answers, clear)
    await _forget_who(connection, request_id)
    return dict(by_unit)


def _readable(sealer: Sealer, rows: Sequence[RowMapping]) -> list[tuple[int, dict[str, Any]]]:
    """Version and answers of each row that can be opened. Raises KeyGone, also where another key lies in the place of
    the right one, which opens none."""
    found, of_poll = [], cache(sealer.of_poll)
    for row in rows:
        with suppress(Unreadable):
            found.append((row["version"], json.loads(_open(of_poll, row))))
    if rows and not found:
        raise KeyGone("poll")
    if len(found) < len(rows):
        log.error("answers damaged, left out", number=len(rows) - len(found))
    return found


async def end_without_result(connection: AsyncConnection, request_id: str) -> None:
    """Delete the sealed answers of a poll, and everything that links an answer to a person or contact."""
    await _lock_poll(connection)
    of_poll = poll_answers.c.request_id == request_id
    await connection.execute(delete(poll_answers).where(of_poll, poll_answers.c.sealed.is_not(None)))
    await rewrite(connection, poll_answers, of_poll, values={"tag": None})
    await _forget_who(connection, request_id)


async def _lock_poll(connection: AsyncConnection) -> None:
    """Before the answers of a poll and who took part are written anew: both tables at once, in the order in which an
    answer is written, since whoever waits for the second while others wait for the first would wait in a circle."""
    await lock_tables(connection, participation, poll_answers)


async def _forget_who(connection: AsyncConnection, request_id: str) -> None:
    wipe_after_commit(connection)
    await connection.execute(delete(guards).where(guards.c.request_id == request_id))
    await empty_bands(connection, request_id)
