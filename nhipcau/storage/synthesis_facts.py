"""What a synthesis counts, in one reading of the database: numbers and issues, never a report's own words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Tree
from nhipcau.model.people import Role
from nhipcau.model.reports import ReportState
from nhipcau.model.request_kinds import BY_UNIT, RequestKind
from nhipcau.model.requests import RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.synthesis import CUTS, Base, ClosedPoll, IssueReports, PeriodFacts
from nhipcau.storage.issues import issues_in
from nhipcau.storage.requests import requests_of
from nhipcau.storage.review_figures import review_of
from nhipcau.storage.running_counts import tally
from nhipcau.storage.tables import official_answers, reports, requests, units
from nhipcau.storage.units import within


async def synthesis_facts(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, today: date, zone: ZoneInfo
) -> PeriodFacts:
    """Counts of the scope's unit and all below it; with a leader's eyes, whoever asks: no text of a report or an answer
    is read."""
    scope = Scope(Role.LEADER, scope.path)
    cuts = {cut: await _count(connection, scope, tree, period, cut) for cut in CUTS}
    review = await review_of(connection, scope, tree, period, today, zone)
    return PeriodFacts(
        unit=tree.by_path[scope.path],
        period=period,
        reports=sum(cuts["state",].values()),
        base=await _base(connection, scope, tree, period),
        cuts=cuts,
        issues=await _issues(connection, scope, tree, period),
        opened=tuple(await issues_in(connection, scope, tree, since=period.first, until=period.last)),
        polls=await _polls(connection, scope, tree, period, zone),
        review=review.total,
    )


async def _count(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, by: Sequence[str]
) -> dict[tuple[str, ...], int]:
    columns = [reports.c.area_id if name == "area" else reports.c[name] for name in by]
    statement = (
        select(*columns, func.count())
        .join(units, units.c.id == reports.c.area_id)
        .where(within(scope, Access.FIGURES), reports.c.state != ReportState.WITHDRAWN)
        .where(reports.c.day.between(period.first, period.last))
        .group_by(*columns)
    )
    found: dict[tuple[str, ...], int] = {}
    for *codes, number in await connection.execute(statement):
        named = zip(by, codes, strict=True)
        key = tuple(tree.by_id[code].code if name == "area" else str(code) for name, code in named)
        found[key] = number
    return found


async def _base(connection: AsyncConnection, scope: Scope, tree: Tree, period: Period) -> Base:
    counted = {u.id for u in tree.areas if scope.holds(u) and u.parent_id is not None}
    if not counted:
        own = tree.commune_of(tree.by_path[scope.path])
        counted = {own.id}
    reported = set(
        await connection.scalars(
            select(reports.c.area_id)
            .join(units, units.c.id == reports.c.area_id)
            .where(within(scope, Access.FIGURES), reports.c.state != ReportState.WITHDRAWN)
            .where(reports.c.day.between(period.first, period.last))
            .distinct()
        )
    )
    nothing = {
        tree.commune_of(tree.by_id[id]).id
        for id in await connection.scalars(
            select(official_answers.c.unit_id)
            .join(requests, requests.c.id == official_answers.c.request_id)
            .join(units, units.c.id == official_answers.c.unit_id)
            .where(within(scope, Access.FIGURES), requests.c.kind.in_(BY_UNIT), official_answers.c.nothing_to_report)
            .where(official_answers.c.day.between(period.first, period.last))
            .distinct()
        )
    }
    told, quiet = reported & counted, (nothing - reported) & counted
    return Base(len(counted), len(told), len(quiet), len(counted) - len(told) - len(quiet))


async def _issues(connection: AsyncConnection, scope: Scope, tree: Tree, period: Period) -> tuple[IssueReports, ...]:
    keys = (reports.c.issue, reports.c.mood, reports.c.spread, reports.c.area_id)
    statement = (
        select(*keys, func.count())
        .join(units, units.c.id == reports.c.area_id)
        .where(within(scope, Access.FIGURES), reports.c.state != ReportState.WITHDRAWN, reports.c.issue != "")
        .where(reports.c.day.between(period.first, period.last))
        .group_by(*keys)
    )
    counts: dict[str, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for code, mood, spread, area_id, number in await connection.execute(statement):
        counts[code][mood, str(spread), tree.by_id[area_id].code] += number
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
