"""Participation (who has answered) and the answers, stored apart."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.answers import AnswerNote
from nhipcau.model.people import PersonState
from nhipcau.model.queries import Answers
from nhipcau.model.request_changes import MarkStarted, RecordOfficial, RecordPollAnswer
from nhipcau.model.request_kinds import REQUEST_TRAITS
from nhipcau.model.requests import ParticipationState, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage import running_counts, sealed_answers
from nhipcau.storage.database import ChangedMeanwhile, execute_many, in_chunks, insert_into, wipe_after_commit
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes
from nhipcau.storage.tables import (
    answer_notes,
    contacts,
    guards,
    official_answers,
    participation,
    people,
    poll_answers,
    requests,
    units,
)
from nhipcau.storage.units import within

# used for every batch, so they are built only once
_MARK_STARTED = (
    update(participation)
    .where(
        participation.c.request_id == bindparam("request"),
        participation.c.person_id == bindparam("person"),
        or_(
            participation.c.state == ParticipationState.ASKED,
            participation.c.state == ParticipationState.REACHED,
            participation.c.state == ParticipationState.UNDELIVERABLE,
        ),
    )
    .values(state=ParticipationState.STARTED, reason=None)
)
_MARK_UNDELIVERABLE = (
    update(participation)
    .where(
        participation.c.request_id == bindparam("request"),
        participation.c.person_id == bindparam("person"),
        participation.c.state == ParticipationState.ASKED,
    )
    .values(state=ParticipationState.UNDELIVERABLE, reason=bindparam("why"))
)


async def mark_undeliverable(connection: AsyncConnection, rows: Iterable[tuple[str, str, str]]) -> None:
    """Record requests that can't be delivered: (request id, person id, why). People reached before stay reached."""
    values = [{"request": request_id, "person": person_id, "why": why} for request_id, person_id, why in rows]
    await execute_many(connection, _MARK_UNDELIVERABLE, values)


@writes(MarkStarted)
async def mark_started(at: ChangeContext, rows: Sequence[MarkStarted]) -> None:
    values = sorted((row.request_id, row.person_id) for row in rows)
    await execute_many(at.connection, _MARK_STARTED, [{"request": id, "person": person} for id, person in values])


async def _mark_answered(connection: AsyncConnection, request_id: str, person_id: str, band: str | None) -> bool:
    """Set a person to answered; a later answer does not change the band. False: it was not their first answer."""
    done = await connection.execute(
        update(participation)
        .where(
            participation.c.request_id == request_id,
            participation.c.person_id == person_id,
            participation.c.state != ParticipationState.ANSWERED,
        )
        .values(state=ParticipationState.ANSWERED, band=band, reason=None)
    )
    return done.rowcount == 1


#: Kinds for which one answer of a unit is enough.
_ONE_ANSWER_A_UNIT = tuple(kind for kind, traits in REQUEST_TRAITS.items() if traits.one_a_unit)


def is_settled(unit_id: int | ColumnElement[int] = participation.c.unit_id) -> ColumnElement[bool]:
    """Whether the joined request needs one answer a unit, and this unit has given it. Default: the unit of the joined
    row of participation."""
    first = (
        official_answers.c.request_id == requests.c.id,
        official_answers.c.unit_id == unit_id,
        official_answers.c.extra.is_(False),
    )
    return and_(requests.c.kind.in_(_ONE_ANSWER_A_UNIT), select(official_answers.c.id).where(*first).exists())


async def without_answer(connection: AsyncConnection, request_id: str) -> dict[str, ParticipationState]:
    """People the question has reached who still have to answer: id → reached or started."""
    statement = (
        select(participation.c.person_id, participation.c.state)
        .join(requests, requests.c.id == participation.c.request_id)
        .where(
            participation.c.request_id == request_id,
            participation.c.state.in_((ParticipationState.REACHED, ParticipationState.STARTED)),
            ~is_settled(),
        )
    )
    return {row.person_id: ParticipationState(row.state) for row in await connection.execute(statement)}


