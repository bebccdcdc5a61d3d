"""The register of what people asked about their data, and of lists of people that were taken out; it names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import RecordDataRequest
from nhipcau.model.data_requests import DataRequest, RightKind
from nhipcau.storage.database import execute_many
from nhipcau.storage.registry import ChangeContext, writes
from nhipcau.storage.tables import data_requests


@writes(RecordDataRequest)
async def record_all(at: ChangeContext, rows: Sequence[RecordDataRequest]) -> None:
    """Enter what people did themselves in the chat, which is answered and done at once."""
    today = at.today
    entries = [DataRequest(row.id, row.kind, today, in_chat=True, answered=today, done=today) for row in rows]
    await _add_all(at.connection, entries)


async def add(connection: AsyncConnection, request: DataRequest) -> None:
    await _add_all(connection, [request])


async def _add_all(connection: AsyncConnection, requests: Sequence[DataRequest]) -> None:
    # its columns are the fields of the class
    await execute_many(connection, insert(data_requests), [asdict(each) for each in requests])


async def all_entries(connection: AsyncConnection, *, only_open: bool = False) -> list[DataRequest]:
    """By day of receipt; `only_open`: those that are not done."""
    statement = select(data_requests).order_by(data_requests.c.received, data_requests.c.id)
    if only_open:
        statement = statement.where(data_requests.c.done.is_(None))
    rows = (await connection.execute(statement)).mappings()
    return [DataRequest(**{**row, "kind": RightKind(row["kind"])}) for row in rows]


async def record_progress(connection: AsyncConnection, id: str, today: date, *, done: bool) -> bool:
    """Note that it was answered, or answered and done, today; False: there is no such open request."""
    is_open = (data_requests.c.id == id, data_requests.c.done.is_(None))
    values = {"done": today} if done else {}
    found = await connection.execute(update(data_requests).where(*is_open).values(id=id, **values))
    first = update(data_requests).where(data_requests.c.id == id, data_requests.c.answered.is_(None))
    await connection.execute(first.values(answered=today))
    return found.rowcount == 1
