"""What the running counts must be, made anew from the rows; tests compare."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.tally import UNVOUCHED
from nhipcau.storage.running_counts import CountChanges, change, forms_of
from nhipcau.storage.tables import (
    official_answers,
    official_counts,
    participation,
    participation_counts,
    poll_answers,
    poll_counts,
)


async def recount(connection: AsyncConnection) -> dict[str, dict[tuple[Any, ...], int]]:
    """Every count made anew from the rows, by table and key."""
    found: dict[str, dict[tuple[Any, ...], int]] = {}
    p, o = participation.c, official_answers.c
    keys = (p.request_id, p.unit_id, p.state, func.coalesce(p.reason, ""), func.coalesce(p.band, ""))
    rows = await connection.execute(select(*keys, func.count()).group_by(*keys))
    found["participation_counts"] = {tuple(row[:-1]): row[-1] for row in rows}
    keys_o = (o.request_id, o.unit_id, o.nothing_to_report, o.late)
    rows = await connection.execute(select(*keys_o, func.count()).where(o.extra.is_(False)).group_by(*keys_o))
    found["official_counts"] = {tuple(row[:-1]): row[-1] for row in rows}
    changes: CountChanges = Counter()
    answers = (await connection.execute(select(poll_answers.c.request_id, poll_answers.c.answers))).all()
    forms = await forms_of(connection, {row.request_id for row in answers})
    for row in answers:
        change(changes, row.request_id, forms[row.request_id], json.loads(row.answers), 1)
    found["poll_counts"] = dict(changes)
    return found


async def current_counts(connection: AsyncConnection) -> dict[str, dict[tuple[Any, ...], int]]:
    """Every running count that is not zero, as `recount` gives them; without what is counted at closing only."""
    found = {
        table.name: {tuple(row[:-1]): row[-1] for row in await connection.execute(select(table)) if row[-1]}
        for table in (participation_counts, official_counts, poll_counts)
    }
    polls = found["poll_counts"]
    found["poll_counts"] = {key: number for key, number in polls.items() if key[1:] != UNVOUCHED}
    return found
