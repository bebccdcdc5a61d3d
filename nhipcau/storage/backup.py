"""Whole copies: any of our databases into a fresh file of SQLite, and such a file into PostgreSQL.

A backup is always one SQLite file, whichever database it was made of: it can be read without a server, and restored
into either. Each table is compared with its copy by a sum over all rows: one that says it is good was read back.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage import schema
from nhipcau.storage.database import Database
from nhipcau.storage.running_counts import COUNTED
from nhipcau.storage.tables import metadata, units
from nhipcau.storage.wakeups import SERVING

#: Rows read and written at once.
_BATCH = 2000
#: What a table's copy must equal: number of rows, sum of their checksums.
Sum = tuple[int, int]


class CopyDiffers(Exception):
    """A copy differs from what was copied."""


class DatabaseInUse(Exception):
    """Somebody serves this database."""


def _tables() -> list[Table]:
    """Parents first. Counts that triggers keep are not copied: they come with the rows they count."""
    return [table for table in metadata.sorted_tables if table.name not in COUNTED]


async def _rows(connection: AsyncConnection, table: Table, *, mixed: bool) -> AsyncIterator[Sequence[Any]]:
    # both are seeded by the system: nobody can put the rows back in the order they lay in
    by_chance = func.random() if connection.dialect.name == "sqlite" else func.gen_random_uuid()
    order = (func.length(units.c.path), by_chance) if table is units else (by_chance,)
    statement = select(table).order_by(*order) if mixed else select(table)
    result = await connection.stream(statement.execution_options(yield_per=_BATCH))
    async for rows in result.mappings().partitions(_BATCH):
        yield rows


def _sum(rows: Sequence[Any]) -> int:
    return sum(zlib.crc32(repr(tuple(row.values())).encode()) for row in rows)


async def _walk(source: AsyncConnection, target: AsyncConnection | None = None) -> dict[str, Sum]:
    """Read every row, and write it into the empty tables of `target`, if there is one; what was read, by table.

    Rows are written in an order of chance: as they lie in a database, the participants and the answers of a poll stand
    in one order, and tell who answered what.
    """
    found = {}
    for table in _tables():
        number = checked = 0
        async for rows in _rows(source, table, mixed=target is not None):
            if target is not None:
                await target.execute(insert(table), [dict(row) for row in rows])
            number, checked = number + len(rows), checked + _sum(rows)
        found[table.name] = (number, checked)
    return found


async def back_up(database: Database, target: Path) -> dict[str, int]:
    """Copy a database that is in use, as of one moment, and read the copy back. Returns rows by table.

    Raises NotTheSame, OSError, sqlite3.Error.
    """
    copied = await _copy_out(database, target)
    found = await read_back(target)
    if found != copied:
        raise CopyDiffers("the copy differs from the database")
    with sqlite3.connect(target) as plain:
        # one file, readable from a folder nobody may write to
        plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    return {name: number for name, (number, _) in found.items()}


async def _copy_out(database: Database, target: Path) -> dict[str, Sum]:
    copy = Database(f"sqlite+aiosqlite:///{target}")
    try:
        await schema.prepare(copy)
        async with database.reading() as source, copy.writing() as there:
            if not database.is_sqlite:
                # one view of all tables, however long it takes; SQLite gives no other
                await source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            return await _walk(source, there)
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            # without the statement and its values, which are somebody's
            raise error.orig from None
        raise
    finally:
        await copy.close()


async def read_back(path: Path) -> dict[str, Sum]:
    """Open a backup as a restore would, and read every row. Raises NotTheSame where it is damaged."""
    copy = Database(f"sqlite+aiosqlite:///{path}")
    try:
        async with copy.reading() as connection:
            for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if [tuple(row) for row in await connection.execute(text(f"PRAGMA {check}"))] != good:
                    raise CopyDiffers(f"{check} fails")
            return await _walk(connection)
    finally:
        await copy.close()


async def copy_in(backup: Path, aside: Path, database: Database) -> None:
    """Put a backup in place of everything in this PostgreSQL, in one transaction. `aside`: where it may be unpacked.

    Raises InUse while a service runs on it, NotTheSame where what arrived is not what was in the file.
    """
    shutil.copyfile(backup, aside)
    copy = Database(f"sqlite+aiosqlite:///{aside}")
    try:
        # a backup of an earlier version is brought forward first
        await schema.prepare(copy)
        await schema.prepare(database)
        async with copy.reading() as source, database.writing() as target:
            if not await target.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SERVING}):
                raise DatabaseInUse
            names = ", ".join(metadata.tables)
            await target.execute(text(f"TRUNCATE {names}"))
            copied = await _walk(source, target)
            await _count_on(target)
            if await _walk(target) != copied:
                raise CopyDiffers("what arrived differs from the backup")
    finally:
        await copy.close()
        for tail in ("", "-wal", "-shm"):
            aside.with_name(aside.name + tail).unlink(missing_ok=True)


async def _count_on(connection: AsyncConnection) -> None:
    """Numbers the database gives go on above those that came."""
    for table in _tables():
        keys = list(table.primary_key)
        if len(keys) == 1 and isinstance(keys[0].type, Integer) and keys[0].name == "id":
            largest = await connection.scalar(select(func.max(keys[0])))
            if largest is not None:
                sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :largest)")
                await connection.execute(sequence, {"table": table.name, "largest": largest})
