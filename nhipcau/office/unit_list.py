"""Reads a list of units: Mã đơn vị, Tên đơn vị, Loại, Mã cấp trên."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.units.cells import CELL, is_cell_kind, is_cell_name
from nhipcau.bot.units.tree import Tree
from nhipcau.office.table_columns import Table, Titles, find_table
from nhipcau.office.table_reader import InvalidRows, InvalidTable, Sheet, read_sheets

_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
UNITS = Titles(
    {
        "code": ("ma don vi", "ma dv", "code"),
        "name": ("ten don vi", "ten", "name"),
        "kind": ("loai", "loai don vi", "cap", "kind"),
        "parent": ("ma cap tren", "ma don vi cap tren", "ma don vi cha", "parent"),
    },
    needed=("code", "name"),
)


@dataclass(frozen=True, slots=True)
class UnitRow:
    code: str
    name: str
    #: As written, but "cell" for all that are cells.
    kind: str
    #: A code; "" for the root.
    parent: str


def open_units(path: Path) -> Table:
    """The list of units in a file. Needs no database. Raises InvalidTable."""
    table = units_among(read_sheets(path))
    if table is None:
        raise InvalidTable("file.unit_columns", file=path.name)
    return table


def units_among(sheets: Sequence[Sequence[Sheet]]) -> Table | None:
    """The first of these sheets with the columns of a list of units; None: there is none."""
    tables = (find_table(ways, UNITS) for ways in sheets)
    return next((table for table in tables if table and not table.missing), None)


def read_units(table: Table, tree: Tree) -> list[UnitRow]:
    """Units, parents before children. `tree`: the units already stored. Raises InvalidRows with every fault."""
    known = tree.by_code
    rows: dict[str, tuple[int, UnitRow]] = {}
    faults: list[RowFault] = []
    for number, cells in table.lines():
        row = UnitRow(**{name: _at(cells, table.places.get(name)) for name in UNITS.synonyms})
        why = why_not_a_unit(row)
        if not why and row.code in rows:
            why = Fault("file.unit_again", code=row.code, earlier=rows[row.code][0])
        if why:
            faults.append(RowFault(number, why))
        else:
            rows[row.code] = (number, row)
    faults += [
        RowFault(number, Fault("file.no_parent", parent=row.parent))
        for number, row in rows.values()
        if row.parent and row.parent not in rows and row.parent not in known
    ]
    roots = [(number, row) for number, row in rows.values() if not row.parent and row.code not in known]
    allowed = 0 if known else 1
    faults += [RowFault(n, Fault("file.two_roots", code=r.code)) for n, r in roots[allowed:]]
    ordered = with_kinds(_ordered({code: row for code, (_, row) in rows.items()}, set(known)), tree)
    kinds = {**{row.code: row.kind for row in ordered}, **{unit.code: unit.kind for unit in tree.units}}
    below_cells = {row.code for row in ordered if kinds.get(row.parent) == CELL}
    faults += [RowFault(n, Fault("file.below_cell", unit=r.parent)) for n, r in rows.values() if r.code in below_cells]
    placed = {row.code for row in ordered}
    if not faults:
        looped = [(n, r) for n, r in rows.values() if r.code not in placed]
        faults += [RowFault(n, Fault("file.loop", code=r.code)) for n, r in looped]
    if faults:
        raise InvalidRows(faults)
    return ordered


def _at(cells: list[str], places: list[int] | None) -> str:
    return cells[places[0]] if places and places[0] < len(cells) else ""


def with_kinds(rows: Iterable[UnitRow], tree: Tree) -> list[UnitRow]:
    """The rows, parents first, with the kind "cell" where kind or, without one, name says so. What lies right below the
    root is never a cell: a province has chi bộ of its own, which answer as agencies do."""
    above = {unit.code: tree.by_id[unit.parent_id].code if unit.parent_id else "" for unit in tree.units}
    ordered: list[UnitRow] = []
    for row in rows:
        above[row.code] = row.parent
        is_cell = is_cell_kind(row.kind) if row.kind else is_cell_name(row.name)
        ordered.append(replace(row, kind=CELL) if is_cell and above.get(row.parent) else row)
    return ordered


def why_not_a_unit(row: UnitRow) -> Fault | None:
    """Why this can't be a unit; None: it can."""
    if not row.code or not row.name:
        return Fault("file.unit_blank")
    if not _CODE.fullmatch(row.code):
        return Fault("file.unit_code", code=row.code)
    if len(row.name) > 200:
        return Fault("file.long_unit")
    if len(row.kind) > 40:
        return Fault("file.long_kind")
    return None


def _ordered(rows: dict[str, UnitRow], placed: set[str]) -> list[UnitRow]:
    """Parents before children; rows in a cycle are left out."""
    ordered: list[UnitRow] = []
    waiting = list(rows.values())
    while waiting:
        ready = [row for row in waiting if not row.parent or row.parent in placed]
        if not ready:
            break
        ordered += ready
        placed |= {row.code for row in ready}
        waiting = [row for row in waiting if row.code not in placed]
    return ordered
