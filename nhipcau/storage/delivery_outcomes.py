"""What became of claimed rows: delivered, tried again, given up, doors closed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.messages import Message
from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.model.requests import ParticipationState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import contact_routes as doors_of_people
from nhipcau.storage import editable_messages
from nhipcau.storage.contacts import delete_strangers, mark_unreachable
from nhipcau.storage.database import execute_many
from nhipcau.storage.last_shown import seal_shown
from nhipcau.storage.outbox import CORRECTION, REPLY, ClaimedDelivery, NewDelivery, not_delivered, put
from nhipcau.storage.tables import contacts, outbox, participation


@dataclass(frozen=True, slots=True)
class RetryLater:
    """A row to try again."""

    row: ClaimedDelivery
    due_at: datetime
    #: The app's answer was lost: it may have arrived.
    maybe_sent: bool = False
    #: What is left to say, where a long message went out in part.
    rest: Message | None = None


@dataclass(slots=True)
class DeliveryResults:
    """What a sender has to record, in one transaction."""

    delivered: list[ClaimedDelivery] = field(default_factory=list)
    #: Given up: row and reason.
    dropped: list[tuple[ClaimedDelivery, str]] = field(default_factory=list)
    #: Tried again later.
    again: list[RetryLater] = field(default_factory=list)
    #: Doors the app said are closed.
    closed: list[ClaimedDelivery] = field(default_factory=list)
    #: Dropped where the app's window is closed: the door lives, and another may take the message.
    shut: list[ClaimedDelivery] = field(default_factory=list)
    #: The app's id of delivered messages that may be edited later, by row.
    refs: dict[int, str] = field(default_factory=dict)
    #: Bubbles that apps whose plan counts them have taken, by channel.
    counted: Counter[str] = field(default_factory=Counter)

    def put_first(self, earlier: DeliveryResults) -> None:
        """These came before, and their transaction failed: they are still to be recorded."""
        self.delivered[:0] = earlier.delivered
        self.dropped[:0] = earlier.dropped
        self.again[:0] = earlier.again
        self.closed[:0] = earlier.closed
        self.shut[:0] = earlier.shut
        self.counted += earlier.counted
        self.refs |= earlier.refs

    def __bool__(self) -> bool:
        return bool(self.delivered or self.dropped or self.again or self.closed or self.shut or self.counted)


async def record_outcomes(
    connection: AsyncConnection, sealer: Sealer, outcomes: DeliveryResults, now: datetime, today: date
) -> None:
    """Record what became of claimed rows; those claimed again by another meanwhile are left alone."""
    if not outcomes:
        return
    delivered = await _remove(connection, outcomes.delivered)
    await _reached(connection, sealer, delivered, today)
    fresh = [row for row in delivered if row.message.keeps and not row.message.edit]
    said = [(row.message, row.contact_id, outcomes.refs.get(row.id, row.key)) for row in fresh]
    await editable_messages.remember(connection, said, now)
    await doors_of_people.count_sent(connection, today, outcomes.counted)
    doors = sorted({row.contact_id for row in outcomes.closed})
    if doors:
        await connection.execute(update(contacts).where(contacts.c.id.in_(doors)).values(reachable=False))
    # where the app has said so itself our own reckoning of its window was wrong, unless they have written since
    shut = sorted({(row.contact_id, row.heard_at) for row in outcomes.shut if row.heard_at is not None})
    await execute_many(connection, _SHUTTING, [{"door": door, "was": was} for door, was in shut])
    gone = await _remove(connection, [row for row, _ in outcomes.dropped])
    ours = {row.id for row in gone}
    closed = [row for row in [*outcomes.closed, *outcomes.shut] if row.id in ours]
    moved = {row.id for row in await _by_another_door(connection, sealer, closed, now, today)}
    lost = [(row, why) for row, why in outcomes.dropped if row.id in ours - moved]
    named = [(replace(row, purpose="ask", request_id=id), why) for row, why in lost for id in row.message.requests]
    await not_delivered(connection, [*lost, *named])
    await _said_anew(connection, sealer, lost, now, today)
    await mark_unreachable(connection, [r.person_id for r in outcomes.closed if r.person_id and r.id not in moved])
    await _later(connection, sealer, outcomes.again, today)
    ended = [*outcomes.delivered, *(row for row, _ in outcomes.dropped)]
    await delete_strangers(connection, sorted({row.contact_id for row in ended if row.person_id is None}))


async def _later(connection: AsyncConnection, sealer: Sealer, again: Sequence[RetryLater], today: date) -> None:
    if not again:
        return
    await execute_many(
        connection,
        update(outbox)
        .where(outbox.c.id == bindparam("row"), outbox.c.attempts == bindparam("fence"))
        .values(claimed_until=None, due_at=bindparam("due"), lost=bindparam("lost")),
        [
            {"row": a.row.id, "fence": a.row.attempts, "due": a.due_at, "lost": a.row.lost + a.maybe_sent}
            for a in sorted(again, key=lambda a: a.row.id)
        ],
    )
    for a in again:
        if a.rest is not None:
            sealed = sealer.seal(today, a.rest.to_json(), f"outbox:{a.row.contact_id}")
            ours = update(outbox).where(outbox.c.id == a.row.id, outbox.c.attempts == a.row.attempts)
            await connection.execute(ours.values(sealed=sealed, day=today))


async def _by_another_door(
    connection: AsyncConnection, sealer: Sealer, rows: Sequence[ClaimedDelivery], now: datetime, today: date
) -> list[ClaimedDelivery]:
    """A pushed message whose door is closed goes to another open door of that person. Returns those that did."""
    pushed = [row for row in rows if row.person_id and row.lane != REPLY and not row.message.edit]
    if not pushed:
        return []
    persons = sorted({row.person_id for row in pushed if row.person_id})
    ways, _ = await doors_of_people.best_ways(connection, persons, now, today)
    moved = [row for row in pushed if row.person_id in ways and ways[row.person_id].contact_id != row.contact_id]
    parcels = [
        NewDelivery(
            ways[row.person_id].contact_id,
            row.message,
            row.lane,
            now,
            row.expires_at,
            row.purpose,
            row.request_id,
            held=row.held,
            counted=row.counted,
        )
        for row in moved
        if row.person_id
    ]
    await put(connection, sealer, today, parcels)
    return moved


async def _said_anew(
    connection: AsyncConnection, sealer: Sealer, lost: Sequence[tuple[ClaimedDelivery, str]], now: datetime, today: date
) -> None:
    """A correction that could not be made where the first words stood (deleted there, or no caption) is a message."""
    edits = [row for row, _ in lost if row.purpose == CORRECTION and row.message.edit and row.expires_at > now]
    parcels = [
        NewDelivery(
            row.contact_id,
            replace(row.message, edit=""),
            row.lane,
            now,
            row.expires_at,
            row.purpose,
            row.request_id,
            held=True,
        )
        for row in edits
    ]
    await put(connection, sealer, today, parcels)


async def _remove(connection: AsyncConnection, rows: Sequence[ClaimedDelivery]) -> list[ClaimedDelivery]:
    """Delete these rows if they are still ours; returns those that were."""
    by_fence: dict[int, dict[int, ClaimedDelivery]] = defaultdict(dict)
    for row in rows:
        by_fence[row.attempts][row.id] = row
    ours: list[ClaimedDelivery] = []
    for fence, claimed in sorted(by_fence.items()):
        gone = await connection.scalars(_REMOVING, {"fence": fence, "ids": sorted(claimed)})
        ours += [claimed[id] for id in gone]
    return ours


# Statements of every batch are made once: putting them together costs as much as running them.
_REMOVING = (
    delete(outbox)
    .where(outbox.c.attempts == bindparam("fence"), outbox.c.id.in_(bindparam("ids", expanding=True)))
    .returning(outbox.c.id)
)
_SHUTTING = (
    update(contacts)
    .where(contacts.c.id == bindparam("door"), contacts.c.heard_at == bindparam("was"))
    .values(heard_at=None)
)
_REACHING = (
    update(participation)
    .where(
        participation.c.request_id == bindparam("request"),
        participation.c.person_id.in_(bindparam("persons", expanding=True)),
        participation.c.state.in_((ParticipationState.ASKED, ParticipationState.UNDELIVERABLE)),
    )
    .values(state=ParticipationState.REACHED, reason=None)
)
_STANDING = update(contacts).where(contacts.c.id == bindparam("door")).values(shown_request=bindparam("shown"))


async def _reached(connection: AsyncConnection, sealer: Sealer, rows: Sequence[ClaimedDelivery], today: date) -> None:
    """A delivered question: the person is reached, and typed words may answer it. Another push only stands last now.

    One statement for all who reached the same: a broadcast of thousands is a few of them.
    """
    shown: dict[int, str] = {}
    reached: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.lane == REPLY or row.message.edit:
            continue
        for request_id in row.message.requests if row.person_id else ():
            reached[request_id].append(str(row.person_id))
        asks = row.purpose in {"ask", "remind"}
        if not asks:
            shown[row.contact_id] = _notice(row.message)
        elif row.request_id:
            shown[row.contact_id] = row.request_id
            if row.person_id:
                reached[row.request_id].append(row.person_id)
    for request_id, persons in sorted(reached.items()):
        await connection.execute(_REACHING, {"request": request_id, "persons": sorted(persons)})
    standing = [{"door": door, "shown": seal_shown(sealer, today, words)} for door, words in sorted(shown.items())]
    await execute_many(connection, _STANDING, standing)


def _notice(message: Message) -> str:
    """What a push that asks nothing leaves behind: its choices, so that a number or their words can press them."""
    choices = [[choice.label, choice.data] for choice in message.choices]
    return PUSH_WITHOUT_REQUEST + (json.dumps(choices, ensure_ascii=False) if choices else "")
