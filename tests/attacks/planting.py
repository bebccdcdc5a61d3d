"""Links planted into a copy of what was taken: an attack that does not find them would find nothing at all.

Nothing of the product's is used: tables of names nobody knows, one with people's ids, one with what was said.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from tests.attacks import postgres_rows
from tests.attacks.session import Session, Utterance
from tests.attacks.stage import Snapshot, Stage, beside

#: Statements with ? for values, and the values; a transaction is several.
Transaction = Sequence[tuple[str, tuple[str, ...]]]

#: Rows in the order of the acts.
TABLES = ("CREATE TABLE seen (who TEXT, n TEXT)", "CREATE TABLE heard (words TEXT, n TEXT)")
#: The same, found by a random key: only where each row lies in its page tells when it came.
BY_KEY = (
    "CREATE TABLE seen (who TEXT, n TEXT, PRIMARY KEY (n))",
    "CREATE TABLE heard (words TEXT, n TEXT, PRIMARY KEY (n))",
)


def planted_acts(stage: Stage, said: Sequence[Utterance], name: str, tables: Sequence[str] = TABLES) -> Snapshot:
    """The last night, with each author and what they said written in one transaction, in the order of the acts."""
    acts = [
        [
            ("INSERT INTO seen VALUES (?, ?)", (id_of(stage.session, s.author), key)),
            ("INSERT INTO heard VALUES (?, ?)", (f"chỗ {s.word} ngập", key)),
        ]
        for s, key in ((s, f"{hash((s.word, name)) & 0xFFFFFFFF:08x}") for s in said)
    ]
    return planted(stage, name, [*([(table, ())] for table in tables), *acts])


def planted_values(stage: Stage, values: Mapping[int, str], name: str) -> Snapshot:
    """The last night, with a value beside each person, all written at once and in the order of their numbers."""
    inserts = [("INSERT INTO seen VALUES (?, ?)", (id_of(stage.session, n), v)) for n, v in sorted(values.items())]
    return planted(stage, name, [[(TABLES[0], ())], inserts])


def id_of(session: Session, person: int) -> str:
    return next(handle for handle in session.handles[person] if isinstance(handle, str))


def planted(stage: Stage, name: str, transactions: Sequence[Transaction]) -> Snapshot:
    """The last night with these transactions after it, taken as an adversary would: while the database is open."""
    target = stage.folder / name
    shutil.copytree(stage.nights[-1].folder, target)
    if stage.copied:
        return beside(_in_postgres(stage, transactions, target))
    _in_sqlite(target / "n.db", transactions)
    return Snapshot(target, stage.session)


def _in_sqlite(path: Path, transactions: Sequence[Transaction]) -> None:
    aside = path.with_suffix(".aside")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        for transaction in transactions:
            connection.execute("BEGIN")
            for statement, values in transaction:
                has_key = statement.startswith("CREATE") and "KEY" in statement
                connection.execute(statement + " WITHOUT ROWID" * has_key, values)
            connection.execute("COMMIT")
        # closing clears the log
        for ending in ("", "-wal"):
            shutil.copyfile(f"{path}{ending}", f"{aside}{ending}")
    for ending in ("", "-wal"):
        shutil.move(f"{aside}{ending}", f"{path}{ending}")


async def _in_postgres(stage: Stage, transactions: Sequence[Transaction], target: Path) -> Snapshot:
    assert stage.copied
    url = stage.copied(stage.template)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for transaction in transactions:
            async with connection.transaction():
                for statement, values in transaction:
                    await connection.execute(_numbered(statement), *values)
    finally:
        await connection.close()
    rows, data = await postgres_rows.living_rows(url), await postgres_rows.all_bytes(url)
    return Snapshot(target, stage.session, rows, server_bytes=data)


def _numbered(statement: str) -> str:
    """? → $1, $2 …"""
    numbers = iter(range(1, 99))
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)
