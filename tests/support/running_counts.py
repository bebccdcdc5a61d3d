"""What the running counts must be, made anew from the rows; tests compare."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.tally import UNVOUCHED
from nhipcau.storage.report_counts import numbers_of
from nhipcau.storage.running_counts import CountChanges, change, forms_of
from nhipcau.storage.tables import (
    official_answers,
    official_counts,
    participation,
    participation_counts,
    poll_answers,
    poll_counts,
    report_counts,
    reports,
    requests,
)


async def recount(connection: AsyncConnection) -> dict[str, dict[tuple[Any, ...], int]]:
    """Every count made anew from the rows, by table and key."""
    found: dict[str, dict[tuple[Any, ...], int]] = {}
    p, o = participation.c, official_answers.c
    keys = (p.request_id, p.unit_id, p.state, func.coalesce(p.reason, ""), func.coalesce(p.band, ""))
    rows = await connection.execute(select(*keys, func.count()).group_by(*keys))
    ended = await _ended_polls(connection)
    found["participation_counts"] = _without_bands({tuple(row[:-1]): row[-1] for row in rows}, ended)
    keys_o = (o.request_id, o.unit_id, o.nothing_to_report, o.late)
    rows = await connection.execute(select(*keys_o, func.count()).where(o.extra.is_(False)).group_by(*keys_o))
    found["official_counts"] = {tuple(row[:-1]): row[-1] for row in rows}
    changes: CountChanges = Counter()
    # those of open polls are sealed, and counted at the end
    given = select(poll_answers.c.request_id, poll_answers.c.answers).where(poll_answers.c.sealed.is_(None))
    answers = (await connection.execute(given)).all()
    forms = await forms_of(connection, {row.request_id for row in answers})
    for row in answers:
        change(changes, row.request_id, forms[row.request_id], json.loads(row.answers), 1)
    found["poll_counts"] = dict(changes)
    found["report_counts"] = dict(_report_counts((await connection.execute(select(reports))).all()))
    return found


def _report_counts(rows: Sequence[Any]) -> Counter[tuple[Any, ...]]:
    """Of each month and each of its days (0: the month): every column by area, and every column and every two of all
    areas together."""
    columns = ("groups", "topic", "mood", "spread", "urgency", "state", "source")
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        if row.state == "withdrawn":
            continue
        for group in set(row.groups.split(",")):
            values = {name: str(getattr(row, name)) for name in columns} | {"groups": group}
            for number in (0, 1, 2):
                for cut in itertools.combinations(columns, number):
                    if "groups" not in cut and group != row.groups.split(",")[0]:
                        continue
                    a, b, *_ = *(values[name] for name in cut), "", ""
                    areas = (0, row.area_id) if number < 2 else (0,)
                    for area, day in itertools.product(areas, (0, row.day.day)):
                        found[(f"{row.day:%Y-%m}", ",".join(cut), area, a, b, day)] += 1
    return found


async def current_counts(connection: AsyncConnection) -> dict[str, dict[tuple[Any, ...], int]]:
    """Every running count that is not zero, as `recount` gives them; without what is counted at closing only."""
    found = {
        table.name: {tuple(row[:-1]): row[-1] for row in await connection.execute(select(table)) if row[-1]}
        for table in (participation_counts, official_counts, poll_counts)
    }
    # not one that is nought: it would tell what a withdrawn report said
    counts = found["report_counts"] = {}
    for *key, number, days in await connection.execute(select(report_counts)):
        counts[(*key, 0)] = number
        counts |= {(*key, day): count for day, count in enumerate(numbers_of(days), start=1) if count}
    polls = found["poll_counts"]
    found["poll_counts"] = {key: number for key, number in polls.items() if key[1:] != UNVOUCHED}
    ended = await _ended_polls(connection)
    return {**found, "participation_counts": _without_bands(found["participation_counts"], ended)}


async def _ended_polls(connection: AsyncConnection) -> set[str]:
    """Ids of polls that are over: how soon people answered them stands in the counts alone."""
    ended = select(requests.c.id).where(requests.c.kind == "poll", requests.c.state.in_(("closed", "stopped")))
    return set(await connection.scalars(ended))


def _without_bands(counts: dict[tuple[Any, ...], int], ended: set[str]) -> dict[tuple[Any, ...], int]:
    """The counts of these polls without the share of the time allowed that answers took."""
    found: Counter[tuple[Any, ...]] = Counter()
    for (id, *key, band), number in counts.items():
        found[(id, *key, "" if id in ended else band)] += number
    return dict(found)
