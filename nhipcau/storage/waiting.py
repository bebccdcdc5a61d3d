"""What waits for the office: numbers of reports from the running counts, and requests that end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.periods import month_of
from nhipcau.model.report_tallies import Dimension
from nhipcau.model.reports import UNSETTLED, ReportState
from nhipcau.model.request_kinds import BY_UNIT, RequestKind
from nhipcau.model.requests import RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.waiting import EndingRequest, ReportsWaiting, RequestsWaiting, WaitingReports
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.report_notes import is_waiting
from nhipcau.storage.tables import official_counts, participation_counts, reports, requests, units
from nhipcau.storage.tallies import tally_reports
from nhipcau.storage.units import within

_URGENT = "khan"


@answers_each(ReportsWaiting)
async def _reports(at: QueryContext, need: ReportsWaiting) -> WaitingReports:
    if not need.scope.reads(Access.CONTENT):
        return WaitingReports()
    earliest = await at.connection.scalar(select(func.min(reports.c.day)))
    if earliest is None:
        return WaitingReports()
    # whole months are the quickest to count
    first, last = month_of(earliest).first, month_of(at.today).last
    by = (Dimension.STATE, Dimension.URGENCY)
    counted = await tally_reports(at.connection, need.scope, at.tree, first, last, by)
    by_state: Counter[ReportState] = Counter()
    for (state, _), number in counted.rows.items():
        by_state[ReportState(state)] += number
    late = await tally_reports(at.connection, need.scope, at.tree, need.first, need.last, (Dimension.STATE,))
    c = reports.c
    assigned = and_(c.section != "", c.section.in_(need.sections), c.state.in_(UNSETTLED))
    return WaitingReports(
        by_state,
        counted.rows.get((ReportState.NEW, _URGENT), 0),
        late.rows.get((ReportState.NEW,), 0),
        await _count(at.connection, need.scope, is_waiting()),
        await _count(at.connection, need.scope, c.due < at.today),
        await _count(at.connection, need.scope, c.due == at.today),
        await _count(at.connection, need.scope, assigned) if need.sections else 0,
    )


async def _count(connection: AsyncConnection, scope: Scope, condition: ColumnElement[bool]) -> int:
    joined = reports.join(units, units.c.id == reports.c.area_id)
    statement = select(func.count()).select_from(joined).where(within(scope, Access.CONTENT), condition)
    return int(await connection.scalar(statement) or 0)


@answers_each(RequestsWaiting)
async def _requests(at: QueryContext, need: RequestsWaiting) -> Sequence[EndingRequest]:
    own = select(units.c.id).where(within(need.scope, Access.FIGURES))
    asked = select(participation_counts.c.request_id).where(
        participation_counts.c.number > 0, participation_counts.c.unit_id.in_(own)
    )
    c = requests.c
    official = c.kind.in_(BY_UNIT)
    in_scope = or_(c.unit_id.in_(own), and_(official, c.id.in_(asked)))
    ends = and_(c.state == RequestState.OPEN, c.closes_at < need.until)
    ended = and_(c.state == RequestState.CLOSED, official, c.closes_at >= need.since)
    statement = select(c.id, c.kind, c.title, c.closes_at, c.state, c.unit_id).where(in_scope, or_(ends, ended))
    rows = (await at.connection.execute(statement.order_by(c.closes_at, c.id))).all()
    missing = await _units_missing(at, [row.id for row in rows if row.kind in BY_UNIT])
    found = []
    for row in rows:
        # as a board shows them: all where a unit of the scope asks, else those of the scope
        asks = need.scope.holds(at.tree.by_id[row.unit_id])
        number = sum(1 for id in missing[row.id] if asks or need.scope.holds(at.tree.by_id[id]))
        is_over = row.state == RequestState.CLOSED
        if number or not is_over:
            found.append(EndingRequest(row.id, RequestKind(row.kind), row.title, row.closes_at, is_over, number))
    return found


async def _units_missing(at: QueryContext, ids: Sequence[str]) -> defaultdict[str, set[int]]:
    """Official request → ids of units asked that have not answered."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for counts, gone in ((participation_counts, False), (official_counts, True)):
        some = select(counts.c.request_id, counts.c.unit_id).where(counts.c.request_id.in_(ids), counts.c.number > 0)
        for id, unit in await at.connection.execute(some.distinct()):
            (found[id].discard if gone else found[id].add)(unit)
    return found
