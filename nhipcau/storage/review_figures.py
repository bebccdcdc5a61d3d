"""Figures of periods and trends of topics for a scope: a few grouped statements, added up along the unit tree.

They read counts, states and days only, never a person, a tag or a text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import AREA_KINDS, Tree, Unit
from nhipcau.model.issues import LISTED_ISSUE, IssueState
from nhipcau.model.people import PersonState, Role
from nhipcau.model.queries import ReviewOf, TrendOf
from nhipcau.model.reports import TOPIC_NOTES, ReportState
from nhipcau.model.request_kinds import BY_UNIT, RequestKind
from nhipcau.model.requests import ParticipationState, RequestState
from nhipcau.model.reviews import (
    NEWS,
    NOTHING_NEW,
    SILENT,
    SILENT_WEEKS,
    WEEKS_BEFORE,
    Review,
    ReviewFigures,
    TopicTrend,
    Trend,
    UnitReview,
)
from nhipcau.model.scope import Access, Scope
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import (
    issues,
    official_answers,
    official_counts,
    participation_counts,
    people,
    report_notes,
    reports,
    requests,
    units,
)
from nhipcau.storage.units import within

_DAY = timedelta(days=1)
#: States of requests that were opened and not withdrawn.
_OPENED = (RequestState.OPEN, RequestState.CLOSED)
_P, _O = participation_counts.c, official_counts.c


@dataclass(slots=True)
class _Row:
    """The sums for one unit of the scope."""

    unit: Unit
    figures: Counter[str] = field(default_factory=Counter)
    #: Figure → ids of requests that asked somebody here: each counts once, however many units it asked.
    requests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    news: bool = False
    nothing_new: bool = False
    #: News could come from here: it is an area of reports, or somebody was asked for an official answer.
    could_report: bool = False

    def read(self) -> ReviewFigures:
        return ReviewFigures(**{**self.figures, **{name: len(ids) for name, ids in self.requests.items()}})


class _Rows:
    """The sums for the scope's unit itself, for each unit right below it, and for all together."""

    def __init__(self, scope: Scope, tree: Tree) -> None:
        self.unit = tree.by_path[scope.path]
        #: Condition: a joined unit lies in the scope.
        self.in_scope = within(scope, Access.FIGURES)
        self.total = _Row(self.unit)
        self.own = _Row(self.unit)
        self.below = {u.path: _Row(u) for u in tree.units if u.parent_id == self.unit.id}
        self._tree = tree
        self._row_of: dict[int, _Row] = {}
        for unit in tree.units:
            if unit.kind in AREA_KINDS and scope.holds(unit):
                self.of(unit.id).could_report = True

    def of(self, unit_id: int) -> _Row:
        """The row in which this unit of the scope is counted."""
        if unit_id not in self._row_of:
            path = self._tree.by_id[unit_id].path
            code, slash, _ = path[len(self.unit.path) :].partition("/")
            self._row_of[unit_id] = self.below.get(self.unit.path + code + slash, self.own)
        return self._row_of[unit_id]

    def add(self, unit_id: int, **numbers: int) -> None:
        for row in (self.of(unit_id), self.total):
            for name, number in numbers.items():
                row.figures[name] += number

    def add_once(self, unit_id: int, figure: str, request_id: str) -> None:
        for row in (self.of(unit_id), self.total):
            row.requests[figure].add(request_id)


async def review_of(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, today: date, zone: ZoneInfo
) -> Review:
    """Figures of a period for the scope's unit and those right below it; a future period has figures of people only."""
    rows = _Rows(scope, tree)
    begin, end = _moments(period, zone)
    await _add_duties(connection, rows, and_(requests.c.closes_at >= begin, requests.c.closes_at < end))
    opened = and_(requests.c.opens_at >= begin, requests.c.opens_at < end)
    await _add_polls_and_rapid_requests(connection, rows, opened)
    await _add_reports(connection, rows, period)
    await _add_issues(connection, rows, period)
    await _add_people(connection, rows)
    until = min(period.last, today)
    weeks = Period(until - (7 * SILENT_WEEKS - 1) * _DAY, until, "")
    await _mark_news(connection, rows, weeks)
    await _mark_asked_units(connection, rows, *_moments(weeks, zone))
    return Review(rows.unit, period, until, rows.total.read(), tuple(_units(rows)))


