"""Connections and transactions: the only file that begins and commits.

`writing()` is BEGIN IMMEDIATE on SQLite, so that the load-decide-save of two tasks never interleaves (with the driver's
deferred BEGIN, 8 or 9 of 10 concurrent saves were lost without any error); `reading()` is a plain BEGIN there, and
REPEATABLE READ READ ONLY on PostgreSQL: one view, which blocks nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Executable, Table, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from nhipcau.error_log import name_of

log = structlog.get_logger()

#: secure_delete: deleted content is overwritten, not only unlinked.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

#: A SQLite file up to this size, in bytes, is written anew in a small part of a second, and a table of PostgreSQL too.
_SMALL_FILE, _SMALL_TABLE = 20_000_000, 30_000_000
#: Milliseconds to wait for a lock on such a table, since whoever comes after us waits too.
_VACUUM_WAIT_MS = 400

#: Our tables without rows.
_EMPTY = "SELECT oid FROM pg_class WHERE relkind = 'r' AND reltuples <= 0 AND relnamespace = 'public'::regnamespace"

#: A connection cut without notice (cable, firewall) is given up by us after two minutes, and by the server, which then
#: frees its locks, after half a minute; the defaults are hours.
_CONNECT_ARGS = {
    "command_timeout": 120,
    "server_settings": {
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "4",
    },
}

#: The type of a connection, for other packages: only storage imports SQLAlchemy.
Connection = AsyncConnection
#: A statement failed.
DatabaseError = DBAPIError

T = TypeVar("T")
Rows = Sequence[Mapping[str, Any]]


class Database:
    """One database, SQLite or PostgreSQL."""

    def __init__(self, url: str, busy_timeout: float = 30) -> None:
        """`busy_timeout`: seconds to wait while another process writes (SQLite)."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"pool_size": 4}
        if not self.is_sqlite:
            options = {"pool_size": 8, "pool_pre_ping": True, "connect_args": _CONNECT_ARGS}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        #: On PostgreSQL each statement would else see what was committed until then: a picture that goes from a draft
        #: into a report meanwhile would be in neither.
        self._reading: dict[str, Any] = {"read_only": True}
        if not self.is_sqlite:
            self._reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._inode = 0
        self._busy_timeout_ms = int(busy_timeout * 1000)
        #: SQLite has one writer: tasks of this process wait here and are woken at once. SQLite's own waiting sleeps in
        #: steps of up to 100 ms, which took four fifths of the time between two batches.
        self._write_lock: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            _prepare_sqlite(self.engine, self._busy_timeout_ms)

    @asynccontextmanager
    async def writing(self, committed: Callable[[], None] = lambda: None) -> AsyncIterator[AsyncConnection]:
        """One transaction that writes; commits on leaving, rolls back on any exception. `committed` is called as
        soon as it is durable, before the log is wiped (`wipe_after_commit`), whose failure is only logged."""
        async with self._write_lock, self.engine.connect() as connection, connection.begin():
            connection.info.clear()
            yield connection
            for write, noted in connection.info.pop(_LAST, {}).items():
                await write(noted)
            wipe = _WIPE in connection.info
        committed()
        if wipe:
            try:
                await self.wipe()
            except (DBAPIError, OSError, PoolTimeout) as error:
                log.warning("log not wiped, the next wipe does it", **name_of(error))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that only reads: one consistent view, from its first statement on."""
        async with self.engine.connect() as connection:
            await connection.execution_options(**self._reading)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection]:
        """A connection without transactions, outside the pool: for session locks and LISTEN, which end with it."""
        options = {} if self.is_sqlite else {"connect_args": _CONNECT_ARGS}
        engine = create_async_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", **options)
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()

    def seconds_since_write(self) -> float | None:
        """Seconds since anybody wrote to SQLite's write-ahead log; None: there is nothing in it."""
        if not self.is_sqlite or not self.url.database:
            return None
        try:
            found = Path(f"{self.url.database}-wal").stat()
        except FileNotFoundError:
            return None
        return max(0.0, time.time() - found.st_mtime) if found.st_size else None

    async def wipe(self) -> None:
        """Remove deleted content from SQLite's write-ahead log too; where a reader prevents it, the next call does."""
        if not self.is_sqlite:
            return
        async with self.engine.connect() as connection:
            plain = await connection.execution_options(no_begin=True)
            # copies most of it while others write
            await plain.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        async with self._write_lock, self.engine.connect() as connection:
            plain = await connection.execution_options(no_begin=True)
            # a short wait for readers, since every writer waits with us
            await plain.exec_driver_sql("PRAGMA busy_timeout=250")
            await plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            await plain.exec_driver_sql(f"PRAGMA busy_timeout={self._busy_timeout_ms}")

    async def vacuum(self, tables: Sequence[str]) -> None:
        """Leave nothing where rows were: a small SQLite file is written anew; PostgreSQL frees what was deleted, writes
        small tables anew, forgets values it noted of them, and begins its log anew where our role may. What others
        prevent, the next call does."""
        if self.is_sqlite:
            await self._vacuum_sqlite()
        else:
            await self._vacuum_postgresql(tables)

    async def _vacuum_sqlite(self) -> None:
        file = Path(self.url.database or "")
        if not file.is_file() or file.stat().st_size > _SMALL_FILE:
            return
        async with self._write_lock, self.engine.connect() as connection:
            plain = await connection.execution_options(no_begin=True)
            await plain.exec_driver_sql("VACUUM")

    async def _vacuum_postgresql(self, tables: Sequence[str]) -> None:
        async with self.session() as connection:
            await connection.exec_driver_sql(f"SET lock_timeout = {_VACUUM_WAIT_MS}")
            size = text("SELECT pg_total_relation_size(to_regclass(:name))")
            for name in tables:
                full = "FULL" if int(await connection.scalar(size, {"name": name}) or 0) <= _SMALL_TABLE else ""
                # what the planner remembers of a table are values of its rows, deleted ones too
                options = ", ".join(filter(None, [full, "ANALYZE"]))
                await self._try(connection, f"VACUUM ({options}) {name}")
            # of an empty table it notes nothing new
            await self._try(connection, f"DELETE FROM pg_statistic WHERE starelid IN ({_EMPTY})")
            await self._try(connection, "VACUUM FULL pg_statistic")
            # the server's log tells who changed what together: with wal_recycle = off its past is deleted now
            await self._try(connection, "SELECT pg_switch_wal()")
            await self._try(connection, "CHECKPOINT")

    async def _try(self, connection: AsyncConnection, statement: str) -> None:
        try:
            await connection.exec_driver_sql(statement)
        except DBAPIError as error:
            log.warning("not done, the next night does it", statement=statement, **name_of(error))

    async def answers(self) -> bool:
        """Whether the database answers and its file is still the one that was opened."""
        try:
            async with self.reading() as connection:
                await connection.execute(text("SELECT 1"))
            return self.is_in_place()
        except Exception:  # any error means no
            return False

    def is_in_place(self) -> bool:
        """False when the SQLite file was deleted or replaced while open: what is written then is lost."""
        if not self.is_sqlite or not self.url.database:
            return True
        try:
            inode = Path(self.url.database).stat().st_ino
        except FileNotFoundError:
            return False
        self._inode = self._inode or inode
        return self._inode == inode

    async def close(self) -> None:
        await self.engine.dispose()


