"""Polls and rapid requests: asking, and reading what was asked."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import RowMapping, Select, bindparam, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import OpenRequest
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.people import Person
from nhipcau.model.queries import CountAudience, FindRequest, ForecastAudience, NoticesFor, OpenRequests, RequestsOf
from nhipcau.model.requests import Audience, Participation, ParticipationState, Request, RequestState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import contact_routes, running_counts, wakeups, weekly_budget
from nhipcau.storage.answers import is_settled
from nhipcau.storage.database import execute_many, in_chunks, insert_into
from nhipcau.storage.people import read_person
from nhipcau.storage.registry import QueryContext, answers, answers_each
from nhipcau.storage.request_content import content_values, read_audience, read_content
from nhipcau.storage.tables import (
    contacts,
    guards,
    participation,
    people,
    poll_answers,
    requests,
    units,
)
from nhipcau.storage.units import inside

#: Requests a coordinator's screen reads at most, and official information a person's: the newest.
_LISTED, _NOTICES = 200, 30

# ------------------------------------------------------------------ asking


async def create(connection: AsyncConnection, row: OpenRequest) -> None:
    await connection.execute(
        insert(requests).values(
            id=row.id,
            unit_id=row.unit_id,
            **content_values(row.content, row.audience),
            version=1,
            state=RequestState.SCHEDULED,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            asked_by=row.asked_by,
            reminders=0,
            rule_id=row.rule_id or None,
            period=row.period,
            repeats=row.repeats or None,
        )
    )
    await wakeups.ring(connection, wakeups.REQUESTS)


def _willing(audience: Audience) -> Select[Any]:
    """People who would be asked now: consented, not paused, with a living door, inside the audience."""
    somewhere = or_(*(inside(path) for path in audience.paths))
    door = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True)).exists()
    return (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(people.c.state == "consented", people.c.role.in_(list(audience.roles)), somewhere, door)
    )


async def count_audience(connection: AsyncConnection, audience: Audience) -> int:
    count = await connection.scalar(select(func.count()).select_from(_willing(audience).subquery()))
    found = int(count or 0)
    return min(found, audience.sample) if audience.sample else found


@answers_each(CountAudience)
async def _count_audience(at: QueryContext, need: CountAudience) -> int:
    return await count_audience(at.connection, need.audience)


async def forecast_audience(
    connection: AsyncConnection, audience: Audience, now: datetime, today: date, budget: int = 0
) -> AudienceForecast:
    """How everybody in this audience would be told now (of a sample: everybody it is drawn from).

    `budget`: non-urgent messages a person may have in a week; 0: none is counted, or this is urgent.
    """
    ids = list(await connection.scalars(_willing(audience).with_only_columns(people.c.id)))
    found = await contact_routes.reach_of(connection, ids, now, today)
    return replace(found, full=await weekly_budget.used_up(connection, ids, today, budget))


@answers_each(ForecastAudience)
async def _forecast_audience(at: QueryContext, need: ForecastAudience) -> AudienceForecast:
    return await forecast_audience(at.connection, need.audience, at.now, at.today, need.budget)


async def choose_people(connection: AsyncConnection, tree: Tree, audience: Audience) -> list[Person]:
    """Whom to ask, in random order; a sample is drawn at random."""
    found = [read_person(row, tree) for row in (await connection.execute(_willing(audience))).mappings()]
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
                "state": "asked",
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
            participation.c.state == "asked",
        )
        .values(state="undeliverable", reason=bindparam("why"))
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
        participation.c.state == "undeliverable",
        requests.c.state == "open",
        people.c.state == "consented",
    )
)


async def undelivered_to(connection: AsyncConnection, person_id: str) -> list[str]:
    """Open requests that could not be delivered to this person; they count as asked again from now on."""
    mine = participation.join(requests, requests.c.id == participation.c.request_id)
    lost = (participation.c.person_id == person_id, participation.c.state == "undeliverable")
    found = select(participation.c.request_id).select_from(mine).where(*lost, requests.c.state == "open")
    ids = list(await connection.scalars(found))
    if ids:
        again = update(participation).where(*lost, participation.c.request_id.in_(ids))
        await connection.execute(again.values(state="asked", reason=None))
    return ids


async def set_state(connection: AsyncConnection, id: str, state: str, *among: str) -> bool:
    """Move a request to a state if it is in one of `among`: whoever's update counts does the work."""
    result = await connection.execute(
        update(requests).where(requests.c.id == id, requests.c.state.in_(among)).values(state=state)
    )
    return result.rowcount == 1


