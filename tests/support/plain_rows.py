"""Rows written to and read from an installation's SQLite file, where starting a process would only cost time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


def put(folder: Path, table: str, **values: Any) -> None:
    connection = sqlite3.connect(folder / "n.db")
    with connection:
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", values)
    connection.close()


def rows_of(folder: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "n.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
