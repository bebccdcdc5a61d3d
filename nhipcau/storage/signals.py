"""Early signals: the counts they are read from, and what was told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.queries import Signals, WeeksOf
from nhipcau.model.reports import ReportState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.signal_changes import MarkSignal
from nhipcau.model.signals import Level, Rise, Signal, SignalMark, SignalState, WeekCount
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import reports, signals
from nhipcau.storage.tallies import days_by_area

#: Day, topic, code of the area, reports.
DailyCount = tuple[date, str, str, int]
#: Weeks in a picture.
WEEKS = 26
_ORDER = {level: place for place, level in enumerate((Level.COMMUNE, Level.CLUSTER, Level.PROVINCE))}


async def daily_counts(connection: AsyncConnection, tree: Tree, first: date, last: date) -> list[DailyCount]:
    """Reports of each day by topic and area, in the whole installation, without those withdrawn: what signals are
    computed from. Nobody reads these but the computation; its results are shown by `signals_in`."""
    c = reports.c
    statement = (
        select(c.day, c.topic, c.area_id, func.count())
        .where(c.day.between(first, last), c.state != ReportState.WITHDRAWN)
        .group_by(c.day, c.topic, c.area_id)
    )
    rows = await connection.execute(statement)
    return [(day, topic, tree.by_id[area].code, int(number)) for day, topic, area, number in rows]


def areas_with_clusters(tree: Tree) -> dict[str, str]:
    """Code of each area → its cluster, "" for none."""
    return {unit.code: tree.cluster_of(unit) if unit.parent_id is not None else "" for unit in tree.areas}


# ------------------------------------------------------------------ what a look found


@dataclass(slots=True)
class Looked:
    """What a look has to tell."""

    #: New rises, and those that have clearly grown since they were told.
    told: list[Signal] = field(default_factory=list)
    #: Rises that somebody follows and that no longer stand out.
    ended: list[Signal] = field(default_factory=list)


async def record_look(connection: AsyncConnection, tree: Tree, rises: Sequence[Rise], day: date) -> Looked:
    """Keep what stands out at the end of this day; each is to be told once, and again where it has clearly grown."""
    standing = {
        (row.topic, row.level, row.place): row
        for row in await connection.execute(select(signals).where(signals.c.ended.is_(None)))
    }
    looked = Looked()
    for rise in rises:
        row = standing.pop((rise.topic, rise.level, rise.place), None)
        latest = max(rise.told)
        if row is None:
            id = new_id("id")
            values = {**_figures(rise), "since": rise.since, "told": latest, "state": SignalState.NEW}
            key = {"id": id, "topic": rise.topic, "level": rise.level, "place": rise.place, "followed": False}
            await connection.execute(insert(signals).values(**key, **values))
            looked.told.append(_signal(tree, id, rise))
            continue
        values = _figures(rise)
        if latest > row.told:
            values |= {"told": latest, "state": SignalState.NEW}
            looked.told.append(_signal(tree, row.id, rise))
        await connection.execute(update(signals).where(signals.c.id == row.id).values(**values))
    for row in standing.values():
        await connection.execute(update(signals).where(signals.c.id == row.id).values(ended=day))
        if row.followed:
            looked.ended.append(_read(tree, row))
    return looked


def _figures(rise: Rise) -> dict[str, Any]:
    numbers = {"count": rise.count, "expected": rise.expected, "low": rise.low, "high": rise.high}
    return {**numbers, "p": rise.p, "q": rise.q, "day": rise.day, "units": " ".join(rise.units)}


def _signal(tree: Tree, id: str, rise: Rise) -> Signal:
    where, names = place_names(tree, rise)
    return Signal(id, rise, where, names, SignalState.NEW, "", followed=False)


def place_names(tree: Tree, rise: Rise) -> tuple[str, tuple[str, ...]]:
    """The name of the place, and of the units that reported; a unit that is gone by its code."""
    unit = tree.by_code.get(rise.place)
    where = rise.place if rise.level is Level.CLUSTER or unit is None else unit.name
    return where, tuple(tree.by_code[code].name if code in tree.by_code else code for code in rise.units)


# ------------------------------------------------------------------ reading


async def signals_in(connection: AsyncConnection, scope: Scope, tree: Tree) -> list[Signal]:
    """Rises that last, of places wholly in this scope."""
    if not scope.reads(Access.FIGURES):
        return []
    rows = await connection.execute(select(signals).where(signals.c.ended.is_(None)))
    found = [_read(tree, row) for row in rows]
    return sorted(
        (signal for signal in found if is_within(scope, tree, signal.rise)),
        key=lambda s: (_ORDER[s.rise.level], s.rise.p, s.rise.topic, s.rise.place),
    )


def is_within(scope: Scope, tree: Tree, rise: Rise) -> bool:
    """Whether the scope holds all of the place."""
    return all(scope.holds(unit) for unit in units_of(tree, rise)) and bool(units_of(tree, rise))


def units_of(tree: Tree, rise: Rise) -> list[Unit]:
    """The units a place is made of."""
    if rise.level is Level.CLUSTER:
        return [unit for unit in tree.areas if unit.parent_id is not None and tree.cluster_of(unit) == rise.place]
    return [tree.by_code[rise.place]] if rise.place in tree.by_code else []


async def states(connection: AsyncConnection, rises: Sequence[Rise]) -> Mapping[Rise, SignalState]:
    """What the office made of each, where it was told."""
    rows = (await connection.execute(select(signals))).all()
    found: dict[Rise, SignalState] = {}
    for rise in rises:
        key = rise.topic, rise.level, rise.place
        for row in rows:
            lasted = row.since <= rise.day and (row.ended is None or row.ended > rise.since)
            if (row.topic, row.level, row.place) == key and lasted:
                found[rise] = SignalState(row.state)
    return found


def _read(tree: Tree, row: Row[Any]) -> Signal:
    numbers = {name: getattr(row, name) for name in ("since", "day", "count", "expected", "low", "high", "p", "q")}
    units = tuple(row.units.split())
    rise = Rise(row.topic, Level(row.level), row.place, **numbers, units=units, told=(row.told,))
    where, names = place_names(tree, rise)
    return Signal(row.id, rise, where, names, SignalState(row.state), row.explanation, row.followed, row.ended)


@answers_each(Signals)
async def _signals(at: QueryContext, need: Signals) -> list[Signal]:
    return await signals_in(at.connection, need.scope, at.tree)


async def weeks_of(connection: AsyncConnection, scope: Scope, tree: Tree, need: WeeksOf) -> list[WeekCount]:
    """As `WeeksOf` says, the earliest first."""
    first = need.last - timedelta(days=7 * WEEKS - 1)
    areas = {unit.id for unit in tree.units}
    if need.place is not None and need.place.level is not Level.PROVINCE:
        areas = {unit.id for unit in units_of(tree, need.place)}
    every = await days_by_area(connection, scope, tree, first, need.last)
    counted = await days_by_area(connection, scope, tree, first, need.last, need.topic) if need.topic else every
    counts, reporting = [0] * WEEKS, [set[int]() for _ in range(WEEKS)]
    for (day, area), number in counted.items():
        counts[(day - first).days // 7] += number if area in areas else 0
    for day, area in every:
        if area in areas and tree.by_id[area].parent_id is not None:
            reporting[(day - first).days // 7].add(area)
    ends = [first + timedelta(days=7 * n + 6) for n in range(WEEKS)]
    return [WeekCount(f"{end:%d/%m}", n, len(areas)) for end, n, areas in zip(ends, counts, reporting, strict=True)]


@answers_each(WeeksOf)
async def _weeks(at: QueryContext, need: WeeksOf) -> list[WeekCount]:
    return await weeks_of(at.connection, need.scope, at.tree, need)


@writes_each(MarkSignal)
async def mark_signal(at: ChangeContext, row: MarkSignal) -> None:
    """Raises ChangedMeanwhile where it ended, or somebody explained it meanwhile."""
    values: Mapping[SignalMark, dict[str, Any]] = {
        SignalMark.SEEN: {"state": SignalState.SEEN},
        SignalMark.EXPLAIN: {"state": SignalState.EXPLAINED, "explanation": row.words},
        SignalMark.FOLLOW: {"followed": True},
        SignalMark.UNFOLLOW: {"followed": False},
    }
    lasts = (signals.c.id == row.id, signals.c.ended.is_(None), signals.c.explanation == row.seen)
    changed = await at.connection.execute(update(signals).where(*lasts).values(**values[row.mark]))
    if changed.rowcount != 1:
        raise ChangedMeanwhile(row.id)
    record_audit(at, f"signal.{row.mark}", row.actor)
