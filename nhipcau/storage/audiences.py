"""The audience of a request: counting, forecasting and choosing people, and recording who could not be reached."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.actions.sampling import MOST_SEED, draw_sample
from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.delivery_windows import WindowState
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.counts import AudienceForecast, ReachOutline, WindowedApp
from nhipcau.model.nearly_same import Answerers, PollOfPeople
from nhipcau.model.people import Person, PersonState
from nhipcau.model.queries import AskedBefore, CountAudience, ForecastAudience, OutlineReach
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, Each, ParticipationState, Request, RequestState, SampleDraw
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer
from nhipcau.privacy.suppression import may_show
from nhipcau.storage import contact_routes, weekly_budget
from nhipcau.storage.answers import is_settled, mark_undeliverable
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.overlaps import asked_before
from nhipcau.storage.people import read_person
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.request_content import read_audience, write_audience
from nhipcau.storage.tables import contacts, outbox, participation, people, requests, units
from nhipcau.storage.units import inside, within


def available(scope: Scope, audience: Audience) -> Select[Any]:
    """Who would be asked now: of the audience and the scope, consented, not paused, with a reachable contact."""
    reachable = (contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True))
    has_contact = select(contacts.c.id).where(*reachable).exists()
    drawn = [people.c.id.in_(audience.people)] if audience.people else []
    return (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(within(scope, Access.FIGURES), _is_meant(audience), has_contact, *drawn)
        .where(people.c.state == PersonState.CONSENTED)
    )


def _is_meant(audience: Audience) -> ColumnElement[bool]:
    """Whether a person, joined with their unit, is one of those this audience is for."""
    meant = and_(or_(*(inside(path) for path in audience.paths)), people.c.role.in_(list(audience.roles)))
    return and_(meant, people.c.responsible.is_(True)) if audience.responsible else meant


async def count_audience(connection: AsyncConnection, scope: Scope, audience: Audience) -> int:
    count = await connection.scalar(select(func.count()).select_from(available(scope, audience).subquery()))
    found = int(count or 0)
    return min(found, audience.sample) if audience.sample else found


async def count_unasked(connection: AsyncConnection, scope: Scope, audience: Audience) -> dict[str, int]:
    """Why people of the audience would not be asked now → how many; what they are, as the network shows it."""
    reachable = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True))
    why = case(
        (people.c.state != PersonState.CONSENTED, people.c.state),
        (~reachable.exists(), str(PersonState.UNREACHABLE)),
        else_="",
    )
    statement = (
        select(why, func.count())
        .join(units, units.c.id == people.c.unit_id)
        .where(within(scope, Access.NETWORK), _is_meant(audience))
        .where(people.c.state != PersonState.LEFT)
        .group_by(why)
    )
    return {state: number for state, number in await connection.execute(statement) if state}


@answers_each(CountAudience)
async def _count_audience(at: QueryContext, need: CountAudience) -> int:
    return await count_audience(at.connection, need.scope, need.audience)


@answers_each(AskedBefore)
async def _asked_before(at: QueryContext, need: AskedBefore) -> bool:
    if need.audience.sample and not need.audience.people:
        return False
    ids = await at.connection.scalars(available(need.scope, need.audience).with_only_columns(people.c.id))
    planned = PollOfPeople("", need.form, need.opens_at, Answerers(frozenset(ids)), repeats=need.repeats)
    return await asked_before(at.connection, planned)


async def forecast_audience(
    connection: AsyncConnection,
    scope: Scope,
    sealer: Sealer,
    audience: Audience,
    now: datetime,
    today: date,
    budget: int = 0,
) -> AudienceForecast:
    """How the request would reach each person of this audience now (for a sample: everybody it is drawn from).

    `budget`: the weekly limit of non-urgent messages a person; 0: no limit applies, or the request is urgent.
    """
    ids = list(await connection.scalars(available(scope, audience).with_only_columns(people.c.id)))
    found = await contact_routes.forecast_delivery(connection, sealer, ids, now, today)
    return replace(found, full=await weekly_budget.count_at_limit(connection, ids, today, budget))


@answers_each(ForecastAudience)
async def _forecast_audience(at: QueryContext, need: ForecastAudience) -> AudienceForecast:
    return await forecast_audience(at.connection, need.scope, at.sealer, need.audience, at.now, at.today, need.budget)


#: People of the installation who must use an app before shares of them are told.
_SHARES_FROM = 20


@answers_each(OutlineReach)
async def _outline_reach(at: QueryContext, need: OutlineReach) -> ReachOutline:
    connection = at.connection
    ids = available(need.scope, need.audience).with_only_columns(people.c.id)
    using = select(contacts.c.channel, func.count(contacts.c.person_id.distinct())).group_by(contacts.c.channel)
    using = using.where(contacts.c.person_id.in_(ids), contacts.c.reachable.is_(True)).order_by(contacts.c.channel)
    found = {channel: int(number) for channel, number in await connection.execute(using)}
    windowed = []
    for channel in sorted(found.keys() & WINDOWS.keys()):
        window = WINDOWS[channel]
        states = await contact_routes.window_states(connection, at.sealer, channel, window, at.now)
        everybody = sum(states.values())
        tenths = None
        if everybody >= _SHARES_FROM:
            paid, closed = (round(10 * states[state] / everybody) for state in (WindowState.PAID, WindowState.CLOSED))
            tenths = (paid, closed)
        windowed.append(WindowedApp(channel, found[channel], window.price, tenths))
    sent = await contact_routes.sent_in(connection, at.today)
    plans = tuple((name, sent[name], PLANS[name].messages, found[name]) for name in sorted(PLANS.keys() & found.keys()))
    joined = list(await connection.scalars(select(people.c.id).where(people.c.state == PersonState.CONSENTED)))
    full = await weekly_budget.count_at_limit(connection, joined, at.today, need.budget) if need.budget else 0
    return ReachOutline(tuple(sorted(found.items())), tuple(windowed), plans, some_full=may_show(full))


async def drawn_from(connection: AsyncConnection, scope: Scope, tree: Tree, audience: Audience) -> dict[str, Unit]:
    """Id of everybody a sample of this audience is drawn from → their unit."""
    ids = available(scope, audience).with_only_columns(people.c.id, people.c.unit_id)
    return {id: tree.by_id[unit_id] for id, unit_id in await connection.execute(ids)}


async def choose_people(
    connection: AsyncConnection, scope: Scope, sealer: Sealer, tree: Tree, audience: Audience
) -> list[Person]:
    """Everybody of the audience who can be asked, in random order."""
    rows = (await connection.execute(available(scope, audience))).mappings()
    found = [read_person(row, sealer, tree) for row in rows]
    secrets.SystemRandom().shuffle(found)
    return found


async def choose_sample(
    connection: AsyncConnection, request_id: str, audience: Audience, found: Sequence[Person], today: date
) -> list[Person]:
    """The sample among these people: drawn now, and kept how; or who of a sample drawn beforehand is among them."""
    if audience.draw:
        of_request = participation.c.request_id == request_id
        chosen = set(await connection.scalars(select(participation.c.person_id).where(of_request)))
        # whoever is asked gets their place anew, with the unit they have now
        await connection.execute(delete(participation).where(of_request))
    else:
        frame = {person.id: "" for person in found}
        draw = SampleDraw(secrets.randbelow(MOST_SEED), min(audience.sample or 0, len(frame)), len(frame), today)
        kept = write_audience(replace(audience, draw=draw))
        await connection.execute(update(requests).where(requests.c.id == request_id).values(audience=kept))
        chosen = set(draw_sample(frame, draw.size, draw.seed))
    return [person for person in found if person.id in chosen]


async def ask_people(connection: AsyncConnection, tree: Tree, request: Request, asked: Sequence[Person]) -> None:
    """Add a participation row for each person, with the unit they answer for; existing rows stay as they are."""
    shared = {"request_id": request.id, "state": ParticipationState.ASKED}
    by_commune = request.content.each is Each.COMMUNE
    units_of = {person.id: tree.commune_of(person.unit) if by_commune else person.unit for person in asked}
    rows = [{**shared, "person_id": person.id, "unit_id": units_of[person.id].id} for person in asked]
    await execute_many(connection, insert_into(connection, participation).on_conflict_do_nothing(), rows)


async def mark_undelivered(connection: AsyncConnection, id: str, reasons: Mapping[str, str]) -> None:
    """Record that nothing can be sent to these people now. `reasons`: person id → why."""
    await mark_undeliverable(connection, [(id, person_id, why) for person_id, why in sorted(reasons.items())])


async def waiting_undelivered(connection: AsyncConnection, person_ids: Sequence[str]) -> list[str]:
    """Which of these people accept messages and have an open request that could not be delivered to them."""
    if not person_ids:
        return []
    return list(await connection.scalars(_UNDELIVERED, {"persons": sorted(set(person_ids))}))


# used for every batch, so it is built only once
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
    """Ids of open requests that could not be delivered to this person; their state goes back to `asked`."""
    with_request = participation.join(requests, requests.c.id == participation.c.request_id)
    missed = (participation.c.person_id == person_id, participation.c.state == ParticipationState.UNDELIVERABLE)
    found = (
        select(participation.c.request_id)
        .select_from(with_request)
        .where(*missed, requests.c.state == RequestState.OPEN)
    )
    ids = list(await connection.scalars(found))
    if ids:
        again = update(participation).where(*missed, participation.c.request_id.in_(ids))
        await connection.execute(again.values(state=ParticipationState.ASKED, reason=None))
    return ids


async def missed_by(connection: AsyncConnection, tree: Tree, person: Person, now: datetime) -> list[str]:
    """Ids of open requests that this person, who was away, has not answered: those they were asked, notices they have
    seen excepted, and those that opened meanwhile. What is on its way to them already is left out."""
    own = participation.c.person_id == person.id
    asked = select(participation.c.request_id).join(requests, requests.c.id == participation.c.request_id).where(own)
    on_its_way = (
        select(outbox.c.id)
        .join(contacts, contacts.c.id == outbox.c.contact_id)
        .where(contacts.c.person_id == person.id, outbox.c.request_id == requests.c.id, outbox.c.purpose == "ask")
    )
    unanswered = asked.where(
        *(requests.c.state == RequestState.OPEN, requests.c.closes_at > now),
        *(requests.c.kind != RequestKind.NOTICE, participation.c.state.in_(_UNANSWERED)),
        *(~is_settled(), ~on_its_way.exists()),
    )
    known = set(await connection.scalars(asked))
    waiting = list(await connection.scalars(unanswered))
    return [*waiting, *(id for id in await open_to(connection, tree, person, now) if id not in known)]


_UNANSWERED = (ParticipationState.ASKED, ParticipationState.REACHED, ParticipationState.STARTED)


async def audience_of(connection: AsyncConnection, id: str) -> Audience:
    return read_audience(str(await connection.scalar(select(requests.c.audience).where(requests.c.id == id))))


async def open_to(connection: AsyncConnection, tree: Tree, person: Person, now: datetime) -> list[str]:
    """Ids of open requests whose audience includes this new person, but no samples, and none their unit has settled."""
    statement = select(requests.c.id, requests.c.audience).where(
        requests.c.state == RequestState.OPEN, requests.c.closes_at > now
    )
    commune = tree.commune_of(person.unit)
    answers_for = case((requests.c.each == Each.COMMUNE, commune.id), else_=person.unit.id)
    statement = statement.where(~is_settled(answers_for))
    rows = [(id, read_audience(line)) for id, line in await connection.execute(statement)]
    return [id for id, audience in rows if audience.sample is None and includes(audience, person)]


def includes(audience: Audience, person: Person) -> bool:
    if audience.responsible and not person.is_responsible:
        return False
    return person.role in audience.roles and any(person.unit.path.startswith(path) for path in audience.paths)
