"""Bands: how much of the time allowed people took to answer a poll. While it is open they stand beside each person;
afterwards they stand in the counts alone, so that they can't be counted anew and have to be kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.database import execute_many, in_chunks
from nhipcau.storage.rewriting import lock_tables, rewrite
from nhipcau.storage.tables import participation, participation_counts

_NUMBERS = select(participation_counts).where(participation_counts.c.number > 0)
#: Rows of participation_counts, as mappings.
Rows = Sequence[dict[str, Any]]


async def empty_bands(connection: AsyncConnection, request_id: str) -> None:
    """Forget who answered how soon, and write participation in random order; how many did stays in the counts."""
    # nobody changes the counts between their reading and their writing
    await lock_tables(connection, participation)
    of_poll = participation_counts.c.request_id == request_id
    counts = (await connection.execute(select(participation_counts).where(of_poll))).mappings().all()
    await rewrite(connection, participation, participation.c.request_id == request_id, values={"band": None})
    await connection.execute(delete(participation_counts).where(of_poll))
    if counts:
        await connection.execute(insert(participation_counts), [dict(row) for row in counts])


async def read_counts(connection: AsyncConnection) -> Rows:
    """The counts of participation of the requests that have bands."""
    with_bands = select(participation_counts.c.request_id).where(participation_counts.c.band != "")
    return await _read(connection, participation_counts.c.request_id.in_(with_bands))


async def _read(connection: AsyncConnection, which: ColumnElement[bool]) -> Rows:
    return [dict(row) for row in (await connection.execute(_NUMBERS.where(which))).mappings()]


async def take_over(connection: AsyncConnection, given: Rows) -> None:
    """After rows of participation were copied here: take the bands from the counts of their source, request by
    request, where none stands beside a person and the counts differ from those made here in nothing else."""
    theirs = _by_request(given)
    for ids in in_chunks(sorted(theirs)):
        ours = _by_request(await _read(connection, participation_counts.c.request_id.in_(ids)))
        # here every row still has its band: "" where it stands beside nobody
        found = {id: {(*_key(row), row["band"]): row["number"] for row in rows} for id, rows in ours.items()}
        same = [id for id in ids if _without_bands(theirs[id]) == found.get(id)]
        await connection.execute(delete(participation_counts).where(participation_counts.c.request_id.in_(same)))
        await execute_many(connection, insert(participation_counts), [row for id in same for row in theirs[id]])


def _by_request(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["request_id"]].append(row)
    return found


def _without_bands(rows: Iterable[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        found[*_key(row), ""] += row["number"]
    return found


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["unit_id"], row["state"], row["reason"]
