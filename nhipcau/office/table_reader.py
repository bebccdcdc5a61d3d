"""Reads a table of an office: CSV as programs write it, or a workbook (XLSX, XLS, ODS)."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.office import workbook_worker
from nhipcau.office.old_fonts import OLD_FONTS, font_of, read_old_font, share_of_vietnamese

#: Bytes of a file, rows and columns of a sheet, letters of a cell and of all cells.
MOST_BYTES, MOST_ROWS, MOST_COLUMNS, MOST_LETTERS, MOST_IN_ALL = 20_000_000, 20_000, 300, 5_000, 20_000_000
#: Seconds a workbook may take.
_SECONDS = 60
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DELIMITERS = ",;\t|"
#: Environment variables passed to the reading process: no setting, no token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")
#: Letters of other alphabets that look like đ and Đ, as some programs write them.
_LOOK_ALIKES = str.maketrans("ÐƉðɖ", "ĐĐđđ")


class InvalidTable(Fault):
    """The file can't be read as this table: one sentence."""


class InvalidRows(InvalidTable):
    """Every invalid row, one line each; nothing of the file was stored."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__("file.row")
        self.faults = sorted(faults, key=lambda fault: fault.row)

    def say(self, t: Texts) -> str:
        return "\n".join(fault.say(t) for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may hold at most."""

    bytes: int
    rows: int
    letters_in_all: int


@dataclass(frozen=True, slots=True)
class Sheet:
    #: "" for a CSV file.
    name: str
    #: By their place in the spreadsheet: the first is row 1.
    rows: list[list[str]]
    is_visible: bool = True
    #: First row and column, last row and column, from 0; None where the kind of file does not say.
    merged: list[tuple[int, int, int, int]] | None = None
    #: The font of before Unicode in which some of it was written, and the cells that may be in it or not.
    old_font: str = ""
    unclear: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    @property
    def is_filled(self) -> bool:
        return any(map(any, self.rows))


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """The file's bytes. Raises InvalidTable where it can't be opened, or is larger."""
    try:
        if path.stat().st_size > most_bytes:
            raise InvalidTable("file.too_big", file=path.name, most=most_bytes // 1_000_000)
        return path.read_bytes()
    except OSError as error:
        raise InvalidTable("file.unreadable", file=path, why=error.strerror) from None


def read_sheets(path: Path, most: Bounds | None = None) -> list[list[Sheet]]:
    """The sheets with anything on them, each in every way it can be read: a CSV file by each delimiter it may have.

    Cells are composed, trimmed and in Unicode. `most`: None: as much as a roster may hold. Raises InvalidTable."""
    most = most or Bounds(MOST_BYTES, MOST_ROWS, MOST_IN_ALL)
    return sheets_in(read_bounded(path, most.bytes), path.name, most)


def sheets_in(data: bytes, name: str, most: Bounds | None = None) -> list[list[Sheet]]:
    """As `read_sheets`, of a file of this name that lies in memory."""
    most = most or Bounds(MOST_BYTES, MOST_ROWS, MOST_IN_ALL)
    if len(data) > most.bytes:
        raise InvalidTable("file.too_big", file=name, most=most.bytes // 1_000_000)
    if data.startswith(_WORKBOOK):
        found = [[sheet] for sheet in _read_workbook(data, name, most)]
    else:
        found = [list(_read_csv(data, name, most.rows))]
    sheets = [[_clean(way, name) for way in ways] for ways in found if any(way.is_filled for way in ways)]
    if not sheets:
        raise InvalidTable("file.no_rows", file=name)
    return sheets


# ------------------------------------------------------------------ workbooks


def _read_workbook(data: bytes, name: str, bounds: Bounds) -> list[Sheet]:
    most = (bounds.rows, MOST_COLUMNS, MOST_LETTERS, bounds.letters_in_all)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(workbook_worker.__file__)), *map(str, most)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidTable("file.unfolds", file=name) from None
    # ended by its bounds, or by the system for want of memory
    answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"error": "MemoryError"}
    if "error" in answer:
        raise _why_no_workbook(answer["error"], name, bounds.rows)
    return [_sheet(found) for found in answer["sheets"]]


