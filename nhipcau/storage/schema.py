"""Brings a database to this version: a new one at once, an older one by Alembic's steps (`migrations/`)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

# counts: makes the triggers where the tables are made
from nhipcau.storage.database import Database
from nhipcau.storage.tables import metadata

#: The newest step in `migrations/versions`.
HEAD = max(step.name[:4] for step in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
#: Any number, the same in all processes: one prepares, the others wait.
_LOCK = 7_041_955


class DatabaseTooNew(Exception):
    """The database was made by a later version of the program."""


async def prepare(database: Database) -> str:
    """Create or upgrade the tables. Returns "made", "upgraded" or "current". Raises TooNew."""
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return await connection.run_sync(_prepare)


def _prepare(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return "made"
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""
    if found == HEAD:
        return "current"
    if found > HEAD:
        raise DatabaseTooNew(
            f"the database is of version {found}, this program knows {HEAD}: install the newer program"
        )
    upgrade(connection)
    return "upgraded"


def upgrade(connection: Connection) -> None:
    # Alembic is only needed where there is something to do: its import costs a quarter of the start
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def check_writable(database: Database) -> None:
    """Write, and take it back. Raises what the database says where it can't (SQLite begins to write on a file that it
    may only read without a word)."""
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


async def version(database: Database) -> str:
    """The version found; "" where the tables were never made."""
    async with database.reading() as connection:
        try:
            return str(await connection.scalar(text("SELECT version_num FROM alembic_version")) or "")
        except (OperationalError, ProgrammingError):
            # no such table, as each database says it
            return ""