async def activity_of(
    connection: AsyncConnection, scope: Scope, tree: Tree, period: Period, zone: ZoneInfo
) -> ReviewFigures:
    """Of these figures, for the scope as a whole, those about duties, polls and rapid requests."""
    rows = _Rows(scope, tree)
    begin, end = _moments(period, zone)
    await _add_duties(connection, rows, and_(requests.c.closes_at >= begin, requests.c.closes_at < end))
    opened = and_(requests.c.opens_at >= begin, requests.c.opens_at < end)
    await _add_polls_and_rapid_requests(connection, rows, opened)
    return rows.total.read()


def _units(rows: _Rows) -> Iterable[UnitReview]:
    own = rows.own.read()
    if not rows.below:
        yield _unit(rows.own)
    elif own != ReviewFigures():
        # figures only: that a unit with units below has no people or no news of its own means nothing
        yield UnitReview(rows.unit, own)
    for row in sorted(rows.below.values(), key=lambda r: r.unit.code):
        yield _unit(row)


def _unit(row: _Row) -> UnitReview:
    figures = row.read()
    if not figures.collaborators:
        return UnitReview(row.unit, figures, is_empty=True)
    silent = SILENT if row.could_report else ""
    return UnitReview(row.unit, figures, NEWS if row.news else NOTHING_NEW if row.nothing_new else silent)


async def _add_duties(connection: AsyncConnection, rows: _Rows, due: ColumnElement[bool]) -> None:
    """Duties, one for each request and unit that was asked, or answered without being asked."""
    is_duty = and_(requests.c.kind == RequestKind.DUTY, requests.c.state.in_(_OPENED), due)
    asked = (
        select(_P.request_id, _P.unit_id, requests.c.state)
        .join(requests, requests.c.id == _P.request_id)
        .join(units, units.c.id == _P.unit_id)
        .where(is_duty, rows.in_scope, _P.number > 0)
        .distinct()
    )
    first = (
        select(_O.request_id, _O.unit_id, requests.c.state, _O.late, _O.nothing_to_report)
        .join(requests, requests.c.id == _O.request_id)
        .join(units, units.c.id == _O.unit_id)
        .where(is_duty, rows.in_scope, _O.number > 0)
    )
    result_of: dict[tuple[str, int], str] = {}
    nothing: set[tuple[str, int]] = set()
    for row in await connection.execute(asked):
        result_of[row.request_id, row.unit_id] = "duties_missed" if row.state == RequestState.CLOSED else "duties_open"
    for answer in await connection.execute(first):
        key = answer.request_id, answer.unit_id
        late = answer.late or result_of.get(key) == "duties_late"
        result_of[key] = "duties_late" if late else "duties_on_time"
        if answer.nothing_to_report:
            nothing.add(key)
    for key, result in result_of.items():
        answered = result in {"duties_late", "duties_on_time"}
        counted = {"duties_due": 1, result: 1, "duties_answered": int(answered), "duties_nothing": int(key in nothing)}
        rows.add(key[1], **counted)


