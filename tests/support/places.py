"""The units of a real province, with the names places had before July 2025."""

from __future__ import annotations

from functools import cache

from nhipcau.bot.units.place_names import former_names
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.office.provinces import find_province, province_units


@cache
def province(name: str = "Lạng Sơn") -> Tree:
    rows = province_units(find_province(name))
    root = rows[0].code
    units = [
        Unit(n, r.code, r.name, r.kind, f"/{root}/{r.code}/" if r.parent else f"/{root}/", 0 if r.parent else None)
        for n, r in enumerate(rows)
    ]
    return Tree(units, former_names(root.removeprefix("T")))
