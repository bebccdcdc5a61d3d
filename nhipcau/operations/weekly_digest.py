"""Releases, in a new week, the messages beyond last week's limit; several for one contact become one message."""

from __future__ import annotations

from itertools import groupby

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import AskedRequest, choice
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.screens import short_title
from nhipcau.model.requests import Request
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import outbox, requests, weekly_budget
from nhipcau.storage.database import in_chunks
from nhipcau.storage.outbox import BROADCAST, REMINDER, NewDelivery
from nhipcau.storage.weekly_budget import HeldMessage

#: Requests in one digest; more make a further digest.
_MAX_NAMES = 8


async def release(context: OperationContext) -> int:
    """Release all that waits; returns the number of deliveries looked at."""
    rows = await weekly_budget.waited(context.connection, context.now)
    ids = sorted({row.request_id for row in rows if row.request_id})
    open_now = await requests.read_requests(context.connection, context.tree, ids)
    for _, of_contact in groupby(rows, key=lambda row: row.contact_id):
        await _release_for_contact(context, list(of_contact), open_now)
    return len(rows)


async def _release_for_contact(
    context: OperationContext, rows: list[HeldMessage], open_now: dict[str, Request]
) -> None:
    """Drop what needs no answer any more; send a single message as it is, several as a digest."""
    useless = [row for row in rows if row.request_id and not row.wanted]
    asks = {row.request_id: row for row in rows if row.request_id and row.wanted}
    if len(asks) < 2:
        # of a question and its reminder only the reminder remains, which contains the question
        remaining = [row for row in rows if not row.request_id or row in asks.values()]
        reminders = [row for row in remaining if row.purpose == "remind"]
        await weekly_budget.drop(context.connection, [row for row in rows if row not in remaining or row in reminders])
        await weekly_budget.release(context.connection, [row for row in remaining if row not in reminders])
        deliveries = [_reminder(row, open_now[row.request_id], context) for row in reminders if row.request_id]
        await outbox.put(context.connection, context.sealer, context.today, deliveries)
        return
    await weekly_budget.drop(context.connection, [*useless, *(row for row in rows if row.request_id and row.wanted)])
    await weekly_budget.release(context.connection, [row for row in rows if not row.request_id])
    named = sorted((open_now[id] for id in asks if id), key=lambda request: (request.closes_at, request.id))
    deliveries = [
        NewDelivery(
            contact_id=rows[0].contact_id,
            message=digest(some, context, texts(rows[0].language)),
            lane=BROADCAST,
            due_at=context.now,
            expires_at=max(request.closes_at for request in some),
            purpose="digest",
            held=True,
        )
        for some in in_chunks(named, _MAX_NAMES)
    ]
    await outbox.put(context.connection, context.sealer, context.today, deliveries)


def _reminder(row: HeldMessage, request: Request, context: OperationContext) -> NewDelivery:
    """The reminder with the time that is left now."""
    return NewDelivery(
        contact_id=row.contact_id,
        message=request_messages.remind(request, context.office.zone, context.now, row.begun, texts(row.language)),
        lane=REMINDER,
        due_at=context.now,
        expires_at=request.closes_at,
        purpose="remind",
        request_id=request.id,
        held=True,
    )


def digest(named: list[Request], context: OperationContext, t: Texts) -> Message:
    """Each request with the time left, and a choice that opens it."""
    lines = [t("push.digest", n=len(named))]
    lines += [f"• {r.title} – {request_messages.time_left(r.closes_at, context.now, t)}" for r in named]
    choices = tuple(choice(short_title(r.title), AskedRequest(r.id)) for r in named)
    return Message("\n".join(lines), choices, requests=tuple(r.id for r in named))
