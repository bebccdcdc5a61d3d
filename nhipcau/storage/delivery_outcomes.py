"""Records the results of delivery: delivered, to be retried, given up, contact blocked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.messages import Message
from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.model.requests import ParticipationState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import contact_routes, editable_messages
from nhipcau.storage.contacts import delete_strangers, mark_unreachable
from nhipcau.storage.database import execute_many
from nhipcau.storage.last_acts import LastAct, change_acts
from nhipcau.storage.outbox import CORRECTION, REPLY, ClaimedDelivery, NewDelivery, not_delivered, put, seal_message
from nhipcau.storage.tables import contacts, outbox, participation

#: Purposes of messages to one person, an answer to a report among them. That such a message was refused is recorded
#: nowhere (R31): only a message to many may show that somebody has blocked us, else answering a report and then looking
#: at the network would tell whose report it was.
_TO_ONE = frozenset({"notice", "reply"})


@dataclass(frozen=True, slots=True)
class RetryLater:
    """A row to send again later."""

    row: ClaimedDelivery
    due_at: datetime
    #: The app's reply was lost: the message may have arrived.
    maybe_sent: bool = False
    #: The part not yet sent, where a long message went out in part.
    rest: Message | None = None


@dataclass(slots=True)
class DeliveryResults:
    """Results a sender records in one transaction."""

    delivered: list[ClaimedDelivery] = field(default_factory=list)
    #: Given up: row and reason.
    dropped: list[tuple[ClaimedDelivery, str]] = field(default_factory=list)
    #: To be sent again later.
    retries: list[RetryLater] = field(default_factory=list)
    #: Rows whose contact the app reports as closed (the person has blocked us).
    blocked: list[ClaimedDelivery] = field(default_factory=list)
    #: Dropped because the app's delivery window is closed: the contact stays, and another may take the message.
    window_closed: list[ClaimedDelivery] = field(default_factory=list)
    #: Row id → the app's id of the message, where it may be edited later.
    refs: dict[int, str] = field(default_factory=dict)
    #: Channel → messages sent, where the app's plan limits them.
    counted: Counter[str] = field(default_factory=Counter)

    def put_first(self, earlier: DeliveryResults) -> None:
        """Put earlier results, whose transaction failed, before these, to be recorded with them."""
        self.delivered[:0] = earlier.delivered
        self.dropped[:0] = earlier.dropped
        self.retries[:0] = earlier.retries
        self.blocked[:0] = earlier.blocked
        self.window_closed[:0] = earlier.window_closed
        self.counted += earlier.counted
        self.refs |= earlier.refs

    def __bool__(self) -> bool:
        rows = (self.delivered, self.dropped, self.retries, self.blocked, self.window_closed)
        return any(rows) or bool(self.counted)


async def record_outcomes(
    connection: AsyncConnection, sealer: Sealer, results: DeliveryResults, now: datetime, today: date
) -> None:
    """Record the results of claimed rows; rows that another sender has claimed since are left alone."""
    if not results:
        return
    delivered = await _remove(connection, results.delivered)
    await _mark_reached(connection, sealer, delivered, today)
    editable = [row for row in delivered if row.message.keeps and not row.message.edit]
    sent = [(row.message, row.contact_id, results.refs.get(row.id, row.key)) for row in editable]
    await editable_messages.remember(connection, sent, now)
    await contact_routes.count_sent(connection, today, results.counted)
    closed_contacts = [row for row in results.blocked if row.purpose not in _TO_ONE]
    if closed_contacts:
        blocked = sorted({row.contact_id for row in closed_contacts})
        await connection.execute(update(contacts).where(contacts.c.id.in_(blocked)).values(reachable=False))
    # the app says the window is closed, so our own estimate was wrong, unless the person has written since
    closed = sorted({(row.contact_id, row.heard_at) for row in results.window_closed if row.heard_at is not None})
    await change_acts(connection, sealer, today, {contact: partial(_close_window, was=was) for contact, was in closed})
    removed = {row.id for row in await _remove(connection, [row for row, _ in results.dropped])}
    refused = [row for row in [*results.blocked, *results.window_closed] if row.id in removed]
    moved = {row.id for row in await _move_to_another_contact(connection, sealer, refused, now, today)}
    lost = [(row, why) for row, why in results.dropped if row.id in removed - moved]
    in_digests = [(replace(row, purpose="ask", request_id=id), why) for row, why in lost for id in row.message.requests]
    await not_delivered(connection, [*lost, *in_digests])
    await _send_as_new_message(connection, sealer, lost, now, today)
    await mark_unreachable(connection, [r.person_id for r in closed_contacts if r.person_id and r.id not in moved])
    await _retry_later(connection, sealer, results.retries, today)
    ended = [*results.delivered, *(row for row, _ in results.dropped)]
    await delete_strangers(connection, sorted({row.contact_id for row in ended if row.person_id is None}))


async def _retry_later(connection: AsyncConnection, sealer: Sealer, retries: Sequence[RetryLater], today: date) -> None:
    if not retries:
        return
    await execute_many(
        connection,
        update(outbox)
        .where(outbox.c.id == bindparam("row"), outbox.c.attempts == bindparam("fence"))
        .values(claimed_until=None, due_at=bindparam("due"), lost=bindparam("lost")),
        [
            {"row": r.row.id, "fence": r.row.attempts, "due": r.due_at, "lost": r.row.lost + r.maybe_sent}
            for r in sorted(retries, key=lambda retry: retry.row.id)
        ],
    )
    for retry in retries:
        if retry.rest is not None:
            sealed = seal_message(sealer, today, retry.row.contact_id, retry.rest.to_json())
            statement = update(outbox).where(outbox.c.id == retry.row.id, outbox.c.attempts == retry.row.attempts)
            await connection.execute(statement.values(sealed=sealed, day=today))


async def _move_to_another_contact(
    connection: AsyncConnection, sealer: Sealer, rows: Sequence[ClaimedDelivery], now: datetime, today: date
) -> list[ClaimedDelivery]:
    """Queue each push for another open contact of its person, if there is one. Returns the rows that were moved."""
    pushed = [row for row in rows if row.person_id and row.lane != REPLY and not row.message.edit]
    if not pushed:
        return []
    persons = sorted({row.person_id for row in pushed if row.person_id})
    ways, _ = await contact_routes.best_routes(connection, sealer, persons, now, today)
    moved = [row for row in pushed if row.person_id in ways and ways[row.person_id].contact_id != row.contact_id]
    deliveries = [
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
    await put(connection, sealer, today, deliveries)
    return moved


async def _send_as_new_message(
    connection: AsyncConnection, sealer: Sealer, lost: Sequence[tuple[ClaimedDelivery, str]], now: datetime, today: date
) -> None:
    """Send a correction as a new message where the old one could not be edited (for example, it was deleted)."""
    edits = [row for row, _ in lost if row.purpose == CORRECTION and row.message.edit and row.expires_at > now]
    deliveries = [
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
    await put(connection, sealer, today, deliveries)


async def _remove(connection: AsyncConnection, rows: Sequence[ClaimedDelivery]) -> list[ClaimedDelivery]:
    """Delete the rows that nobody else has claimed since; returns them in the given order, the last one last."""
    by_fence: dict[int, dict[int, ClaimedDelivery]] = defaultdict(dict)
    for row in rows:
        by_fence[row.attempts][row.id] = row
    removed: set[int] = set()
    for fence, claimed in sorted(by_fence.items()):
        removed.update(await connection.scalars(_REMOVE, {"fence": fence, "ids": sorted(claimed)}))
    return [row for row in rows if row.id in removed]


# Statements used for every batch are built once: building one costs as much as running it.
_REMOVE = (
    delete(outbox)
    .where(outbox.c.attempts == bindparam("fence"), outbox.c.id.in_(bindparam("ids", expanding=True)))
    .returning(outbox.c.id)
)
_MARK_REACHED = (
    update(participation)
    .where(
        participation.c.request_id == bindparam("request"),
        participation.c.person_id.in_(bindparam("persons", expanding=True)),
        participation.c.state.in_((ParticipationState.ASKED, ParticipationState.UNDELIVERABLE)),
    )
    .values(state=ParticipationState.REACHED, reason=None)
)


def _close_window(act: LastAct, was: datetime) -> LastAct:
    return replace(act, heard_at=None) if act.heard_at == was else act


def _show(act: LastAct, shown: str) -> LastAct:
    return LastAct(act.on, act.heard_at, shown)


async def _mark_reached(
    connection: AsyncConnection, sealer: Sealer, rows: Sequence[ClaimedDelivery], today: date
) -> None:
    """Record which requests have reached whom, and which push is now the last message of each chat, so that typed
    words can answer it.

    One statement a request, so that a broadcast to thousands takes a few statements.
    """
    last_shown: dict[int, str] = {}
    reached: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.lane == REPLY and not row.message.edit:
            # delivered after the push, so the reply is the last message
            last_shown.pop(row.contact_id, None)
        if row.lane == REPLY or row.message.edit:
            continue
        for request_id in row.message.requests if row.person_id else ():
            reached[request_id].append(str(row.person_id))
        asks = row.purpose in {"ask", "remind", "trial"}
        if not asks:
            last_shown[row.contact_id] = _choices_of(row.message)
        elif row.request_id:
            last_shown[row.contact_id] = row.request_id
            if row.person_id:
                reached[row.request_id].append(row.person_id)
    for request_id, persons in sorted(reached.items()):
        await connection.execute(_MARK_REACHED, {"request": request_id, "persons": sorted(persons)})
    shows = {id: partial(_show, shown=text) for id, text in last_shown.items()}
    await change_acts(connection, sealer, today, shows)


def _choices_of(message: Message) -> str:
    """The choices of a push without a request, as kept with its contact: typed words or numbers can then select one."""
    choices = [[choice.label, choice.data] for choice in message.choices]
    return PUSH_WITHOUT_REQUEST + (json.dumps(choices, ensure_ascii=False) if choices else "")
