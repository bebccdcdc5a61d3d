"""Backup: copies a database into a new SQLite file (restore.py puts such a file back).

A backup is always one SQLite file, so that it can be read without a server and restored into either database. Each
copy is read back and compared with its source, table by table, by a checksum over all rows.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage import bands, report_counts, schema
from nhipcau.storage.database import Database
from nhipcau.storage.running_counts import COUNTED
from nhipcau.storage.tables import metadata, units
from nhipcau.storage.tables.base import DERIVED

#: Rows read and written at once.
_BATCH_SIZE = 2000
#: Number of rows of a table, and the sum of their checksums: equal in source and copy.
TableSum = tuple[int, int]


class CopyDiffers(Exception):
    """The copy differs from its source."""


class DatabaseInUse(Exception):
    """A running service uses this database."""


#: Counts kept by triggers.
COUNTS = {*COUNTED, report_counts.TABLE}


def _tables() -> list[Table]:
    """Tables to copy, parents first. Counts are not copied: they are made again, all but the bands of polls that are
    over."""
    return [table for table in metadata.sorted_tables if table.name not in COUNTS]


async def _rows(connection: AsyncConnection, table: Table, *, shuffled: bool) -> AsyncIterator[Sequence[Any]]:
    # both are seeded by the system, so that nobody can restore the former order
    random_key = func.random() if connection.dialect.name == "sqlite" else func.gen_random_uuid()
    order = (func.length(units.c.path), random_key) if table is units else (random_key,)
    statement = select(*(column for column in table.c if DERIVED not in column.info))
    statement = statement.order_by(*order) if shuffled else statement
    result = await connection.stream(statement.execution_options(yield_per=_BATCH_SIZE))
    async for rows in result.mappings().partitions(_BATCH_SIZE):
        yield rows


def _sum(rows: Sequence[Any]) -> int:
    return sum(zlib.crc32(repr(tuple(row.values())).encode()) for row in rows)


async def copy_rows(source: AsyncConnection, target: AsyncConnection | None = None) -> dict[str, TableSum]:
    """Read every row and, if there is a `target`, write it into its empty tables. Returns the sums of what was read.

    Rows are written in random order: in the order of storage the participants of a poll match its answers, which would
    tell who answered what.
    """
    if target is None:
        return await _copy(source)
    async with report_counts.paused(target):
        found = await _copy(source, target)
    await report_counts.recount(target)
    return found


async def _copy(source: AsyncConnection, target: AsyncConnection | None = None) -> dict[str, TableSum]:
    found = {}
    for table in _tables():
        number = checksum = 0
        async for rows in _rows(source, table, shuffled=target is not None):
            if target is not None:
                await target.execute(insert(table), [dict(row) for row in rows])
            number, checksum = number + len(rows), checksum + _sum(rows)
        found[table.name] = (number, checksum)
    if target is not None:
        await bands.take_over(target, await bands.read_counts(source))
    return found


async def back_up(database: Database, target: Path) -> dict[str, int]:
    """Copy a database that may be in use, as of one moment, and read the copy back. Returns rows by table.

    Raises CopyDiffers, OSError, sqlite3.Error.
    """
    copied = await _copy_out(database, target)
    found = await read_back(target)
    if found != copied:
        raise CopyDiffers("the copy differs from the database")
    with sqlite3.connect(target) as plain:
        # a single file, without a log beside it, can be read from a read-only folder
        plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    return {name: number for name, (number, _) in found.items()}


async def _copy_out(database: Database, target: Path) -> dict[str, TableSum]:
    copy = Database(f"sqlite+aiosqlite:///{target}")
    try:
        await schema.prepare(copy)
        async with database.reading() as source, copy.writing() as there:
            return await copy_rows(source, there)
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            # not SQLAlchemy's error: it holds the statement's values, which are personal
            raise error.orig from None
        raise
    finally:
        await copy.close()


async def read_back(path: Path) -> dict[str, TableSum]:
    """Open a backup as a restore would, and read every row. Raises CopyDiffers where it is damaged."""
    copy = Database(f"sqlite+aiosqlite:///{path}")
    try:
        async with copy.reading() as connection:
            for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if [tuple(row) for row in await connection.execute(text(f"PRAGMA {check}"))] != good:
                    raise CopyDiffers(f"{check} fails")
            return await copy_rows(connection)
    finally:
        await copy.close()


async def advance_sequences(connection: AsyncConnection) -> None:
    """Let new ids continue above the copied ones."""
    for table in _tables():
        keys = list(table.primary_key)
        if len(keys) == 1 and isinstance(keys[0].type, Integer) and keys[0].name == "id":
            largest = await connection.scalar(select(func.max(keys[0])))
            if largest is not None:
                sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :largest)")
                await connection.execute(sequence, {"table": table.name, "largest": largest})