async def _add_polls_and_rapid_requests(connection: AsyncConnection, rows: _Rows, opened: ColumnElement[bool]) -> None:
    """Polls and rapid requests: people in the units they had at the opening, and how soon they answered."""
    asks = and_(requests.c.kind.in_((RequestKind.POLL, RequestKind.RAPID)), requests.c.state.in_(_OPENED), opened)
    of_people = (
        select(requests.c.kind, _P.unit_id, _P.state, _P.band, func.sum(_P.number).label("number"))
        .join(requests, requests.c.id == _P.request_id)
        .join(units, units.c.id == _P.unit_id)
        .where(asks, rows.in_scope, _P.number > 0)
        .group_by(requests.c.kind, _P.unit_id, _P.state, _P.band)
    )
    for row in await connection.execute(of_people):
        kind, number = f"{row.kind}s", int(row.number)
        counted = {f"{kind}_asked": number}
        if row.state == ParticipationState.ANSWERED:
            counted[f"{kind}_answered"] = number
            if row.kind == RequestKind.POLL and row.band:
                counted[f"polls_{row.band}"] = number
        rows.add(row.unit_id, **counted)
    which = (
        select(requests.c.kind, _P.request_id, _P.unit_id)
        .join(requests, requests.c.id == _P.request_id)
        .join(units, units.c.id == _P.unit_id)
        .where(asks, rows.in_scope, _P.number > 0)
        .distinct()
    )
    for kind, request_id, unit_id in await connection.execute(which):
        rows.add_once(unit_id, f"{kind}s", request_id)
    first = (
        select(_O.unit_id, _O.late, func.sum(_O.number).label("number"))
        .join(requests, requests.c.id == _O.request_id)
        .join(units, units.c.id == _O.unit_id)
        .where(asks, requests.c.kind == RequestKind.RAPID, rows.in_scope)
        .group_by(_O.unit_id, _O.late)
    )
    for answer in await connection.execute(first):
        rows.add(answer.unit_id, **{"rapids_late" if answer.late else "rapids_on_time": int(answer.number)})


_FINISHED = {
    ReportState.DONE: "reports_done",
    ReportState.NOT_POSSIBLE: "reports_not_possible",
    ReportState.PASSED_ON: "reports_passed_on",
}


async def _add_reports(connection: AsyncConnection, rows: _Rows, period: Period) -> None:
    of_office = (report_notes.c.report_code == reports.c.code, report_notes.c.side == "office")
    # a report that was only received, merged or asked about is not answered yet
    is_answer = (report_notes.c.kind.not_in(("question", *TOPIC_NOTES)), report_notes.c.text != "")
    has_text = select(report_notes.c.id).where(*of_office, *is_answer)
    each = (
        select(
            *(reports.c.area_id, reports.c.state, reports.c.confirmed),
            case((has_text.exists(), 1), else_=0).label("noted"),
        )
        .join(units, units.c.id == reports.c.area_id)
        .where(rows.in_scope, _within(reports.c.day, period))
        .subquery()
    )
    keys = (each.c.area_id, each.c.state, each.c.confirmed, each.c.noted)
    for row in await connection.execute(select(*keys, func.count().label("number")).group_by(*keys)):
        if row.state == ReportState.WITHDRAWN:
            rows.add(row.area_id, reports_withdrawn=row.number)
            continue
        counted = {"reports": row.number}
        if row.noted or row.state in _FINISHED:
            counted["reports_answered"] = row.number
        if row.state in _FINISHED:
            counted[_FINISHED[row.state]] = row.number
        if row.state == ReportState.DONE and row.confirmed == "yes":
            counted["reports_confirmed"] = row.number
        rows.add(row.area_id, **counted)


async def _add_issues(connection: AsyncConnection, rows: _Rows, period: Period) -> None:
    answered = case((issues.c.answered.is_not(None), 1), else_=0).label("answered")
    done = case((issues.c.state == IssueState.DONE, 1), else_=0).label("done")
    each = (
        select(issues.c.owner_unit_id, answered, done)
        .join(units, units.c.id == issues.c.owner_unit_id)
        .where(rows.in_scope, issues.c.state.in_(LISTED_ISSUE), _within(issues.c.opened, period))
        .subquery()
    )
    sums = (func.count().label("number"), func.sum(each.c.answered).label("answered"), func.sum(each.c.done))
    for row in await connection.execute(select(each.c.owner_unit_id, *sums).group_by(each.c.owner_unit_id)):
        rows.add(row[0], issues=int(row[1]), issues_answered=int(row[2]), issues_done=int(row[3]))


