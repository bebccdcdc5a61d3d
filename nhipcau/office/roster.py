"""Reads a roster of collaborators as offices keep it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import Tree
from nhipcau.office.table_reader import InvalidRows, RowFault, UnreadableTable, columns, read_table

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
#: The one of a unit who hears what it left unanswered.
_RESPONSIBLE = "phu trach"
#: Columns every roster has and nobody misses.
_HARMLESS = frozenset({"stt", "tt", "ghi chu"})
_LEFT = "left"
_STATES = {"": "invited", "dang hoat dong": "invited", "tam nghi": "paused", "da thoi": _LEFT}
_PHONE = re.compile(r"0(?:[35789]\d{8}|2\d{9})")


@dataclass(frozen=True, slots=True)
class RosterPerson:
    #: As the spreadsheet numbers it.
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
    #: "Phụ trách": answers for the unit.
    responsible: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    people: list[RosterPerson]
    #: Rows of people who have left ("Đã thôi").
    skipped: int
    #: Titles of columns that are not kept: a birth date, a number of a paper (R11).
    dropped: list[str]
    #: What is said of former names that were understood: "dòng 5: 'Vĩnh Trại' nay là Phường Đông Kinh (X05977)."
    notes: list[str] = field(default_factory=list)


def read_roster(path: Path, tree: Tree) -> Roster:
    """Everybody, or nobody: raises FileWrong, or RowsWrong with every row that is wrong."""
    header, lines = read_table(path)
    places = columns(header, _COLUMNS)
    missing = [title for name, title in (("name", "Họ và tên"), ("unit", "Đơn vị")) if name not in places]
    if missing:
        raise UnreadableTable(
            f"{path.name}: thiếu cột {' và '.join(missing)}. Dòng đầu phải là tên các cột; tệp là .xlsx hoặc CSV UTF-8."
        )
    people: list[RosterPerson] = []
    faults: list[RowFault] = []
    notes: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    skipped = 0
    for number, cells in lines:
        row = {name: _at(cells, places.get(name)) for name in _COLUMNS}
        person, why = _person(number, row, tree, seen)
        if why:
            faults.append(RowFault(number, why))
        elif person is None:
            skipped += 1
        else:
            people.append(person)
            notes += _former(number, row["unit"], tree)
    if faults:
        raise InvalidRows(faults)
    kept = {*places.values(), *(n for n, title in enumerate(header) if fold(title) in _HARMLESS)}
    return Roster(people, skipped, [title for n, title in enumerate(header) if title and n not in kept], notes)


def _former(number: int, name: str, tree: Tree) -> list[str]:
    """One sentence where a unit was written with a name of before July 2025."""
    place = tree.places(name)[0]
    return [f"dòng {number}: {name!r} nay là {place.unit.name} ({place.unit.code})."] if place.was else []


def _at(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _person(
    number: int, row: dict[str, str], tree: Tree, seen: dict[tuple[str, ...], int]
) -> tuple[RosterPerson | None, str]:
    """The person of a row (None: has left), or what is wrong with it."""
    name = " ".join(row["name"].split())
    role, state = _ROLES.get(fold(row["role"])), _STATES.get(fold(row["state"]))
    phone = _phone(row["phone"])
    unit, why = _unit(row["unit"], tree)
    key = ("code", row["code"].upper()) if row["code"] else ("name", fold(name), unit, fold(row["cell"]))
    earlier = seen.setdefault(key, number)
    what = f"mã {row['code']}" if row["code"] else f"{name} ở {row['unit']}"
    wrong = [
        sentence
        for is_wrong, sentence in (
            (not any(c.isalpha() for c in name), "thiếu họ và tên."),
            (len(name) > 120, "họ và tên quá dài, tối đa 120 chữ."),
            (len(row["code"]) > 40, "mã quá dài, tối đa 40 chữ."),
            (len(row["cell"]) > 200, "chi bộ, thôn, khối quá dài, tối đa 200 chữ."),
            (
                role is None,
                f"vai trò {row['role']!r} không có; dùng Cộng tác viên, Phụ trách, Điều phối viên, Lãnh đạo"
                " hoặc Quản trị.",
            ),
            (state is None, f"trạng thái {row['state']!r} không có; dùng Đang hoạt động, Tạm nghỉ hoặc Đã thôi."),
            (bool(why), why),
            (phone is None, f"số điện thoại {row['phone']!r} không đúng; cần 10 chữ số, ví dụ 0912345678."),
            (bool(row["email"]) and "@" not in row["email"], f"thư điện tử {row['email']!r} không đúng."),
            (not _is_day(row["joined"]), f"ngày tham gia {row['joined']!r} không có thật; viết như 05/02/2026."),
            (earlier != number, f"{what} đã có ở dòng {earlier}."),
        )
        if is_wrong
    ]
    if wrong:
        return None, " ".join(wrong)
    if state == _LEFT:
        return None, ""
    responsible = fold(row["role"]) == _RESPONSIBLE
    return RosterPerson(
        number, row["code"], name, role or "", unit, row["cell"], phone or "", row["email"], state or "", responsible
    ), ""


def _unit(name: str, tree: Tree) -> tuple[str, str]:
    """The code of the one unit meant, or what is wrong."""
    if not name:
        return "", "thiếu đơn vị."
    found = tree.places(name)
    if not found:
        return "", f"đơn vị {name!r} không có trên hệ thống; xem `nhipcau unit list`."
    if len(found) > 1 or not found[0].is_sure:
        units = ", ".join(f"{p.unit.code} {p.unit.name}" for p in found[:5]) + (" …" if len(found) > 5 else "")
        return "", f"đơn vị {name!r} có thể là nhiều nơi ({units}); hãy ghi mã hoặc tên đầy đủ hiện nay."
    return found[0].unit.code, ""


def _phone(text: str) -> str | None:
    """Digits with the leading zero (spreadsheets drop it); "" for none; None for what is no number."""
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
