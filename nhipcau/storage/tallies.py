"""Counts of reports for a scope, by what they say and by time.

Whole months come from the running counts (report_counts.py) where these have the cut; other days, and cuts by three
things or more, from the rows by an index that holds whatever is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.forms.report_fields import keys_in
from nhipcau.bot.language.periods import month_of, period_of_days, week_of
from nhipcau.bot.units.tree import AREA_KINDS, Tree, Unit
from nhipcau.model.network_queries import HeardOf
from nhipcau.model.queries import ReportTallyOf
from nhipcau.model.report_tallies import Base, Dimension, Heard, ReportTally
from nhipcau.model.reports import ReportState
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.scope import Access, Scope
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.report_counts import ALL_AREAS, cut_of
from nhipcau.storage.tables import official_answers, report_counts, reports, requests

_DAY = timedelta(days=1)
_TIMES = {Dimension.DAY, Dimension.WEEK, Dimension.MONTH}
_C, _R = report_counts.c, reports.c
Days = tuple[date, date]


async def tally_reports(
    connection: AsyncConnection, scope: Scope, tree: Tree, first: date, last: date, by: Sequence[Dimension] = ()
) -> ReportTally:
    """Counts of the reports of these days whose area lies in the scope; none where its role reads no figures."""
    unit = tree.by_path.get(scope.path) or tree.root
    assert unit is not None, "a scope without units"
    areas, days = _Areas(scope, tree), _Split.of(first, last)
    numbers = await _by_area(connection, areas, days)
    rows = await _Cut(connection, areas, days, tuple(by)).rows()
    base = await _base(connection, areas, {area for area, number in numbers.items() if number}, (first, last))
    return ReportTally(period_of_days(first, last), unit, numbers.total(), base, tuple(by), rows)


@answers_each(ReportTallyOf)
async def _tally(at: QueryContext, need: ReportTallyOf) -> ReportTally:
    return await tally_reports(at.connection, need.scope, at.tree, need.first, need.last, need.by)


class _Areas:
    """The areas of a scope."""

    def __init__(self, scope: Scope, tree: Tree) -> None:
        self.tree = tree
        held = [unit for unit in tree.units if scope.reads(Access.FIGURES) and scope.holds(unit)]
        self.ids = sorted(unit.id for unit in held)
        #: Whether they are all there are, so that the counts of all together serve.
        self.is_all = len(held) == len(tree.units)
        self._held = held

    @cached_property
    def units(self) -> set[int]:
        """Ids of the communes and agencies, those of its cells too."""
        known = {unit.id for unit in self.tree.areas if unit.kind in AREA_KINDS or unit.parent_id is not None}
        return {self.tree.commune_of(unit).id for unit in self._held} & known

    def code_of(self, area_id: int) -> str:
        return self.commune_of(area_id).code

    def commune_of(self, area_id: int) -> Unit:
        return self.tree.commune_of(self.tree.by_id[area_id])

    def hold(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        return column > ALL_AREAS if self.is_all else column.in_(self.ids)


@dataclass(frozen=True, slots=True)
class _Split:
    """Some days as whole months, days besides, and days of those months that are too many."""

    first: date
    last: date
    touched: list[str]
    whole: list[str]
    #: Sign and days.
    others: list[tuple[int, Days]]

    @staticmethod
    def of(first: date, last: date) -> _Split:
        touched: list[str] = []
        whole: list[str] = []
        others: list[tuple[int, Days]] = []
        begin = first
        while begin <= last:
            month = month_of(begin)
            end = min(month.last, last)
            touched.append(month.text)
            if 2 * ((end - begin).days + 1) > (month.last - month.first).days:
                whole.append(month.text)
                others += [(-1, (month.first, begin - _DAY))] if begin > month.first else []
                others += [(-1, (end + _DAY, month.last))] if end < month.last else []
            else:
                others.append((1, (begin, end)))
            begin = month.last + _DAY
        return _Split(first, last, touched, whole, others)

    def signed(self) -> Iterable[tuple[int, list[Days]]]:
        for sign in (1, -1):
            if days := [each for of, each in self.others if of == sign]:
                yield sign, days


def _any_of(column: Any, days: Iterable[tuple[object, object]]) -> ColumnElement[bool]:
    return or_(*(column.between(first, last) for first, last in days))


def _written(days: Iterable[Days]) -> list[tuple[str, str]]:
    return [(first.isoformat(), last.isoformat()) for first, last in days]


async def _by_area(connection: AsyncConnection, areas: _Areas, days: _Split) -> Counter[int]:
    """Area id → number of reports of these days."""
    found: Counter[int] = Counter()
    total = select(_C.area_id, func.sum(_C.number)).where(areas.hold(_C.area_id)).group_by(_C.area_id)
    for area, number in await connection.execute(total.where(_C.cut == "", _C.month.in_(days.whole))):
        found[area] += number
    for sign, some in days.signed():
        of_days = total.where(_C.cut == "day", _C.month.in_(days.touched), _any_of(_C.a, _written(some)))
        for area, number in await connection.execute(of_days):
            found[area] += sign * number
    return found


async def _base(connection: AsyncConnection, areas: _Areas, reported: set[int], days: Days) -> Base:
    with_report, nothing = await _heard(connection, areas, reported, days)
    return Base(len(areas.units), len(with_report), len(nothing))


@answers_each(HeardOf)
async def _heard_of(at: QueryContext, need: HeardOf) -> dict[int, Heard]:
    areas, days = _Areas(need.scope, at.tree), (need.first, need.last)
    numbers = await _by_area(at.connection, areas, _Split.of(*days))
    reported = {area for area, number in numbers.items() if number}
    with_report, nothing = await _heard(at.connection, areas, reported, days)
    found = dict.fromkeys(areas.units, Heard.SILENT)
    return found | dict.fromkeys(nothing, Heard.NOTHING_NEW) | dict.fromkeys(with_report, Heard.REPORTED)


async def _heard(
    connection: AsyncConnection, areas: _Areas, reported: set[int], days: Days
) -> tuple[set[int], set[int]]:
    """Communes and agencies with a report, and those without one that said there is nothing new. `reported`: areas with
    a report in these days."""
    statement = (
        select(official_answers.c.unit_id)
        .join(requests, requests.c.id == official_answers.c.request_id)
        .where(official_answers.c.nothing_to_report, official_answers.c.day.between(*days))
        .where(requests.c.kind.in_(BY_UNIT))
        .distinct()
    )
    with_report = {areas.commune_of(area).id for area in reported} & areas.units
    nothing = {areas.commune_of(unit).id for unit in await connection.scalars(statement)} & areas.units
    return with_report, nothing - with_report


# ------------------------------------------------------------------ one cut


class _Cut:
    """Counts of the reports of some days by some dimensions."""

    def __init__(self, connection: AsyncConnection, areas: _Areas, days: _Split, by: tuple[Dimension, ...]) -> None:
        self._connection, self._areas, self._days, self._by = connection, areas, days, by
        self._by_area = Dimension.AREA in by
        #: The columns that are counted, but for the area; weeks are read from days, and months where there are days.
        self._columns = [dimension.value for dimension in by if dimension not in {Dimension.AREA, *_TIMES}]
        if {Dimension.DAY, Dimension.WEEK} & set(by):
            self._columns.append("day")
        self._by_month = Dimension.MONTH in by and "day" not in self._columns
        self._found: dict[tuple[str, ...], int] = {}

    async def rows(self) -> Mapping[tuple[str, ...], int]:
        #: How many columns more the running counts could have.
        room = (2 if self._together else 1) - len(self._columns)
        all_days = [(self._days.first, self._days.last)]
        if room < 0:
            await self._from_reports(1, all_days)
        elif "day" in self._columns:
            await self._from_counts_of_days(all_days)
        else:
            await self._from_counts(1, self._columns)
            for sign, days in self._days.signed():
                if room:
                    await self._from_counts(sign, [*self._columns, "day"], days)
                else:
                    await self._from_reports(sign, days)
        return {key: number for key, number in self._found.items() if number} if self._days.others else self._found

    @property
    def _together(self) -> bool:
        """Whether the counts of all areas together serve."""
        return self._areas.is_all and not self._by_area

    @property
    def _header(self) -> list[str]:
        """What the rows of a statement are keyed by."""
        return ["area_id"] * self._by_area + ["month"] * self._by_month + self._columns

    async def _from_counts(self, sign: int, counted: Sequence[str], days: Sequence[Days] = ()) -> None:
        """From the running counts by these columns: of whole months, or of `days`, by which they are then counted."""
        column_of = dict(zip(cut_of(counted).split(","), (_C.a, _C.b), strict=False))
        keys = [column_of[name] if name in column_of else _C[name] for name in self._header]
        statement = select(*keys, _C.number).where(
            _C.cut == cut_of(counted),
            _C.month.in_(self._days.touched if days else self._days.whole),
            _C.area_id == ALL_AREAS if self._together else self._areas.hold(_C.area_id),
            *([_any_of(column_of["day"], _written(days))] if days else []),
        )
        if not (self._by_month and not days and (self._together or self._by_area)):
            # several counts make one of the result
            statement = statement.with_only_columns(*keys, func.sum(_C.number)).group_by(*keys)
        self._add(sign, (await self._connection.execute(statement)).all(), is_split=True)

    async def _from_counts_of_days(self, days: Sequence[Days]) -> None:
        """All days of a month in one row: tens of thousands of rows take longer than what is in them."""
        column_of = dict(zip(cut_of(self._columns).split(","), (_C.a, _C.b), strict=False))
        header = [name for name in self._header if name != "day"]
        keys = [column_of[name] if name in column_of else _C[name] for name in header]
        each = func.substr(column_of["day"], 9, 2).concat(cast(_C.number, String))
        joined = func.group_concat if self._connection.dialect.name == "sqlite" else func.string_agg
        statement = select(*keys, _C.month, joined(each, ",")).where(
            _C.cut == cut_of(self._columns),
            _C.month.in_(self._days.touched),
            _C.area_id == ALL_AREAS if self._together else self._areas.hold(_C.area_id),
            _any_of(column_of["day"], _written(days)),
        )
        others = [dimension for dimension in self._by if dimension not in _TIMES]
        times = [dimension for dimension in self._by if dimension in _TIMES]
        readings = [(header.index(name), code_of) for name, code_of in map(self._reading, others)]
        order = [(*others, *times).index(dimension) for dimension in self._by]
        in_order: Callable[[Any], Any] = tuple if order == sorted(order) else itemgetter(*order)
        codes_of_days: dict[str, tuple[str, ...]] = {}
        for *values, month, packed in await self._connection.execute(statement.group_by(_C.month, *keys)):
            codes = tuple(code_of(values[place]) for place, code_of in readings)
            for one in packed.split(","):
                day = f"{month}-{one[:2]}"
                if day not in codes_of_days:
                    codes_of_days[day] = tuple(self._reading(dimension)[1](day) for dimension in times)
                key = in_order(codes + codes_of_days[day])
                self._found[key] = self._found.get(key, 0) + int(one[2:])

    async def _from_reports(self, sign: int, days: Sequence[Days]) -> None:
        is_sqlite = self._connection.dialect.name == "sqlite"
        month = func.substr(_R.day, 1, 7) if is_sqlite else func.to_char(_R.day, "YYYY-MM")
        keys = [month if name == "month" else _R[name] for name in self._header]
        # the index begins with the area
        there = select(_C.area_id).where(_C.cut == "", _C.month.in_(self._days.touched), self._areas.hold(_C.area_id))
        areas = list(await self._connection.scalars(there.distinct()))
        statement = select(*keys, func.count()).where(_R.area_id.in_(areas), _any_of(_R.day, days))
        # numbered, since a month would have values of its own in each place
        statement = statement.where(_R.state != ReportState.WITHDRAWN)
        statement = statement.group_by(*(literal_column(str(place + 1)) for place in range(len(keys))))
        self._add(sign, (await self._connection.execute(statement)).all(), is_split=False)

    def _add(self, sign: int, rows: Sequence[Any], *, is_split: bool) -> None:
        """Add what a statement returned. `is_split`: a row has one group of people, not all of a report."""
        if not rows or rows[0][-1] is None:
            return
        *columns, numbers = zip(*rows, strict=True)
        by_name = dict(zip(self._header, columns, strict=True))
        codes = []
        for dimension in self._by:
            name, code_of = self._reading(dimension)
            known = {value: code_of(value) for value in set(by_name[name])}
            codes.append([known[value] for value in by_name[name]])
        keys: Iterable[tuple[str, ...]] = zip(*codes, strict=True) if codes else [()] * len(rows)
        if Dimension.GROUPS in self._by and not is_split:
            place = self._by.index(Dimension.GROUPS)
            each = [(key, keys_in(key[place]) or [""], number) for key, number in zip(keys, numbers, strict=True)]
            pairs = [((*key[:place], one, *key[place + 1 :]), number) for key, many, number in each for one in many]
        else:
            pairs = list(zip(keys, numbers, strict=True))
        if not self._found and len(made := dict(pairs)) == len(pairs):
            self._found = made if sign > 0 else {key: -number for key, number in made.items()}
            return
        for key, number in pairs:
            self._found[key] = self._found.get(key, 0) + sign * number

    def _reading(self, dimension: Dimension) -> tuple[str, Callable[[Any], str]]:
        """The column a dimension is read from, and how."""
        match dimension:
            case Dimension.AREA:
                return "area_id", self._areas.code_of
            case Dimension.MONTH:
                return "month" if self._by_month else "day", lambda day: str(day)[:7]
            case Dimension.WEEK:
                return "day", lambda day: week_of(date.fromisoformat(str(day))).text
            case _:
                return dimension.value, str
