"""Whom a request is for: counted, forecast, chosen, asked; and who could not be told."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.people import Person, PersonState
from nhipcau.model.queries import CountAudience, ForecastAudience
from nhipcau.model.requests import Audience, ParticipationState, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.storage import contact_routes, weekly_budget
from nhipcau.storage.answers import is_settled
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.people import read_person
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.request_content import read_audience
from nhipcau.storage.tables import contacts, participation, people, requests, units
from nhipcau.storage.units import inside, within


def _willing(scope: Scope, audience: Audience) -> Select[Any]:
    """People who would be asked now: consented, not paused, with a living door, of the audience and the scope."""
    somewhere = or_(*(inside(path) for path in audience.paths))
    door = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True)).exists()
    return (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(within(scope, Access.FIGURES), somewhere, door)
        .where(people.c.state == PersonState.CONSENTED, people.c.role.in_(list(audience.roles)))
    )


async def count_audience(connection: AsyncConnection, scope: Scope, audience: Audience) -> int:
    count = await connection.scalar(select(func.count()).select_from(_willing(scope, audience).subquery()))
    found = int(count or 0)
    return min(found, audience.sample) if audience.sample else found


@answers_each(CountAudience)
async def _count_audience(at: QueryContext, need: CountAudience) -> int:
    return await count_audience(at.connection, need.scope, need.audience)


async def forecast_audience(
    connection: AsyncConnection, scope: Scope, audience: Audience, now: datetime, today: date, budget: int = 0
) -> AudienceForecast:
    """How everybody in this audience would be told now (of a sample: everybody it is drawn from).

    `budget`: non-urgent messages a person may have in a week; 0: none is counted, or this is urgent.
    """
    ids = list(await connection.scalars(_willing(scope, audience).with_only_columns(people.c.id)))
    found = await contact_routes.forecast_delivery(connection, ids, now, today)
    return replace(found, full=await weekly_budget.used_up(connection, ids, today, budget))


@answers_each(ForecastAudience)
async def _forecast_audience(at: QueryContext, need: ForecastAudience) -> AudienceForecast:
    return await forecast_audience(at.connection, need.scope, need.audience, at.now, at.today, need.budget)


async def choose_people(connection: AsyncConnection, scope: Scope, tree: Tree, audience: Audience) -> list[Person]:
    """Whom to ask, in random order; a sample is drawn at random."""
    rows = (await connection.execute(_willing(scope, audience))).mappings()
    found = [read_person(row, tree) for row in rows]
    secrets.SystemRandom().shuffle(found)
    return found[: audience.sample] if audience.sample else found


async def ask_people(connection: AsyncConnection, request_id: str, asked: Sequence[Person]) -> None:
    """One row of participation each; who has one already keeps it."""
    await execute_many(
        connection,
        insert_into(connection, participation).on_conflict_do_nothing(),
        [
            {
                "request_id": request_id,
                "person_id": p.id,
                "unit_id": p.unit.id,
                "state": ParticipationState.ASKED,
            }
            for p in asked
        ],
    )


async def mark_undelivered(connection: AsyncConnection, id: str, shut: Mapping[str, str]) -> None:
    """Asked, and nothing can be sent to these people now; each with why."""
    statement = (
        update(participation)
        .where(
            participation.c.request_id == id,
            participation.c.person_id == bindparam("person"),
            participation.c.state == ParticipationState.ASKED,
        )
        .values(state=ParticipationState.UNDELIVERABLE, reason=bindparam("why"))
    )
    await execute_many(connection, statement, [{"person": person, "why": why} for person, why in sorted(shut.items())])


async def waiting_undelivered(connection: AsyncConnection, person_ids: Sequence[str]) -> list[str]:
    """Which of these people want to be told, and have an open request that could not be delivered."""
    if not person_ids:
        return []
    return list(await connection.scalars(_UNDELIVERED, {"persons": sorted(set(person_ids))}))


# of every batch: made once
_UNDELIVERED = (
    select(participation.c.person_id)
    .distinct()
    .join(requests, requests.c.id == participation.c.request_id)
    .join(people, people.c.id == participation.c.person_id)
    .where(
        participation.c.person_id.in_(bindparam("persons", expanding=True)),
        participation.c.state == ParticipationState.UNDELIVERABLE,
        requests.c.state == RequestState.OPEN,
        people.c.state == PersonState.CONSENTED,
    )
)


async def undelivered_to(connection: AsyncConnection, person_id: str) -> list[str]:
    """Open requests that could not be delivered to this person; they count as asked again from now on."""
    mine = participation.join(requests, requests.c.id == participation.c.request_id)
    lost = (participation.c.person_id == person_id, participation.c.state == ParticipationState.UNDELIVERABLE)
    found = select(participation.c.request_id).select_from(mine).where(*lost, requests.c.state == RequestState.OPEN)
    ids = list(await connection.scalars(found))
    if ids:
        again = update(participation).where(*lost, participation.c.request_id.in_(ids))
        await connection.execute(again.values(state=ParticipationState.ASKED, reason=None))
    return ids


async def audience_of(connection: AsyncConnection, id: str) -> Audience:
    return read_audience(str(await connection.scalar(select(requests.c.audience).where(requests.c.id == id))))


async def open_to(connection: AsyncConnection, person: Person, now: datetime) -> list[str]:
    """Ids of open requests that somebody who joins now belongs to; never a sample, nor what their unit has settled."""
    statement = select(requests.c.id, requests.c.audience).where(
        requests.c.state == RequestState.OPEN, requests.c.closes_at > now
    )
    statement = statement.where(~is_settled(person.unit.id))
    rows = [(id, read_audience(line)) for id, line in await connection.execute(statement)]
    return [id for id, audience in rows if audience.sample is None and _is_for(audience, person)]


def _is_for(audience: Audience, person: Person) -> bool:
    return person.role in audience.roles and any(person.unit.path.startswith(path) for path in audience.paths)