async def take_reminder(connection: AsyncConnection, id: str, step: int) -> bool:
    """Claim reminder number `step` of an open request. False: somebody did it already."""
    result = await connection.execute(
        update(requests)
        .where(requests.c.id == id, requests.c.state == "open", requests.c.reminders < step)
        .values(reminders=step)
    )
    return result.rowcount == 1


async def set_values(connection: AsyncConnection, id: str, values: Mapping[str, Any]) -> None:
    await connection.execute(update(requests).where(requests.c.id == id).values(**values))
    await wakeups.ring(connection, wakeups.REQUESTS)


async def due(connection: AsyncConnection, now: datetime) -> tuple[list[str], list[str]]:
    """Ids to open, and ids to close, earliest first."""
    opening = select(requests.c.id).where(requests.c.state == "scheduled", requests.c.opens_at <= now)
    closing = select(requests.c.id).where(requests.c.state == "open", requests.c.closes_at <= now)
    return (
        list(await connection.scalars(opening.order_by(requests.c.opens_at))),
        list(await connection.scalars(closing.order_by(requests.c.closes_at))),
    )


async def running(connection: AsyncConnection) -> list[Mapping[str, Any]]:
    """Open requests with what the clock needs: id, kind, opens_at, closes_at, reminders."""
    statement = select(requests).where(requests.c.state == "open").order_by(requests.c.id)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def next_moment(connection: AsyncConnection) -> datetime | None:
    """When the next request opens or closes."""
    moment = case((requests.c.state == "scheduled", requests.c.opens_at), else_=requests.c.closes_at)
    found: datetime | None = await connection.scalar(
        select(func.min(moment, type_=requests.c.opens_at.type)).where(requests.c.state.in_(("scheduled", "open")))
    )
    return found


# ------------------------------------------------------------------ reading requests


_NOT_ASKED = Participation()


def _participation(state: str | None) -> Participation:
    return Participation(ParticipationState(state)) if state else _NOT_ASKED


def _read_request(
    row: RowMapping, tree: Tree, asked: int, participation: Participation = _NOT_ASKED, *, keyless: bool = False
) -> Request:
    return Request(
        id=row["requests_id"],
        unit=tree.by_id[row["requests_unit_id"]],
        content=read_content(row, "requests_"),
        state=RequestState(row["requests_state"]),
        opens_at=row["requests_opens_at"],
        closes_at=row["requests_closes_at"],
        asked=asked,
        version=row["requests_version"],
        reminded_at=row["requests_reminded_at"],
        participation=participation,
        keyless=keyless,
        rule_id=row["requests_rule_id"] or "",
        period=row["requests_period"],
        repeats=row["requests_repeats"] or "",
        decision=row["requests_decision"],
    )


async def read_requests(connection: AsyncConnection, tree: Tree, ids: Sequence[str]) -> dict[str, Request]:
    if not ids:
        return {}
    statement = select(requests).where(requests.c.id.in_(sorted(set(ids)))).set_label_style(_BY_TABLE)
    asked = await running_counts.asked(connection, sorted(set(ids)))
    rows = (await connection.execute(statement)).mappings()
    return {row["requests_id"]: _read_request(row, tree, asked.get(row["requests_id"], 0)) for row in rows}


