"""Reads an office's roster of collaborators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.place_names import PlaceMatch
from nhipcau.bot.units.tree import Tree
from nhipcau.model.people import code_key
from nhipcau.office.chosen_columns import ChosenColumns, column_called, offer, table_of
from nhipcau.office.roster_columns import (
    LEFT,
    NEEDED_TITLES,
    RESPONSIBLE,
    ROLES,
    ROSTER,
    STATES,
    is_forbidden,
)
from nhipcau.office.roster_rows import Nobody, RosterRow, RosterRows
from nhipcau.office.table_columns import Table, column_letter, find_table
from nhipcau.office.table_reader import InvalidTable, Sheet, read_sheets
from nhipcau.office.unit_list import units_among

_PHONE = re.compile(r"0(?:[35789]\d{8}|2\d{9})")
#: What stands between two numbers in one cell.
_BETWEEN_PHONES = re.compile(r"\s*(?:[/;,&+\n]|\s[-–]\s|\bhoặc\b|\bvà\b)\s*")
#: Rows passed over that are named; further ones are only counted.
_NAMED_ROWS = 10
_LONGEST = {
    "name": ("file.long_name", 120),
    "code": ("file.long_code", 40),
    "cell": ("file.long_cell", 200),
    "email": ("file.long_email", 200),
}


class CellFault(Fault):
    """What is wrong in one cell: its column, what stands there, and what to do about it."""

    def __init__(self, key: str, column: str, value: str, *, fix: str = "", **facts: object) -> None:
        super().__init__(key, value=value, **facts)
        self.column = column
        self.value = value
        self._fix = fix or key.replace("file.", "file.fix.", 1)

    def what(self, t: Texts) -> str:
        return t(self.key, **self.facts)

    def fix(self, t: Texts) -> str:
        return t(self._fix, **self.facts)

    def say(self, t: Texts) -> str:
        return t("file.cell", what=self.what(t), fix=self.fix(t))


@dataclass(frozen=True, slots=True)
class RosterPerson:
    #: The row's number in the spreadsheet.
    row: int
    code: str
    name: str
    role: str
    unit_code: str
    cell: str
    phone: str
    email: str
    #: invited, paused
    state: str
    #: Role "Phụ trách": responsible for the unit.
    responsible: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    people: list[RosterPerson]
    #: Rows of people who have left ("Đã thôi").
    skipped: int
    #: Titles of columns that may not be stored, such as birth dates and identity numbers (R11).
    forbidden: list[str]
    #: Titles of the other columns that are not stored.
    dropped: list[str]
    #: Rows that are nobody: their number, and what stands in them.
    passed_over: list[tuple[int, str]]
    #: What was taken otherwise than it stands there: former names of units, the second of two phone numbers.
    notes: list[Fault]
    #: What is wrong, row by row: nobody is added while there is any.
    faults: list[RowFault]


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster whose columns were found; who its rows are is told by the tree of units."""

    table: Table
    #: The list of units on another sheet, where there is one.
    units: Table | None
    #: Names of further sheets with something on them, which are not read.
    other_sheets: list[str]


def open_roster(path: Path, sheet: str = "") -> RosterFile:
    """Finds the sheet and its titles. Needs no database. Raises InvalidTable."""
    return choose_sheet(path.name, read_sheets(path), sheet)


def open_roster_as(path: Path, sheet: str, titles_row: int, called: Mapping[str, str]) -> RosterFile:
    """As `open_roster`; `called`: name of our column → letter or title of the file's; `titles_row`: as in
    `ChosenColumns`."""
    sheets = read_sheets(path)
    offered = offer(path.name, sheets, ChosenColumns(sheet, titles_row))
    places = {name: column_called(offered, column) for name, column in called.items()}
    for name, place in places.items():
        if place is None:
            raise InvalidTable("file.no_such_column", file=path.name, column=called[name])
    return roster_with(path.name, sheets, ChosenColumns(sheet, titles_row, places))


def roster_with(file: str, sheets: Sequence[Sequence[Sheet]], chosen: ChosenColumns) -> RosterFile:
    """The roster whose columns somebody has chosen. Raises InvalidTable."""
    return _with_others(table_of(file, sheets, chosen), sheets)


