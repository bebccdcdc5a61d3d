"""A list as a file: CSV that opens in Excel with correct Vietnamese, or XLSX."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.bot.language.catalogue import Texts
from nhipcau.console.visit import Visit
from nhipcau.office.export_book import export_sheets
from nhipcau.office.export_tables import Table
from nhipcau.office.table_writer import write_csv
from nhipcau.office.workbook import write_book
from nhipcau.storage.audit import AuditContext, record_audit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def record_export(visit: Visit, kind: str, number: int = 1) -> None:
    """One line in the audit, before anything is given out."""
    async with visit.console.committer.transaction() as work:
        record_audit(AuditContext(work.connection, work.sealer, work.today), kind, visit.person.id, number)


async def download(what: str, table: Table, form: str, t: Texts) -> Response:
    """The table of an export: "csv" with its codes, "xlsx" as people read it."""
    if form == "xlsx":
        out = io.BytesIO()
        await run_in_threadpool(write_book, out, export_sheets(what, table, t))
        return attachment(out.getvalue(), f"{what}.xlsx", XLSX)
    return csv_file(what, table.header, [[_cell(row.get(name)) for name in table.header] for row in table.rows])


def csv_file(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Response:
    out = io.BytesIO()
    write_csv(out, header, rows)
    return attachment(out.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")


def attachment(data: bytes, name: str, kind: str) -> Response:
    """A file to keep. `name`: of plain letters."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=kind, headers={**headers, "X-Content-Type-Options": "nosniff"})


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
