"""Provinces and communes of Viet Nam since 1 July 2025 (two levels), from public codes (`communes.csv`)."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nhipcau.bot.language.faults import Fault
from nhipcau.bot.units.tree import bare
from nhipcau.office.unit_list import UnitRow

_CITY = "thành phố trung ương"


class UnknownProvince(Fault):
    """There is no province of this name; and similar names."""


@dataclass(frozen=True, slots=True)
class Commune:
    #: Five digits.
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Province:
    #: Two digits.
    code: str
    #: With its type: "Tỉnh Lạng Sơn".
    name: str
    kind: str
    communes: tuple[Commune, ...]


@cache
def provinces() -> tuple[Province, ...]:
    heads: dict[str, tuple[str, str]] = {}
    below: dict[str, list[Commune]] = {}
    with files(__package__).joinpath("communes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["code"]:
                below[row["province_code"]].append(Commune(row["code"], row["name"], row["kind"]))
            else:
                kind = "thành phố" if row["kind"] == _CITY else row["kind"]
                name = row["name"] if row["name"].lower().startswith(kind) else f"{kind.capitalize()} {row['name']}"
                heads[row["province_code"]] = (name, kind)
                below[row["province_code"]] = []
    return tuple(Province(code, name, kind, tuple(below[code])) for code, (name, kind) in heads.items())


def find_province(name: str) -> Province:
    """The province of this name, with or without its type and diacritics. Raises UnknownProvince."""
    by_name = {bare(province.name): province for province in provinces()}
    found = by_name.get(bare(name))
    if found is not None:
        return found
    near = difflib.get_close_matches(bare(name), by_name, 3)
    key = "cli.no_province_near" if near else "cli.no_province"
    raise UnknownProvince(key, given=name, near=", ".join(by_name[n].name for n in near))


def province_units(province: Province) -> list[UnitRow]:
    """The province (T + two digits), then its communes (X + five digits)."""
    root = UnitRow(f"T{province.code}", province.name, province.kind, "")
    return [root, *(UnitRow(f"X{c.code}", c.name, c.kind, root.code) for c in province.communes)]
