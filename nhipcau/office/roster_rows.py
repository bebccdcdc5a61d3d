"""The rows of a roster: what stands in each of our columns, and which rows are nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nhipcau.bot.language.vietnamese import fold
from nhipcau.office.table_columns import DITTO, END, Table, column_letter
from nhipcau.office.table_reader import InvalidTable

#: Columns whose merged cells mean every row they cover.
_DOWNWARDS = ("unit", "unit_code", "cell", "role", "state")
_NAME_PARTS = ("family", "middle", "given")
#: What people write where there is nothing to write.
_NOTHING = frozenset({"-", "–", "—", "--", "...", "…", "x", "khong", "khong co", "chua co", "khong dung", "0"})
_NUMBER = re.compile(r"\(?\d{1,4}\)?[.)]?")
#: Beginnings of a section's title, with their diacritics: "Bản Nà Sla" is one, "Bàn Văn Thử" is a person.
_SECTION = (
    *("xã ", "phường ", "thị trấn ", "đặc khu ", "thôn ", "bản ", "khối ", "khối phố ", "tổ dân phố ", "chi bộ "),
    *(
        "đảng bộ ",
        "đảng ủy ",
        "đảng uỷ ",
        "ubnd ",
        "ủy ban ",
        "uỷ ban ",
        "huyện ",
        "tỉnh ",
        "thành phố ",
        "sở ",
        "cụm ",
    ),
    *("khu phố ", "các ", "nhóm ", "phần ", "cơ quan ", "đơn vị "),
)
_ORDINAL = re.compile(r"(?:[IVXivx]{1,5}|[A-Za-z]|\d{1,2})\s*[.):/-]\s+")


@dataclass(frozen=True, slots=True)
class RosterRow:
    #: The row's number in the spreadsheet.
    number: int
    #: By name of our columns; "" where nothing stands.
    fields: dict[str, str]
    #: The whole row.
    cells: list[str]
    #: Whether the name's cell is merged with the one above: somebody's second line.
    goes_on: bool

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def text(self) -> str:
        """What stands in it, for a person to find it by."""
        words = " ".join(dict.fromkeys(filter(None, self.cells)))
        return words if len(words) <= 60 else words[:59] + "…"


class RosterRows:
    """The rows below the titles. Raises InvalidTable where it is unclear which column holds what."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._cells = table.sheet.rows[table.below :]
        self._refuse_unclear_columns()
        self._downwards = table.merged_downwards()

    def rows(self) -> Iterator[RosterRow]:
        above: dict[str, str] = {}
        for number, cells in self._table.lines():
            fields = {name: self._field(number - 1, name) for name in self._table.places}
            fields["name"] = self._name(number - 1, fields)
            fields |= {name: above.get(name, "") for name in _DOWNWARDS if fold(fields.get(name, "")) in DITTO}
            above |= {name: fields[name] for name in _DOWNWARDS if fields.get(name)}
            yield RosterRow(number, fields, cells, self._goes_on(number - 1))

    def column(self, name: str) -> str:
        """The title under which this of our columns stands."""
        where = self._table.places.get(name) or self._table.places.get("given") or [0]
        return self._table.named(where[0])

    # -------------------------------------------------------------- one row

    def _at(self, index: int, column: int) -> str:
        row = self._table.sheet.rows[index]
        return row[column] if column < len(row) else ""

    def _field(self, index: int, name: str) -> str:
        values = [self._value(index, column, name) for column in self._table.places[name]]
        if name == "name" and self._is_split_name:
            return " ".join(filter(None, values))
        return next(filter(None, values), "")

    def _value(self, index: int, column: int, name: str) -> str:
        own = self._at(index, column)
        if not own and name in _DOWNWARDS:
            own = self._downwards.get((index, column), "")
        return "" if name in {"phone", "email", "cell", "role", "state"} and fold(own) in _NOTHING else own

    def _goes_on(self, index: int) -> bool:
        columns = [*self._table.places.get("name", []), *self._table.places.get("given", [])]
        return any((index, column) in self._downwards for column in columns)

    @property
    def _is_split_name(self) -> bool:
        """Whether one title "Họ và tên" stands over several columns."""
        columns = self._table.places.get("name", [])
        return len(columns) > 1 and self._table.is_spanned(columns)

    def _name(self, index: int, fields: dict[str, str]) -> str:
        if "name" in self._table.places:
            return fields["name"]
        return " ".join(filter(None, (fields.get(part, "") for part in _NAME_PARTS)))

    # -------------------------------------------------------------- whole columns

    def _refuse_unclear_columns(self) -> None:
        places, table = self._table.places, self._table
        for name, columns in places.items():
            if len(columns) < 2 or name in {"phone", "number"} or (name == "name" and self._is_split_name):
                continue
            if any(len({fold(self._cell(row, column)) for column in columns} - {""}) > 1 for row in self._cells):
                raise InvalidTable("file.same_columns", columns=self._listed(columns))
        if "name" in places and "given" in places and any(map(self._has_other_given_name, self._cells)):
            raise InvalidTable("file.name_twice", columns=self._listed([places["name"][0], places["given"][0]]))
        last = max(places.get("name", []) + places.get("given", []))
        if not self._title(last + 1) and any(self._continues_name(row, last) for row in self._cells):
            raise InvalidTable("file.untitled", column=column_letter(last + 1), after=table.named(last))

    def _title(self, column: int) -> str:
        return self._table.header[column] if column < len(self._table.header) else ""

    def _cell(self, row: Sequence[str], column: int) -> str:
        return row[column] if column < len(row) else ""

    def _has_other_given_name(self, row: Sequence[str]) -> bool:
        name, given = (fold(self._cell(row, self._table.places[part][0])) for part in ("name", "given"))
        return bool(name and given) and not f" {name}".endswith(f" {given}")

    def _continues_name(self, row: Sequence[str], last: int) -> bool:
        """Whether the name of somebody with a unit goes on in the column behind it, which has no title."""
        if not any(
            self._cell(row, column) for name in ("unit", "unit_code") for column in self._table.places.get(name, [])
        ):
            return False
        behind = self._cell(row, last + 1)
        return bool(self._cell(row, last)) and behind != self._cell(row, last) and any(map(str.isalpha, behind))

    def _listed(self, columns: Sequence[int]) -> str:
        return ", ".join(f"{column_letter(column)} ({self._table.named(column)})" for column in columns)


