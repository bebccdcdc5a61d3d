"""The outbox: deliveries wait here, are claimed under a lease, and are deleted once delivered."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.channels.registry import WINDOWS
from nhipcau.bot.messaging.messages import Message
from nhipcau.privacy.sealing import Sealer, Unreadable, padded
from nhipcau.storage import wakeups
from nhipcau.storage.answers import answered_among, mark_undeliverable
from nhipcau.storage.database import execute_many
from nhipcau.storage.last_acts import open_act
from nhipcau.storage.tables import contacts, conversations, outbox, people
from nhipcau.storage.talks import is_writing

#: Lanes in the order they go out. Messages in LATER are over the weekly limit and wait for the next week
#: (weekly_budget.py).
REPLY, URGENT, REMINDER, BROADCAST, LATER = range(5)
Purpose = Literal["reply", "ask", "remind", "result", "notice", "news", "digest", "edit", "correct", "trial"]
#: The purpose of a corrected notice; a later correction replaces it.
CORRECTION: Final = "correct"
#: An undelivered reply is dropped after this.
REPLY_LIFETIME = timedelta(hours=24)
#: Another sender may claim a row after this, since its sender must be dead.
LEASE = timedelta(seconds=45)
#: The longest renewed lease, for a picture; a later end was written before the clock was set back.
LONGEST_LEASE = timedelta(seconds=60)
#: The longest wait between two tries.
LONGEST_WAIT = timedelta(hours=1)
#: Bytes to which most messages are filled up.
_LEAST = 1024


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to put into the outbox for one contact."""

    contact_id: int
    message: Message
    lane: int
    due_at: datetime
    expires_at: datetime
    purpose: Purpose = "reply"
    request_id: str | None = None
    #: Waits during quiet hours.
    held: bool = False
    #: The person of the contact, where the caller knows.
    person_id: str | None = None
    #: Counted already in the weekly limit of its person.
    counted: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A row under lease. `attempts` is its fence: a result counts only while nobody has claimed the row again."""

    id: int
    contact_id: int
    attempts: int
    channel: str
    address: str
    message: Message
    lane: int
    purpose: Purpose
    request_id: str | None
    person_id: str | None
    due_at: datetime
    expires_at: datetime
    #: How many replies of the app were lost: the person may have the message already.
    lost: int
    #: The person has a half-written report.
    writing: bool
    language: str
    #: How the web chat recognises a message: a hash of its sealed bytes, so no two share one, not even after a restore.
    key: str = ""
    #: Waits during quiet hours.
    held: bool = False
    #: Time of the last act at this contact, where its app has a delivery window after it.
    heard_at: datetime | None = None
    #: Counted already in the weekly limit of its person.
    counted: bool = False


async def put(connection: AsyncConnection, sealer: Sealer, today: date, deliveries: Iterable[NewDelivery]) -> int:
    """Put messages into the outbox, in order. Returns how many."""
    rows = [{**_row(sealer, today, d), "contact": d.contact_id} for d in deliveries]
    if rows:
        await execute_many(connection, _INSERT, rows)
        await wakeups.notify_processes(connection, wakeups.OUTBOX)
    return len(rows)


_INSERT = insert(outbox).values(
    channel=select(contacts.c.channel).where(contacts.c.id == bindparam("contact")).scalar_subquery()
)


def seal_message(sealer: Sealer, today: date, contact_id: int, line: str) -> bytes:
    """Seal a message, as JSON, for its contact. Filled up: what the office answered stands in clear beside the report,
    and the length of a waiting answer would say whose report it is."""
    return sealer.seal(today, padded(line, _LEAST), f"outbox:{contact_id}")


def _row(sealer: Sealer, today: date, delivery: NewDelivery) -> dict[str, Any]:
    return {
        "contact_id": delivery.contact_id,
        "lane": delivery.lane,
        "held": delivery.held,
        "sealed": seal_message(sealer, today, delivery.contact_id, delivery.message.to_json()),
        "day": today,
        "purpose": delivery.purpose,
        "request_id": delivery.request_id,
        "due_at": delivery.due_at,
        "expires_at": delivery.expires_at,
        "attempts": 0,
        "lost": 0,
        "counted": delivery.counted,
    }


async def put_claimed(
    connection: AsyncConnection,
    sealer: Sealer,
    today: date,
    replies: Sequence[tuple[NewDelivery, str, str]],
    now: datetime,
) -> list[ClaimedDelivery]:
    """Insert replies already claimed for a sender of this process, each with its channel and address.

    One reply a contact, and none may wait for it already (see `contacts_with_replies`).
    """
    lease = {"claimed_until": now + LEASE, "attempts": 1}
    rows = [{**_row(sealer, today, d), **lease, "channel": channel} for d, channel, _ in replies]
    if not rows:
        return []
    statement = insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
    ids = (await connection.scalars(statement, rows)).all()
    return [
        ClaimedDelivery(
            id=id,
            contact_id=delivery.contact_id,
            attempts=1,
            channel=channel,
            address=address,
            message=delivery.message,
            lane=delivery.lane,
            purpose=delivery.purpose,
            request_id=delivery.request_id,
            person_id=delivery.person_id,
            due_at=delivery.due_at,
            expires_at=delivery.expires_at,
            lost=0,
            writing=False,
            language="",
        )
        for id, (delivery, channel, address) in zip(ids, replies, strict=True)
    ]


async def contacts_with_replies(connection: AsyncConnection, contact_ids: Sequence[int]) -> set[int]:
    """Which of these contacts have a reply waiting or under way."""
    waiting = select(outbox.c.contact_id).where(outbox.c.contact_id.in_(contact_ids), outbox.c.lane == REPLY)
    return set(await connection.scalars(waiting))


async def drop_postponed_replies(connection: AsyncConnection, contact_id: int, now: datetime) -> None:
    """Delete the replies of this contact that were to be sent later than at once, and that nobody has tried to send."""
    postponed = (outbox.c.lane == REPLY, outbox.c.due_at > now, outbox.c.attempts == 0)
    await connection.execute(delete(outbox).where(outbox.c.contact_id == contact_id, *postponed))


def _ready(now: datetime, *, quiet: bool) -> ColumnElement[bool]:
    """Rows that are due and do not wait for the end of quiet hours."""
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
    except_ids: Collection[int] = (),
) -> list[ClaimedDelivery]:
    """Claim what is due on one channel: the first row of each contact, replies first. `most`: number of rows.

    `except_ids`: rows the caller is sending now, whose lease may look expired after a clock jump.
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
        # the order of the index, so that reading stops after `most` rows
        .where(outbox.c.channel == channel, _ready(now, quiet=quiet), free, is_first)
        .order_by(outbox.c.lane, outbox.c.id)
        .limit(most)
    )
    if except_ids:
        statement = statement.where(outbox.c.id.not_in(sorted(except_ids)))
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
    """Delete rows that can't be opened (a backup restored with other keys), which would stop all delivery."""
    if not rows:
        return
    await connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
    await not_delivered(connection, [(row, "unknown") for row in rows])


