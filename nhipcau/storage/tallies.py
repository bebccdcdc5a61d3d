"""Counts of reports for a scope, by what they say and by time.

Where the running counts (report_counts.py) have the cut, they have every day of it. Two things within some areas, and
three or more, are counted from the rows by an index that holds whatever is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, String, func, select, type_coerce
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
from nhipcau.storage.report_counts import ALL_AREAS, cut_of, numbers_of
from nhipcau.storage.tables import official_answers, report_counts, reports, requests

_DAY = timedelta(days=1)
_TIMES = {Dimension.DAY, Dimension.WEEK, Dimension.MONTH}
_C, _R = report_counts.c, reports.c
#: Between two values of a report, and between two reports: no code has them.
_BETWEEN, _AFTER = "\x1f", "\x1e"


async def tally_reports(
    connection: AsyncConnection, scope: Scope, tree: Tree, first: date, last: date, by: Sequence[Dimension] = ()
) -> ReportTally:
    """Counts of the reports of these days whose area lies in the scope; none where its role reads no figures."""
    unit = tree.by_path.get(scope.path) or tree.root
    assert unit is not None, "a scope without units"
    areas, days = _Areas(scope, tree), _Days(first, last)
    numbers = await _by_area(connection, areas, days)
    rows = await _Cut(connection, areas, days, tuple(by)).rows()
    base = await _base(connection, areas, {area for area, number in numbers.items() if number}, days)
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


class _Days:
    """The days asked for, as the months they lie in."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.months: list[str] = []
        #: Those of which all days are asked for.
        self.whole: list[str] = []
        begin = first
        while begin <= last:
            month = month_of(begin)
            self.months.append(month.text)
            if begin == month.first and month.last <= last:
                self.whole.append(month.text)
            begin = month.last + _DAY

    @property
    def parts(self) -> list[str]:
        """Months of which only some days are asked for."""
        return [month for month in self.months if month not in self.whole]

    def pieces(self, month: str, codes_of: Callable[[date], tuple[str, ...]]) -> list[tuple[tuple[str, ...], int, int]]:
        """Runs of days of a month with the same codes: these, place of the first day, place after the last."""
        begin = date.fromisoformat(f"{month}-01")
        first, last = max(begin, self.first), min(month_of(begin).last, self.last)
        found: list[tuple[tuple[str, ...], int, int]] = []
        for place in range(first.day - 1, last.day):
            codes = codes_of(begin + place * _DAY)
            if found and found[-1][0] == codes:
                codes, start, _ = found.pop()
                found.append((codes, start, place + 1))
            else:
                found.append((codes, place, place + 1))
        return found


async def _by_area(connection: AsyncConnection, areas: _Areas, days: _Days) -> Counter[int]:
    """Area id → number of reports of these days."""
    found: Counter[int] = Counter()
    these = (areas.hold(_C.area_id), _C.cut == "")
    total = select(_C.area_id, func.sum(_C.number)).where(*these).group_by(_C.area_id)
    for area, number in await connection.execute(total.where(_C.month.in_(days.whole))):
        found[area] += number
    for month in days.parts:
        ((_, begin, end),) = days.pieces(month, lambda _: ())
        some = select(_C.area_id, _C.days).where(*these, _C.month == month)
        for area, numbers in await connection.execute(some):
            found[area] += sum(numbers_of(numbers)[begin:end])
    return found


async def days_by_area(
    connection: AsyncConnection, scope: Scope, tree: Tree, first: date, last: date, topic: str = ""
) -> dict[tuple[date, int], int]:
    """Day and area id → number of reports of the scope, of one topic or of all; only where there are any."""
    found: dict[tuple[date, int], int] = {}
    days = _Days(first, last)
    cut = (_C.cut == "topic", _C.a == topic) if topic else (_C.cut == "",)
    some = select(_C.area_id, _C.month, _C.days).where(_Areas(scope, tree).hold(_C.area_id), *cut)
    for area, month, numbers in await connection.execute(some.where(_C.month.in_(days.months))):
        begin = date.fromisoformat(f"{month}-01")
        for place, number in enumerate(numbers_of(numbers)):
            # months have fewer days than numbers
            if number and first <= (day := begin + place * _DAY) <= last:
                found[day, area] = number
    return found


