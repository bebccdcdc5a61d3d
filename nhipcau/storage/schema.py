"""Creates the tables of a new database, and upgrades an older one by Alembic's migrations (`migrations/`)."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import report_counts, running_counts
from nhipcau.storage.database import Database, wipe_after_commit
from nhipcau.storage.search_index import is_part_of_index
from nhipcau.storage.tables import metadata

#: The newest migration in `migrations/versions`.
HEAD = max(step.name[:4] for step in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
#: Key of the lock under which one process prepares while others wait; any number.
_LOCK = 7_041_955


class DatabaseTooNew(Exception):
    """The database was made by a later version of the program: `found`, where we know `known`."""

    def __init__(self, found: str) -> None:
        super().__init__(f"the database is of version {found}, this program knows {HEAD}")
        self.found, self.known = found, HEAD


async def prepare(database: Database, sealer: Sealer | None = None) -> str:
    """Create or upgrade the tables. Returns "made", "upgraded" or "current". `sealer`: seals what an older version kept
    readable. Raises DatabaseTooNew, and ValueError where it needs the sealer and has none."""
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        done = await connection.run_sync(_prepare, sealer)
        if done == "upgraded":
            wipe_after_commit(connection)
    if done == "upgraded" and not database.is_sqlite:
        async with database.session() as connection:
            # rows as they were before their upgrade lie in the table's file until it is written anew
            await connection.execute(text("VACUUM FULL people"))
    return done


def _prepare(connection: Connection, sealer: Sealer | None) -> str:
    if not inspect(connection).has_table("alembic_version"):
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return "made"
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""
    if found == HEAD:
        return "current"
    if found > HEAD:
        raise DatabaseTooNew(found)
    upgrade(connection, sealer)
    return "upgraded"


def upgrade(connection: Connection, sealer: Sealer | None = None, to: str = "head") -> None:
    """Take every step up to the version `to`."""
    # imported only when needed: it takes a quarter of the start-up time
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes |= {"connection": connection, "sealer": sealer}
    command.upgrade(config, to)


class ForeignTrigger(Exception):
    """A trigger that no version of the program made: it could change anything, whenever something is written."""


async def foreign_parts(database: Database) -> list[str]:
    """What else lies in the database: "trigger x", "view y", "table z", sorted. Triggers of ours that read otherwise
    count as foreign too."""
    statement = _SQLITE_PARTS if database.is_sqlite else _POSTGRESQL_PARTS
    async with database.reading() as connection:
        rows = (await connection.execute(text(statement))).all()
    ours = {f"table {name}": "" for name in (*metadata.tables, "alembic_version")}
    dialect = database.engine.dialect.name
    for line in (*running_counts.triggers(dialect), *report_counts.triggers(dialect)):
        if made := re.match(r"CREATE TRIGGER (\w+)", line):
            ours[f"trigger {made[1]}"] = " ".join(line.split()) if database.is_sqlite else ""
    return sorted(
        f"{row.kind} {row.name}"
        for row in rows
        if ours.get(f"{row.kind} {row.name}") not in ("", " ".join((row.body or "").split()))
        and not (row.kind == "table" and database.is_sqlite and is_part_of_index(row.name))
    )


_SQLITE_PARTS = """SELECT type AS kind, name, sql AS body FROM sqlite_master
    WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite_%'"""
_POSTGRESQL_PARTS = """SELECT CASE table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END AS kind, table_name AS name,
        NULL AS body FROM information_schema.tables WHERE table_schema = current_schema()
    UNION ALL SELECT 'trigger', tgname, NULL FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"""


async def refuse_foreign_triggers(database: Database) -> None:
    """Raises ForeignTrigger, which names them."""
    if found := [part for part in await foreign_parts(database) if part.startswith("trigger ")]:
        raise ForeignTrigger(", ".join(found))


async def check_writable(database: Database) -> None:
    """Write without a change. Raises the database's error where it can't (SQLite begins a write transaction on a
    read-only file without an error)."""
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


async def version(database: Database) -> str:
    """The version of the database; "" where it has no tables."""
    async with database.reading() as connection:
        try:
            return str(await connection.scalar(text("SELECT version_num FROM alembic_version")) or "")
        except (OperationalError, ProgrammingError):
            # no such table
            return ""
