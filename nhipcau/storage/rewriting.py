"""Writes rows anew in random order, so that their order on the disk tells nothing of when they came."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.report_counts import paused
from nhipcau.storage.tables import reports

_chance = secrets.SystemRandom()


def shuffle(values: list[Any]) -> None:
    """Into random order, by the system's own source: nobody can find out the former one."""
    _chance.shuffle(values)


async def rewrite(
    connection: AsyncConnection, table: Table, *conditions: ColumnElement[bool], values: Mapping[str, Any] | None = None
) -> int:
    """Delete these rows and insert them again in random order, and those of other tables that a delete takes along.
    `values`: columns that are set on the way. Returns how many rows."""
    children = _deleted_with(table)
    await lock_tables(connection, table, *(child for child, _ in children))
    found = {table: (await connection.execute(select(table).where(*conditions))).mappings().all()}
    for child, pointing in children:
        parents = [row[_target(pointing)] for row in found[table]]
        found[child] = (await connection.execute(select(child).where(pointing.in_(parents)))).mappings().all()
    # the same reports afterwards: their counts stay as they are
    async with paused(connection) if table is reports and not values else nullcontext():
        await connection.execute(delete(table).where(*conditions))
        for each, rows in found.items():
            await insert_shuffled(connection, each, [dict(row, **(values or {})) for row in rows])
    return sum(len(rows) for rows in found.values())


async def insert_shuffled(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows in random order."""
    shuffle(rows)
    if rows:
        await connection.execute(insert(table), rows)


async def lock_tables(connection: AsyncConnection, *tables: Table) -> None:
    """Let nobody write into these tables until the commit: what waited for a row that is deleted would not see the one
    inserted instead. On SQLite nobody does anyway."""
    if connection.dialect.name == "sqlite":
        return
    names = ", ".join(sorted({table.name for table in tables}))
    await connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _deleted_with(table: Table) -> Sequence[tuple[Table, Column[Any]]]:
    """Tables whose rows are deleted with those of this one, and the column that points at it."""
    return [
        (child, key.parent)
        for child in table.metadata.sorted_tables
        for key in child.foreign_keys
        if key.column.table is table and key.ondelete == "CASCADE"
    ]


def _target(pointing: Column[Any]) -> str:
    [key] = pointing.foreign_keys
    return str(key.column.name)
