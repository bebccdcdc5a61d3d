"""The database: the only file that begins and commits.

`writing()` is BEGIN IMMEDIATE on SQLite, so that load-decide-save of two tasks never interleave (with the driver's own
deferred BEGIN, 8 or 9 of 10 concurrent saves were lost without any error); `reading()` is a plain BEGIN: blocks none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Executable, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

#: secure_delete: what was deleted is overwritten, not only unlinked.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

#: A connection that went silent without a word (a cable, a firewall) is given up by us after two minutes, and by the
#: server, which frees what it locked, after half a minute: by themselves both would wait for hours.
_ALIVE = {
    "command_timeout": 120,
    "server_settings": {
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "4",
    },
}

#: A transaction's connection, for the packages that hand it on: none but storage knows SQLAlchemy.
Connection = AsyncConnection
#: What the database says of a statement that failed.
DatabaseError = DBAPIError

T = TypeVar("T")
Rows = Sequence[Mapping[str, Any]]


class Database:
    """One database, SQLite or PostgreSQL."""

    def __init__(self, url: str, patience: float = 30) -> None:
        """`patience`: seconds to wait while another process writes."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"pool_size": 4}
        if not self.is_sqlite:
            options = {"pool_size": 8, "pool_pre_ping": True, "connect_args": _ALIVE}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        self._inode = 0
        self._patience = int(patience * 1000)
        #: SQLite has one writer: tasks of this process queue here, woken at once. Its own waiting (busy_timeout) sleeps
        #: in steps of up to 100 ms, and cost four fifths of the time between two batches.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            _prepare_sqlite(self.engine, self._patience)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that writes; commits on leaving, rolls back on any exception. See `wipe_after_commit`."""
        async with self._turn, self.engine.connect() as connection, connection.begin():
            connection.info.pop(_WIPE, None)
            yield connection
            wipe = _WIPE in connection.info
        if wipe:
            await self.wipe()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view; nothing may be written."""
        async with self.engine.connect() as connection:
            await connection.execution_options(read_only=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[AsyncConnection]:
        """A connection without transactions, really closed on leaving: for locks of a session, for LISTEN."""
        options = {} if self.is_sqlite else {"connect_args": _ALIVE}
        engine = create_async_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", **options)
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()

    async def wipe(self) -> None:
        """What was deleted goes from SQLite's write-ahead log too; a reader in the way leaves it to the next time."""
        if not self.is_sqlite:
            return
        async with self._turn, self.engine.connect() as connection:
            plain = await connection.execution_options(no_begin=True)
            # a reader in the way is not waited for long: everybody who writes waits with us
            await plain.exec_driver_sql("PRAGMA busy_timeout=250")
            await plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            await plain.exec_driver_sql(f"PRAGMA busy_timeout={self._patience}")

    async def answers(self) -> bool:
        """Whether the database answers, and its file is still the one that was opened."""
        try:
            async with self.reading() as connection:
                await connection.execute(text("SELECT 1"))
            return self.is_in_place()
        except Exception:  # whatever it is, the answer is no
            return False

    def is_in_place(self) -> bool:
        """False when the SQLite file was deleted or replaced under us: what is written then is lost."""
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


#: Stands in the `info` of a connection whose transaction asked for it.
_WIPE = "wipe"


def wipe_after_commit(connection: AsyncConnection) -> None:
    """What this transaction deletes must not be found in the database's log either. Said by whatever deletes it, so
    that nobody who commits can forget it."""
    connection.info[_WIPE] = True


def _prepare_sqlite(engine: AsyncEngine, patience: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # the driver's own BEGIN is off; ours comes from the listener below
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={patience}", *_PRAGMAS):
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
    """Somebody else was quicker (the last use of a card): decide again with what holds now."""


def is_conflict(error: BaseException) -> bool:
    """Whether somebody else was quicker: the same event decided anew, with what holds now, may succeed."""
    return isinstance(error, (ChangedMeanwhile, IntegrityError))


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed when tried again: locked, deadlock (40P01), serialisation (40001), read-only
    for a while (25006: a standby that takes over), or the database is away."""
    if isinstance(error, (OSError, PoolTimeout)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = str(getattr(error.orig, "sqlstate", "") or "")
    if error.connection_invalidated or code in {"40P01", "40001", "25006"} or code.startswith(("08", "53", "57P")):
        return True
    words = str(error.orig)
    return any(word in words for word in ("locked", "disk I/O error", "full", "readonly", "unable to open"))


def in_chunks(values: Sequence[T], most: int = 500) -> Iterator[list[T]]:
    """So many at a time: databases bound how many values a statement may carry."""
    for start in range(0, len(values), most):
        yield list(values[start : start + most])


async def execute_many(connection: AsyncConnection, statement: Executable, rows: Rows) -> None:
    """Run one statement over a set; nothing at all for an empty set (an empty list would insert default values)."""
    if rows:
        await connection.execute(statement, rows)


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which each database spells for itself (hence Any: the two share no type)."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Any:
    """The same by the dialect's name, for statements that are made once."""
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return make(table)