def choose_sheet(file: str, sheets: Sequence[Sequence[Sheet]], wanted: str = "") -> RosterFile:
    """The sheet with the roster; `wanted`: by this name, where several have one."""
    named = [ways for ways in sheets if not wanted or fold(ways[0].name) == fold(wanted)]
    if not named:
        raise InvalidTable("file.no_sheet", file=file, sheet=wanted, sheets=_names(sheets))
    tables = [table for ways in named if (table := find_table(ways, ROSTER)) is not None]
    whole = [table for table in tables if not table.missing]
    if not whole:
        missing = min((table.missing for table in tables), key=len, default=ROSTER.needed)
        raise InvalidTable("file.no_columns", file=file, columns=", ".join(NEEDED_TITLES[need] for need in missing))
    whole = [table for table in whole if table.sheet.is_visible] or whole
    if len(whole) > 1:
        names = ", ".join(table.sheet.name for table in whole)
        raise InvalidTable("file.many_sheets", file=file, sheets=names, example=whole[0].sheet.name)
    return _with_others(whole[0], sheets)


def _with_others(table: Table, sheets: Sequence[Sequence[Sheet]]) -> RosterFile:
    others = [ways for ways in sheets if ways[0].name != table.sheet.name]
    units = units_among(others)
    unread = [ways[0].name for ways in others if units is None or ways[0].name != units.sheet.name]
    return RosterFile(table, units, unread)


def _names(sheets: Sequence[Sequence[Sheet]]) -> str:
    return ", ".join(ways[0].name for ways in sheets if ways[0].name) or "–"


def read_roster(found: RosterFile, tree: Tree) -> Roster:
    """The whole roster, with every invalid row. Raises InvalidTable where it is unclear which column holds what."""
    table = found.table
    rows = RosterRows(table)
    nobody = Nobody(table, lambda name: bool(tree.places(name)))
    reader = _People(rows, tree, table.sheet.unclear)
    passed_over: list[tuple[int, str]] = []
    read: list[RosterPerson] = []
    for row in rows.rows():
        if nobody.is_nobody(row):
            passed_over.append((row.number, row.text))
        elif person := reader.read(row):
            read.append(person)
    titles = [table.header[column] for column in table.unrecognised]
    return Roster(
        people=[person for person in read if person.state != LEFT],
        skipped=sum(person.state == LEFT for person in read),
        forbidden=list(filter(is_forbidden, titles)),
        dropped=[*(title for title in titles if not is_forbidden(title)), *map(column_letter, _untitled(table))],
        passed_over=passed_over,
        notes=[*_font(table), *reader.notes],
        faults=reader.faults,
    )


def remarks(found: RosterFile, roster: Roster) -> list[Fault]:
    """What of the file was left out, or taken otherwise than it stands there: a sentence each."""
    said: list[Fault] = []
    if found.other_sheets:
        said.append(Fault("file.other_sheets", sheet=found.table.sheet.name, sheets=", ".join(found.other_sheets)))
    if roster.forbidden:
        said.append(Fault("file.forbidden", columns=", ".join(roster.forbidden)))
    if roster.dropped:
        said.append(Fault("file.dropped", columns=", ".join(roster.dropped)))
    if roster.passed_over:
        said.append(_PassedOver(roster.passed_over))
    return [*said, *roster.notes]


class _PassedOver(Fault):
    """The rows that are nobody, the first ones with what stands in them."""

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        super().__init__("file.passed_over")
        self._rows = rows

    def say(self, t: Texts) -> str:
        named = ", ".join(f"{row} ({text})" for row, text in self._rows[:_NAMED_ROWS])
        if (more := len(self._rows) - _NAMED_ROWS) > 0:
            named += ", " + t("file.and_more", number=more)
        return t(self.key, rows=named)


def _untitled(table: Table) -> list[int]:
    """Columns without a title in which something stands beside people."""
    filled = {column for _, cells in table.lines() if sum(map(bool, cells)) > 2 for column, c in enumerate(cells) if c}
    known = {column for columns in table.places.values() for column in columns}
    return sorted(c for c in filled - known if c >= len(table.header) or not table.header[c])


def _font(table: Table) -> list[Fault]:
    return [Fault("file.old_font", font=table.sheet.old_font)] if table.sheet.old_font else []