async def _base(connection: AsyncConnection, areas: _Areas, reported: set[int], days: _Days) -> Base:
    with_report, nothing = await _heard(connection, areas, reported, days)
    return Base(len(areas.units), len(with_report), len(nothing))


@answers_each(HeardOf)
async def _heard_of(at: QueryContext, need: HeardOf) -> dict[int, Heard]:
    areas, days = _Areas(need.scope, at.tree), _Days(need.first, need.last)
    numbers = await _by_area(at.connection, areas, days)
    reported = {area for area, number in numbers.items() if number}
    with_report, nothing = await _heard(at.connection, areas, reported, days)
    found = dict.fromkeys(areas.units, Heard.SILENT)
    return found | dict.fromkeys(nothing, Heard.NOTHING_NEW) | dict.fromkeys(with_report, Heard.REPORTED)


async def _heard(
    connection: AsyncConnection, areas: _Areas, reported: set[int], days: _Days
) -> tuple[set[int], set[int]]:
    """Communes and agencies with a report, and those without one that said there is nothing new. `reported`: areas with
    a report in these days."""
    statement = (
        select(official_answers.c.unit_id)
        .join(requests, requests.c.id == official_answers.c.request_id)
        .where(official_answers.c.nothing_to_report, official_answers.c.day.between(days.first, days.last))
        .where(requests.c.kind.in_(BY_UNIT))
        .distinct()
    )
    with_report = {areas.commune_of(area).id for area in reported} & areas.units
    nothing = {areas.commune_of(unit).id for unit in await connection.scalars(statement)} & areas.units
    return with_report, nothing - with_report


# ------------------------------------------------------------------ one cut


