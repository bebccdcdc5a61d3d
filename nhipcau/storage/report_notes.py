"""Notes of reports: what was written or done, by side and day, never by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import AddReportNote
from nhipcau.model.reports import REPLY_KINDS, TOPIC_NOTES, ReportNote
from nhipcau.storage.database import execute_many, in_chunks
from nhipcau.storage.registry import ChangeContext, writes
from nhipcau.storage.tables import report_notes, reports


@writes(AddReportNote)
async def add_notes(at: ChangeContext, rows: Sequence[AddReportNote]) -> None:
    """Append these notes to those of each report, in the order given."""
    codes = sorted({row.code for row in rows})
    places: dict[str, int] = {}
    for chunk in in_chunks(codes):
        last = select(report_notes.c.report_code, func.max(report_notes.c.place))
        last = last.where(report_notes.c.report_code.in_(chunk))
        rows_so_far = await at.connection.execute(last.group_by(report_notes.c.report_code))
        places |= {row[0]: row[1] for row in rows_so_far}
    values = []
    for row in rows:
        places[row.code] = places.get(row.code, 0) + 1
        values.append(
            {
                "id": row.id,
                "report_code": row.code,
                "day": at.today,
                "place": places[row.code],
                "side": row.side,
                "kind": row.kind,
                "text": row.text,
            }
        )
    await execute_many(at.connection, insert(report_notes), sorted(values, key=lambda v: v["id"]))


async def notes_of(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, tuple[ReportNote, ...]]:
    """Notes of these reports, oldest first."""
    found: dict[str, list[ReportNote]] = defaultdict(list)
    for chunk in in_chunks(codes):
        statement = select(report_notes).where(report_notes.c.report_code.in_(chunk))
        for row in await connection.execute(statement.order_by(report_notes.c.place, report_notes.c.id)):
            found[row.report_code].append(ReportNote(row.day, row.side, row.kind, row.text))
    return {code: tuple(notes) for code, notes in found.items()}


def is_waiting() -> ColumnElement[bool]:
    """Whether somebody wrote about a report and the office has not acted since; the same as `Report.is_waiting`."""
    written, handled = report_notes.alias("written"), report_notes.alias("handled")
    since = (handled.c.report_code == written.c.report_code, handled.c.place >= written.c.place)
    of_office = (handled.c.side == "office", handled.c.kind.not_in(TOPIC_NOTES))
    acted = select(handled.c.id).where(*since, *of_office).exists()
    # from what was written, which is less than there are reports
    return reports.c.code.in_(select(written.c.report_code).where(written.c.kind.in_(REPLY_KINDS), ~acted))
