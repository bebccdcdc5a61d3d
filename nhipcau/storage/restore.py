"""Restore: the rows of a backup into fresh tables; nothing else of it, and nobody who has left since.

A backup may be old, or not the one we made: its triggers, views and other tables stay behind. People whose key is dead
or missing go with all that hangs on them, as if they had deleted their data today.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.people import PersonState
from nhipcau.privacy.key_copy import check_value
from nhipcau.privacy.person_keys import hashed
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import bands, report_counts, schema, search_index
from nhipcau.storage.backup import COUNTS, CopyDiffers, DatabaseInUse, advance_sequences, copy_rows
from nhipcau.storage.database import Database, insert_into
from nhipcau.storage.people import erase_person
from nhipcau.storage.shared_values import forget_key_marks, key_marks
from nhipcau.storage.tables import contacts, departed, metadata, participation_counts, people
from nhipcau.storage.wakeups import SERVING


class KeysMissing(Exception):
    """The keys that open this backup are not there: none of its people could be read or reached."""


@dataclass(frozen=True, slots=True)
class Restored:
    #: People who have left since the backup, and people whose key is in no copy: neither came back.
    left: int
    keyless: int


async def restore_into(
    backup: Path, working_copy: Path, database: Database, sealer: Sealer, now: datetime, *, without_people: bool = False
) -> Restored:
    """Replace everything in this database by a backup. `working_copy`: path of a temporary file; `database`: a fresh
    SQLite file, or a PostgreSQL, which is replaced in one transaction. `without_people`: their keys are lost for good.

    Raises DatabaseInUse while a service runs on it, CopyDiffers where the result differs, KeysMissing.
    """
    copy = Database(f"sqlite+aiosqlite:///{working_copy}")
    try:
        await _take_rows(backup, copy)
        await schema.prepare(copy, sealer)
        async with copy.writing() as connection:
            gone = await _departed_since(connection, sealer)
            done = await _drop_gone(connection, sealer, now, without_people=without_people)
        await schema.prepare(database, sealer)
        async with copy.reading() as source, database.writing() as target:
            if not database.is_sqlite:
                if not await target.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SERVING}):
                    raise DatabaseInUse
                await target.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
            copied = await copy_rows(source, target)
            await search_index.make_anew(target)
            if not database.is_sqlite:
                await advance_sequences(target)
            if await copy_rows(target) != copied:
                raise CopyDiffers("what arrived differs from the backup")
        # a copy of the keys may be older than the backup
        sealer.people.destroy_hashed(gone)
        return done
    finally:
        await copy.close()
        for tail in ("", "-wal", "-shm"):
            working_copy.with_name(working_copy.name + tail).unlink(missing_ok=True)


async def _take_rows(backup: Path, copy: Database) -> None:
    """The rows of our own tables of the backup's version, into such tables made anew."""
    given = f"file:{quote(str(backup.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(given, uri=True)) as plain:
        version = str(plain.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    if version == schema.HEAD:
        await schema.prepare(copy)
    else:
        async with copy.writing() as connection:
            await connection.run_sync(lambda c: schema.upgrade(c, to=version))
    await copy.close()
    # leaving the connection keeps what it did
    with closing(sqlite3.connect(f"file:{quote(str(copy.url.database))}", uri=True)) as fresh, fresh:
        fresh.execute("ATTACH ? AS given", (given,))
        # nothing is counted here, for what is counted is not copied on
        fresh.execute("INSERT INTO main.facts VALUES (?, 'yes')", (report_counts.PAUSED,))
        for table in _table_names(fresh, "main"):
            if table == "alembic_version" or table in COUNTS or search_index.is_part_of_index(table):
                continue
            if table not in _table_names(fresh, "given"):
                raise CopyDiffers(f"there is no table {table}")
            names = ", ".join(f'"{row[1]}"' for row in fresh.execute(f'PRAGMA main.table_info("{table}")'))
            ignore = "OR IGNORE" * (table == "facts")
            fresh.execute(f'INSERT {ignore} INTO main."{table}" ({names}) SELECT {names} FROM given."{table}"')
        fresh.execute("DELETE FROM main.facts WHERE name = ?", (report_counts.PAUSED,))
        counted = _counts_in(fresh)
    if counted:
        async with copy.writing() as connection:
            await bands.take_over(connection, counted)


def _counts_in(connection: sqlite3.Connection) -> bands.Rows:
    """The counts of participation that the backup holds of requests with bands, from which only these are taken."""
    table = participation_counts.name
    if table not in _table_names(connection, "main") or table not in _table_names(connection, "given"):
        # of a version that kept no counts
        return []
    names = [column.name for column in participation_counts.columns]
    with_bands = f"request_id IN (SELECT request_id FROM given.{table} WHERE band != '')"
    rows = connection.execute(f"SELECT {', '.join(names)} FROM given.{table} WHERE number > 0 AND {with_bands}")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _table_names(connection: sqlite3.Connection, of: str) -> list[str]:
    kind = "type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [row[0] for row in connection.execute(f"SELECT name FROM {of}.sqlite_master WHERE {kind}")]


async def _departed_since(connection: AsyncConnection, sealer: Sealer) -> set[bytes]:
    """Hashes of people who are gone in the backup, but have a key here. Not of those who are still in it: a departure
    and the end of the row are one transaction, so such a line was never ours."""
    there = {hashed(id) for id in await connection.scalars(select(people.c.id).where(people.c.sealed.is_not(None)))}
    gone = set(await connection.scalars(select(departed.c.hashed_id)))
    for foreign in sorted((gone & there) - sealer.people.dead()):
        await connection.execute(departed.delete().where(departed.c.hashed_id == foreign))
    return (gone - there) & sealer.people.living().keys()


async def _drop_gone(connection: AsyncConnection, sealer: Sealer, now: datetime, *, without_people: bool) -> Restored:
    rows = (await connection.execute(select(people.c.id, people.c.state, people.c.sealed))).all()
    dead = {row.id for row in rows if sealer.people.is_dead(hashed(row.id))}
    left = [row.id for row in rows if row.id in dead and (row.sealed is not None or row.state != PersonState.LEFT)]
    sealed = [row.id for row in rows if row.sealed is not None and row.id not in dead]
    keyless = [id for id in sealed if not sealer.people.lives(id)]
    mark = (await key_marks(connection)).get("contacts", "")
    is_other = bool(mark) and mark != check_value(sealer.ring.get("contacts"))
    if (is_other or (keyless and len(keyless) == len(sealed))) and not without_people:
        raise KeysMissing
    for id in (*left, *(sealed if is_other else keyless)):
        await erase_person(connection, id, now)
    if is_other:
        # of those who had only written, nothing can be read either
        await connection.execute(contacts.delete())
    if without_people:
        await forget_key_marks(connection)
    known = set(await connection.scalars(select(departed.c.hashed_id)))
    for owner in sorted(sealer.people.dead() - known):
        await connection.execute(insert_into(connection, departed).values(hashed_id=owner))
    return Restored(len(left), len(sealed if is_other else keyless))
