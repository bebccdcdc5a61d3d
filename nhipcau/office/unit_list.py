"""Reads a list of units: Mã đơn vị, Tên đơn vị, Loại, Mã cấp trên."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from nhipcau.office.table_reader import InvalidRows, RowFault, UnreadableTable, columns, read_table

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
    """Units, parents before children. `known`: codes already there. Raises FileWrong or RowsWrong with every fault."""
    header, lines = read_table(path)
    places = columns(header, _COLUMNS)
    if "code" not in places or "name" not in places:
        raise UnreadableTable(f"{path.name}: cần có cột Mã đơn vị và Tên đơn vị.")
    rows: dict[str, tuple[int, UnitRow]] = {}
    faults: list[RowFault] = []
    for number, cells in lines:
        row = UnitRow(**{name: _at(cells, places.get(name)) for name in _COLUMNS})
        why = why_no_unit(row)
        if not why and row.code in rows:
            why = f"mã {row.code} đã có ở dòng {rows[row.code][0]}."
        if why:
            faults.append(RowFault(number, why))
        else:
            rows[row.code] = (number, row)
    faults += [
        RowFault(number, f"cấp trên {row.parent} không có trong tệp và chưa có trên hệ thống.")
        for number, row in rows.values()
        if row.parent and row.parent not in rows and row.parent not in known
    ]
    roots = [(number, row) for number, row in rows.values() if not row.parent and row.code not in known]
    allowed = 0 if known else 1
    faults += [RowFault(n, f"{r.code} không có cấp trên; chỉ một đơn vị đứng đầu.") for n, r in roots[allowed:]]
    ordered = _ordered({code: row for code, (_, row) in rows.items()}, set(known))
    placed = {row.code for row in ordered}
    if not faults:
        looped = [(n, r) for n, r in rows.values() if r.code not in placed]
        faults += [RowFault(n, f"{r.code} nằm dưới chính nó (cấp trên đi vòng).") for n, r in looped]
    if faults:
        raise InvalidRows(faults)
    return ordered


def _at(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def why_no_unit(row: UnitRow) -> str:
    """Why this can't be a unit, or ""."""
    if not row.code or not row.name:
        return "thiếu mã hoặc tên đơn vị."
    if not _CODE.fullmatch(row.code):
        return f"mã {row.code!r} chỉ được có chữ không dấu, số, dấu chấm, gạch; tối đa 40."
    if len(row.name) > 200:
        return "tên đơn vị quá dài, tối đa 200 chữ."
    if len(row.kind) > 40:
        return "loại đơn vị quá dài, tối đa 40 chữ."
    return ""


def _ordered(rows: dict[str, UnitRow], placed: set[str]) -> list[UnitRow]:
    """Parents before children; rows of a cycle stay out."""
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