class _Cut:
    """Counts of the reports of some days by some dimensions."""

    def __init__(self, connection: AsyncConnection, areas: _Areas, days: _Days, by: tuple[Dimension, ...]) -> None:
        self._connection, self._areas, self._days, self._by = connection, areas, days, by
        self._by_area = Dimension.AREA in by
        #: The columns that are counted, but for the area.
        self._columns = [dimension.value for dimension in by if dimension not in {Dimension.AREA, *_TIMES}]
        self._times = [dimension for dimension in by if dimension in _TIMES]
        #: Whether the counts of all areas together serve.
        self._together = areas.is_all and not self._by_area
        self._found: dict[tuple[str, ...], int] = {}

    async def rows(self) -> Mapping[tuple[str, ...], int]:
        if len(self._columns) > (2 if self._together else 1):
            await self._from_reports()
        elif {Dimension.DAY, Dimension.WEEK} & set(self._times):
            await self._from_days(self._days.months)
        else:
            await self._from_months()
            await self._from_days(self._days.parts)
        return self._found

    # -------------------------------------------------------------- from the running counts

    @property
    def _keys(self) -> list[ColumnElement[Any]]:
        """What a row of them says, in the order of the dimensions but for times."""
        column_of = {"area": _C.area_id} | dict(zip(cut_of(self._columns).split(","), (_C.a, _C.b), strict=False))
        return [column_of[dimension.value] for dimension in self._by if dimension not in _TIMES]

    def _these(self, months: Sequence[str]) -> list[ColumnElement[bool]]:
        areas = _C.area_id == ALL_AREAS if self._together else self._areas.hold(_C.area_id)
        return [_C.cut == cut_of(self._columns), _C.month.in_(months), areas]

    async def _from_months(self) -> None:
        keys = [*self._keys, *([_C.month] if self._times else [])]
        statement = select(*keys, func.sum(_C.number)).where(*self._these(self._days.whole)).group_by(*keys)
        readings = [self._reading(dimension) for dimension in self._others]
        for *values, number in await self._connection.execute(statement):
            if number is not None:
                codes = [code_of(value) for code_of, value in zip(readings, values, strict=False)]
                self._add(tuple(codes), tuple(values[len(codes) :]), number)

    async def _from_days(self, months: Sequence[str]) -> None:
        if not months:
            return
        pieces = {month: self._days.pieces(month, self._codes_of) for month in months}
        readings = [self._reading(dimension) for dimension in self._others]
        statement = select(*self._keys, _C.month, _C.days).where(*self._these(months))
        # tens of thousands of numbers: no call for each
        found, in_order = self._found, self._in_order
        for *values, month, days in await self._connection.execute(statement):
            codes = tuple(code_of(value) for code_of, value in zip(readings, values, strict=True))
            numbers = numbers_of(days)
            for times, begin, end in pieces[month]:
                if number := numbers[begin] if end == begin + 1 else sum(numbers[begin:end]):
                    key = in_order(codes + times) if in_order else codes + times
                    found[key] = found.get(key, 0) + number

    def _codes_of(self, day: date) -> tuple[str, ...]:
        """The codes of the times asked for."""
        return tuple([self._reading(dimension)(day) for dimension in self._times])

    # -------------------------------------------------------------- from the rows

    async def _from_reports(self) -> None:
        # the index begins with the area
        there = select(_C.area_id).where(_C.cut == "", _C.month.in_(self._days.months), self._areas.hold(_C.area_id))
        areas = list(await self._connection.scalars(there.distinct()))
        others = [_R.area_id if dimension is Dimension.AREA else _R[dimension.value] for dimension in self._others]
        keys = [*others, *([_R.day] if self._times else [])]
        for values, number in await self._counted(keys, areas):
            codes = [self._reading(dimension)(value) for dimension, value in zip(self._others, values, strict=False)]
            times = tuple(self._reading(dimension)(values[-1]) for dimension in self._times)
            each = [codes]
            if Dimension.GROUPS in self._others:
                place = self._others.index(Dimension.GROUPS)
                each = [[*codes[:place], group, *codes[place + 1 :]] for group in keys_in(codes[place]) or [""]]
            for one in each:
                self._add(tuple(one), times, number)

    async def _counted(self, keys: Sequence[Any], areas: Sequence[int]) -> Sequence[tuple[Sequence[Any], int]]:
        """Values of these columns, and how many reports have them."""
        there = (_R.area_id.in_(areas), _R.day.between(self._days.first, self._days.last))
        these = (*there, _R.state != ReportState.WITHDRAWN)
        if self._connection.dialect.name != "sqlite":
            statement = select(*keys, func.count()).where(*these).group_by(*keys)
            return [(values, number) for *values, number in await self._connection.execute(statement)]
        # SQLite sorts all rows for a GROUP BY; one long text an area is read in half the time
        each: ColumnElement[str] = type_coerce(keys[0], String)
        for key in keys[1:]:
            each = each.concat(_BETWEEN).concat(type_coerce(key, String))
        counts: Counter[str] = Counter()
        for text in await self._connection.scalars(
            select(func.group_concat(each, _AFTER)).where(*these).group_by(_R.area_id)
        ):
            counts.update(text.split(_AFTER))
        return [(values.split(_BETWEEN), number) for values, number in counts.items()]

    # -------------------------------------------------------------- codes

    @property
    def _others(self) -> list[Dimension]:
        """The dimensions but for times."""
        return [dimension for dimension in self._by if dimension not in _TIMES]

    def _add(self, codes: tuple[str, ...], times: tuple[str, ...], number: int) -> None:
        key = self._in_order(codes + times) if self._in_order else codes + times
        self._found[key] = self._found.get(key, 0) + number

    @cached_property
    def _in_order(self) -> Callable[[tuple[str, ...]], tuple[str, ...]] | None:
        """Codes, those of times last, in the order of the dimensions; None: they are already."""
        order = [[*self._others, *self._times].index(dimension) for dimension in self._by]
        return None if order == sorted(order) else itemgetter(*order)

    def _reading(self, dimension: Dimension) -> Callable[[Any], str]:
        """The code of a value of the column it is read from."""
        match dimension:
            case Dimension.AREA:
                return lambda area: self._areas.code_of(int(area))
            case Dimension.MONTH:
                return lambda day: str(day)[:7]
            case Dimension.WEEK:
                return lambda day: week_of(date.fromisoformat(str(day))).text
            case _:
                return str