class Nobody:
    """Tells, from the first row to the last, which are no people: sections, totals, signatures, numbers of columns."""

    def __init__(self, table: Table, is_unit: Callable[[str], bool]) -> None:
        self._table = table
        self._is_unit = is_unit
        self._has_ended = False

    def is_nobody(self, row: RosterRow) -> bool:
        if row.goes_on or self._table.is_title(row.cells) or self._table.is_covered(row.number, row.cells):
            return True
        if not row["name"]:
            return self._is_without_name(row)
        is_end = bool(END.match(fold(row["name"]))) and not _is_counted(row)
        if row["unit"] or row["unit_code"]:
            # people who signed stand below the list as a name and a "unit"
            is_below = is_end or (self._has_ended and not _is_counted(row))
            is_nobody = is_below and not self._is_unit(row["unit"] or row["unit_code"])
        else:
            is_signer = self._has_ended and not _is_counted(row)
            is_nobody = is_end or is_signer or (self._is_section(row) and not _has_contact(row))
        self._has_ended |= is_end and is_nobody
        return is_nobody

    def _is_without_name(self, row: RosterRow) -> bool:
        if _has_contact(row) or _is_code(row["code"]):
            return False
        filled = [cell for cell in row.cells if cell]
        if any(END.match(fold(cell)) for cell in filled):
            self._has_ended = True
            return True
        own_unit = next((row.cells[c] for c in self._table.places.get("unit", []) if c < len(row.cells)), "")
        words = [cell for cell in filled if not _NUMBER.fullmatch(cell)]
        return not own_unit or (len(words) == 1 and not self._is_unit(own_unit))

    def _is_section(self, row: RosterRow) -> bool:
        """ "II. Xã Đồng Đăng" in the column of names, with nothing beside it."""
        plain = _ORDINAL.sub("", row["name"], count=1)
        return f"{plain.casefold()} ".startswith(_SECTION) or (plain.isupper() and self._is_unit(plain))


def _has_contact(row: RosterRow) -> bool:
    return sum(map(str.isdigit, row["phone"])) >= 8 or "@" in row["email"]


def _is_counted(row: RosterRow) -> bool:
    """Whether the office gave it a number: its own or that of the row."""
    return _is_code(row["code"]) or bool(_NUMBER.fullmatch(row["number"])) or _has_contact(row)


def _is_code(code: str) -> bool:
    return " " not in code and any(map(str.isdigit, code))
