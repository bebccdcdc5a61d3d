"""Sendings of the console that wait for their minute, and those that were refused at its end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.request_queries import HeldSendings
from nhipcau.model.scope import Access
from nhipcau.model.sendings import HeldSending, Sending
from nhipcau.storage import held_acts
from nhipcau.storage.held_acts import HeldAct
from nhipcau.storage.registry import QueryContext, answers_each

#: Kinds of held acts: one that waits, and one that could not be sent.
WAITING, REFUSED = "request", "refused"
#: So long the page of a sending says why it was refused.
_REFUSAL_SHOWN = timedelta(days=7)


async def hold(connection: AsyncConnection, id: str, sending: Sending, due_at: datetime) -> None:
    await held_acts.hold(connection, HeldAct(id, WAITING, sending.id, due_at, sending.to_json(), "{}"))


async def keep_refusal(connection: AsyncConnection, id: str, sending: Sending, why: str, now: datetime) -> None:
    """Keep a sending that could not be made, without who sent it, and the sentence why."""
    body, undo = replace(sending, asked_by="").to_json(), json.dumps({"why": why}, ensure_ascii=False)
    await held_acts.hold(connection, HeldAct(id, REFUSED, sending.id, now + _REFUSAL_SHOWN, body, undo))


@answers_each(HeldSendings)
async def _held(at: QueryContext, need: HeldSendings) -> Sequence[HeldSending]:
    found = []
    for kind in (WAITING, REFUSED):
        of_kind = held_acts.held_about(at.connection, kind, need.id) if need.id else None
        for act in await (of_kind or held_acts.held_of_kind(at.connection, kind)):
            sending = Sending.from_json(act.body)
            unit = at.tree.by_code.get(sending.unit)
            if unit and need.scope.holds(unit) and need.scope.reads(Access.FIGURES):
                why = json.loads(act.undo).get("why", "")
                found.append(HeldSending(act.id, sending, unit, act.due_at, why))
    return found