async def not_delivered(connection: AsyncConnection, rows: Sequence[tuple[Any, str]]) -> None:
    """Record questions among these rows as undeliverable, each with its reason."""
    questions = [(row, why) for row, why in rows if row.purpose == "ask" and row.request_id and row.person_id]
    await mark_undeliverable(connection, [(row.request_id, row.person_id, why) for row, why in questions])


_READ = [column for column in outbox.c if column.name != "claimed_until"]


async def _read(
    connection: AsyncConnection, sealer: Sealer, ids: Sequence[int]
) -> tuple[list[ClaimedDelivery], list[Any]]:
    statement = (
        select(*_READ, contacts.c.sealed_address, contacts.c.person_id, contacts.c.last_act, people.c.language)
        .add_columns(conversations.c.sealed.label("talk"), conversations.c.day.label("talk_day"))
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
            text = sealer.open(row.day, row.sealed, f"outbox:{row.contact_id}")
            message = Message.from_json(text) if row.lane == REPLY else _read_push(text)
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
                writing=_is_writing(sealer, row),
                language=row.language or "vi",
                key=hashlib.sha256(row.sealed).hexdigest()[:16],
                heard_at=open_act(sealer, row.last_act).heard_at if row.channel in WINDOWS else None,
                counted=row.counted,
            )
        )
    return claimed, unreadable


def _is_writing(sealer: Sealer, row: Any) -> bool:
    """Whether a push has to offer the way back to a half-written report."""
    if row.lane == REPLY or not row.talk:
        return False
    return is_writing(sealer, row.talk_day, row.person_id, row.talk)


#: A push goes to many with the same text, so it is parsed once; replies are not cached.
_read_push = lru_cache(maxsize=32)(Message.from_json)


async def waiting(
    connection: AsyncConnection, sealer: Sealer, contact_id: int, now: datetime, *, quiet: bool, most: int = 20
) -> tuple[list[ClaimedDelivery], list[Any]]:
    """Messages ready for a contact that fetches them itself, in reading order, and unreadable rows for `give_up`.

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
    """Rows that are useless by now: expired, or about requests that need no answer any more."""
    asked = {row.id: [(id, row.person_id) for id in _asked_by(row)] for row in rows if row.person_id}
    settled = await answered_among(connection, [pair for pairs in asked.values() for pair in pairs])

    def is_useless(row: ClaimedDelivery) -> bool:
        # a digest is useful while any request in it is
        pairs = asked.get(row.id)
        return row.expires_at <= now or bool(pairs and settled.issuperset(pairs))

    return [row for row in rows if is_useless(row)]


def _asked_by(row: ClaimedDelivery) -> list[str]:
    """Ids of the requests a row is about; it is useful while they wait for an answer."""
    return [row.request_id] if row.purpose in {"ask", "remind"} and row.request_id else [*row.message.requests]


async def renew(connection: AsyncConnection, row: ClaimedDelivery, now: datetime, seconds: float) -> bool:
    """Extend the lease of a row that takes longer. False: somebody else has claimed it meanwhile."""
    statement = update(outbox).where(outbox.c.id == row.id, outbox.c.attempts == row.attempts)
    renewed = await connection.execute(statement.values(claimed_until=now + timedelta(seconds=seconds)))
    return renewed.rowcount == 1


async def contacts_with_messages(
    connection: AsyncConnection, channel: str, now: datetime, *, quiet: bool
) -> set[bytes]:
    """Lookups of the contacts of this channel that have messages to fetch."""
    statement = (
        select(contacts.c.lookup)
        .join(outbox, outbox.c.contact_id == contacts.c.id)
        .where(contacts.c.channel == channel, _ready(now, quiet=quiet), outbox.c.expires_at > now)
    )
    return set(await connection.scalars(statement))


async def is_waiting(connection: AsyncConnection, channels: Collection[str], now: datetime, *, quiet: bool) -> bool:
    """Whether anything could be claimed now; takes no lock."""
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
    here = outbox.c.channel.in_(sorted(channels))
    statement = select(outbox.c.id).where(_ready(now, quiet=quiet), free, here).limit(1)
    return await connection.scalar(statement) is not None
