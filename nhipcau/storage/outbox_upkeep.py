"""Work on many waiting messages at once: prolonging, cancelling, resealing, counting, and mending clock jumps."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import execute_many
from nhipcau.storage.outbox import LATER, LEASE, LONGEST_LEASE, LONGEST_WAIT, not_delivered, seal_message
from nhipcau.storage.tables import contacts, outbox


async def set_back(connection: AsyncConnection, now: datetime, ahead: datetime | None) -> None:
    """Mend due times and leases after the clock was set back from `ahead`: what was due then is due now.

    None: unknown, at the start of the program; then times further ahead than any regular wait are taken for wrong.
    """
    future = outbox.c.due_at > now if ahead else outbox.c.due_at > now + LONGEST_WAIT
    was_due = update(outbox).where(outbox.c.lane < LATER, future, *([outbox.c.due_at <= ahead] if ahead else []))
    await connection.execute(was_due.values(due_at=now))
    leased = update(outbox).where(outbox.c.claimed_until > now + LONGEST_LEASE)
    await connection.execute(leased.values(claimed_until=now + LEASE))


async def prolong(connection: AsyncConnection, request_id: str, expires_at: datetime) -> None:
    """Give the waiting questions and reminders of a request a later expiry."""
    asks = update(outbox).where(outbox.c.request_id == request_id, outbox.c.purpose.in_(("ask", "remind")))
    await connection.execute(asks.values(expires_at=expires_at))


async def has_unsent(connection: AsyncConnection, request_id: str) -> bool:
    """Whether questions of this request still wait to be sent."""
    asks = select(outbox.c.id).where(outbox.c.request_id == request_id, outbox.c.purpose == "ask").limit(1)
    return await connection.scalar(asks) is not None


async def reseal(connection: AsyncConnection, sealer: Sealer, today: date, before: date) -> None:
    """Seal bodies from before this day again under today's key: a message may wait longer than its day's key lives."""
    old = select(outbox.c.id, outbox.c.contact_id, outbox.c.day, outbox.c.sealed).where(outbox.c.day < before)
    if connection.dialect.name != "sqlite":
        # a row whose result is just being recorded is left to the next time
        old = old.with_for_update(skip_locked=True)
    rows = []
    for row in (await connection.execute(old)).all():
        with suppress(Unreadable):
            line = sealer.open(row.day, row.sealed, f"outbox:{row.contact_id}")
            rows.append({"row": row.id, "bytes": seal_message(sealer, today, row.contact_id, line)})
    statement = update(outbox).where(outbox.c.id == bindparam("row")).values(sealed=bindparam("bytes"), day=today)
    await execute_many(connection, statement, rows)


async def cancel(connection: AsyncConnection, request_id: str, purposes: Sequence[str] = ("ask", "remind")) -> None:
    """Delete the unsent messages of a request that is over."""
    await connection.execute(
        delete(outbox).where(outbox.c.request_id == request_id, outbox.c.purpose.in_(list(purposes)))
    )


async def waiting_for_a_week(connection: AsyncConnection, request_id: str) -> Sequence[Any]:
    """Questions of a request that still wait for a new week, for `give_up_waiting`."""
    waits = select(outbox.c.request_id, outbox.c.purpose, contacts.c.person_id)
    waits = waits.join(contacts, contacts.c.id == outbox.c.contact_id)
    waits = waits.where(outbox.c.request_id == request_id, outbox.c.lane == LATER)
    return (await connection.execute(waits)).all()


async def give_up_waiting(connection: AsyncConnection, rows: Sequence[Any]) -> None:
    """Record them as undeliverable, because their request has ended."""
    await not_delivered(connection, [(row, "budget") for row in rows])


async def count_by_lane(connection: AsyncConnection) -> dict[int, int]:
    """Lane → number of waiting messages."""
    rows = await connection.execute(select(outbox.c.lane, func.count()).group_by(outbox.c.lane))
    return dict(rows.tuples().all())


async def oldest_due(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """Lane → since when its oldest message has been due."""
    oldest = select(outbox.c.lane, func.min(outbox.c.due_at, type_=outbox.c.due_at.type))
    rows = await connection.execute(oldest.where(outbox.c.due_at <= now).group_by(outbox.c.lane))
    return dict(rows.tuples().all())


async def overdue(connection: AsyncConnection, now: datetime, fetched: Sequence[str]) -> tuple[int, datetime | None]:
    """How many messages a sender should have taken by now, and since when the oldest has been due.

    Not counted: messages on channels whose people fetch them themselves (`fetched`), and those that wait for the end
    of quiet hours.
    """
    due = select(func.count(), func.min(outbox.c.due_at, type_=outbox.c.due_at.type))
    due = due.join(contacts, contacts.c.id == outbox.c.contact_id).where(
        contacts.c.channel.not_in(fetched), outbox.c.due_at <= now, outbox.c.held.is_(False)
    )
    number, oldest = (await connection.execute(due)).one()
    return number, oldest
