"""A new week has begun: what was over the last one's bound goes out, several for one person as one message."""

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

#: Matters one digest names; more are one more.
_NAMED = 8


async def release(work: OperationContext) -> int:
    """Returns how many rows were looked at."""
    rows = await weekly_budget.waited(work.connection, work.now)
    ids = sorted({row.request_id for row in rows if row.request_id})
    open_now = await requests.read_requests(work.connection, work.office.tree, ids)
    for _, of_door in groupby(rows, key=lambda row: row.contact_id):
        await _release_door(work, list(of_door), open_now)
    return len(rows)


async def _release_door(work: OperationContext, rows: list[HeldMessage], open_now: dict[str, Request]) -> None:
    """What needs no answer any more goes; one thing goes out as it is, several as a digest."""
    useless = [row for row in rows if row.request_id and not row.wanted]
    asks = {row.request_id: row for row in rows if row.request_id and row.wanted}
    if len(asks) < 2:
        # a question before its own reminder: that one says it too
        kept = [row for row in rows if not row.request_id or row in asks.values()]
        reminders = [row for row in kept if row.purpose == "remind"]
        await weekly_budget.drop(work.connection, [row for row in rows if row not in kept or row in reminders])
        await weekly_budget.release(work.connection, [row for row in kept if row not in reminders])
        parcels = [_reminder(row, open_now[row.request_id], work) for row in reminders if row.request_id]
        await outbox.put(work.connection, work.sealer, work.today, parcels)
        return
    await weekly_budget.drop(work.connection, [*useless, *(row for row in rows if row.request_id and row.wanted)])
    await weekly_budget.release(work.connection, [row for row in rows if not row.request_id])
    named = sorted((open_now[id] for id in asks if id), key=lambda request: (request.closes_at, request.id))
    # whoever gets one was asked what it names, and nothing else
    parcels = [
        NewDelivery(
            contact_id=rows[0].contact_id,
            message=digest(some, work, texts(rows[0].language)),
            lane=BROADCAST,
            due_at=work.now,
            expires_at=max(request.closes_at for request in some),
            purpose="digest",
            held=True,
        )
        for some in in_chunks(named, _NAMED)
    ]
    await outbox.put(work.connection, work.sealer, work.today, parcels)


def _reminder(row: HeldMessage, request: Request, work: OperationContext) -> NewDelivery:
    """Made anew: how long is left is not what it was last week."""
    return NewDelivery(
        contact_id=row.contact_id,
        message=request_messages.remind(request, work.office.zone, work.now, row.begun, texts(row.language)),
        lane=REMINDER,
        due_at=work.now,
        expires_at=request.closes_at,
        purpose="remind",
        request_id=request.id,
        held=True,
    )


def digest(named: list[Request], work: OperationContext, t: Texts) -> Message:
    """Each with how long is left, those that end first first, and a choice that opens it."""
    lines = [t("push.digest", n=len(named))]
    lines += [f"• {r.title} – {request_messages.left(r.closes_at, work.now, t)}" for r in named]
    choices = tuple(choice(short_title(r.title), AskedRequest(r.id)) for r in named)
    return Message("\n".join(lines), choices, requests=tuple(r.id for r in named))
