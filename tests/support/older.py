"""A world's database as an earlier version would hold it: tables made by the steps of then, with the rows of now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, insert, select, text

from nhipcau.context import AppContext, build
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.sealed_people import PersonDetails
from nhipcau.storage.tables import metadata, people
from tests.support.people import details
from tests.support.postgres import empty_database
from tests.support.world import World

Rows = Sequence[Mapping[str, Any]]
#: What a column of then holds that today's rows know nothing of, by its type.
_SOMETHING: dict[type, Any] = {bool: False, int: 0, str: "", date: date(2026, 11, 23), bytes: b""}


@asynccontextmanager
async def no_tables(folder: Path, *, on_postgresql: bool) -> AsyncIterator[AppContext]:
    """Parts of an office whose database has no tables yet. Closed whatever happens: a connection left open would keep
    the loop from closing, so that a failure became a test that never ends."""
    url = empty_database() if on_postgresql else f"sqlite+aiosqlite:///{folder}/other.db"
    parts = build(Settings(_env_file=None, data_dir=folder, database_url=url))
    try:
        yield parts
    finally:
        await parts.database.close()


async def become_older(world: World, version: str, rewritten: Mapping[str, Rows] | None = None) -> None:
    """Give the world's database the tables of this version and, as far as that knew their columns, the rows it has.
    `rewritten`: rows of tables that said the same in other words."""
    database = world.parts.database
    found = {of.name: await rows_of(world, of) for of in metadata.sorted_tables}
    async with database.writing() as connection:
        await connection.run_sync(_copy, version, {**found, **(rewritten or {})})
    # statements that were prepared for the tables of now
    await database.engine.dispose()


def _copy(connection: Connection, version: str, found: Mapping[str, Rows]) -> None:
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    schema.upgrade(connection, to=version)
    then = MetaData()
    then.reflect(connection)
    # triggers have counted what was put in: counts come last, as they were
    for name in sorted((name for name in found if name in then.tables), key=lambda name: name.endswith("_counts")):
        of = then.tables[name]
        connection.execute(delete(of))
        if found[name]:
            _put(connection, of, found[name])


def _put(connection: Connection, of: Table, rows: Rows) -> None:
    names = [c.name for c in of.c if c.name in rows[0] or not (c.nullable or c.server_default)]
    unknown = {name: _SOMETHING[of.c[name].type.python_type] for name in names if name not in rows[0]}
    values = [{name: row.get(name, unknown.get(name)) for name in names} for row in rows]
    connection.execute(insert(of), values)
    if connection.dialect.name == "postgresql" and isinstance(values[0].get("id"), int):
        last = f"SELECT setval(pg_get_serial_sequence('{of.name}', 'id'), max(id)) FROM {of.name}"
        connection.execute(text(last))


async def rows_of(world: World, of: Table) -> Rows:
    """Column → value, row by row."""
    async with world.parts.database.reading() as connection:
        return [dict(row) for row in (await connection.execute(select(of))).mappings()]


async def readable_people(world: World) -> Rows:
    """The rows of people as they were before 0016, when names could be read."""
    known = await details(world)
    return [{**row, **_readable(world, row["id"], known[row["id"]])} for row in await rows_of(world, people)]


def _readable(world: World, id: str, of: PersonDetails) -> Mapping[str, Any]:
    contact = world.parts.sealer.seal_lasting(of.contact, f"person:{id}") if of.contact else None
    return {"name": of.name, "mark": of.tag_secret, "code": of.code or None, "cell": of.cell, "sealed_contact": contact}
