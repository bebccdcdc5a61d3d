"""Reads a list of units: Mã đơn vị, Tên đơn vị, Loại, Mã cấp trên."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.office.table_reader import InvalidRows, InvalidTable, columns, read_table

_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
_COLUMNS = {
    "code": ("ma don vi", "code"),
    "name": ("ten", "name"),
    "kind": ("loai", "kind"),
    "parent": ("ma cap tren", "parent"),
}


@dataclass(frozen=True, slots=True)
class UnitRow:
    code: str
    name: str
    kind: str
    #: A code; "" for the root.
    parent: str


def read_units(path: Path, known: Collection[str] = ()) -> list[UnitRow]:
    """Units, parents before children. `known`: codes already stored. Raises InvalidTable with every fault."""
    header, lines = read_table(path)
    places = columns(header, _COLUMNS)
    if "code" not in places or "name" not in places:
        raise InvalidTable("file.unit_columns", file=path.name)
    rows: dict[str, tuple[int, UnitRow]] = {}
    faults: list[RowFault] = []
    for number, cells in lines:
        row = UnitRow(**{name: _at(cells, places.get(name)) for name in _COLUMNS})
        why = why_not_a_unit(row)
        if not why and row.code in rows:
            why = Fault("file.code_again", code=row.code, row=rows[row.code][0])
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
    ordered = _ordered({code: row for code, (_, row) in rows.items()}, set(known))
    placed = {row.code for row in ordered}
    if not faults:
        looped = [(n, r) for n, r in rows.values() if r.code not in placed]
        faults += [RowFault(n, Fault("file.loop", code=r.code)) for n, r in looped]
    if faults:
        raise InvalidRows(faults)
    return ordered


def _at(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


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
