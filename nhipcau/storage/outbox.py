"""The way out: what is to be said, claimed under a lease, and gone as soon as it is delivered."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.messages import Message
from nhipcau.model.requests import ParticipationState
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage import wakeups
from nhipcau.storage.answers import answered_among
from nhipcau.storage.database import execute_many
from nhipcau.storage.tables import contacts, conversations, outbox, participation, people

#: Lanes in the order they go out. What lies in the last goes out by none: it is over what a person may be sent in a
#: week, and waits for the next (weekly_budget.py).
REPLY, URGENT, REMINDER, BROADCAST, LATER = range(5)
#: The purpose of official information said in other words than before: a later correction takes its place.
CORRECTION = "correct"
#: An undelivered reply is of no use after this.
REPLY_LIFETIME = timedelta(hours=24)
#: A dead sender's rows are free again after this.
LEASE = timedelta(seconds=45)
#: A picture's lease, renewed, lasts as long; one beyond it was written by another clock.
LONGEST_LEASE = timedelta(seconds=60)
#: Nothing waits longer in the outbox between two tries.
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """Something to say to one door."""

    contact_id: int
    message: Message
    lane: int
    due_at: datetime
    expires_at: datetime
    #: reply, ask, remind, result, notice, news, digest, edit, correct
    purpose: str = "reply"
    request_id: str | None = None
    #: Waits while the hours are quiet.
    held: bool = False
    #: Whose door it is, where the caller knows it already.
    person_id: str | None = None
    #: It stands in the week's count of its person already.
    counted: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A row under lease. `attempts` fences it: an outcome counts only while nobody claimed the row again."""

    id: int
    contact_id: int
    attempts: int
    channel: str
    address: str
    message: Message
    lane: int
    purpose: str
    request_id: str | None
    person_id: str | None
    due_at: datetime
    expires_at: datetime
    #: Answers of the app that were lost: the person may have it already.
    lost: int
    #: A half-written report lies open in this chat.
    writing: bool
    language: str
    #: What a phone that fetches knows the message by: of these very bytes, so never another's, after a restore too.
    key: str = ""
    #: Waits while the hours are quiet.
    held: bool = False
    #: The hour of this door's last act, where its app closes a window after it.
    heard_at: datetime | None = None
    #: It stands in the week's count of its person.
    counted: bool = False


async def put(connection: AsyncConnection, sealer: Sealer, today: date, parcels: Iterable[NewDelivery]) -> int:
    """Write what is to be said, in order. Returns how many."""
    rows = [{**_row(sealer, today, p), "door": p.contact_id} for p in parcels]
    if rows:
        await execute_many(connection, _PUTTING, rows)
        await wakeups.notify_processes(connection, wakeups.OUTBOX)
    return len(rows)


_PUTTING = insert(outbox).values(
    channel=select(contacts.c.channel).where(contacts.c.id == bindparam("door")).scalar_subquery()
)


def _row(sealer: Sealer, today: date, parcel: NewDelivery) -> dict[str, Any]:
    return {
        "contact_id": parcel.contact_id,
        "lane": parcel.lane,
        "held": parcel.held,
        "sealed": sealer.seal(today, parcel.message.to_json(), f"outbox:{parcel.contact_id}"),
        "day": today,
        "purpose": parcel.purpose,
        "request_id": parcel.request_id,
        "due_at": parcel.due_at,
        "expires_at": parcel.expires_at,
        "attempts": 0,
        "lost": 0,
        "counted": parcel.counted,
    }


async def put_claimed(
    connection: AsyncConnection,
    sealer: Sealer,
    today: date,
    replies: Sequence[tuple[NewDelivery, str, str]],
    now: datetime,
) -> list[ClaimedDelivery]:
    """Write replies under the lease of a sender of this process, each with its channel and address.

    Nothing else may wait in the reply lane of those doors (see `contacts_with_replies`), and each door comes once.
    """
    lease = {"claimed_until": now + LEASE, "attempts": 1}
    rows = [{**_row(sealer, today, p), **lease, "channel": channel} for p, channel, _ in replies]
    if not rows:
        return []
    statement = insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
    ids = (await connection.scalars(statement, rows)).all()
    return [
        ClaimedDelivery(
            id=id,
            contact_id=parcel.contact_id,
            attempts=1,
            channel=channel,
            address=address,
            message=parcel.message,
            lane=parcel.lane,
            purpose=parcel.purpose,
            request_id=parcel.request_id,
            person_id=parcel.person_id,
            due_at=parcel.due_at,
            expires_at=parcel.expires_at,
            lost=0,
            writing=False,
            language="",
        )
        for id, (parcel, channel, address) in zip(ids, replies, strict=True)
    ]


