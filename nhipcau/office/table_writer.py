"""Writes tables for the office: CSV that Excel opens with Vietnamese right and formulas harmless, XLSX, JSON lines."""

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
#: A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would calculate gets an apostrophe before it."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell


def write_csv(target: Target, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(header)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    _put(target, b"\xef\xbb\xbf" + out.getvalue().encode())


def write_jsonl(target: Target, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    _put(target, "".join(lines).encode())


def write_xlsx(target: Target, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_book(target, {"Sheet": [header, *rows]})


def write_book(target: Target, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """Several sheets by name, in order."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_writable(harmless(cell)) for cell in row])
    out = io.BytesIO()
    book.save(out)
    _put(target, out.getvalue())


def _writable(cell: Any) -> Any:
    """Without the control characters a spreadsheet file can't hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell) if isinstance(cell, str) else cell


def _put(target: Target, data: bytes) -> None:
    """A file appears whole or not at all."""
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