@answers(FindRequest)
async def find_for(at: QueryContext, needs: Sequence[FindRequest]) -> dict[FindRequest, Request | None]:
    """Requests as each person stands with them."""
    connection, sealer = at.connection, at.sealer
    ids = sorted({n.id for n in needs})
    statement = select(requests).where(requests.c.id.in_(ids)).set_label_style(_BY_TABLE)
    if connection.dialect.name != "sqlite":
        # an answer and the end of its request must not pass each other
        statement = statement.with_for_update(read=True)
    rows = {row["requests_id"]: row for row in (await connection.execute(statement)).mappings()}
    asked = await running_counts.asked(connection, ids)
    persons = sorted({n.person.id for n in needs})
    mine = select(participation, is_settled().label("settled")).join(
        requests, requests.c.id == participation.c.request_id
    )
    mine = mine.where(participation.c.request_id.in_(ids), participation.c.person_id.in_(persons))
    states, settled = {}, set()
    for row in await connection.execute(mine):
        states[row.request_id, row.person_id] = ParticipationState(row.state)
        if row.settled:
            settled.add((row.request_id, row.person_id))
    marks = {
        need: sealer.guard(need.id, *at.doors[need.contact_id])
        for need in needs
        if need.id in rows and _is_open_poll(rows[need.id], sealer) and need.contact_id in at.doors
    }
    guarded = set()
    if marks:
        rows_guarded = await connection.execute(select(guards).where(guards.c.guard.in_(sorted(set(marks.values())))))
        guarded = {(row.request_id, row.guard) for row in rows_guarded}
    tags = {
        need: tag
        for need in needs
        if states.get((need.id, need.person.id)) == "answered" and need in marks
        if (tag := sealer.find_poll_tag(need.id, need.person.mark)) is not None
    }
    kept = set()
    if tags:
        answered = select(poll_answers.c.request_id, poll_answers.c.tag)
        rows_kept = await connection.execute(answered.where(poll_answers.c.tag.in_(sorted(set(tags.values())))))
        kept = {(row.request_id, row.tag) for row in rows_kept}
    found: dict[FindRequest, Request | None] = dict.fromkeys(needs)
    return found | {
        need: _read_request(
            rows[need.id],
            at.tree,
            asked.get(need.id, 0),
            Participation(
                state=states.get((need.id, need.person.id)),
                guarded=(need.id, marks.get(need)) in guarded,
                editable=(need.id, tags.get(need)) in kept,
                settled=(need.id, need.person.id) in settled,
            ),
            keyless=_is_keyless(rows[need.id], sealer),
        )
        for need in needs
        if need.id in rows
    }


def _is_open_poll(row: RowMapping, sealer: Sealer) -> bool:
    """Open, and its key lives: then answers have tags and doors have guards."""
    is_poll = row["requests_kind"] == "poll" and row["requests_state"] == "open"
    return bool(is_poll and sealer.has_poll_key(row["requests_id"]))


def _is_keyless(row: RowMapping, sealer: Sealer) -> bool:
    """Open without its key: a backup brought back a poll that had closed. It takes no answers any more."""
    is_poll = row["requests_kind"] == "poll" and row["requests_state"] == "open"
    return bool(is_poll and not sealer.has_poll_key(row["requests_id"]))


@answers(OpenRequests)
async def open_for(at: QueryContext, needs: Sequence[OpenRequests]) -> dict[OpenRequests, list[Request]]:
    """Open requests each of these people was asked, those that end first first."""
    connection = at.connection
    statement = (
        select(requests, participation.c.person_id, participation.c.state)
        .join(participation, participation.c.request_id == requests.c.id)
        .where(
            participation.c.person_id.in_(sorted({need.person_id for need in needs})),
            requests.c.state == "open",
            ~is_settled(),
        )
        .order_by(requests.c.closes_at, requests.c.id)
        .set_label_style(_BY_TABLE)
    )
    rows = (await connection.execute(statement)).mappings().all()
    asked = await running_counts.asked(connection, sorted({row["requests_id"] for row in rows})) if rows else {}
    found: dict[str, list[Request]] = defaultdict(list)
    for row in rows:
        request = _read_request(row, at.tree, asked[row["requests_id"]], _participation(row["participation_state"]))
        found[row["participation_person_id"]].append(request)
    return {need: found[need.person_id] for need in needs}


