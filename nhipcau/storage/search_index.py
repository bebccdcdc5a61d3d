"""The index of what reports say. PostgreSQL keeps it in the rows (the column `words`); this is SQLite's, beside them.

A table of FTS5 for each month, without the texts themselves. Its rows are numbered by day and code, which is random, so
that they lie in the order of neither arrival nor rows, and are read the newest first. What is deleted is merged away at
once: FTS5 would else keep the words of it, marked as gone, and its own secure-delete came with SQLite 3.42 only. A
month is small enough for that. The nightly mix merges what came since, which else lies transaction by transaction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.database import in_chunks
from nhipcau.storage.report_words import SEARCHED, as_lines, as_tsvector
from nhipcau.storage.tables import report_columns, reports

#: Columns a report's entry is made of.
INDEXED = frozenset({*SEARCHED, "day", "area_id", "topic", "mood", "urgency"})
_PREFIX = "report_words_"
#: FTS5 keeps a table's parts in these.
_PART = re.compile(_PREFIX + r"\d{6}(?:_(?:data|idx|docsize|config))?")
_CODE = re.compile(r"PA-[0-9A-Z]{7}")
#: Below the day in the number of an entry: seven letters or digits.
_CODE_BITS = 37
#: Pages a slice of merging writes at least.
_MERGED_PAGES = 200
_BATCH = 2000


def is_part_of_index(table: str) -> bool:
    """Whether a table of SQLite is one of these, whose rows are nowhere copied to."""
    return _PART.fullmatch(table) is not None


def month_table(day: date) -> str:
    return f"{_PREFIX}{day:%Y%m}"


def is_code(text: str) -> bool:
    """Whether this can be the code of a report."""
    return _CODE.fullmatch(text) is not None


def number_of(day: date, code: str) -> int:
    """Of a report's entry in the table of its month."""
    return day.day << _CODE_BITS | int(code.removeprefix("PA-"), 36)


def code_of(number: int) -> str:
    rest, digits = number & ((1 << _CODE_BITS) - 1), ""
    for _ in range(7):
        rest, digit = divmod(rest, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return f"PA-{digits}"


def day_of(table: str, number: int) -> date:
    """Of an entry in this table."""
    return date(int(table[-6:-2]), int(table[-2:]), number >> _CODE_BITS)


def facet(column: str, value: object) -> str:
    """A code as a word of the index ("buc_xuc": "@moodbucxuc"), which no report can hold."""
    return "@" + re.sub("[^a-z0-9]", "", f"{column}{value}".lower())


def _facets(row: Mapping[str, Any]) -> str:
    return " ".join(facet(column, row[column]) for column in ("area_id", "topic", "mood", "urgency"))


async def months(connection: AsyncConnection) -> list[str]:
    """The tables there are, the newest month first."""
    found = await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    return sorted((name for name in found if is_part_of_index(name) and name[len(_PREFIX) :].isdigit()), reverse=True)


def entries_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Name of a month's table → what these rows are found by in it; rows without words or a code are left out."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        folded, spelt = as_lines(row)
        if folded and is_code(row["code"]):
            entry = {"number": number_of(row["day"], row["code"]), "folded": folded, "spelt": spelt}
            found[month_table(row["day"])].append(entry | {"facets": _facets(row)})
    return found


def adding(table: str, entries: Sequence[dict[str, Any]]) -> Sequence[tuple[str, Sequence[dict[str, Any]] | None]]:
    """Statements that put entries into the table of their month, and the values of each; migrations run them too."""
    parts = "folded, spelt, facets, content = '', tokenize = \"ascii tokenchars '=@'\""
    insert = f"INSERT INTO {table} (rowid, folded, spelt, facets) VALUES (:number, :folded, :spelt, :facets)"
    return [(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5({parts})", None), (insert, entries)]


async def add_entries(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Of reports just written, on SQLite; PostgreSQL has made them with the rows."""
    if connection.dialect.name != "sqlite":
        return
    for table, entries in entries_of(rows).items():
        for statement, values in adding(table, entries):
            await connection.execute(text(statement), values)


async def drop_entries(connection: AsyncConnection, codes: Sequence[str]) -> None:
    """Of reports that are about to be deleted, emptied or changed: nothing of them is left in the index."""
    if connection.dialect.name != "sqlite":
        return
    there = set(await months(connection))
    for table, entries in entries_of(await _rows(connection, codes)).items():
        if table not in there:
            continue
        known = text(f"SELECT id FROM {table}_docsize WHERE id = :number")
        gone = [entry for entry in entries if await connection.scalar(known, entry) is not None]
        if gone:
            names = f"{table}, rowid, folded, spelt, facets"
            delete = f"INSERT INTO {table} ({names}) VALUES ('delete', :number, :folded, :spelt, :facets)"
            await connection.execute(text(delete), gone)
            await connection.execute(text(f"INSERT INTO {table} ({table}) VALUES ('optimize')"))


async def renew_entries(connection: AsyncConnection, codes: Sequence[str]) -> None:
    """Of reports that were changed, after `drop_entries`."""
    rows = await _rows(connection, codes)
    if connection.dialect.name == "sqlite":
        await add_entries(connection, rows)
        return
    for row in rows:
        changed = update(reports).where(reports.c.code == row["code"])
        await connection.execute(changed.values(words=as_tsvector(row)))


async def _rows(connection: AsyncConnection, codes: Sequence[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for chunk in in_chunks(codes):
        statement = select(*report_columns).where(reports.c.code.in_(chunk))
        found += [dict(row) for row in (await connection.execute(statement)).mappings()]
    return found


async def drop_months(connection: AsyncConnection, before: date) -> None:
    """Of all reports of the months before the one that begins on this day, which are about to be deleted."""
    if connection.dialect.name == "sqlite":
        for table in await months(connection):
            if table < month_table(before):
                await connection.execute(text(f"DROP TABLE {table}"))


async def make_anew(connection: AsyncConnection) -> None:
    """The whole index, from the rows: after a restore."""
    if connection.dialect.name != "sqlite":
        return
    for table in await months(connection):
        await connection.execute(text(f"DROP TABLE {table}"))
    # in random order: within a transaction too, FTS5 keeps what came together until it is merged
    result = await connection.stream(select(*report_columns).order_by(func.random()))
    async for rows in result.mappings().partitions(_BATCH):
        await add_entries(connection, [dict(row) for row in rows])
    for table in await months(connection):
        await connection.execute(text(f"INSERT INTO {table} ({table}) VALUES ('optimize')"))


async def merge_in_slices(in_slice: Callable[[Callable[[AsyncConnection], Awaitable[int]]], Awaitable[int]]) -> None:
    """Merge each month into one piece, so that nothing tells what was written together or in which order. `in_slice`
    runs a part of it in a transaction of its own, and returns what the part returned."""

    async def list_months(connection: AsyncConnection) -> int:
        tables.extend(await months(connection))
        return 0

    tables: list[str] = []
    await in_slice(list_months)
    for table in tables:
        # a negative number begins with all pieces, a positive one goes on
        pages = -_MERGED_PAGES
        while await in_slice(lambda connection, t=table, p=pages: _merge(connection, t, p)):  # type: ignore[misc]
            pages = _MERGED_PAGES


async def _merge(connection: AsyncConnection, table: str, pages: int) -> int:
    """How many rows this changed; 0: there is nothing left to merge."""
    before = int(await connection.scalar(text("SELECT total_changes()")) or 0)
    await connection.execute(text(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', :pages)"), {"pages": pages})
    changed = int(await connection.scalar(text("SELECT total_changes()")) or 0) - before
    return changed if changed > 1 else 0
