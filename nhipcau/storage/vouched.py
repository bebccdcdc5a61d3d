"""Who counts for k = 5 (rule R14): people the office itself knows as different persons.

With a unit's open code one person can join on several phones, so five contacts need not be five people. Where people of
a commune have joined as persons of the roster, only they count there; whoever came by the open code is asked, and
answers, without counting. A commune that keeps no roster has nothing better than its contacts, and they count. Nobody
counts who joined after the poll opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.queries import CountVouched
from nhipcau.model.requests import ParticipationState, Request
from nhipcau.storage.audiences import available
from nhipcau.storage.database import in_chunks
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import participation, people


@answers_each(CountVouched)
async def _count_vouched(at: QueryContext, need: CountVouched) -> int:
    everybody = available(need.scope, need.audience).subquery()
    columns = (everybody.c.unit_id, everybody.c.on_roster)
    rows = await at.connection.execute(select(*columns, func.count()).group_by(*columns))
    found = _vouched(((unit_id, on_roster, n) for unit_id, on_roster, n in rows), at.tree)
    return min(found, need.audience.sample) if need.audience.sample else found


async def vouched_among(connection: AsyncConnection, tree: Tree, person_ids: Iterable[str]) -> int:
    """How many of these people count."""
    columns = (people.c.unit_id, people.c.on_roster)
    groups: list[tuple[int, bool, int]] = []
    for chunk in in_chunks(sorted(person_ids)):
        chosen = select(*columns, func.count()).where(people.c.id.in_(chunk)).group_by(*columns)
        groups += [(row[0], row[1], row[2]) for row in await connection.execute(chosen)]
    return _vouched(groups, tree)


async def unvouched_answers(connection: AsyncConnection, tree: Tree, request: Request) -> int:
    """How many of those who answered this poll do not count; who has left meanwhile does not."""
    answered = and_(participation.c.request_id == request.id, participation.c.state == ParticipationState.ANSWERED)
    total = await connection.scalar(select(func.count()).select_from(participation).where(answered))
    in_time = and_(people.c.consented_at.is_not(None), people.c.consented_at <= request.opens_at)
    asked = await _by_unit(connection, participation.c.request_id == request.id)
    keeps_roster = {tree.commune_of(tree.by_id[unit_id]).id for unit_id, on_roster, _ in asked if on_roster}
    vouched = 0
    for unit_id, on_roster, number in await _by_unit(connection, and_(answered, in_time)):
        if on_roster or tree.commune_of(tree.by_id[unit_id]).id not in keeps_roster:
            vouched += number
    return int(total or 0) - vouched


async def _by_unit(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[tuple[int, bool, int]]:
    columns = (people.c.unit_id, people.c.on_roster)
    joined = participation.join(people, people.c.id == participation.c.person_id)
    statement = select(*columns, func.count()).select_from(joined).where(condition).group_by(*columns)
    return [(row[0], row[1], row[2]) for row in await connection.execute(statement)]


def _vouched(groups: Iterable[tuple[int, bool, int]], tree: Tree) -> int:
    """Of groups (unit id, on the roster, number of people): how many people count."""
    known: Counter[int] = Counter()
    others: Counter[int] = Counter()
    for unit_id, on_roster, number in groups:
        (known if on_roster else others)[tree.commune_of(tree.by_id[unit_id]).id] += number
    return known.total() + sum(number for commune, number in others.items() if commune not in known)
