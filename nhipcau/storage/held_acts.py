"""Acts of the office that wait a minute, in which they can be undone (rule K4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.tables import held_acts


@dataclass(frozen=True, slots=True)
class HeldAct:
    id: str
    #: report, issue, request
    kind: str
    subject: str
    due_at: datetime
    #: JSON: what is done at that moment, and what undoing it puts back.
    body: str
    undo: str


async def hold(connection: AsyncConnection, act: HeldAct) -> None:
    values = {name: getattr(act, name) for name in ("id", "kind", "subject", "due_at", "body", "undo")}
    await connection.execute(insert(held_acts).values(**values, undone=False))


async def held_about(connection: AsyncConnection, kind: str, subject: str) -> Sequence[HeldAct]:
    """What still waits about this report, issue or request, the latest last."""
    statement = select(held_acts).where(held_acts.c.kind == kind, held_acts.c.subject == subject, ~held_acts.c.undone)
    return [_read(row) for row in await connection.execute(statement.order_by(held_acts.c.due_at))]


async def held_of_kind(connection: AsyncConnection, kind: str) -> Sequence[HeldAct]:
    """All that waits of a kind, the next due first."""
    statement = select(held_acts).where(held_acts.c.kind == kind, ~held_acts.c.undone)
    return [_read(row) for row in await connection.execute(statement.order_by(held_acts.c.due_at))]


async def take_back(connection: AsyncConnection, id: str, now: datetime) -> HeldAct | None:
    """Claim it for undoing; None where its minute is over or it was undone."""
    living = update(held_acts).where(held_acts.c.id == id, ~held_acts.c.undone, held_acts.c.due_at > now)
    row = (await connection.execute(living.values(undone=True).returning(held_acts))).one_or_none()
    return _read(row) if row else None


async def take_due(connection: AsyncConnection, id: str, now: datetime) -> HeldAct | None:
    """Claim it for being done; None where somebody else has."""
    due = delete(held_acts).where(held_acts.c.id == id, held_acts.c.due_at <= now)
    row = (await connection.execute(due.returning(held_acts))).one_or_none()
    return _read(row) if row and not row.undone else None


async def due(connection: AsyncConnection, now: datetime) -> Sequence[str]:
    statement = select(held_acts.c.id).where(held_acts.c.due_at <= now)
    return list(await connection.scalars(statement.order_by(held_acts.c.due_at, held_acts.c.id)))


async def next_moment(connection: AsyncConnection) -> datetime | None:
    found: datetime | None = await connection.scalar(
        select(func.min(held_acts.c.due_at, type_=held_acts.c.due_at.type))
    )
    return found


def _read(row: object) -> HeldAct:
    return HeldAct(*(getattr(row, name) for name in ("id", "kind", "subject", "due_at", "body", "undo")))
