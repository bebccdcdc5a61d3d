"""Requests of every kind: creating them, moving them between states, and reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import RowMapping, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.queries import FindRequest, NoticesFor, OpenRequests, RequestsOf
from nhipcau.model.request_changes import OpenRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Participation, ParticipationState, Request, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import running_counts, wakeups
from nhipcau.storage.answers import is_settled
from nhipcau.storage.audiences import includes
from nhipcau.storage.database import in_chunks
from nhipcau.storage.overlaps import read_withheld
from nhipcau.storage.registry import QueryContext, answers, answers_each
from nhipcau.storage.request_content import content_values, read_audience, read_content
from nhipcau.storage.tables import guards, participation, poll_answers, requests, units
from nhipcau.storage.trials import is_picture_of_trial, trials_for
from nhipcau.storage.units import within

#: At most so many requests on a coordinator's screen, and so many notices on a person's: the newest.
_MAX_REQUESTS, _MAX_NOTICES = 200, 30

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
    await wakeups.notify_processes(connection, wakeups.REQUESTS)


async def set_state(connection: AsyncConnection, id: str, state: RequestState, *among: RequestState) -> bool:
    """Move a request to a state if it is in one of `among`. False: it was not, so somebody else has moved it."""
    result = await connection.execute(
        update(requests).where(requests.c.id == id, requests.c.state.in_(among)).values(state=state)
    )
    return result.rowcount == 1


async def take_reminder(connection: AsyncConnection, id: str, step: int) -> bool:
    """Claim reminder number `step` of an open request. False: somebody else has claimed it."""
    result = await connection.execute(
        update(requests)
        .where(requests.c.id == id, requests.c.state == RequestState.OPEN, requests.c.reminders < step)
        .values(reminders=step)
    )
    return result.rowcount == 1


async def take_escalation(connection: AsyncConnection, id: str, step: int, units: int) -> bool:
    """Claim step number `step` of an open request, which tells of so many units. False: somebody else has."""
    before = await connection.scalar(select(requests.c.escalated).where(requests.c.id == id))
    taken = read_escalated(before or "")
    if len(taken) != step - 1:
        return False
    still = (requests.c.id == id, requests.c.state == RequestState.OPEN, requests.c.escalated == before)
    line = ",".join(str(number) for number in (*taken, units))
    return (await connection.execute(update(requests).where(*still).values(escalated=line))).rowcount == 1


def read_escalated(line: str) -> tuple[int, ...]:
    return tuple(int(number) for number in line.split(",") if number)


async def set_values(connection: AsyncConnection, id: str, values: Mapping[str, Any]) -> None:
    await connection.execute(update(requests).where(requests.c.id == id).values(**values))
    await wakeups.notify_processes(connection, wakeups.REQUESTS)


async def due(connection: AsyncConnection, now: datetime) -> tuple[list[str], list[str]]:
    """Ids of requests due to open, and of those due to close, earliest first."""
    opening = select(requests.c.id).where(requests.c.state == RequestState.SCHEDULED, requests.c.opens_at <= now)
    closing = select(requests.c.id).where(requests.c.state == RequestState.OPEN, requests.c.closes_at <= now)
    return (
        list(await connection.scalars(opening.order_by(requests.c.opens_at))),
        list(await connection.scalars(closing.order_by(requests.c.closes_at))),
    )


async def running(connection: AsyncConnection) -> list[Mapping[str, Any]]:
    """Open requests as rows, for the scheduler."""
    statement = select(requests).where(requests.c.state == RequestState.OPEN).order_by(requests.c.id)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def next_moment(connection: AsyncConnection) -> datetime | None:
    """When the next request opens or closes."""
    moment = case((requests.c.state == RequestState.SCHEDULED, requests.c.opens_at), else_=requests.c.closes_at)
    found: datetime | None = await connection.scalar(
        select(func.min(moment, type_=requests.c.opens_at.type)).where(
            requests.c.state.in_((RequestState.SCHEDULED, RequestState.OPEN))
        )
    )
    return found


# ------------------------------------------------------------------ reading requests


_NOT_ASKED = Participation()


def _participation(state: str | None) -> Participation:
    return Participation(ParticipationState(state)) if state else _NOT_ASKED


def read_request(
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
        withheld=read_withheld(row["requests_withheld"]),
        escalated=read_escalated(row["requests_escalated"]),
    )


async def read_requests(connection: AsyncConnection, tree: Tree, ids: Sequence[str]) -> dict[str, Request]:
    if not ids:
        return {}
    statement = select(requests).where(requests.c.id.in_(sorted(set(ids)))).set_label_style(_BY_TABLE)
    asked = await running_counts.asked(connection, sorted(set(ids)))
    rows = (await connection.execute(statement)).mappings()
    return {row["requests_id"]: read_request(row, tree, asked.get(row["requests_id"], 0)) for row in rows}


@answers(FindRequest)
async def find_for(at: QueryContext, needs: Sequence[FindRequest]) -> dict[FindRequest, Request | None]:
    """Requests, each with the participation of the person who asks for it."""
    connection, sealer = at.connection, at.sealer
    ids = sorted({n.id for n in needs})
    statement = select(requests).where(requests.c.id.in_(ids)).set_label_style(_BY_TABLE)
    if connection.dialect.name != "sqlite":
        # an answer must not be saved while its request is being closed
        statement = statement.with_for_update(read=True)
    rows = {row["requests_id"]: row for row in (await connection.execute(statement)).mappings()}
    asked = await running_counts.asked(connection, ids)
    persons = sorted({n.person.id for n in needs})
    own_rows = select(participation, is_settled().label("settled")).join(
        requests, requests.c.id == participation.c.request_id
    )
    own_rows = own_rows.where(participation.c.request_id.in_(ids), participation.c.person_id.in_(persons))
    states, settled = {}, set()
    for row in await connection.execute(own_rows):
        states[row.request_id, row.person_id] = ParticipationState(row.state)
        if row.settled:
            settled.add((row.request_id, row.person_id))
    of_poll = cache(sealer.of_poll)
    guard_of = {
        need: of_poll(need.id).guard(*at.addresses[need.contact_id])
        for need in needs
        if need.id in rows and _is_open_poll(rows[need.id], sealer) and need.contact_id in at.addresses
    }
    guarded = set()
    if guard_of:
        rows_guarded = await connection.execute(
            select(guards).where(guards.c.guard.in_(sorted(set(guard_of.values()))))
        )
        guarded = {(row.request_id, row.guard) for row in rows_guarded}
    has_answered = {need for need in guard_of if states.get((need.id, need.person.id)) is ParticipationState.ANSWERED}
    tags = {
        need: of_poll(need.id).tag(need.person.tag_secret)
        for need in needs
        # without a secret (details that can't be read) there is no tag
        if need in has_answered and need.person.tag_secret
    }
    editable = set()
    if tags:
        answered = select(poll_answers.c.request_id, poll_answers.c.tag)
        editable_rows = await connection.execute(answered.where(poll_answers.c.tag.in_(sorted(set(tags.values())))))
        editable = {(row.request_id, row.tag) for row in editable_rows}
    unknown = {need: (need.id, need.person.id) for need in needs if need.id not in rows}
    tried = await trials_for(connection, at.tree, list(unknown.values()))
    found: dict[FindRequest, Request | None] = {need: tried.get(pair) for need, pair in unknown.items()}
    return found | {
        need: read_request(
            rows[need.id],
            at.tree,
            asked.get(need.id, 0),
            Participation(
                state=states.get((need.id, need.person.id)),
                guarded=(need.id, guard_of.get(need)) in guarded,
                editable=(need.id, tags.get(need)) in editable,
                settled=(need.id, need.person.id) in settled,
            ),
            keyless=_is_keyless(rows[need.id], sealer),
        )
        for need in needs
        if need.id in rows
    }


def _is_open_poll(row: RowMapping, sealer: Sealer) -> bool:
    """Whether it is an open poll whose key still exists: then answers have tags and contacts have guards."""
    is_poll = row["requests_kind"] == RequestKind.POLL and row["requests_state"] == RequestState.OPEN
    return bool(is_poll and sealer.has_poll_key(row["requests_id"]))


def _is_keyless(row: RowMapping, sealer: Sealer) -> bool:
    """Whether it is an open poll without its key: a restored backup reopened a closed poll, which takes no answers."""
    is_poll = row["requests_kind"] == RequestKind.POLL and row["requests_state"] == RequestState.OPEN
    return bool(is_poll and not sealer.has_poll_key(row["requests_id"]))


@answers(OpenRequests)
async def open_for(at: QueryContext, needs: Sequence[OpenRequests]) -> dict[OpenRequests, list[Request]]:
    """Open requests each of these people was asked and that are not settled, earliest end first."""
    connection = at.connection
    statement = (
        select(requests, participation.c.person_id, participation.c.state)
        .join(participation, participation.c.request_id == requests.c.id)
        .where(
            participation.c.person_id.in_(sorted({need.person_id for need in needs})),
            requests.c.state == RequestState.OPEN,
            ~is_settled(),
        )
        .order_by(requests.c.closes_at, requests.c.id)
        .set_label_style(_BY_TABLE)
    )
    rows = (await connection.execute(statement)).mappings().all()
    asked = await running_counts.asked(connection, sorted({row["requests_id"] for row in rows})) if rows else {}
    found: dict[str, list[Request]] = defaultdict(list)
    for row in rows:
        request = read_request(row, at.tree, asked[row["requests_id"]], _participation(row["participation_state"]))
        found[row["participation_person_id"]].append(request)
    return {need: found[need.person_id] for need in needs}


async def requests_of(
    connection: AsyncConnection,
    scope: Scope,
    tree: Tree,
    kinds: Sequence[str],
    states: Sequence[str],
    *,
    asked: bool = False,
    most: int | None = None,
) -> list[Request]:
    """Requests made by units of this scope, newest first. `asked`: requests that asked people of this scope instead."""
    statement = select(requests).where(requests.c.kind.in_(list(kinds)), requests.c.state.in_(list(states)))
    if asked:
        own = participation.join(units, units.c.id == participation.c.unit_id)
        reached = select(participation.c.request_id).select_from(own).where(within(scope, Access.FIGURES))
        statement = statement.where(requests.c.id.in_(reached))
    else:
        statement = statement.join(units, units.c.id == requests.c.unit_id).where(within(scope, Access.FIGURES))
    statement = statement.order_by(requests.c.opens_at.desc(), requests.c.id).limit(most).set_label_style(_BY_TABLE)
    rows = (await connection.execute(statement)).mappings().all()
    asked_of: dict[str, int] = {}
    for chunk in in_chunks([row["requests_id"] for row in rows]):
        asked_of |= await running_counts.asked(connection, chunk)
    return [read_request(row, tree, asked_of.get(row["requests_id"], 0)) for row in rows]


@answers_each(RequestsOf)
async def _requests_of(at: QueryContext, need: RequestsOf) -> list[Request]:
    return await requests_of(
        at.connection, need.scope, at.tree, need.kinds, need.states, asked=need.asked, most=_MAX_REQUESTS
    )


@answers_each(NoticesFor)
async def notices_for(at: QueryContext, need: NoticesFor) -> list[Request]:
    """Notices whose audience includes this person, newest first, each with their participation."""
    statement = select(requests).where(
        requests.c.kind == RequestKind.NOTICE, requests.c.state.in_((RequestState.OPEN, RequestState.CLOSED))
    )
    newest = statement.order_by(requests.c.opens_at.desc(), requests.c.id).set_label_style(_BY_TABLE)
    rows = (await at.connection.execute(newest)).mappings()
    notices = [row for row in rows if includes(read_audience(row["requests_audience"]), need.person)][:_MAX_NOTICES]
    states = select(participation.c.request_id, participation.c.state).where(
        participation.c.person_id == need.person.id
    )
    found = {row.request_id: row.state for row in await at.connection.execute(states)}
    return [read_request(row, at.tree, 0, _participation(found.get(row["requests_id"]))) for row in notices]


async def is_picture_of_notice(connection: AsyncConnection, name: str) -> bool:
    """Whether this picture belongs to a notice that was not withdrawn, or to the trial of one."""
    statement = select(requests.c.id).where(
        requests.c.photo == name, requests.c.state.in_((RequestState.OPEN, RequestState.CLOSED))
    )
    return await connection.scalar(statement.limit(1)) is not None or await is_picture_of_trial(connection, name)


async def asked_by(connection: AsyncConnection, id: str) -> str | None:
    """Id of the coordinator who made the request in chat, if any."""
    found: str | None = await connection.scalar(select(requests.c.asked_by).where(requests.c.id == id))
    return found


async def count_by_state(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """(kind, state) → number of requests."""
    kinds = select(requests.c.kind, requests.c.state, func.count()).group_by(requests.c.kind, requests.c.state)
    return {(kind, state): number for kind, state, number in await connection.execute(kinds)}
