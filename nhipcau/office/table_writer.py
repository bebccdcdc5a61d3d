"""Writes tables: CSV that Excel opens with correct Vietnamese and without running formulas, XLSX, JSON lines."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

Target = Path | BinaryIO
#: Beginnings of cells that a spreadsheet runs as formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: Any) -> Any:
    """The cell; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell


def write_csv(target: Target, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(header)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    _write(target, b"\xef\xbb\xbf" + out.getvalue().encode())


def write_jsonl(target: Target, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    _write(target, "".join(lines).encode())


def write_xlsx(target: Target, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_book(target, {"Sheet": [header, *rows]})


def write_book(target: Target, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """A workbook with sheets by name, in order."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_writable(harmless(cell)) for cell in row])
    out = io.BytesIO()
    book.save(out)
    _write(target, out.getvalue())


def _writable(cell: Any) -> Any:
    """The cell without control characters, which a spreadsheet file can't hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell) if isinstance(cell, str) else cell


def _write(target: Target, data: bytes) -> None:
    """Write to the stream, or to a file that appears whole or not at all."""
    if not isinstance(target, Path):
        target.write(data)
        target.flush()
        return
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
