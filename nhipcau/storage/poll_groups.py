"""Results of polls by cluster: counted when a poll closes, kept only as far as they may be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.catalogue import texts
from nhipcau.model.poll_groups import OTHERS, GroupCount, group_counts
from nhipcau.model.queries import PollGroups
from nhipcau.model.requests import Request
from nhipcau.model.scope import Access, Scope
from nhipcau.model.shown_answers import shown_questions
from nhipcau.storage import running_counts
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import poll_groups
from nhipcau.storage.units import load_tree


async def keep(
    connection: AsyncConnection, request: Request, by_unit: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Keep what may be shown by cluster of a poll that has just been counted. Where some of the answers don't count for
    k, nothing is."""
    tally = await running_counts.tally(connection, Scope.office(), request)
    if request.content.sealed or tally.unvouched:
        return
    # read anew: clusters may have changed since this process began
    tree = await load_tree(connection)
    by_cluster: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for code, given in by_unit.items():
        by_cluster[tree.cluster_of(tree.by_code[code]) if code in tree.by_code else OTHERS] += given
    t = texts("vi")
    shown = shown_questions(request.form, tally, t, request.withheld)
    rows = [
        {"request_id": request.id, "name": c.group, "question": c.question, "option": c.option, "number": c.number}
        for c in group_counts(request.form, by_cluster, shown, t)
    ]
    if rows:
        await connection.execute(insert(poll_groups), sorted(rows, key=lambda row: tuple(map(str, row.values()))))


async def groups_of(connection: AsyncConnection, scope: Scope, request: Request) -> list[GroupCount]:
    """The numbers by cluster of a poll asked by a unit of the scope."""
    if not (scope.reads(Access.FIGURES) and scope.holds(request.unit)):
        return []
    rows = await connection.execute(select(poll_groups).where(poll_groups.c.request_id == request.id))
    return [GroupCount(row.name, row.question, row.option, row.number) for row in rows]


@answers_each(PollGroups)
async def _groups(at: QueryContext, need: PollGroups) -> Sequence[GroupCount]:
    return await groups_of(at.connection, need.scope, need.request)
