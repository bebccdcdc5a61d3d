"""What lies in a PostgreSQL database as its server's disk holds it: living rows with their place and transaction, and
every item of every page, dead ones too."""

from __future__ import annotations

import re
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from tests.attacks.rows import Key, Row

_PAGE = 8192
#: Flag of a line pointer that holds something: normal, or dead with its bytes still there.
_HOLDS = (1, 3)


async def living_rows(url: str) -> list[Row]:
    """Every row of every table, and every item of every page of the database's files."""
    async with _connected(url) as connection:
        await connection.execute("CHECKPOINT")
        found = await _tables(connection)
        for name, path in await connection.fetch(_FILES):
            found += [Row(f"page {name}", (item,), marks) for item, marks in items(Path(path).read_bytes())]
        return found


async def rows_of_tables(url: str) -> list[Row]:
    """Every row of every table."""
    async with _connected(url) as connection:
        return await _tables(connection)


async def set_up_as_deployed(url: str) -> None:
    """As `deploy/compose.yaml` sets the server up."""
    async with _connected(url) as connection:
        await connection.execute("ALTER SYSTEM SET wal_recycle = off")
        await connection.execute("ALTER SYSTEM SET min_wal_size = '32MB'")
        await connection.execute("SELECT pg_reload_conf()")


async def analyse(url: str) -> None:
    async with _connected(url) as connection:
        await connection.execute("ANALYZE")


async def all_bytes(url: str) -> bytes:
    """Every file of this database, whatever the catalogue knows of it; the server's log is not among them."""
    async with _connected(url) as connection:
        await connection.execute("CHECKPOINT")
        folder = await connection.fetchval(_FOLDER)
    return b"".join(path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.is_file())


async def log_file(url: str) -> str:
    """Name of the file to which the server writes its write-ahead log now; later ones come after it."""
    async with _connected(url) as connection:
        return str(await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())"))


async def server_log(url: str, since: str) -> bytes:
    """The server's write-ahead log from this file on, oldest first, without what was not written to yet."""
    async with _connected(url) as connection:
        folder = await connection.fetchval("SELECT current_setting('data_directory') || '/pg_wal'")
    paths = (path for path in sorted(Path(folder).iterdir()) if path.is_file() and path.name >= since)
    return b"".join(path.read_bytes().rstrip(b"\0") for path in paths)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


_FILES = (
    "SELECT relname, current_setting('data_directory') || '/' || pg_relation_filepath(c.oid) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i')"
)
_FOLDER = (
    "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE datname = current_database()"
)


async def _tables(connection: Any) -> list[Row]:
    tables = await connection.fetch(
        "SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind = 'r'"
    )
    return [row for oid, name in tables for row in await _rows_of(connection, oid, name)]


async def _rows_of(connection: Any, oid: int, name: str) -> list[Row]:
    keys = await connection.fetch(
        "SELECT contype, conkey[1], confrelid::regclass::text FROM pg_constraint "
        "WHERE conrelid = $1 AND contype IN ('p', 'f') AND array_length(conkey, 1) = 1",
        oid,
    )
    columns = await connection.fetch(
        "SELECT attnum FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum", oid
    )
    place = {row[0]: n for n, row in enumerate(columns)}
    number = next((place[column] for kind, column, _ in keys if kind == b"p"), None)
    points = {place[column]: table for kind, column, table in keys if kind == b"f"}
    rows = await connection.fetch(f'SELECT ctid::text, xmin::text::bigint, xmax::text::bigint, t.* FROM "{name}" t')
    found = []
    for ctid, xmin, xmax, *values in rows:
        block, item = map(int, re.findall(r"\d+", ctid if isinstance(ctid, str) else str(ctid)))
        marks = {"place": block * 1000.0 + item, "transaction": float(xmin), "ended by": float(xmax)}
        key: Key | None = None
        if number is not None and isinstance(values[number], int):
            key = (name, values[number])
        refers = tuple((table, values[c]) for c, table in points.items() if isinstance(values[c], int))
        found.append(Row(name, tuple(map(_plain, values)), marks, key, refers))
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | bytes | str) else str(value)


def items(data: bytes) -> Iterator[tuple[bytes, dict[str, float]]]:
    """Items of all pages of one file, of a table or of an index, in the order of their pointers."""
    for page in range(len(data) // _PAGE):
        whole = data[page * _PAGE : (page + 1) * _PAGE]
        lower, upper, special = struct.unpack_from("<HHH", whole, 12)
        if not 24 <= lower <= upper <= special <= _PAGE:
            continue
        is_index = special < _PAGE
        for n in range((lower - 24) // 4):
            (pointer,) = struct.unpack_from("<I", whole, 24 + 4 * n)
            at, flags, length = pointer & 0x7FFF, pointer >> 15 & 3, pointer >> 17
            if flags not in _HOLDS or not length:
                continue
            marks = {"place": page * 1000.0 + n, "from the end": page * float(_PAGE) + _PAGE - at}
            if not is_index:
                xmin, xmax = struct.unpack_from("<II", whole, at)
                marks |= {"transaction": float(xmin), "ended by": float(xmax)}
            yield whole[at : at + length], marks