def _sheet(found: dict[str, Any]) -> Sheet:
    merged = found["merged"]
    corners = None if merged is None else [(*first, *last) for first, last in merged]
    return Sheet(found["name"], found["rows"], found["visible"], corners)


def _why_no_workbook(error: str, name: str, most_rows: int) -> InvalidTable:
    kind, _, place = error.partition(" ")
    if kind == "cell":
        return InvalidTable("file.long_text", file=name, row=place, most=MOST_LETTERS)
    keys = {
        "rows": "file.many_rows",
        "columns": "file.many_columns",
        "letters": "file.unfolds",
        "MemoryError": "file.unfolds",
        "PasswordError": "file.password",
    }
    key = keys.get(kind, "file.no_excel")
    return InvalidTable(key, file=name, rows=most_rows, columns=MOST_COLUMNS, why=kind)


# ------------------------------------------------------------------ CSV


def _read_csv(data: bytes, name: str, most_rows: int) -> Iterator[Sheet]:
    """The file by each delimiter it may have; by the one it names, where it does ("sep=;")."""
    text = decode(data, name)
    if text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
        raise InvalidTable("file.no_csv", file=name)
    first, _, rest = text.partition("\n")
    delimiters, said = _DELIMITERS, first.strip().strip('"').lower()
    if said.startswith("sep="):
        delimiters, text = said[4:5] or "\t", rest
    for delimiter in delimiters:
        if delimiter in text or delimiter == delimiters[0]:
            yield Sheet("", _rows_of(text, delimiter, name, most_rows))


def _rows_of(text: str, delimiter: str, name: str, most_rows: int) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > most_rows:
                raise InvalidTable("file.many_rows", file=name, rows=most_rows)
            if len(row) > MOST_COLUMNS:
                raise InvalidTable("file.many_columns", file=name, columns=MOST_COLUMNS)
            if any(len(cell) > MOST_LETTERS for cell in row):
                raise InvalidTable("file.long_text", file=name, row=len(rows), most=MOST_LETTERS)
    except csv.Error as error:
        # its own bound on a cell is lower than what a file may hold
        if "field larger" in str(error):
            raise InvalidTable("file.long_text", file=name, row=len(rows) + 1, most=MOST_LETTERS) from None
        raise InvalidTable("file.no_csv", file=name) from None
    return rows


def decode(data: bytes, name: str) -> str:
    """The text, by its mark, as UTF-8, or in the old encoding in which it reads as Vietnamese."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _as(data, "utf-16") or _no_text(name)
    text = _as(data, "utf-8-sig")
    if text is not None and "\0" not in text:
        return text
    if b"\0" in data:
        _no_text(name)
    # Latin letters may be Vietnamese in the fonts of before Unicode
    latin = data.decode("latin-1")
    ways = [(share_of_vietnamese(text), text) for text in (_as(data, "cp1258"),) if text is not None]
    ways += [(share_of_vietnamese(read(latin)), latin) for read in OLD_FONTS.values()]
    share, text = max(ways, key=lambda way: way[0])
    return text if share > 0.5 else _no_text(name)


def _as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _no_text(name: str) -> str:
    raise InvalidTable("file.no_text", file=name)


# ------------------------------------------------------------------ cells


def _clean(sheet: Sheet, name: str) -> Sheet:
    """With cells in Unicode, composed, without what spreadsheets put around them."""
    rows, unclear, fonts = sheet.rows, list[tuple[int, int]](), font_of(_distinct(sheet.rows))
    if len(fonts) > 1:
        raise InvalidTable("file.old_fonts", file=name, fonts=", ".join(fonts))
    if fonts:
        rows, unclear = read_old_font(rows, fonts[0])
    cleaned = [[_clean_cell(cell) for cell in row] for row in rows]
    return Sheet(sheet.name, cleaned, sheet.is_visible, sheet.merged, "".join(fonts), frozenset(unclear))


def _distinct(rows: Iterable[Iterable[str]]) -> set[str]:
    return {cell for row in rows for cell in row}


def _clean_cell(cell: str) -> str:
    if not cell or (cell.isascii() and cell.isalnum()):
        return cell
    # a leading apostrophe only says that what follows is text
    return nfc(cell.replace("\xa0", " ")).translate(_LOOK_ALIKES).lstrip("'’").strip()
