"""What lies in a copy of a SQLite installation's folder, as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.rows import Key, Row
from tests.attacks.sqlite_file import Cell, changes_in_log, read_file


@dataclass(frozen=True)
class _Table:
    """What the catalogue says: which column is the row's number, which point at numbers of other tables."""

    number: int | None
    points: dict[int, str]


def living_rows(path: Path) -> list[Row]:
    """Every row of every table and index, with its place in the file."""
    file, tables = read_file(path), _catalogue(path)
    return [
        _row(name, cell, tables, {"place": float(cell.at), "row number": float(cell.rowid)})
        for name, root in file.trees().items()
        for cell in file.cells(root)
    ]


def rows_in_log(path: Path) -> list[Row]:
    """Every change of a row that the log still holds, with the number of its transaction."""
    tables = _catalogue(path)
    return [
        _row(name, cell, tables, {"commit": float(number)}, "log of ")
        for number, name, cell in changes_in_log(read_file(path))
    ]


def _row(name: str, cell: Cell, tables: dict[str, _Table], marks: dict[str, float], title: str = "") -> Row:
    table = tables.get(name)
    if table is None or table.number is None:
        points = table.points if table else {}
        return Row(title + name, cell.values, marks, None, tuple(_pointed_at(cell, points)))
    return Row(title + name, cell.values, marks, (name, cell.rowid), tuple(_pointed_at(cell, table.points)))


def _pointed_at(cell: Cell, points: dict[int, str]) -> Iterator[Key]:
    for column, table in points.items():
        if column < len(cell.values) and isinstance(value := cell.values[column], int):
            yield table, value


def _catalogue(path: Path) -> dict[str, _Table]:
    found = {}
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as plain:
        for name, sql in plain.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall():
            columns = {row[1]: row for row in plain.execute(f"PRAGMA table_info({name})")}
            has_rows = "WITHOUT ROWID" not in str(sql).upper()
            number = [row[0] for row in columns.values() if row[5] == 1 and row[2].upper() == "INTEGER"]
            points = plain.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            # a table without row numbers keeps its columns in another order
            pointing = {columns[row[3]][0]: row[2] for row in points} if has_rows else {}
            found[name] = _Table(number[0] if number and has_rows else None, pointing)
    return found
