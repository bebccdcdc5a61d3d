"""Reports whose topic a coordinator has set or confirmed, to be learned from, as long as they are there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.reports import TOPIC_NOTES, ReportState
from nhipcau.model.scope import Access, Scope
from nhipcau.storage.database import in_chunks
from nhipcau.storage.tables import report_notes, reports, units
from nhipcau.storage.units import within

_TAUGHT, _PAST = TOPIC_NOTES


async def taught_topics(
    connection: AsyncConnection, scope: Scope, most: int, codes: Sequence[str] = ()
) -> dict[str, str]:
    """Report → topic, of at most so many: the latest, else those with the first codes, which are random. `codes`: of
    these alone. Not those whose reporter has chosen another topic since."""
    by_report = reports.join(report_notes, report_notes.c.report_code == reports.c.code)
    statement = select(reports.c.code, reports.c.topic)
    statement = statement.select_from(by_report.join(units, units.c.id == reports.c.area_id))
    statement = statement.where(within(scope, Access.CONTENT), report_notes.c.kind == _TAUGHT)
    statement = statement.where(
        report_notes.c.text.endswith(reports.c.topic), reports.c.state != ReportState.WITHDRAWN
    ).group_by(reports.c.code, reports.c.topic, reports.c.day)
    statement = statement.order_by(reports.c.day.desc(), reports.c.code).limit(most)
    found: dict[str, str] = {}
    for chunk in in_chunks(codes) if codes else [()]:
        one = statement.where(reports.c.code.in_(chunk)) if chunk else statement
        found |= {row.code: row.topic for row in await connection.execute(one)}
    return found


async def words_of_reports(connection: AsyncConnection, scope: Scope, codes: Sequence[str]) -> dict[str, str]:
    """Report → its text."""
    found: dict[str, str] = {}
    for chunk in in_chunks(codes):
        statement = select(reports.c.code, reports.c.text).join(units, units.c.id == reports.c.area_id)
        statement = statement.where(within(scope, Access.CONTENT), reports.c.code.in_(chunk))
        found |= {row.code: row.text for row in await connection.execute(statement)}
    return found


async def forget_taught(connection: AsyncConnection) -> int:
    """Nothing that was set so far is learned from any more. Returns the number of reports; their topics stay."""
    taught = report_notes.c.kind == _TAUGHT
    number = await connection.scalar(select(func.count(report_notes.c.report_code.distinct())).where(taught))
    await connection.execute(update(report_notes).where(taught).values(kind=_PAST))
    return int(number or 0)