async def contacts_with_replies(connection: AsyncConnection, contact_ids: Sequence[int]) -> set[int]:
    """Which of these doors still have a reply on its way."""
    waiting = select(outbox.c.contact_id).where(outbox.c.contact_id.in_(contact_ids), outbox.c.lane == REPLY)
    return set(await connection.scalars(waiting))


def _ready(now: datetime, *, quiet: bool) -> ColumnElement[bool]:
    """Rows whose moment has come, and which the quiet hours do not hold."""
    due = and_(outbox.c.lane < LATER, outbox.c.due_at <= now)
    return and_(due, outbox.c.held.is_(False)) if quiet else due


async def claim(
    connection: AsyncConnection,
    sealer: Sealer,
    channel: str,
    now: datetime,
    *,
    quiet: bool,
    most: int,
    but: Collection[int] = (),
) -> list[ClaimedDelivery]:
    """Take what is due on one channel, the first row of each contact, replies before everything else.

    `but`: rows that are just being sent by whoever asks, whatever a clock that jumped says of their lease.
    """
    earlier = outbox.alias("earlier")
    before = or_(earlier.c.lane < outbox.c.lane, and_(earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id))
    blocking = select(earlier.c.id).where(earlier.c.contact_id == outbox.c.contact_id, before)
    if quiet:
        blocking = blocking.where(earlier.c.held.is_(False))
    is_first = ~blocking.exists()
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    statement = (
        select(outbox.c.id)
        # read in the order of the index, it ends after the first that are due
        .where(outbox.c.channel == channel, _ready(now, quiet=quiet), free, is_first)
        .order_by(outbox.c.lane, outbox.c.id)
        .limit(most)
    )
    if but:
        statement = statement.where(outbox.c.id.not_in(sorted(but)))
    if connection.dialect.name != "sqlite":
        statement = statement.with_for_update(of=outbox, skip_locked=True)
    ids = list(await connection.scalars(statement))
    if not ids:
        return []
    await connection.execute(
        update(outbox).where(outbox.c.id.in_(ids)).values(claimed_until=now + LEASE, attempts=outbox.c.attempts + 1)
    )
    claimed, unreadable = await _read(connection, sealer, ids)
    await give_up(connection, unreadable)
    return claimed


async def give_up(connection: AsyncConnection, rows: Sequence[Any]) -> None:
    """Rows that no key of ours opens (a restore beside other keys): one of them must not stop all delivery."""
    if not rows:
        return
    await connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
    await not_delivered(connection, [(row, "unknown") for row in rows])


async def not_delivered(connection: AsyncConnection, rows: Sequence[tuple[Any, str]]) -> None:
    """Questions that could not be delivered, each with why; whoever was reached before stays reached."""
    if not rows:
        return
    await execute_many(
        connection,
        update(participation)
        .where(
            participation.c.request_id == bindparam("request"),
            participation.c.person_id == bindparam("person"),
            participation.c.state == ParticipationState.ASKED,
        )
        .values(state=ParticipationState.UNDELIVERABLE, reason=bindparam("why")),
        [
            {"request": row.request_id, "person": row.person_id, "why": why}
            for row, why in rows
            if row.purpose == "ask" and row.request_id and row.person_id
        ],
    )


_READ = [column for column in outbox.c if column.name != "claimed_until"]


