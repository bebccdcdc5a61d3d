"""Reads a table of an office: CSV in the usual encodings, or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import fold, nfc

_LARGEST = 20_000_000
Rows = list[tuple[int, list[str]]]


class InvalidTable(Fault):
    """The file can't be read as this table: one sentence."""


class InvalidRows(InvalidTable):
    """Every invalid row, one line each; nothing of the file was stored."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__("file.row")
        self.faults = sorted(faults, key=lambda fault: fault.row)

    def say(self, t: Texts) -> str:
        return "\n".join(fault.say(t) for fault in self.faults)


def read_table(path: Path) -> tuple[list[str], Rows]:
    """The header and the rows that aren't empty, numbered as in the spreadsheet. Raises InvalidTable."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidTable("file.too_big", file=path.name, most=_LARGEST // 1_000_000)
        data = path.read_bytes()
    except OSError as error:
        raise InvalidTable("file.unreadable", file=path, why=error.strerror) from None
    lines = _read_xlsx(data, path.name) if data[:2] == b"PK" else _read_csv(data, path.name)
    numbered = [(number, [nfc(cell) for cell in row]) for number, row in lines]
    filled = [(number, row) for number, row in numbered if any(row)]
    if not filled:
        raise InvalidTable("file.no_rows", file=path.name)
    return filled[0][1], filled[1:]


def _read_csv(data: bytes, name: str) -> Rows:
    text = _decode(data, name)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1))
    except csv.Error:
        raise InvalidTable("file.no_csv", file=name) from None


def _decode(data: bytes, name: str) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1258"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidTable("file.no_text", file=name)


def _read_xlsx(data: bytes, name: str) -> Rows:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # some programs write wrong sizes into their files
        sheet.reset_dimensions()
        rows = [
            (number, [_cell(value) for value in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        book.close()
    # openpyxl passes on any exception a broken part causes
    except Exception as error:
        raise InvalidTable("file.no_excel", file=name, why=type(error).__name__) from None
    return rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (datetime, date)):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def columns(header: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The index of each wanted column that is there, found by the beginning of its folded header."""
    folded = [fold(cell) for cell in header]
    places: dict[str, int] = {}
    for name, beginnings in wanted.items():
        for beginning in beginnings:
            found = [n for n, cell in enumerate(folded) if cell.startswith(beginning) and n not in places.values()]
            if found and name not in places:
                places[name] = found[0]
    return places
