"""Adds earlier reports of a file: those that are not there yet, without a tag, in random order.

What is there is compared with the file, row by row, and nothing is kept to recognise it by: a digest of words can be
tried with guesses (docs/decisions/0068).
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.imported_reports import ImportedReport
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import month_key
from nhipcau.storage.database import execute_many, in_chunks
from nhipcau.storage.search_index import add_entries
from nhipcau.storage.tables import reports

#: Days whose reports are compared at once: about a month's are in memory.
_DAYS = 31


async def lock_imports(connection: AsyncConnection) -> None:
    """Let two imports go one after the other, or both would add what neither finds. On SQLite they do."""
    if connection.dialect.name != "sqlite":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("reports.import", 0))))


async def not_there(connection: AsyncConnection, found: Sequence[ImportedReport]) -> list[ImportedReport]:
    """The reports of a file that are not stored yet. By its code a report is known whatever became of it, also when it
    was withdrawn; without one, by day, area and words: of three alike two are new where one is there."""
    here = await _codes_among(connection, {report.code for report in found if report.code})
    # of two rows with one code, as in two exports put together, the first
    codes = set(here)
    others = []
    for report in found:
        if not report.code or report.code not in codes:
            others.append(report)
            codes.add(report.code)
    wanted = {report.key for report in others}
    there: Counter[tuple[Any, ...]] = Counter()
    columns = (reports.c.code, reports.c.day, reports.c.area_id, reports.c.text)
    for days in in_chunks(sorted({report.day for report in others}), _DAYS):
        for row in await connection.execute(select(*columns).where(reports.c.day.in_(days))):
            key = (row.day, row.area_id, row.text)
            if key in wanted and row.code not in here:
                there[key] += 1
    new = []
    for report in others:
        if there[report.key]:
            there[report.key] -= 1
        else:
            new.append(report)
    return new


async def add_reports(connection: AsyncConnection, found: Sequence[ImportedReport]) -> None:
    """Store them in random order: that of the file tells who handed in which sheet. They carry no tag, so an answer
    goes to their area."""
    codes = await _new_codes(connection, len(found))
    rows = [_row(code, report) for code, report in zip(codes, found, strict=True)]
    secrets.SystemRandom().shuffle(rows)
    for some in in_chunks(rows):
        await execute_many(connection, insert(reports), some)
        await add_entries(connection, some)


def _row(code: str, report: ImportedReport) -> dict[str, Any]:
    return {
        **{"code": code, "day": report.day, "topic": report.topic, "area_id": report.area_id},
        **{"mood": report.mood, "spread": report.spread, "urgency": report.urgency, "text": report.text},
        **report.added,
        **{"state": report.state, "issue": "", "confirmed": "", "month": month_key(report.day), "tag": None},
    }


async def _new_codes(connection: AsyncConnection, number: int) -> list[str]:
    """So many codes that no report has: among ten thousands of random ones two are soon the same."""
    codes: set[str] = set()
    while len(codes) < number:
        fresh = {new_id("code") for _ in range(number - len(codes))} - codes
        codes |= fresh - await _codes_among(connection, fresh)
    return list(codes)


async def _codes_among(connection: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Which of these codes reports have."""
    found: set[str] = set()
    for some in in_chunks(sorted(codes)):
        found |= set(await connection.scalars(select(reports.c.code).where(reports.c.code.in_(some))))
    return found
