"""Finds the titles of a table: below a heading, in one row or two, each recognised as a whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase

from nhipcau.bot.language.vietnamese import fold
from nhipcau.office.table_reader import Sheet

#: Rows in which titles are looked for: above them stands what the list is and who made it.
_SEARCHED = 40
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_PARTS = re.compile(r"\s*(?:[/,;&+]|\s[-–]\s|\bhoac\b|\bva\b)\s*")
_COLUMN_NUMBER = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?")
#: "The same as above".
DITTO = frozenset({"nt", "nhu tren", "-nt-", '"', "''", "〃", "″", "-//-", "//"})
#: Beginnings of what stands below a list, folded: totals, days and signatures.
END = re.compile(
    r"(?:tong|cong)(?: cong| so)?(?=$|[\s:]*(?:$|[\d:]|la\b))|nguoi lap|lap bieu|nguoi ky|ky ten|\(ky|ky, ghi"
    r"|thu truong|t/m|tm\.|kt\.|tl\.|chu tich|pho chu tich|bi thu|pho bi thu|noi nhan|ghi chu|luu y|xac nhan"
    r"|danh sach (?:nay|tren|gom|co)|truong ban|.*\bngay .{0,12}thang\b"
)
#: What makes a title speak of somebody or something else, also in brackets: "Điện thoại (người thân)".
_OTHERS = re.compile(r"\b(?:bo|me|cha|vo|chong|con|nguoi than|gioi thieu|gia dinh|cu|truoc day|truoc kia|quan ly)\b")
#: Titles over several columns that say nothing of their own.
_NEUTRAL = frozenset(
    {
        *("lien he", "thong tin lien he", "lien lac", "thong tin lien lac", "thong tin", "thong tin chung"),
        *("thong tin ca nhan", "cong tac vien", "thong tin cong tac vien", "thong tin ctv", "ctv", "dia ban"),
        *("noi cong tac", "noi sinh hoat", "ca nhan", "ho so"),
    }
)


@dataclass(frozen=True)
class Titles:
    """How the columns of one kind of table may be called: name of a column → its titles, folded."""

    synonyms: Mapping[str, Iterable[str]]
    #: Columns without which it is no such table; of those joined by "|" one will do, "a+b" stands for both.
    needed: Sequence[str]

    @cached_property
    def _by_title(self) -> dict[str, str]:
        return {title: name for name, titles in self.synonyms.items() for title in titles}

    def meaning(self, title: str) -> str:
        """The column that this whole title names; "" for none."""
        bare = _bare(title)
        whole = " ".join(re.sub(r"[^\w\s]", " ", bare).split())
        if found := self._by_title.get(whole):
            return found
        # "Thôn, bản, khối": every part names the same column
        parts = {self._by_title.get(" ".join(re.sub(r"[^\w\s]", " ", part).split()), "") for part in _PARTS.split(bare)}
        return parts.pop() if len(parts) == 1 else ""

    def missing(self, found: Iterable[str]) -> list[str]:
        """The needed columns that are not among those found."""
        there = set(found)
        return [need for need in self.needed if not any(set(way.split("+")) <= there for way in need.split("|"))]


def _bare(title: str) -> str:
    """Folded, without numbers before it and what stands in brackets, unless that is about somebody else."""
    folded = fold(title)
    without = _BRACKETS.sub(lambda part: f" {part[0]} " if _OTHERS.search(part[1] or part[2] or "") else " ", folded)
    return re.sub(r"^\s*(?:\d{1,2}|[ivx]{1,4})\s*[.)]\s*", "", without).strip(" *:.")


@dataclass(frozen=True)
class Table:
    """A sheet with its titles found."""

    sheet: Sheet
    titles: Titles
    #: The title of every column, as written; of two rows as "upper – lower".
    header: list[str]
    #: Name of a column → where it stands; several for a title over several columns, and for one written twice.
    places: dict[str, list[int]]
    #: Index of the first row below the titles.
    below: int

    @property
    def missing(self) -> list[str]:
        return self.titles.missing(self.places)

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """The rows below the titles that have anything in them, with their number in the spreadsheet."""
        for index in range(self.below, len(self.sheet.rows)):
            if any(self.sheet.rows[index]):
                yield index + 1, self.sheet.rows[index]

    def merged_downwards(self) -> dict[tuple[int, int], str]:
        """Row and column of cells that a merged cell covers from above → what stands in it."""
        covered: dict[tuple[int, int], str] = {}
        rows = self.sheet.rows
        for first_row, first, last_row, last in self.sheet.merged or ():
            if last_row == first_row or first_row < self.below or first_row >= len(rows):
                continue
            value = rows[first_row][first] if first < len(rows[first_row]) else ""
            for index in range(first_row + 1, min(last_row + 1, len(rows))):
                covered.update({(index, column): value for column in range(first, last + 1)})
        return covered

    def is_title(self, cells: Sequence[str]) -> bool:
        """Whether a row is the titles once more on a next page, or the numbers of the columns below them."""
        filled = list(filter(None, cells))
        if len(filled) > 2 and all(map(_COLUMN_NUMBER.fullmatch, filled)):
            return True
        titles = {name for name in map(self.titles.meaning, cells) if name}
        return len(titles) > 2 and not self.titles.missing(titles)

    @cached_property
    def _wide_rows(self) -> frozenset[int]:
        """Rows in which a cell is merged across three columns at least, from 0."""
        return frozenset(row for row, first, _, last in self.sheet.merged or () if last - first >= 2)

    def is_covered(self, number: int, cells: Sequence[str]) -> bool:
        """Whether one merged cell is all that stands in this row of the spreadsheet."""
        return number - 1 in self._wide_rows and len(list(filter(None, cells))) == 1

    def is_spanned(self, columns: Sequence[int]) -> bool:
        """Whether these columns stand under one merged title."""
        return any(
            first_row < self.below and first <= min(columns) and max(columns) <= last
            for first_row, first, _, last in self.sheet.merged or ()
        )

    def named(self, column: int) -> str:
        """The column as the office finds it: its title, or its letter."""
        return self.header[column] if column < len(self.header) and self.header[column] else column_letter(column)

    @property
    def unrecognised(self) -> list[int]:
        """Columns with a title that names none of ours."""
        known = {column for columns in self.places.values() for column in columns}
        return [column for column, title in enumerate(self.header) if title and column not in known]


def find_table(ways: Sequence[Sheet], titles: Titles) -> Table | None:
    """The sheet, read in the way that finds most titles; None where no row names any of them."""
    found = [table for way in ways for table in _tables(way, titles)]
    # the first of the best: a complete table before an incomplete one, then by the number of its columns
    return max(found, key=lambda table: (-len(table.missing), len(table.places)), default=None)


def _tables(sheet: Sheet, titles: Titles) -> Iterator[Table]:
    for index, row in enumerate(sheet.rows[:_SEARCHED]):
        if not any(row):
            continue
        upper = _across(sheet, index)
        yield from _table(sheet, titles, upper, index + 1)
        if index + 1 < len(sheet.rows):
            yield from _table(sheet, titles, _two_rows(upper, sheet.rows[index + 1], titles), index + 2)


def _table(sheet: Sheet, titles: Titles, header: list[str], below: int) -> Iterator[Table]:
    places: dict[str, list[int]] = {}
    for column, title in enumerate(header):
        if name := titles.meaning(title):
            places.setdefault(name, []).append(column)
    if places:
        yield Table(sheet, titles, header, places, below)


def _across(sheet: Sheet, index: int) -> list[str]:
    """A row of titles, each over all the columns it is merged across."""
    row = list(sheet.rows[index])
    for first_row, first, last_row, last in sheet.merged or ():
        if first_row <= index <= last_row and first < len(row):
            title = sheet.rows[first_row][first]
            row[first : last + 1] = [title] * (min(last + 1, len(row)) - first)
    return row


def _two_rows(upper: list[str], lower: Sequence[str], titles: Titles) -> list[str]:
    """Titles of two rows: the lower one below a neutral title, both where the upper says whose it is."""
    header: list[str] = []
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or (group if below else "")
        if not below or below == group:
            header.append(above)
        elif not group or fold(group) in _NEUTRAL or titles.meaning(group):
            header.append(below)
        else:
            header.append(f"{group} – {below}")
    return header


def column_letter(column: int) -> str:
    """The column's letter in a spreadsheet: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters
