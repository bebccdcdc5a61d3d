"""What is done to many waiting messages at once: prolonged, cancelled, sealed anew, set back, counted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import execute_many
from nhipcau.storage.outbox import LATER, LEASE, LONGEST_LEASE, LONGEST_WAIT, not_delivered
from nhipcau.storage.tables import contacts, outbox


async def set_back(connection: AsyncConnection, now: datetime, ahead: datetime | None) -> None:
    """The clock was set back from `ahead`: what was due then is due, and no lease lasts longer than a lease.

    None: not known, we have just started; then what lies further ahead than anything waits by itself was written so.
    """
    future = outbox.c.due_at > now if ahead else outbox.c.due_at > now + LONGEST_WAIT
    was_due = update(outbox).where(outbox.c.lane < LATER, future, *([outbox.c.due_at <= ahead] if ahead else []))
    await connection.execute(was_due.values(due_at=now))
    leased = update(outbox).where(outbox.c.claimed_until > now + LONGEST_LEASE)
    await connection.execute(leased.values(claimed_until=now + LEASE))


async def prolong(connection: AsyncConnection, request_id: str, expires_at: datetime) -> None:
    """Questions under way stay of use until the later end."""
    asks = update(outbox).where(outbox.c.request_id == request_id, outbox.c.purpose.in_(("ask", "remind")))
    await connection.execute(asks.values(expires_at=expires_at))


async def has_unsent(connection: AsyncConnection, request_id: str) -> bool:
    """Whether questions of this request still wait to be sent."""
    asks = select(outbox.c.id).where(outbox.c.request_id == request_id, outbox.c.purpose == "ask").limit(1)
    return await connection.scalar(asks) is not None


async def reseal(connection: AsyncConnection, sealer: Sealer, today: date, before: date) -> None:
    """Bodies sealed before this day, under today's key: a question that waits outlives the key of its day."""
    old = select(outbox.c.id, outbox.c.contact_id, outbox.c.day, outbox.c.sealed).where(outbox.c.day < before)
    if connection.dialect.name != "sqlite":
        # a row whose outcome is just being written is left to the next time
        old = old.with_for_update(skip_locked=True)
    rows = []
    for row in (await connection.execute(old)).all():
        owner = f"outbox:{row.contact_id}"
        with suppress(Unreadable):
            rows.append({"row": row.id, "bytes": sealer.seal(today, sealer.open(row.day, row.sealed, owner), owner)})
    statement = update(outbox).where(outbox.c.id == bindparam("row")).values(sealed=bindparam("bytes"), day=today)
    await execute_many(connection, statement, rows)


async def cancel(connection: AsyncConnection, request_id: str, purposes: Sequence[str] = ("ask", "remind")) -> None:
    """Unsent questions of a request that is over."""
    await connection.execute(
        delete(outbox).where(outbox.c.request_id == request_id, outbox.c.purpose.in_(list(purposes)))
    )


async def give_up_waiting(connection: AsyncConnection, request_id: str) -> None:
    """It ends while its question still waits for somebody's new week: they were not told, and the board says why."""
    waits = select(outbox.c.request_id, outbox.c.purpose, contacts.c.person_id)
    waits = waits.join(contacts, contacts.c.id == outbox.c.contact_id)
    waits = waits.where(outbox.c.request_id == request_id, outbox.c.lane == LATER)
    await not_delivered(connection, [(row, "budget") for row in (await connection.execute(waits)).all()])


async def count_by_lane(connection: AsyncConnection) -> dict[int, int]:
    """How many messages wait in each lane that has any."""
    rows = await connection.execute(select(outbox.c.lane, func.count()).group_by(outbox.c.lane))
    return dict(rows.tuples().all())


async def oldest_due(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """Since when the oldest message of each lane has been due, where one is."""
    oldest = select(outbox.c.lane, func.min(outbox.c.due_at, type_=outbox.c.due_at.type))
    rows = await connection.execute(oldest.where(outbox.c.due_at <= now).group_by(outbox.c.lane))
    return dict(rows.tuples().all())


async def overdue(connection: AsyncConnection, now: datetime, fetched: Sequence[str]) -> tuple[int, datetime | None]:
    """How many messages a sender should have taken by now, and since when the oldest has been due.

    What people fetch themselves (on the channels `fetched`) waits for its owner, and what is held waits for the
    morning: neither counts.
    """
    due = select(func.count(), func.min(outbox.c.due_at, type_=outbox.c.due_at.type))
    due = due.join(contacts, contacts.c.id == outbox.c.contact_id).where(
        contacts.c.channel.not_in(fetched), outbox.c.due_at <= now, outbox.c.held.is_(False)
    )
    number, oldest = (await connection.execute(due)).one()
    return number, oldest