async def requests_of(
    connection: AsyncConnection,
    tree: Tree,
    path: str,
    kinds: Sequence[str],
    states: Sequence[str],
    *,
    asked: bool = False,
    most: int | None = None,
) -> list[Request]:
    """Requests asked by units of this scope, newest first; `asked`: those that asked people of this scope instead."""
    statement = select(requests).where(requests.c.kind.in_(list(kinds)), requests.c.state.in_(list(states)))
    if asked:
        own = participation.join(units, units.c.id == participation.c.unit_id)
        reached = select(participation.c.request_id).select_from(own).where(inside(path))
        statement = statement.where(requests.c.id.in_(reached))
    else:
        statement = statement.join(units, units.c.id == requests.c.unit_id).where(inside(path))
    statement = statement.order_by(requests.c.opens_at.desc(), requests.c.id).limit(most).set_label_style(_BY_TABLE)
    rows = (await connection.execute(statement)).mappings().all()
    asked_of: dict[str, int] = {}
    for some in in_chunks([row["requests_id"] for row in rows]):
        asked_of |= await running_counts.asked(connection, some)
    return [_read_request(row, tree, asked_of.get(row["requests_id"], 0)) for row in rows]


@answers_each(RequestsOf)
async def _requests_of(at: QueryContext, need: RequestsOf) -> list[Request]:
    return await requests_of(at.connection, at.tree, need.path, need.kinds, need.states, asked=need.asked, most=_LISTED)


async def audience_of(connection: AsyncConnection, id: str) -> Audience:
    return read_audience(str(await connection.scalar(select(requests.c.audience).where(requests.c.id == id))))


async def open_to(connection: AsyncConnection, person: Person, now: datetime) -> list[str]:
    """Ids of open requests that somebody who joins now belongs to; never a sample, nor what their unit has settled."""
    statement = select(requests.c.id, requests.c.audience).where(requests.c.state == "open", requests.c.closes_at > now)
    statement = statement.where(~is_settled(person.unit.id))
    rows = [(id, read_audience(line)) for id, line in await connection.execute(statement)]
    return [id for id, audience in rows if audience.sample is None and _is_for(audience, person)]


@answers_each(NoticesFor)
async def notices_for(at: QueryContext, need: NoticesFor) -> list[Request]:
    """Official information that went out to people like this one, newest first; how far they are with it."""
    statement = select(requests).where(requests.c.kind == "notice", requests.c.state.in_(("open", "closed")))
    newest = statement.order_by(requests.c.opens_at.desc(), requests.c.id).set_label_style(_BY_TABLE)
    rows = (await at.connection.execute(newest)).mappings()
    mine = [row for row in rows if _is_for(read_audience(row["requests_audience"]), need.person)][:_NOTICES]
    states = select(participation.c.request_id, participation.c.state).where(
        participation.c.person_id == need.person.id
    )
    found = {row.request_id: row.state for row in await at.connection.execute(states)}
    return [_read_request(row, at.tree, 0, _participation(found.get(row["requests_id"]))) for row in mine]


def _is_for(audience: Audience, person: Person) -> bool:
    return person.role in audience.roles and any(person.unit.path.startswith(path) for path in audience.paths)


async def is_picture_of_notice(connection: AsyncConnection, name: str) -> bool:
    """Whether official information that was not taken back goes with this picture."""
    statement = select(requests.c.id).where(requests.c.photo == name, requests.c.state.in_(("open", "closed")))
    return await connection.scalar(statement.limit(1)) is not None


async def asked_by(connection: AsyncConnection, id: str) -> str | None:
    """The coordinator who asked in chat, if any."""
    found: str | None = await connection.scalar(select(requests.c.asked_by).where(requests.c.id == id))
    return found


async def count_by_state(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """How many requests there are of each kind and state that occurs."""
    kinds = select(requests.c.kind, requests.c.state, func.count()).group_by(requests.c.kind, requests.c.state)
    return {(kind, state): number for kind, state, number in await connection.execute(kinds)}
