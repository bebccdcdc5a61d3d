"""Who answered, or was asked, which poll: to see which polls some of the same people answered (rule R14). What is read
here leaves the transaction only as ids of questions that are not shown, or as one earlier poll."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.forms.model import Form
from nhipcau.model.nearly_same import LOOKED_BACK, Answerers, PollOfPeople, withheld_questions
from nhipcau.model.requests import ParticipationState, Request, RequestState
from nhipcau.storage.tables import participation, people, requests

_LINKS = (requests.c.repeats, requests.c.rule_id)


async def withhold(connection: AsyncConnection, closing: Request) -> frozenset[str]:
    """Decide which questions of a closing poll are not shown, and keep it; their ids."""
    if connection.dialect.name != "sqlite":
        # polls that close at once are looked at one after the other
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("polls.closing", 0))))
    closed = [p for p in await _closed_polls(connection, closing.opens_at, answered=True) if p.id != closing.id]
    mine = (await _people_of(connection, [closing.id], answered=True))[closing.id]
    own = await connection.execute(select(*_LINKS).where(requests.c.id == closing.id))
    repeats, rule = own.one()
    found = withheld_questions(
        PollOfPeople(closing.id, closing.form, closing.opens_at, mine, repeats=repeats or "", rule=rule or ""), closed
    )
    kept = json.dumps(sorted(found)) if found else ""
    await connection.execute(requests.update().where(requests.c.id == closing.id).values(withheld=kept))
    return found


async def asked_before(connection: AsyncConnection, planned: PollOfPeople) -> bool:
    """Whether a closed poll has put a question of this one to some of these people, but not to exactly them."""
    closed = await _closed_polls(connection, planned.opens_at, answered=False)
    return any(withheld_questions(planned, [poll]) for poll in closed)


def read_withheld(line: str) -> frozenset[str]:
    return frozenset(json.loads(line)) if line else frozenset()


async def _closed_polls(connection: AsyncConnection, since: datetime, *, answered: bool) -> list[PollOfPeople]:
    recent = (requests.c.kind == "poll", requests.c.state == RequestState.CLOSED)
    columns = (requests.c.id, requests.c.form, requests.c.opens_at, requests.c.withheld, *_LINKS)
    statement = select(*columns).where(*recent, requests.c.opens_at >= since - LOOKED_BACK)
    rows = (await connection.execute(statement)).all()
    sets = await _people_of(connection, [row.id for row in rows], answered=answered)
    return [
        PollOfPeople(
            row.id,
            Form.from_json(row.form),
            row.opens_at,
            sets[row.id],
            read_withheld(row.withheld),
            row.repeats or "",
            row.rule_id or "",
        )
        for row in rows
    ]


async def _people_of(connection: AsyncConnection, ids: Sequence[str], *, answered: bool) -> dict[str, Answerers]:
    """Request id → who answered it, or was asked it. Who has left stands there under an id of nobody."""
    known = participation.outerjoin(people, people.c.id == participation.c.person_id)
    statement = select(participation.c.request_id, people.c.id.label("person")).select_from(known)
    statement = statement.where(participation.c.request_id.in_(sorted(ids)))
    if answered:
        statement = statement.where(participation.c.state == ParticipationState.ANSWERED)
    found: defaultdict[str, set[Any]] = defaultdict(set)
    left: defaultdict[str, int] = defaultdict(int)
    for row in await connection.execute(statement):
        if row.person is None:
            left[row.request_id] += 1
        else:
            found[row.request_id].add(row.person)
    return {id: Answerers(frozenset(found[id]), left[id]) for id in ids}
