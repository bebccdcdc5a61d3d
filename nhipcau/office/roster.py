"""Reads an office's roster of collaborators."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import Tree
from nhipcau.office.table_reader import InvalidRows, InvalidTable, columns, read_table

_COLUMNS = {
    "code": ["ma ctv", "ma so"],
    "name": ["ho va ten", "ho ten"],
    "role": ["vai tro"],
    "unit": ["don vi"],
    "cell": ["chi bo", "thon"],
    "phone": ["dien thoai", "sdt", "so dien thoai"],
    "email": ["thu dien tu", "email"],
    "joined": ["ngay tham gia"],
    "state": ["trang thai"],
}
_ROLES = {
    "": "collaborator",
    "cong tac vien": "collaborator",
    "phu trach": "coordinator",
    "dieu phoi vien": "coordinator",
    "lanh dao": "leader",
    "quan tri": "admin",
}
#: The person of a unit who is told what it left unanswered.
_RESPONSIBLE = "phu trach"
#: Columns that are ignored without being reported as dropped.
_HARMLESS = frozenset({"stt", "tt", "ghi chu"})
_LEFT = "left"
_STATES = {"": "invited", "dang hoat dong": "invited", "tam nghi": "paused", "da thoi": _LEFT}
_PHONE = re.compile(r"0(?:[35789]\d{8}|2\d{9})")


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
    #: Titles of columns that are not stored, such as birth dates and identity numbers (R11).
    dropped: list[str]
    #: Former unit names that were resolved: "dòng 5: 'Vĩnh Trại' nay là Phường Đông Kinh (X05977)."
    notes: list[Fault] = field(default_factory=list)


def read_roster(path: Path, tree: Tree) -> Roster:
    """The whole roster; raises InvalidTable, or InvalidRows with every invalid row."""
    header, lines = read_table(path)
    places = columns(header, _COLUMNS)
    missing = [title for name, title in (("name", "Họ và tên"), ("unit", "Đơn vị")) if name not in places]
    if missing:
        raise InvalidTable("file.no_columns", file=path.name, columns=", ".join(missing))
    people: list[RosterPerson] = []
    faults: list[RowFault] = []
    notes: list[Fault] = []
    seen: dict[tuple[str, ...], int] = {}
    skipped = 0
    for number, cells in lines:
        row = {name: _at(cells, places.get(name)) for name in _COLUMNS}
        person, why = _person(number, row, tree, seen)
        if why:
            faults.append(RowFault(number, *why))
        elif person is None:
            skipped += 1
        else:
            people.append(person)
            notes += _former(number, row["unit"], tree)
    if faults:
        raise InvalidRows(faults)
    kept = {*places.values(), *(n for n, title in enumerate(header) if fold(title) in _HARMLESS)}
    return Roster(people, skipped, [title for n, title in enumerate(header) if title and n not in kept], notes)


def _former(number: int, name: str, tree: Tree) -> list[Fault]:
    """One sentence where the unit was given by a name from before July 2025."""
    place = tree.places(name)[0]
    facts = {"row": number, "name": name, "unit": place.unit.name, "code": place.unit.code}
    return [Fault("file.former", **facts)] if place.former_name else []


def _at(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _person(
    number: int, row: dict[str, str], tree: Tree, seen: dict[tuple[str, ...], int]
) -> tuple[RosterPerson | None, list[Fault]]:
    """The person of a row (None: has left), or what is wrong with it."""
    name = " ".join(row["name"].split())
    role, state = _ROLES.get(fold(row["role"])), _STATES.get(fold(row["state"]))
    phone = _phone(row["phone"])
    unit, why = _unit(row["unit"], tree)
    key = ("code", row["code"].upper()) if row["code"] else ("name", fold(name), unit, fold(row["cell"]))
    earlier = seen.setdefault(key, number)
    again = (
        Fault("file.code_again", code=row["code"], row=earlier)
        if row["code"]
        else Fault("file.name_again", name=name, unit=row["unit"], row=earlier)
    )
    wrong = [
        fault
        for is_wrong, fault in (
            (not any(c.isalpha() for c in name), Fault("file.no_name")),
            (len(name) > 120, Fault("file.long_name")),
            (len(row["code"]) > 40, Fault("file.long_code")),
            (len(row["cell"]) > 200, Fault("file.long_cell")),
            (role is None, Fault("file.role", role=row["role"])),
            (state is None, Fault("file.state", state=row["state"])),
            (why is not None, why),
            (phone is None, Fault("file.phone", phone=row["phone"])),
            (bool(row["email"]) and "@" not in row["email"], Fault("file.email", email=row["email"])),
            (not _is_day(row["joined"]), Fault("file.joined", day=row["joined"])),
            (earlier != number, again),
        )
        if is_wrong and fault
    ]
    if wrong or state == _LEFT:
        return None, wrong
    responsible = fold(row["role"]) == _RESPONSIBLE
    return RosterPerson(
        number, row["code"], name, role or "", unit, row["cell"], phone or "", row["email"], state or "", responsible
    ), []


def _unit(name: str, tree: Tree) -> tuple[str, Fault | None]:
    """The code of the unit meant, or why none is."""
    if not name:
        return "", Fault("file.no_unit")
    found = tree.places(name)
    if not found:
        return "", Fault("file.unit_unknown", unit=name)
    if len(found) > 1 or not found[0].is_sure:
        units = ", ".join(f"{p.unit.code} {p.unit.name}" for p in found[:5]) + (" …" if len(found) > 5 else "")
        return "", Fault("file.unit_unsure", unit=name, units=units)
    return found[0].unit.code, None


def _phone(text: str) -> str | None:
    """Digits with the leading zero, which spreadsheets drop; "" for an empty cell; None for an invalid number."""
    digits = re.sub(r"[\s.()-]", "", text)
    if not digits:
        return ""
    digits = re.sub(r"^(?:\+84|0084|84(?=\d{9}$))", "0", digits)
    if re.fullmatch(r"[35789]\d{8}", digits):
        digits = "0" + digits
    return digits if _PHONE.fullmatch(digits) else None


def _is_day(text: str) -> bool:
    if not text:
        return True
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if match is None:
        return False
    try:
        date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return False
    return True