#: Key in `connection.info`, set by `wipe_after_commit`.
_WIPE = "wipe"


def wipe_after_commit(connection: AsyncConnection) -> None:
    """Let the commit also wipe what this transaction deletes from SQLite's log. Called by the functions that delete, so
    that no committing caller can forget it."""
    connection.info[_WIPE] = True


#: Key in `connection.info`: what `before_commit` keeps.
_LAST = "last"


def before_commit(connection: AsyncConnection, write: Callable[[Sequence[T]], Awaitable[None]], noted: T) -> None:
    """Keep this until just before the commit; then `write` is called once with all that was kept for it. For what takes
    a lock that others wait for."""
    connection.info.setdefault(_LAST, {}).setdefault(write, []).append(noted)


def _prepare_sqlite(engine: AsyncEngine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # turns off the driver's BEGIN; the listener below begins
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={busy_timeout_ms}", *_PRAGMAS):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("no_begin"):
            return
        read_only = options.get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


class ChangedMeanwhile(Exception):
    """The rows a decision was made on have changed (for example, a card has no use left): decide again."""


def is_conflict(error: BaseException) -> bool:
    """Whether rows changed meanwhile: deciding the same event again may succeed."""
    return isinstance(error, (ChangedMeanwhile, IntegrityError))


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed when tried again: locked (55P03), deadlock (40P01), serialisation (40001),
    read-only for a while (25006: a standby takes over), disk trouble, or no connection."""
    if isinstance(error, (OSError, PoolTimeout)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = str(getattr(error.orig, "sqlstate", "") or "")
    if (
        error.connection_invalidated
        or code in {"40P01", "40001", "25006", "55P03"}
        or code.startswith(("08", "53", "57P"))
    ):
        return True
    message = str(error.orig)
    return any(part in message for part in ("locked", "disk I/O error", "full", "readonly", "unable to open"))


def in_chunks(values: Sequence[T], size: int = 500) -> Iterator[list[T]]:
    """Lists of at most `size` values: databases limit how many values a statement may carry."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


async def execute_many(connection: AsyncConnection, statement: Executable, rows: Rows) -> None:
    """Run one statement for each row; nothing for no rows (SQLAlchemy would insert default values)."""
    if rows:
        await connection.execute(statement, rows)


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT with ON CONFLICT in the dialect of the database (Any: the dialects share no type)."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """The same by the dialect's name, for statements that are built once."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    # 3 MB that most offices do without
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
