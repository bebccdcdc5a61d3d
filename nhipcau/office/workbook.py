"""Workbooks as an office would make them: bold titles that stay in view, a filter, real dates, wrapped text."""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from nhipcau.office.table_writer import Target, is_formula, write_bytes

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

#: Rows of a sheet, and characters of a cell, as Excel allows.
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
#: Width of a column, in characters.
_NARROWEST, _WIDEST = 8, 60
#: Rows whose cells decide how wide a column is.
_MEASURED = 500
_A4 = 9


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: lines above, a row of titles, rows below. A cell is text, a number, a date, a moment or None."""

    name: str
    titles: Sequence[str]
    rows: Sequence[Sequence[Any]]
    above: Sequence[str] = ()


def write_book(target: Target, sheets: Iterable[Sheet], password: str = "") -> None:
    """Write the workbook, encrypted where a password is given.

    Raises OSError where it can't be written, or a sheet has more rows than Excel opens.
    """
    from xlsxwriter.workbook import Workbook

    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    formats = _Formats(book)
    for sheet in sheets:
        if len(sheet.above) + 1 + len(sheet.rows) > MOST_ROWS:
            raise OSError(errno.EFBIG, "more rows than Excel opens, use --format csv")
        _fill(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    write_bytes(target, _locked(out.getvalue(), password) if password else out.getvalue())


def _locked(book: bytes, password: str) -> bytes:
    """The workbook encrypted as Excel does it (ECMA-376, AES)."""
    from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(book)).encrypt(password, out)
    return out.getvalue()


class _Formats:
    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        self.title: Format = book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#E7EEF7", "bottom": 1, **top}
        )
        self.text: Format = book.add_format({"text_wrap": True, **top})
        # as if it had been typed behind an apostrophe, which is then not part of the text
        self.quoted: Format = book.add_format({"text_wrap": True, "quote_prefix": True, **top})
        self.number: Format = book.add_format(top)
        self.day: Format = book.add_format({"num_format": "dd/mm/yyyy", "align": "left", **top})
        self.moment: Format = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left", **top})
        self.bold: Format = book.add_format({"bold": True})


def _fill(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    for number, line in enumerate(sheet.above):
        page.write_string(number, 0, writable(line), formats.bold)
    top, last = len(sheet.above), len(sheet.titles) - 1
    for place, title in enumerate(sheet.titles):
        page.write_string(top, place, writable(title), formats.title)
        page.set_column(place, place, _width(title, (row[place] for row in sheet.rows[:_MEASURED])))
    for number, row in enumerate(sheet.rows, start=top + 1):
        for place, cell in enumerate(row):
            _write(page, number, place, cell, formats)
    page.freeze_panes(top + 1, 0)
    page.autofilter(top, 0, top + max(1, len(sheet.rows)), last)
    page.repeat_rows(top)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)


def _write(page: Worksheet, row: int, place: int, cell: Any, formats: _Formats) -> None:
    match cell:
        case None | "":
            pass
        case datetime():
            page.write_datetime(row, place, cell.replace(tzinfo=None), formats.moment)
        case date():
            page.write_datetime(row, place, datetime.combine(cell, time()), formats.day)
        case int() | float():
            page.write_number(row, place, cell, formats.number)
        case _:
            text = writable(str(cell))
            page.write_string(row, place, text, formats.quoted if is_formula(text) else formats.text)


def writable(text: str) -> str:
    """The text without what a sheet can't hold: control characters become spaces, and it is cut where a cell ends."""
    spaced = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", " ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return spaced if len(spaced) <= MOST_CHARACTERS else spaced[: MOST_CHARACTERS - 1] + "…"


def _width(title: str, cells: Iterable[Any]) -> int:
    """Wide enough for the longest word of the title and the longest line of the cells, within bounds."""
    longest = max((len(word) for word in title.split()), default=0) + 3
    for cell in cells:
        text = "dd/mm/yyyy hh:mm" if isinstance(cell, date) else "" if cell is None else str(cell)
        longest = max(longest, *(len(line) + 2 for line in text.split("\n")))
    return max(_NARROWEST, min(longest, _WIDEST))
