"""Weekly limit of non-urgent pushes a person, from all units and apps together; the excess waits until Monday.

Every row passes here right before it is sent or fetched (delivery/sender.py, web/chat_backend.py), whatever the app.
Replies, urgent messages and messages that answer a person's own act (a result, an answer to a report) are neither
counted nor delayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.requests import ParticipationState, RequestState
from nhipcau.storage.answers import is_settled
from nhipcau.storage.database import in_chunks, insert_into
from nhipcau.storage.outbox import BROADCAST, LATER, REMINDER, ClaimedDelivery
from nhipcau.storage.tables import attention, contacts, outbox, participation, people, requests

#: Purposes that count: questions, reminders, news of the area, and the weekly digest.
COUNTED = frozenset({"ask", "remind", "news", "digest"})
_WEEKS_KEPT = 4


def week_of(day: date) -> str:
    """ "2026-W48": weeks begin on Monday."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def next_week(day: date, zone: ZoneInfo) -> datetime:
    """When the week after this day begins."""
    monday = day + timedelta(days=7 - day.weekday())
    return datetime.combine(monday, time(), zone)


def is_counted(row: ClaimedDelivery) -> bool:
    return row.lane in {REMINDER, BROADCAST} and row.purpose in COUNTED and row.person_id is not None


async def admit(
    connection: AsyncConnection, rows: Sequence[ClaimedDelivery], today: date, zone: ZoneInfo, budget: int
) -> list[ClaimedDelivery]:
    """Returns the rows that may go out now; the others wait for the next week. `budget`: the limit; 0: no limit."""
    asking = [row for row in rows if budget and is_counted(row) and not row.counted]
    if not asking:
        return list(rows)
    # rows may be older than this transaction: one that two browser tabs fetch at once must count once
    uncounted, dropped = await _read_again(connection, asking)
    rows = [row for row in rows if row.id not in dropped]
    asking = [row for row in asking if row.id in uncounted]
    admitted: set[int] = set()
    left = asking
    while left:
        # one statement may count a person only once; their next row is counted in the next round
        first = {row.person_id: row for row in reversed(left)}
        within_limit = await _count(connection, sorted(id for id in first if id), week_of(today), budget)
        admitted |= {row.id for id, row in first.items() if id in within_limit}
        left = [row for row in left if first[row.person_id] is not row]
    waits = sorted(row.id for row in asking if row.id not in admitted)
    if admitted:
        counted = update(outbox).where(outbox.c.id.in_(sorted(admitted)))
        await connection.execute(counted.values(counted=True))
    if waits:
        later = {"lane": LATER, "due_at": next_week(today, zone), "claimed_until": None}
        await connection.execute(update(outbox).where(outbox.c.id.in_(waits)).values(**later))
    # who moves one on to another contact must know that it is counted
    return [replace(row, counted=row.counted or row.id in admitted) for row in rows if row.id not in waits]


async def _read_again(connection: AsyncConnection, rows: Sequence[ClaimedDelivery]) -> tuple[set[int], set[int]]:
    """Ids of rows that are not counted yet, and of rows that were deleted or moved to next week."""
    now = select(outbox.c.id, outbox.c.counted, outbox.c.lane).where(outbox.c.id.in_([row.id for row in rows]))
    if connection.dialect.name != "sqlite":
        now = now.order_by(outbox.c.id).with_for_update(of=outbox)
    found = {row.id: row for row in await connection.execute(now)}
    dropped = {row.id for row in rows if row.id not in found or found[row.id].lane == LATER}
    return {id for id, row in found.items() if not row.counted and id not in dropped}, dropped


async def _count(connection: AsyncConnection, person_ids: Sequence[str], week: str, budget: int) -> set[str]:
    """Count one more message for each of these people who is below the limit; returns them."""
    rows = [{"person_id": id, "week": week, "number": 1} for id in person_ids]
    more = insert_into(connection, attention).on_conflict_do_update(
        index_elements=["person_id", "week"],
        set_={"number": attention.c.number + 1},
        where=attention.c.number < budget,
    )
    # rows as parameters: compiled once for any number of people
    return set((await connection.execute(more.returning(attention.c.person_id), rows)).scalars())


async def count_at_limit(connection: AsyncConnection, person_ids: Sequence[str], today: date, budget: int) -> int:
    """How many of these people have reached the limit of this week."""
    if not budget:
        return 0
    found = 0
    for chunk in in_chunks(person_ids):
        full = select(attention.c.person_id).where(
            attention.c.person_id.in_(chunk),
            attention.c.week == week_of(today),
            attention.c.number >= budget,
        )
        found += len(list(await connection.scalars(full)))
    return found


async def forget(connection: AsyncConnection, today: date) -> None:
    """Delete the counts of past weeks."""
    past = attention.c.week < week_of(today - timedelta(weeks=_WEEKS_KEPT))
    await connection.execute(delete(attention).where(past))


# ------------------------------------------------------------------ messages that waited


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that waited for a new week."""

    id: int
    contact_id: int
    purpose: str
    request_id: str | None
    language: str
    #: The person still has to answer its request.
    wanted: bool
    #: They have begun to answer.
    begun: bool


async def any_waited(connection: AsyncConnection, now: datetime) -> bool:
    """Whether any message has reached the week it waited for."""
    statement = select(outbox.c.id).where(outbox.c.lane == LATER, outbox.c.due_at <= now, outbox.c.expires_at > now)
    return await connection.scalar(statement.limit(1)) is not None


async def waited(connection: AsyncConnection, now: datetime, most: int = 2000) -> list[HeldMessage]:
    """Messages that have reached the week they waited for, by contact and in their order, locked against others."""
    is_own = participation.c.person_id == contacts.c.person_id
    open_to_them = (
        select(participation.c.request_id)
        .join(requests, requests.c.id == participation.c.request_id)
        .where(
            participation.c.request_id == outbox.c.request_id,
            is_own,
            participation.c.state != ParticipationState.ANSWERED,
            requests.c.state == RequestState.OPEN,
            ~is_settled(),
        )
    )
    begun = open_to_them.where(participation.c.state == ParticipationState.STARTED).exists()
    statement = (
        select(outbox.c.id, outbox.c.contact_id, outbox.c.purpose, outbox.c.request_id, people.c.language)
        .add_columns(open_to_them.exists().label("wanted"), begun.label("begun"))
        .join(contacts, contacts.c.id == outbox.c.contact_id)
        .outerjoin(people, people.c.id == contacts.c.person_id)
        .where(outbox.c.lane == LATER, outbox.c.due_at <= now, outbox.c.expires_at > now)
        .order_by(outbox.c.contact_id, outbox.c.id)
        .limit(most)
    )
    if connection.dialect.name != "sqlite":
        statement = statement.with_for_update(of=outbox, skip_locked=True)
    return [
        HeldMessage(row.id, row.contact_id, row.purpose, row.request_id, row.language or "vi", row.wanted, row.begun)
        for row in await connection.execute(statement)
    ]


async def release(connection: AsyncConnection, rows: Sequence[HeldMessage]) -> None:
    """Put each message back into its own lane, to be sent unchanged."""
    for lane, purposes in ((REMINDER, {"remind"}), (BROADCAST, COUNTED - {"remind"})):
        ids = [row.id for row in rows if row.purpose in purposes]
        if ids:
            await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(lane=lane))


async def drop(connection: AsyncConnection, rows: Sequence[HeldMessage]) -> None:
    if rows:
        await connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