async def _read(
    connection: AsyncConnection, sealer: Sealer, ids: Sequence[int]
) -> tuple[list[ClaimedDelivery], list[Any]]:
    statement = (
        select(*_READ, contacts.c.sealed_address, contacts.c.person_id, contacts.c.heard_at, conversations.c.writing)
        .add_columns(people.c.language)
        .select_from(
            outbox.join(contacts, contacts.c.id == outbox.c.contact_id)
            .outerjoin(people, people.c.id == contacts.c.person_id)
            .outerjoin(conversations, conversations.c.person_id == contacts.c.person_id)
        )
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.lane, outbox.c.id)
    )
    claimed, unreadable = [], []
    for row in (await connection.execute(statement)).all():
        try:
            words = sealer.open(row.day, row.sealed, f"outbox:{row.contact_id}")
            message = Message.from_json(words) if row.lane == REPLY else _pushed(words)
            address = sealer.open_lasting(row.sealed_address, f"contact:{row.channel}")
        except (Unreadable, ValueError, KeyError, TypeError):
            unreadable.append(row)
            continue
        claimed.append(
            ClaimedDelivery(
                id=row.id,
                contact_id=row.contact_id,
                attempts=row.attempts,
                channel=row.channel,
                address=address,
                message=message,
                lane=row.lane,
                purpose=row.purpose,
                request_id=row.request_id,
                person_id=row.person_id,
                due_at=row.due_at,
                expires_at=row.expires_at,
                lost=row.lost,
                held=row.held,
                writing=bool(row.writing),
                language=row.language or "vi",
                key=hashlib.sha256(row.sealed).hexdigest()[:16],
                heard_at=row.heard_at,
                counted=row.counted,
            )
        )
    return claimed, unreadable


#: What is pushed is said to many in the same words: read once. Replies are not remembered.
_pushed = lru_cache(maxsize=32)(Message.from_json)


async def waiting(
    connection: AsyncConnection, sealer: Sealer, contact_id: int, now: datetime, *, quiet: bool, most: int = 20
) -> tuple[list[ClaimedDelivery], list[Any]]:
    """What lies ready for a door whose owner fetches it, in the order it is to be read, and rows for `give_up`.

    Claims nothing.
    """
    ready = _ready(now, quiet=quiet)
    statement = select(outbox.c.id).where(outbox.c.contact_id == contact_id, ready, outbox.c.expires_at > now)
    ids = list(await connection.scalars(statement.order_by(outbox.c.id).limit(most)))
    readable, unreadable = await _read(connection, sealer, ids) if ids else ([], [])
    return sorted(readable, key=lambda row: row.id), unreadable


async def unwanted(
    connection: AsyncConnection, rows: Sequence[ClaimedDelivery], now: datetime
) -> list[ClaimedDelivery]:
    """Rows of no use at this very moment: past their term, or questions that were answered or are over."""
    asked = {row.id: [(id, row.person_id) for id in _asked_by(row)] for row in rows if row.person_id}
    settled = await answered_among(connection, [pair for pairs in asked.values() for pair in pairs])

    def is_useless(row: ClaimedDelivery) -> bool:
        # a digest is of use while anything in it is
        pairs = asked.get(row.id)
        return row.expires_at <= now or bool(pairs and settled.issuperset(pairs))

    return [row for row in rows if is_useless(row)]


def _asked_by(row: ClaimedDelivery) -> list[str]:
    """Requests that a row is of use for, while they wait for an answer."""
    return [row.request_id] if row.purpose in {"ask", "remind"} and row.request_id else [*row.message.requests]


async def renew(connection: AsyncConnection, row: ClaimedDelivery, now: datetime, seconds: float) -> bool:
    """A longer lease for a row that takes its time. False: somebody else has claimed it meanwhile."""
    ours = update(outbox).where(outbox.c.id == row.id, outbox.c.attempts == row.attempts)
    done = await connection.execute(ours.values(claimed_until=now + timedelta(seconds=seconds)))
    return done.rowcount == 1


async def contacts_with_messages(
    connection: AsyncConnection, channel: str, now: datetime, *, quiet: bool
) -> set[bytes]:
    """Lookups of this channel's doors that have something to fetch."""
    statement = (
        select(contacts.c.lookup)
        .join(outbox, outbox.c.contact_id == contacts.c.id)
        .where(contacts.c.channel == channel, _ready(now, quiet=quiet), outbox.c.expires_at > now)
    )
    return set(await connection.scalars(statement))


async def is_waiting(connection: AsyncConnection, channels: Collection[str], now: datetime, *, quiet: bool) -> bool:
    """Whether anything could be claimed now: a look that takes no lock."""
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    here = outbox.c.channel.in_(sorted(channels))
    statement = select(outbox.c.id).where(_ready(now, quiet=quiet), free, here).limit(1)
    return await connection.scalar(statement) is not None