async def _add_people(connection: AsyncConnection, rows: _Rows) -> None:
    statement = (
        select(people.c.unit_id, people.c.state, func.count().label("number"))
        .join(units, units.c.id == people.c.unit_id)
        .where(rows.in_scope, people.c.role == Role.COLLABORATOR, people.c.state != PersonState.LEFT)
        .group_by(people.c.unit_id, people.c.state)
    )
    for row in await connection.execute(statement):
        joined = row.number if row.state == PersonState.CONSENTED else 0
        rows.add(row.unit_id, collaborators=row.number, joined=joined)


async def _mark_news(connection: AsyncConnection, rows: _Rows, days: Period) -> None:
    """Mark units with news in these days: a report of the area, or an official answer. Having read a notice is none."""
    reported = (
        select(reports.c.area_id)
        .join(units, units.c.id == reports.c.area_id)
        .where(rows.in_scope, reports.c.state != ReportState.WITHDRAWN)
        .where(_within(reports.c.day, days))
        .distinct()
    )
    for area_id in await connection.scalars(reported):
        rows.of(area_id).news = True
    answered = (
        select(official_answers.c.unit_id, official_answers.c.nothing_to_report)
        .join(requests, requests.c.id == official_answers.c.request_id)
        .join(units, units.c.id == official_answers.c.unit_id)
        .where(rows.in_scope, requests.c.kind.in_(BY_UNIT), _within(official_answers.c.day, days))
        .distinct()
    )
    for unit_id, nothing in await connection.execute(answered):
        row = rows.of(unit_id)
        row.nothing_new, row.news = row.nothing_new or nothing, row.news or not nothing


async def _mark_asked_units(connection: AsyncConnection, rows: _Rows, begin: datetime, end: datetime) -> None:
    """Mark units whose people were asked for an official answer that could be given in this time."""
    statement = (
        select(_P.unit_id)
        .join(requests, requests.c.id == _P.request_id)
        .join(units, units.c.id == _P.unit_id)
        .where(rows.in_scope, requests.c.kind.in_(BY_UNIT), requests.c.state.in_(_OPENED))
        .where(requests.c.opens_at < end, requests.c.closes_at >= begin)
        .distinct()
    )
    for unit_id in await connection.scalars(statement):
        rows.of(unit_id).could_report = True


def _moments(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the period begins, and when the day after it begins."""
    return datetime.combine(period.first, time(), zone), datetime.combine(period.last + _DAY, time(), zone)


def _within(column: Any, period: Period) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.between(period.first, period.last)
    return found


# ------------------------------------------------------------------ trends


async def trend_of(connection: AsyncConnection, scope: Scope, today: date) -> Trend:
    """Topics reported in this scope in the seven days up to today, compared with the weeks before."""
    first = today - 6 * _DAY
    this_week = case((reports.c.day >= first, 1), else_=0).label("this_week")
    each = (
        select(reports.c.topic, reports.c.area_id, this_week)
        .join(units, units.c.id == reports.c.area_id)
        .where(within(scope, Access.FIGURES), reports.c.state != ReportState.WITHDRAWN)
        .where(reports.c.day.between(first - 7 * WEEKS_BEFORE * _DAY, today))
        .subquery()
    )
    keys = (each.c.topic, each.c.area_id, each.c.this_week)
    week: Counter[str] = Counter()
    before: Counter[str] = Counter()
    areas: dict[str, set[int]] = defaultdict(set)
    for row in await connection.execute(select(*keys, func.count().label("number")).group_by(*keys)):
        (week if row.this_week else before)[row.topic] += row.number
        if row.this_week:
            areas[row.topic].add(row.area_id)
    found = [TopicTrend(topic, number, len(areas[topic]), before[topic]) for topic, number in week.items()]
    return Trend(first, today, tuple(sorted(found, key=lambda t: (-t.week, t.topic))))


@answers_each(ReviewOf)
async def _review(at: QueryContext, need: ReviewOf) -> Review:
    return await review_of(at.connection, need.scope, at.tree, need.period, at.today, at.zone)


@answers_each(TrendOf)
async def _trend(at: QueryContext, need: TrendOf) -> Trend:
    return await trend_of(at.connection, need.scope, at.today)
