"""Which column of a roster holds what, as somebody says it where the titles do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nhipcau.bot.language.vietnamese import fold
from nhipcau.office.roster_columns import NEEDED_TITLES, ROSTER, is_forbidden
from nhipcau.office.table_columns import Table, column_letter, find_table
from nhipcau.office.table_reader import InvalidTable, Sheet

#: What a column may be said to hold: the number of a row is neither stored nor asked for.
FIELDS = tuple(name for name in ROSTER.synonyms if name != "number")
#: Why a roster can't be read although somebody who says which column holds what could tell.
UNCLEAR = frozenset({"file.no_columns", "file.same_columns", "file.name_twice", "file.untitled", "file.column_twice"})
#: Values shown of each column, and letters of one.
_VALUES, _LETTERS = 3, 30
#: Rows in which the titles may stand.
_SEARCHED = 40


@dataclass(frozen=True, slots=True)
class Column:
    place: int
    #: Its letter and title.
    name: str
    #: The first that stand in it.
    values: list[str]


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    sheet: str = ""
    #: Number of the row of titles in the spreadsheet; 0: as it is recognised.
    titles_row: int = 0
    #: Name of our column → its place; None: the sheet has none.
    places: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferedColumns:
    """What there is to choose from, and what is recognised or chosen by now."""

    sheet: str
    titles_row: int
    columns: list[Column]
    places: dict[str, int]


def table_of(file: str, sheets: Sequence[Sequence[Sheet]], chosen: ChosenColumns) -> Table:
    """The sheet with its columns as they were chosen; what is not chosen as it is recognised. Raises InvalidTable."""
    table = _chosen(file, sheets, chosen)
    by_place: dict[int, str] = {}
    for name, places in table.places.items():
        for place in places:
            if place in by_place:
                raise InvalidTable("file.column_twice", column=table.named(place))
            by_place[place] = name
    if table.missing:
        missing = ", ".join(NEEDED_TITLES[need] for need in table.missing)
        raise InvalidTable("file.no_columns", file=file, columns=missing)
    return table


def offer(file: str, sheets: Sequence[Sequence[Sheet]], chosen: ChosenColumns) -> OfferedColumns:
    """Columns that may not be stored (R11) are not among them, nor is anything that stands in them. Raises
    InvalidTable where there is no such sheet."""
    table = _chosen(file, sheets, chosen)
    rows = table.sheet.rows[table.below :]
    columns = []
    for place in range(max(map(len, table.sheet.rows))):
        title = table.header[place] if place < len(table.header) else ""
        values = list(dict.fromkeys(row[place] for row in rows if place < len(row) and row[place]))[:_VALUES]
        if (title or values) and not is_forbidden(title):
            name = column_letter(place) + (f" – {title}" if title and title != column_letter(place) else "")
            columns.append(Column(place, name, [value[:_LETTERS] for value in values]))
    places = {name: places[0] for name, places in table.places.items() if name in FIELDS}
    return OfferedColumns(table.sheet.name, table.below, columns, places)


def column_called(offered: OfferedColumns, called: str) -> int | None:
    """The place of the column with this letter or title; None: there is none."""
    for column in offered.columns:
        letter, _, title = column.name.partition(" – ")
        if called.upper() == letter or (title and fold(title) == fold(called)):
            return column.place
    return None


def _chosen(file: str, sheets: Sequence[Sequence[Sheet]], chosen: ChosenColumns) -> Table:
    found = _recognised(file, sheets, chosen)
    # so that what stands beside a name without a title is not taken for a part of it
    header = [title or column_letter(place) for place, title in enumerate(found.header)]
    if not chosen.places:
        return found
    taken = {place for place in chosen.places.values() if place is not None}
    # but what was recognised in a column that is now said to hold something else
    others = {name: at for name, at in found.places.items() if name not in chosen.places}
    places = {name: at for name, at in others.items() if not taken & set(at)}
    for name, place in chosen.places.items():
        if place is not None and name in FIELDS and not is_forbidden(_title(header, place)):
            places[name] = [place]
    return Table(found.sheet, ROSTER, header, places, found.below)


def _title(header: Sequence[str], place: int) -> str:
    return header[place] if place < len(header) else ""


def _recognised(file: str, sheets: Sequence[Sequence[Sheet]], chosen: ChosenColumns) -> Table:
    """The table as it is recognised; where no title is, with the fullest of the first rows as titles."""
    named = [ways for ways in sheets if not chosen.sheet or fold(ways[0].name) == fold(chosen.sheet)]
    if not named:
        names = ", ".join(ways[0].name for ways in sheets if ways[0].name) or "–"
        raise InvalidTable("file.no_sheet", file=file, sheet=chosen.sheet, sheets=names)
    if not chosen.titles_row:
        tables = [table for ways in named if (table := find_table(ways, ROSTER)) is not None]
        if tables:
            return min(tables, key=lambda table: (not table.sheet.is_visible, len(table.missing), -len(table.places)))
    ways = next((ways for ways in named if ways[0].is_visible), named[0])
    sheet = max(ways, key=lambda way: max(map(_filled, way.rows[:_SEARCHED]), default=0))
    below = chosen.titles_row or _fullest(sheet)
    below = min(max(below, 1), len(sheet.rows))
    header = list(sheet.rows[below - 1])
    places: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        if name := ROSTER.meaning(title):
            places.setdefault(name, []).append(place)
    return Table(sheet, ROSTER, header, places, below)


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _fullest(sheet: Sheet) -> int:
    """The number of the first row with as many cells as any has."""
    counts = list(map(_filled, sheet.rows[:_SEARCHED]))
    return counts.index(max(counts)) + 1
