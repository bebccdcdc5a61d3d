"""Trials: a request that a coordinator has sent to themselves alone, to see it as others will. No row of requests knows
it, so that no answer to it can be stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.requests import Audience, Participation, ParticipationState, Request, RequestState
from nhipcau.storage.database import insert_into
from nhipcau.storage.held_acts import held_of_kind
from nhipcau.storage.request_content import content_values, read_content
from nhipcau.storage.tables import held_acts

#: The kind of held act; at its moment it is deleted and nothing is done.
TRIAL = "trial"
#: How long a trial can be answered.
LASTS = timedelta(hours=24)


async def keep(connection: AsyncConnection, request: Request, person_id: str, now: datetime) -> bool:
    """Keep it for its time. False: it is there already."""
    content = content_values(request.content, Audience(()))
    body = {"content": content, "unit": request.unit.id, "asked": request.asked, "person": person_id}
    moments = {"opens_at": now.isoformat(), "closes_at": request.closes_at.isoformat()}
    line = json.dumps({**body, **moments}, ensure_ascii=False)
    values = {"id": request.id, "kind": TRIAL, "subject": request.id, "due_at": now + LASTS, "body": line}
    statement = insert_into(connection, held_acts).values(**values, undo="{}", undone=False)
    return (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def count_trials(connection: AsyncConnection, person_id: str) -> int:
    """How many of this person's are kept."""
    return sum(json.loads(act.body)["person"] == person_id for act in await held_of_kind(connection, TRIAL))


async def forget_trials(connection: AsyncConnection, person_id: str) -> None:
    """Delete those of somebody who leaves."""
    own = held_acts.c.body.contains(json.dumps({"person": person_id})[1:-1])
    await connection.execute(delete(held_acts).where(held_acts.c.kind == TRIAL, own))


async def is_picture_of_trial(connection: AsyncConnection, name: str) -> bool:
    tried = select(held_acts.c.id).where(held_acts.c.kind == TRIAL, held_acts.c.body.contains(f'"photo": "{name}"'))
    return await connection.scalar(tried.limit(1)) is not None


async def trials_for(
    connection: AsyncConnection, tree: Tree, wanted: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Request]:
    """(id, person id) → the trial of this id, where it is this person's."""
    if not wanted:
        return {}
    ids = sorted({id for id, _ in wanted})
    statement = select(held_acts.c.subject, held_acts.c.body).where(
        held_acts.c.kind == TRIAL, held_acts.c.subject.in_(ids)
    )
    found = {}
    for id, line in await connection.execute(statement):
        body = json.loads(line)
        if (id, body["person"]) in wanted:
            found[id, body["person"]] = _read(id, body, tree)
    return found


def _read(id: str, body: Mapping[str, Any], tree: Tree) -> Request:
    return Request(
        id,
        tree.by_id[body["unit"]],
        read_content(body["content"], ""),
        RequestState.OPEN,
        datetime.fromisoformat(body["opens_at"]),
        datetime.fromisoformat(body["closes_at"]),
        body["asked"],
        participation=Participation(ParticipationState.REACHED),
        is_trial=True,
    )