async def states_of(connection: AsyncConnection, request_id: str) -> dict[str, ParticipationState]:
    """Person id → state, for everybody asked."""
    statement = select(participation.c.person_id, participation.c.state).where(_of(participation, request_id))
    return {row.person_id: ParticipationState(row.state) for row in await connection.execute(statement)}


async def with_answer(connection: AsyncConnection, request_id: str) -> list[str]:
    has_answered = (_of(participation, request_id), participation.c.state == ParticipationState.ANSWERED)
    statement = select(participation.c.person_id).where(*has_answered)
    return list(await connection.scalars(statement))


async def answered_among(connection: AsyncConnection, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (request, person) need no message any more: the person or somebody for their unit has answered,
    the request is not open, or the person has paused."""
    if not pairs:
        return set()
    ids = sorted({id for id, _ in pairs})
    waiting = await connection.execute(
        select(participation.c.request_id, participation.c.person_id)
        .join(requests, requests.c.id == participation.c.request_id)
        .join(people, people.c.id == participation.c.person_id)
        .where(
            participation.c.request_id.in_(ids),
            participation.c.person_id.in_(sorted({person for _, person in pairs})),
            participation.c.state != ParticipationState.ANSWERED,
            people.c.state != PersonState.PAUSED,
            requests.c.state == RequestState.OPEN,
            ~is_settled(),
        )
    )
    still_waiting = {(id, person) for id, person in waiting.all()}
    return {pair for pair in pairs if pair not in still_waiting}


@writes(RecordPollAnswer)
async def record_poll_answers(at: ChangeContext, rows: Sequence[RecordPollAnswer]) -> None:
    """Store answers under the poll's key, with tags (a sealed poll: without). An earlier answer of the same person is
    replaced as a whole where its tag can be found; otherwise the earlier one stays and the new one is dropped. Raises
    ChangedMeanwhile where a poll is over: this answer alone would keep its tag and its guard."""
    connection, sealer = at.connection, at.sealer
    others = await _addresses_of(connection, sealer, {row.person_id for row in rows})
    unit_codes = await _units_of_open(connection, rows)
    if not unit_codes.keys() >= {(row.request_id, row.person_id) for row in rows}:
        raise ChangedMeanwhile
    new_rows: list[dict[str, Any]] = []
    guarded: set[tuple[str, bytes]] = set()
    of_poll = cache(sealer.of_poll)
    for row in sorted(rows, key=lambda r: (r.request_id, r.person_id)):
        poll = of_poll(row.request_id)
        first = await _mark_answered(connection, row.request_id, row.person_id, row.band)
        tag = None if row.sealed else poll.tag(row.tag_secret)
        unit = "" if row.sealed else unit_codes[row.request_id, row.person_id]
        answers = {**sealed_answers.seal(poll, row.answers, unit), "version": row.version}
        if first:
            new_rows.append({"id": row.id, "request_id": row.request_id, "tag": tag, **answers})
        elif tag is not None:
            mine = (_of(poll_answers, row.request_id), poll_answers.c.tag == tag)
            await connection.execute(update(poll_answers).where(*mine).values(**answers))
        for channel, address in (at.addresses[row.contact_id], *others[row.person_id]):
            guarded.add((row.request_id, poll.guard(channel, address)))
    # sorted by random id, so that the order of rows does not match the order of people
    new_rows.sort(key=lambda answer: answer["id"])
    await execute_many(connection, insert(poll_answers), [row for row in new_rows if row["tag"] is not None])
    hidden: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for new_row in new_rows:
        if new_row["tag"] is None:
            hidden[new_row["request_id"]].append(new_row)
    for request_id, without_tag in sorted(hidden.items()):
        await sealed_answers.insert_hidden(connection, sealer, request_id, without_tag)
    await execute_many(
        connection,
        insert_into(connection, guards).on_conflict_do_nothing(),
        [{"request_id": request_id, "guard": guard} for request_id, guard in sorted(guarded)],
    )


async def _units_of_open(connection: AsyncConnection, rows: Sequence[RecordPollAnswer]) -> dict[tuple[str, str], str]:
    """(request, person) → code of the unit they were asked for, where the request is open."""
    asked = participation.join(units, units.c.id == participation.c.unit_id)
    asked = asked.join(requests, requests.c.id == participation.c.request_id)
    statement = select(participation.c.request_id, participation.c.person_id, units.c.code).select_from(asked)
    statement = statement.where(
        participation.c.request_id.in_(sorted({row.request_id for row in rows})),
        participation.c.person_id.in_(sorted({row.person_id for row in rows})),
        requests.c.state == RequestState.OPEN,
    )
    return {(row.request_id, row.person_id): row.code for row in await connection.execute(statement)}


async def _addresses_of(
    connection: AsyncConnection, sealer: Sealer, person_ids: Collection[str]
) -> Mapping[str, list[tuple[str, str]]]:
    """Channel and address of every contact of these people: once a person has answered, all of these have."""
    statement = select(contacts.c.person_id, contacts.c.channel, contacts.c.sealed_address)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in await connection.execute(statement.where(contacts.c.person_id.in_(sorted(person_ids)))):
        # a damaged one is in nobody's use, and must not keep its person from answering
        with suppress(Unreadable):
            address = sealer.open_lasting(row.sealed_address, f"contact:{row.channel}")
            found[row.person_id].append((row.channel, address))
    return found


@writes(RecordOfficial)
async def record_official_answers(at: ChangeContext, rows: Sequence[RecordOfficial]) -> None:
    """Store official answers, in the name of the unit for which each person was asked."""
    connection = at.connection
    for row in sorted(rows, key=lambda r: (r.request_id, r.person_id)):
        unit_id, first = row.unit_id, False
        if not row.on_behalf:
            of_whom = (participation.c.request_id == row.request_id, participation.c.person_id == row.person_id)
            unit_id = await connection.scalar(select(participation.c.unit_id).where(*of_whom)) or unit_id
            first = await _mark_answered(connection, row.request_id, row.person_id, None)
        if row.on_behalf or await _needs_one_answer_a_unit(connection, row.request_id):
            await _lock_unit(connection, row.request_id, unit_id)
            first = not await _has_answer(connection, row.request_id, unit_id)
        await connection.execute(
            insert(official_answers).values(
                id=row.id,
                request_id=row.request_id,
                unit_id=unit_id,
                day=at.today,
                late=row.late,
                nothing_to_report=row.nothing,
                on_behalf=row.on_behalf,
                extra=not first,
                version=row.version,
                answers=json.dumps(row.answers, ensure_ascii=False),
            )
        )


async def _needs_one_answer_a_unit(connection: AsyncConnection, request_id: str) -> bool:
    """Whether one answer of a unit is enough for this request."""
    return await connection.scalar(select(requests.c.kind).where(requests.c.id == request_id)) in _ONE_ANSWER_A_UNIT


async def _lock_unit(connection: AsyncConnection, request_id: str, unit_id: int) -> None:
    """Let people who answer for one unit at once do so one after the other (SQLite has one writer anyway)."""
    if connection.dialect.name == "sqlite":
        return
    lock = func.hashtextextended(f"{request_id}:{unit_id}", 0)
    await connection.execute(select(func.pg_advisory_xact_lock(lock)))


async def _has_answer(connection: AsyncConnection, request_id: str, unit_id: int) -> bool:
    first = select(official_answers.c.id).where(
        _of(official_answers, request_id), official_answers.c.unit_id == unit_id, official_answers.c.extra.is_(False)
    )
    return await connection.scalar(first.limit(1)) is not None


async def units_without_answer(connection: AsyncConnection, scope: Scope, tree: Tree, request_id: str) -> list[Unit]:
    """Units of the scope whose people were asked and which have no answer, by code."""
    answered = select(official_answers.c.unit_id).where(_of(official_answers, request_id))
    waiting = select(participation.c.unit_id).distinct().join(units, units.c.id == participation.c.unit_id)
    waiting = waiting.where(_of(participation, request_id), participation.c.unit_id.not_in(answered))
    waiting = waiting.where(within(scope, Access.FIGURES))
    return sorted((tree.by_id[id] for id in await connection.scalars(waiting)), key=lambda unit: unit.code)


async def poll_answers_of(connection: AsyncConnection, scope: Scope, request_id: str) -> list[dict[str, object]]:
    """The answers of a closed poll asked by a unit of the scope, in random order."""
    asked = poll_answers.join(requests, requests.c.id == poll_answers.c.request_id)
    asked = asked.join(units, units.c.id == requests.c.unit_id)
    statement = select(poll_answers.c.answers).select_from(asked)
    of_closed = (_of(poll_answers, request_id), poll_answers.c.sealed.is_(None))
    statement = statement.where(*of_closed, within(scope, Access.CONTENT))
    lines = list(await connection.scalars(statement))
    secrets.SystemRandom().shuffle(lines)
    return [json.loads(line) for line in lines]


async def notes_of(connection: AsyncConnection, tree: Tree, ids: Sequence[str]) -> dict[str, tuple[AnswerNote, ...]]:
    """Answer id → its notes, oldest first."""
    found: dict[str, list[AnswerNote]] = defaultdict(list)
    for chunk in in_chunks(sorted(set(ids))):
        statement = select(answer_notes).where(answer_notes.c.answer_id.in_(chunk))
        for row in await connection.execute(statement.order_by(answer_notes.c.answer_id, answer_notes.c.place)):
            note = AnswerNote(row.day, row.side, row.kind, row.text, tree.by_id[row.unit_id])
            found[row.answer_id].append(note)
    return {id: tuple(notes) for id, notes in found.items()}


async def answers_of(connection: AsyncConnection, scope: Scope, tree: Tree, request_id: str) -> list[dict[str, object]]:
    """Official answers of units of this scope, by unit; facts about an answer have keys with an underscore (`_unit`).
    A scope that does not read content gets these facts only."""
    own = official_answers.join(units, units.c.id == official_answers.c.unit_id)
    of_scope = within(scope, Access.FIGURES)
    statement = select(official_answers).select_from(own).where(_of(official_answers, request_id), of_scope)
    found = (await connection.execute(statement)).all()
    notes = await notes_of(connection, tree, [row.id for row in found])
    rows: list[dict[str, object]] = [
        {
            **(json.loads(row.answers) if scope.reads(Access.CONTENT) else {}),
            "_id": row.id,
            "_unit": tree.by_id[row.unit_id].name,
            "_code": tree.by_id[row.unit_id].code,
            "_late": row.late,
            "_nothing": row.nothing_to_report,
            "_on_behalf": row.on_behalf,
            "_extra": row.extra,
            "_day": row.day,
            "_version": row.version,
            "_notes": _readable(scope, notes.get(row.id, ())),
        }
        for row in found
    ]
    return sorted(rows, key=lambda a: (str(a["_code"]), str(a["_day"])))


def _readable(scope: Scope, notes: tuple[AnswerNote, ...]) -> tuple[AnswerNote, ...]:
    return notes if scope.reads(Access.CONTENT) else tuple(replace(note, text="") for note in notes)


@answers_each(Answers)
async def _answers(at: QueryContext, need: Answers) -> list[dict[str, object]]:
    return await answers_of(at.connection, need.scope, at.tree, need.request_id)


def _of(table: Any, request_id: str) -> Any:
    return table.c.request_id == request_id


async def delete_answers(connection: AsyncConnection, request_id: str) -> None:
    """Delete the answers of a withdrawn request."""
    wipe_after_commit(connection)
    # first, as it locks what others wait for
    await sealed_answers.end_without_result(connection, request_id)
    await connection.execute(delete(poll_answers).where(_of(poll_answers, request_id)))
    await connection.execute(delete(official_answers).where(_of(official_answers, request_id)))
    await running_counts.forget(connection, request_id)
