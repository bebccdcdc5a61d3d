"""Opens a file of reports, a table or JSON lines, and gives its rows: what stands in each of our columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.office.report_columns import LEFT_OUT, NEEDED, report_titles, title_of
from nhipcau.office.roster_columns import is_forbidden
from nhipcau.office.table_columns import DITTO, END, Table, find_table
from nhipcau.office.table_reader import Bounds, InvalidTable, Sheet, decode, read_bounded, read_sheets

#: 20,000 long reports and what stands around them.
BOUNDS = Bounds(bytes=60_000_000, rows=25_000, letters_in_all=40_000_000)
#: Columns whose merged cells, or ditto marks, mean every row they cover.
_DOWNWARDS = frozenset({"day", "area", "place", "topic", "source", "state"})


@dataclass(frozen=True, slots=True)
class ReportRow:
    #: In the spreadsheet, or the number of the line.
    number: int
    #: Name of our column → what stands in it; two cells where a code stands beside its label.
    fields: dict[str, list[str]]
    #: What is wrong with the row as a whole.
    fault: Fault | None = None

    def __getitem__(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")


class ReportFile:
    """A file whose columns were found."""

    def __init__(self, name: str, table: Table | None = None, lines: Sequence[str] = ()) -> None:
        self._name, self._table, self._lines = name, table, lines

    @property
    def old_font(self) -> str:
        """The font of before Unicode it was written in; "": none."""
        return self._table.sheet.old_font if self._table else ""

    @property
    def unclear_rows(self) -> frozenset[int]:
        """Rows that may be in that font or not."""
        return frozenset(row + 1 for row, _ in self._table.sheet.unclear) if self._table else frozenset()

    @property
    def forbidden(self) -> list[str]:
        """Titles of columns that may not be kept: who somebody is."""
        return [title for title in self._unread if is_forbidden(title)]

    @property
    def dropped(self) -> list[str]:
        """Titles of the other columns that are not read."""
        return [title for title in self._unread if not is_forbidden(title)]

    @property
    def _unread(self) -> list[str]:
        if self._table is None:
            return []
        left_out = [self._table.named(self._table.places[name][0]) for name in LEFT_OUT if name in self._table.places]
        return [*(self._table.header[column] for column in self._table.unrecognised), *left_out]

    def column(self, name: str) -> str:
        """The title under which this of our columns stands."""
        if self._table is None or name not in self._table.places:
            return name
        return self._table.named(self._table.places[name][0])

    def rows(self) -> Iterator[ReportRow]:
        """Every row with anything in it."""
        return self._rows_of(self._table) if self._table else self._rows_of_lines()

    def _rows_of(self, table: Table) -> Iterator[ReportRow]:
        merged = table.merged_downwards()
        above: dict[str, list[str]] = {}
        for number, cells in table.lines():
            fields = {}
            for name, columns in table.places.items():
                found = [cells[column] if column < len(cells) else "" for column in columns]
                if name in _DOWNWARDS:
                    found = [own or merged.get((number - 1, c), "") for own, c in zip(found, columns, strict=True)]
                    if any(fold(each) in DITTO for each in found if len(each) < 10):
                        found = above.get(name, [])
                if filled := list(filter(None, found)):
                    fields[name] = above[name] = filled
            yield ReportRow(number, fields, self._spilled(table, cells))

    def _spilled(self, table: Table, cells: Sequence[str]) -> Fault | None:
        """A CSV file whose words hold the delimiter without quotes: a part of them would be lost."""
        is_spilled = not table.sheet.name and any(cells[len(table.header) :])
        return Fault("import.spilled") if is_spilled else None

    def _rows_of_lines(self) -> Iterator[ReportRow]:
        for number, line in enumerate(self._lines, start=1):
            if line.strip():
                yield _row_of_line(number, line)

    def is_no_report(self, row: ReportRow) -> bool:
        """Whether a row without a day is none: titles once more, a section, a total, who signed. Of JSON lines every
        one is a report."""
        if self._table is None:
            return False
        cells = self._table.sheet.rows[row.number - 1]
        if self._table.is_title(cells) or self._table.is_covered(row.number, cells):
            return True
        if not row["text"]:
            # a section or a total; with an area it is a report without its words
            return not row["area"] or any(END.match(fold(cell)) for cell in cells if cell)
        return not row["area"] and any(END.match(fold(cell)) for cell in cells if cell)


def open_reports(path: Path, sheet: str = "") -> ReportFile:
    """Needs no database. Raises InvalidTable."""
    if _is_json(path):
        lines = decode(read_bounded(path, BOUNDS.bytes), path.name).split("\n")
        if sum(map(bool, lines)) > BOUNDS.rows:
            raise InvalidTable("file.many_rows", file=path.name, rows=BOUNDS.rows)
        if not any(map(str.strip, lines)):
            raise InvalidTable("file.no_rows", file=path.name)
        return ReportFile(path.name, lines=lines)
    return ReportFile(path.name, _choose(path.name, read_sheets(path, BOUNDS), sheet))


def _is_json(path: Path) -> bool:
    if path.suffix.lower() in {".jsonl", ".ndjson", ".json"}:
        return True
    with path.open("rb") as file:
        return file.read(200).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b'{"')


def _choose(file: str, sheets: Sequence[Sequence[Sheet]], wanted: str) -> Table:
    """The sheet with the reports; `wanted`: by this name."""
    named = [ways for ways in sheets if not wanted or fold(ways[0].name) == fold(wanted)]
    if not named:
        names = ", ".join(ways[0].name for ways in sheets if ways[0].name) or "–"
        raise InvalidTable("file.no_sheet", file=file, sheet=wanted, sheets=names)
    tables = [table for ways in named if (table := find_table(ways, report_titles())) is not None]
    whole = [table for table in tables if not table.missing]
    if not whole:
        missing = min((table.missing for table in tables), key=len, default=list(NEEDED))
        raise InvalidTable("file.no_columns", file=file, columns=_Columns(missing))
    whole = [table for table in whole if table.sheet.is_visible] or whole
    if len(whole) > 1:
        names = ", ".join(table.sheet.name for table in whole)
        raise InvalidTable("file.many_sheets", file=file, sheets=names, example=whole[0].sheet.name)
    return whole[0]


class _Columns(Fault):
    """Titles of columns, in a sentence."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("")
        self._names = names

    def say(self, t: Texts) -> str:
        return ", ".join(title_of(name, t) for name in self._names)


def _row_of_line(number: int, line: str) -> ReportRow:
    """A line of JSON. What it names besides our columns is refused, not left out: it may say who somebody is (R02)."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return ReportRow(number, {}, Fault("import.no_json"))
    if not isinstance(body, dict):
        return ReportRow(number, {}, Fault("import.no_json"))
    fields: dict[str, list[str]] = {}
    for key, value in body.items():
        name = report_titles().meaning(str(key))
        if not name:
            return ReportRow(number, {}, Fault("import.unknown_key", name=nfc(str(key))[:40]))
        written = _written(value)
        if written is None:
            return ReportRow(number, {}, Fault("import.no_value", name=nfc(str(key))[:40]))
        if written:
            fields.setdefault(name, []).append(written)
    return ReportRow(number, fields)


def _written(value: Any) -> str | None:
    """The value as a cell would hold it; None for what is no value of a report."""
    match value:
        case None | False:
            return ""
        case str():
            return nfc(value)
        case float() if value.is_integer():
            return str(int(value))
        case bool() | int() | float():
            return str(value)
        case list() if all(isinstance(each, str) for each in value):
            return "; ".join(map(nfc, value))
    return None
