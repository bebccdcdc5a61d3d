"""Reports that may be about the same matter as another: a few hundred of its place and time are compared with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from nhipcau.bot.language.similarity import most_similar
from nhipcau.model.queries import SimilarReports
from nhipcau.model.reports import NearReport, ReportState
from nhipcau.model.scope import Access
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import reports, units
from nhipcau.storage.units import within

#: How many days around the report, and how many reports at most, are compared: those of its area whatever their topic,
#: and those of its topic in the rest of the scope.
_OF_AREA, _MOST_OF_AREA = timedelta(days=60), 200
_OF_TOPIC, _MOST_OF_TOPIC = timedelta(days=7), 100
_C = reports.c


@answers_each(SimilarReports)
async def similar_reports(at: QueryContext, need: SimilarReports) -> Sequence[NearReport]:
    own = select(_C.text, _C.day, _C.area_id, _C.topic).join(units, units.c.id == _C.area_id)
    own = own.where(_C.code == need.code, within(need.scope, Access.CONTENT), _C.state != ReportState.WITHDRAWN)
    report = (await at.connection.execute(own)).one_or_none()
    if report is None:
        return ()
    rows = await _around(at, need, report.day, _OF_AREA, _MOST_OF_AREA, _C.area_id == report.area_id)
    elsewhere = [u.id for u in at.tree.areas if need.scope.holds(u) and u.id != report.area_id]
    if elsewhere:
        of_topic = (_C.area_id.in_(elsewhere), _C.topic == report.topic)
        rows += await _around(at, need, report.day, _OF_TOPIC, _MOST_OF_TOPIC, *of_topic)
    by_code = {row.code: row for row in rows}
    texts = [(row.code, row.text) for row in rows]
    # some hundred texts take tens of milliseconds
    alike = await asyncio.to_thread(most_similar, report.text, texts)
    found = [by_code[code] for code in alike]
    return tuple(
        NearReport(row.code, row.day, at.tree.by_id[row.area_id], row.text, ReportState(row.state), row.issue)
        for row in found
    )


async def _around(
    at: QueryContext, need: SimilarReports, day: date, days: timedelta, most: int, *of: ColumnElement[bool]
) -> list[Any]:
    """The latest ones in so many days around this one."""
    statement = select(_C.code, _C.day, _C.area_id, _C.text, _C.state, _C.issue).join(units, units.c.id == _C.area_id)
    statement = statement.where(within(need.scope, Access.CONTENT), *of, _C.day.between(day - days, day + days))
    statement = statement.where(_C.code != need.code, _C.state != ReportState.WITHDRAWN)
    return list(await at.connection.execute(statement.order_by(_C.day.desc(), _C.code).limit(most)))
