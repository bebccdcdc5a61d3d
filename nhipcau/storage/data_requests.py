"""The register of what people asked about their data, and of lists of people that were taken out; it names nobody."""

from __future__ import annotations

from collections.abc import Sequence
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
    done = {"received": at.today, "answered": at.today, "done": at.today, "in_chat": True, "with_others": False}
    await execute_many(
        at.connection, insert(data_requests), [{"id": row.id, "kind": row.kind, "note": "", **done} for row in rows]
    )


async def add(connection: AsyncConnection, request: DataRequest) -> None:
    await connection.execute(
        insert(data_requests).values(
            id=request.id,
            kind=request.kind,
            received=request.received,
            answered=request.answered,
            done=request.done,
            with_others=request.with_others,
            in_chat=request.in_chat,
            note=request.note,
            number=request.number,
        )
    )


async def all_entries(connection: AsyncConnection, *, only_open: bool = False) -> list[DataRequest]:
    """By day of receipt; `only_open`: those that are not done."""
    statement = select(data_requests).order_by(data_requests.c.received, data_requests.c.id)
    if only_open:
        statement = statement.where(data_requests.c.done.is_(None))
    return [
        DataRequest(
            id=row.id,
            kind=RightKind(row.kind),
            received=row.received,
            with_others=row.with_others,
            in_chat=row.in_chat,
            note=row.note,
            number=row.number,
            answered=row.answered,
            done=row.done,
        )
        for row in await connection.execute(statement)
    ]


async def record_progress(connection: AsyncConnection, id: str, today: date, *, done: bool) -> bool:
    """Note that it was answered, or answered and done, today; False: there is no such open request."""
    is_open = (data_requests.c.id == id, data_requests.c.done.is_(None))
    values = {"done": today} if done else {}
    found = await connection.execute(update(data_requests).where(*is_open).values(id=id, **values))
    first = update(data_requests).where(data_requests.c.id == id, data_requests.c.answered.is_(None))
    await connection.execute(first.values(answered=today))
    return found.rowcount == 1