class _People:
    """Reads people row by row, and collects what is wrong and what was taken otherwise than it stands there."""

    def __init__(self, rows: RosterRows, tree: Tree, unclear: frozenset[tuple[int, int]]) -> None:
        self._rows = rows
        self._tree = tree
        self._unclear = {row + 1 for row, _ in unclear}
        self._seen: dict[str, int] = {}
        #: What each unit's name was found to mean: thousands of rows name a few units.
        self._meant: dict[str, list[PlaceMatch]] = {}
        self.faults: list[RowFault] = []
        self.notes: list[Fault] = []

    def read(self, row: RosterRow) -> RosterPerson | None:
        """The person of a row; None: something is wrong with it, which is kept in `faults`."""
        wrong = [fault for check in (self._text_faults, self._value_faults) for fault in check(row)]
        unit_code, fault = self._unit(row)
        wrong += [fault] if fault else []
        phone, others = phones(row["phone"])
        if phone is None:
            wrong.append(self._fault("file.phone", "phone", row))
        wrong += self._repeated(row)
        if wrong:
            self.faults.append(RowFault(row.number, *wrong))
            return None
        if others:
            self.notes.append(Fault("file.two_phones", row=row.number, kept=phone, others=", ".join(others)))
        role, name = fold(row["role"]), " ".join(row["name"].split())
        return RosterPerson(
            *(row.number, row["code"], name, ROLES[role], unit_code, " ".join(row["cell"].split()), phone or ""),
            *(row["email"], STATES[fold(row["state"])], role in RESPONSIBLE),
        )

    def _fault(self, key: str, column: str, row: RosterRow, **facts: object) -> CellFault:
        return CellFault(key, self._rows.column(column), row[column], **facts)  # type: ignore[arg-type]

    def _text_faults(self, row: RosterRow) -> Iterator[CellFault]:
        if not any(c.isalpha() for c in row["name"]):
            yield self._fault("file.no_name", "name", row)
        elif any(c.isdigit() for c in row["name"]):
            yield self._fault("file.digits", "name", row)
        if row.number in self._unclear:
            yield self._fault("file.unclear_font", "name", row)
        for column, (key, most) in _LONGEST.items():
            if len(row[column]) > most:
                yield self._fault(key, column, row, fix="file.fix.shorter", most=most)

    def _value_faults(self, row: RosterRow) -> Iterator[CellFault]:
        if fold(row["role"]) not in ROLES:
            yield self._fault("file.role", "role", row)
        if fold(row["state"]) not in STATES:
            yield self._fault("file.state", "state", row)
        if row["email"] and not re.fullmatch(r"[^\s@]+@[^\s@]+", row["email"]):
            yield self._fault("file.email", "email", row)

    def _repeated(self, row: RosterRow) -> Iterator[CellFault]:
        """A fault where an earlier row has the same number; people without one are compared once they have a cell."""
        if not row["code"]:
            return
        earlier = self._seen.setdefault(code_key(row["code"]), row.number)
        if earlier != row.number:
            yield self._fault("file.code_again", "code", row, earlier=earlier)

    def _unit(self, row: RosterRow) -> tuple[str, CellFault | None]:
        """The code of the unit meant, or why none is."""
        written = row["unit_code"] or row["unit"]
        column = "unit_code" if row["unit_code"] else "unit"
        fault: Callable[..., CellFault] = lambda key, **facts: self._fault(key, column, row, **facts)  # noqa: E731
        if not written:
            return "", self._fault("file.no_unit", "unit", row)
        found = self._places(written)
        if not found:
            return "", fault("file.unit_unknown")
        if len(found) > 1 or not found[0].is_sure:
            units = ", ".join(f"{p.unit.code} {p.unit.name}" for p in found[:5]) + (" …" if len(found) > 5 else "")
            return "", fault("file.unit_unsure", units=units)
        unit = found[0].unit
        if row["unit_code"] and row["unit"] and unit not in [place.unit for place in self._places(row["unit"])]:
            return "", fault("file.unit_disagrees", unit=unit.name, name=row["unit"])
        if found[0].former_name:
            facts = {"row": row.number, "name": written, "unit": unit.name, "code": unit.code}
            self.notes.append(Fault("file.former", **facts))
        return unit.code, None

    def _places(self, name: str) -> list[PlaceMatch]:
        if name not in self._meant:
            self._meant[name] = self._tree.places(name)
        return self._meant[name]


def phones(text: str) -> tuple[str | None, list[str]]:
    """The first valid number of a cell as ten or eleven digits, and what else stands there; None: there is none."""
    if not text:
        return "", []
    if whole := _phone(text):
        return whole, []
    parts = [part for part in _BETWEEN_PHONES.split(text) if part]
    first = next((n for n, part in enumerate(parts) if _phone(part)), None)
    if first is None:
        return None, []
    return _phone(parts[first]), parts[:first] + parts[first + 1 :]


def _phone(text: str) -> str | None:
    """Digits with the leading zero, which spreadsheets drop; None for an invalid number."""
    digits = re.sub(r"\([^()\d]*\)|[\s.()–-]", "", text)
    digits = re.sub(r"^(?:\+84|0084|84(?=\d{9}$))0?", "0", digits)
    if re.fullmatch(r"[35789]\d{8}", digits):
        digits = "0" + digits
    return digits if _PHONE.fullmatch(digits) else None
