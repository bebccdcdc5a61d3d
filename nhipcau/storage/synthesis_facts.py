"""What a synthesis counts, in one reading of the database: numbers and issues, never a report's own words."""

from __future__ import annotations

from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.people import Role
from nhipcau.model.reports import ReportState
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.synthesis import (
    CUTS,
    THEME_CUTS,
    ClosedPoll,
    IssueReports,
    PeriodFacts,
    of_topics,
    with_margins,
)
from nhipcau.storage.issues import issues_in
from nhipcau.storage.requests import requests_of
from nhipcau.storage.review_figures import activity_of
from nhipcau.storage.running_counts import tally
from nhipcau.storage.syntheses import signed_below
from nhipcau.storage.tables import reports, units
from nhipcau.storage.tallies import tally_reports
from nhipcau.storage.units import within


async def synthesis_facts(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, zone: ZoneInfo, topics: tuple[str, ...] = ()
) -> PeriodFacts:
    """Counts of the scope's unit and all below it; with a leader's eyes, whoever asks: no text of a report or an answer
    is read. `topics`: of these alone."""
    scope = Scope(Role.LEADER, scope.path)
    if topics:
        return await _theme_facts(connection, scope, tree, period, topics)
    tallies = {cut: await tally_reports(connection, scope, tree, period.first, period.last, cut) for cut in CUTS}
    whole = tallies[CUTS[0]]
    signed, is_kept_below = await signed_below(connection, scope, tree, period.text)
    return PeriodFacts(
        unit=tree.by_path[scope.path],
        period=period,
        reports=whole.reports,
        base=whole.base,
        cuts=with_margins({cut: tally.rows for cut, tally in tallies.items()}),
        issues=await _issues(connection, scope, tree, period),
        opened=tuple(await issues_in(connection, scope, tree, since=period.first, until=period.last)),
        polls=await _polls(connection, scope, tree, period, zone),
        review=await activity_of(connection, scope, tree, period, zone),
        signed=tuple(signed),
        awaited=tuple(_areas_below(scope, tree)) if is_kept_below else (),
    )


async def _theme_facts(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, topics: tuple[str, ...]
) -> PeriodFacts:
    tallies = {cut: await tally_reports(connection, scope, tree, period.first, period.last, cut) for cut in THEME_CUTS}
    cuts = of_topics({cut: tally.rows for cut, tally in tallies.items()}, topics)
    opened = await issues_in(connection, scope, tree, since=period.first, until=period.last)
    return PeriodFacts(
        unit=tree.by_path[scope.path],
        period=period,
        reports=sum(cuts[CUTS[0]].values()),
        base=tallies[THEME_CUTS[0]].base,
        cuts=with_margins(cuts),
        issues=await _issues(connection, scope, tree, period, reports.c.topic.in_(topics)),
        opened=tuple(issue for issue in opened if issue.topic in topics),
        topics=topics,
    )


def _areas_below(scope: Scope, tree: Tree) -> list[Unit]:
    return [unit for unit in tree.areas if scope.holds(unit) and unit.path != scope.path]


async def _issues(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, *which: ColumnElement[bool]
) -> tuple[IssueReports, ...]:
    """Those with a report of the period, `which` too."""
    keys = (reports.c.issue, reports.c.mood, reports.c.spread, reports.c.area_id)
    statement = (
        select(*keys, func.count())
        .join(units, units.c.id == reports.c.area_id)
        .where(within(scope, Access.FIGURES), reports.c.state != ReportState.WITHDRAWN, reports.c.issue != "")
        .where(reports.c.day.between(period.first, period.last), *which)
        .group_by(*keys)
    )
    counts: dict[str, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for code, mood, spread, area_id, number in await connection.execute(statement):
        counts[code][mood, str(spread), tree.commune_of(tree.by_id[area_id]).code] += number
    if not counts:
        return ()
    found = await issues_in(connection, scope, tree)
    return tuple(IssueReports(issue, counts[issue.code]) for issue in found if issue.code in counts)


async def _polls(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, zone: ZoneInfo
) -> tuple[ClosedPoll, ...]:
    """Those units of the scope have asked, and that closed in the period."""
    closed = await requests_of(connection, scope, tree, [RequestKind.POLL], [RequestState.CLOSED])
    those = [r for r in closed if period.first <= r.closes_at.astimezone(zone).date() <= period.last]
    those.sort(key=lambda r: (r.closes_at, r.id))
    return tuple([ClosedPoll(r, await tally(connection, scope, r)) for r in those])
