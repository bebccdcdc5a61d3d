"""Reports laid into an office to be searched, and what its index holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text

from nhipcau.model.changes import FileReport
from nhipcau.model.people import Role
from nhipcau.model.report_filter import ReportFilter, ReportPage
from nhipcau.model.scope import Scope
from nhipcau.model.search import phrases_of
from nhipcau.privacy.identifiers import receipt_code
from nhipcau.storage.database import Connection
from nhipcau.storage.registry import ChangeContext
from nhipcau.storage.report_list import list_reports
from nhipcau.storage.reports import file_reports
from nhipcau.storage.search_index import is_part_of_index, months
from nhipcau.storage.tables import reports
from nhipcau.storage.units import load_tree
from tests.support.world import World

_PLAIN = {"topic": "GT", "mood": "ban_khoan", "spread": 2, "urgency": "thuong", "state": "new"}


def context(world: World, connection: Connection) -> ChangeContext:
    return ChangeContext(connection, world.parts.sealer, world.now, world.now.date(), {})


async def lay(world: World, text: str, unit: str = "X06184", day: date | None = None, **values: Any) -> str:
    """A report of this text about this unit; its code."""
    code = values.pop("code", "") or receipt_code()
    async with world.parts.database.writing() as connection:
        area = (await load_tree(connection)).by_code[unit].id
        row = {**_PLAIN, "code": code, "day": day or world.now.date(), "area_id": area, "text": text, **values}
        await file_reports(context(world, connection), [FileReport(code, "secret", row)])
    return code


async def found(
    world: World,
    typed: str,
    unit: str = "T20",
    *,
    after: str = "",
    size: int = 50,
    role: str = Role.COORDINATOR,
    **more: Any,
) -> ReportPage:
    """What a coordinator of this unit finds."""
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        phrases = phrases_of(typed, tree.known_places)
        assert phrases is not None, typed
        scope = Scope(role, tree.by_code[unit].path)
        return await list_reports(connection, scope, tree, ReportFilter(phrases, **more), after, size)


async def texts(world: World, typed: str, unit: str = "T20", **more: Any) -> list[str]:
    """The texts of what is found, in their order."""
    return [report.text for report in (await found(world, typed, unit, **more)).reports]


async def words_of_index(connection: Connection) -> dict[str, set[str]]:
    """Code → the words it is found by, as each database keeps them; read from the index itself. Without the pairs of
    words that PostgreSQL keeps too."""
    if connection.dialect.name != "sqlite":
        rows = await connection.execute(select(reports.c.code, text("tsvector_to_array(words)")))
        return {row[0]: {word for word in row[1] if "=" not in word[1:]} for row in rows if row[1]}
    from nhipcau.storage.search_index import code_of

    kept: dict[str, set[str]] = {}
    for table in await months(connection):
        await connection.execute(text(f"CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, {table}, 'instance')"))
        for row in await connection.execute(text("SELECT term, doc, col FROM temp.v WHERE col != 'facets'")):
            if row.term.lstrip("=") != "·":
                kept.setdefault(code_of(row.doc), set()).add(row.term)
        await connection.execute(text("DROP TABLE temp.v"))
    return kept


async def pieces(connection: Connection) -> Sequence[int]:
    """Of each month of SQLite's index: of how many pieces it is."""
    return [
        int(await connection.scalar(text(f"SELECT count(DISTINCT segid) FROM {table}_idx")) or 0)
        for table in await months(connection)
    ]


async def parts_of_index(connection: Connection) -> list[str]:
    names = await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    return sorted(name for name in names if is_part_of_index(name))
