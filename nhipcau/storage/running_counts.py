"""Running counts: they make boards and results equally fast over five answers and over a million.

States are counted by triggers of the database, in the transaction that changes the row, so that no writer can forget
them. A poll's answers are sealed while it is open and counted when it closes (sealed_answers.py). Tests count anew
after every office they open, and compare.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form
from nhipcau.bot.units.tree import Tree
from nhipcau.model.counts import BoardRow, rows_within
from nhipcau.model.queries import Board, PollTally
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import ParticipationState, Request
from nhipcau.model.scope import Access, Scope
from nhipcau.model.tally import UNVOUCHED, Tally, counted_keys, tally_of
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import (
    official_answers,
    official_counts,
    participation,
    participation_counts,
    poll_answers,
    poll_counts,
    requests,
)

#: Table of counts → (counted table, columns it counts by, condition on a row).
COUNTED: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "participation_counts": ("participation", ("request_id", "unit_id", "state", "reason", "band"), "true"),
    "official_counts": ("official_answers", ("request_id", "unit_id", "nothing_to_report", "late"), "NOT extra"),
}
#: Columns that may be NULL, which the key of a count must not be.
_NULLABLE = {"reason", "band"}


def _key(columns: Iterable[str], row: str) -> str:
    return ", ".join(f"coalesce({row}.{name}, '')" if name in _NULLABLE else f"{row}.{name}" for name in columns)


def _sqlite(counts: str, table: str, columns: tuple[str, ...], condition: str) -> list[str]:
    names = ", ".join(columns)
    new, old = (condition.replace("extra", f"{row}.extra") for row in ("NEW", "OLD"))
    more = (
        f"INSERT INTO {counts} ({names}, number) SELECT {_key(columns, 'NEW')}, 1 WHERE {new} "
        f"ON CONFLICT ({names}) DO UPDATE SET number = number + 1;"
    )
    fewer = f"UPDATE {counts} SET number = number - 1 WHERE ({names}) = ({_key(columns, 'OLD')}) AND {old};"
    acts = {"INSERT": more, f"UPDATE OF {names}": fewer + more, "DELETE": fewer}
    return [
        f"CREATE TRIGGER {counts}_{act.split()[0].lower()} AFTER {act} ON {table} BEGIN {work} END"
        for act, work in acts.items()
    ]


def _postgresql(counts: str, table: str, columns: tuple[str, ...], condition: str) -> list[str]:
    """Triggers for each statement: its changes are counted together, in the order of the key. What an update leaves in
    its place is no change: of polls that are over there is no count of the rows as they stand."""
    names = ", ".join(columns)

    def changed(**by: int) -> str:
        some = " UNION ALL ".join(
            f"SELECT {_key(columns, 'r')}, {number} FROM {rows} r WHERE {condition}" for rows, number in by.items()
        )
        return f"SELECT {names}, sum(number) AS number FROM ({some}) AS c ({names}, number) GROUP BY {names}"

    same = " AND ".join(f"k.{name} = c.{name}" for name in columns)

    def add(found: str) -> str:
        return f"""INSERT INTO {counts} ({names}, number)
                SELECT * FROM ({found}) c WHERE c.number > 0 ORDER BY {names}
                ON CONFLICT ({names}) DO UPDATE SET number = {counts}.number + excluded.number;"""

    def subtract(found: str) -> str:
        return f"""UPDATE {counts} k SET number = k.number + c.number
                FROM (SELECT * FROM ({found}) f WHERE f.number < 0 ORDER BY {names}) c WHERE {same};"""

    moved = changed(come=1, gone=-1)
    function = f"""CREATE OR REPLACE FUNCTION {counts}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
            {add(changed(come=1))}
        ELSIF TG_OP = 'DELETE' THEN
            {subtract(changed(gone=-1))}
        ELSE
            {subtract(moved)}
            {add(moved)}
        END IF;
        RETURN NULL;
    END $$"""
    return [function, *statement_triggers(counts, table)]


def statement_triggers(counts: str, table: str) -> list[str]:
    """On PostgreSQL: `COUNTS_keep()` is called once for each statement that changes the table, with the rows that came
    and those that are gone."""
    rows = {
        "INSERT": "NEW TABLE AS come",
        "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
        "DELETE": "OLD TABLE AS gone",
    }
    return [
        f"CREATE TRIGGER {counts}_{act.lower()} AFTER {act} ON {table} REFERENCING {changed} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {counts}_keep()"
        for act, changed in rows.items()
    ]


def triggers(dialect: str) -> list[str]:
    """The statements that create the triggers; migrations run them too."""
    make = _sqlite if dialect == "sqlite" else _postgresql
    return [
        line
        for counts, (table, columns, condition) in COUNTED.items()
        for line in make(counts, table, columns, condition)
    ]


def _make_triggers(target: Any, connection: Any, **_: Any) -> None:
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(participation.metadata, "after_create", _make_triggers)


# ------------------------------------------------------------------ boards


async def asked(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, int]:
    """Request id → number of people asked."""
    statement = select(participation_counts.c.request_id, func.sum(participation_counts.c.number))
    statement = statement.where(participation_counts.c.request_id.in_(sorted(set(ids))))
    rows = await connection.execute(statement.group_by(participation_counts.c.request_id))
    return {row[0]: int(row[1]) for row in rows}


#: States of people the question has reached.
_SENT = {ParticipationState.REACHED, ParticipationState.STARTED, ParticipationState.ANSWERED}


async def progress(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Counter[str]]:
    """Request id → number of people by progress: `sent` (the question has reached them), `answered` (counted as sent
    too), `waiting` to be sent, `undeliverable`."""
    c = participation_counts.c
    statement = select(c.request_id, c.state, func.sum(c.number)).where(c.request_id.in_(sorted(set(ids))))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for request_id, state, number in await connection.execute(statement.group_by(c.request_id, c.state)):
        counts = found[request_id]
        counts["sent"] += int(number) if state in _SENT else 0
        counts["answered"] += int(number) if state == ParticipationState.ANSWERED else 0
        counts["waiting"] += int(number) if state == ParticipationState.ASKED else 0
        counts["undeliverable"] += int(number) if state == ParticipationState.UNDELIVERABLE else 0
    return found


async def board(connection: AsyncConnection, scope: Scope, tree: Tree, request: Request) -> Sequence[BoardRow]:
    """One row for each unit asked that the scope may read (`rows_within`). People who answered count as started and
    reached too."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    statement = select(participation_counts).where(
        participation_counts.c.request_id == request.id, participation_counts.c.number > 0
    )
    for row in await connection.execute(statement):
        of_unit = counts[row.unit_id]
        of_unit["total"] += row.number
        of_unit[row.state] += row.number
        of_unit["late"] += row.number if row.band == "late" else 0
        if row.state == ParticipationState.UNDELIVERABLE:
            reasons[row.unit_id][row.reason or "unknown"] += row.number
    first = select(official_counts).where(official_counts.c.request_id == request.id, official_counts.c.number > 0)
    for row in await connection.execute(first):
        counts[row.unit_id]["settled"] += row.number
        counts[row.unit_id]["nothing"] += row.number if row.nothing_to_report else 0
        counts[row.unit_id]["late"] += row.number if row.late else 0
    for unit_id, number in await _spread(connection, request.id):
        counts[unit_id]["spread"] += number
    rows = [
        BoardRow(
            unit=tree.by_id[unit_id],
            asked=c["total"],
            reached=c["reached"] + c["started"] + c["answered"],
            started=c["started"],
            answered=c["answered"],
            nothing=c["nothing"],
            late=c["late"],
            undeliverable=c["undeliverable"],
            reasons=tuple(reasons[unit_id].most_common()),
            first=c["settled"],
            spread=c["spread"],
        )
        for unit_id, c in counts.items()
    ]
    return rows_within(scope, request, sorted(rows, key=lambda row: row.unit.code))


@answers_each(Board)
async def _board(at: QueryContext, need: Board) -> Sequence[BoardRow]:
    return await board(at.connection, need.scope, at.tree, need.request)


async def _spread(connection: AsyncConnection, request_id: str) -> list[tuple[int, int]]:
    """Of a notice: the unit of each person who passed it on, and to about how many people."""
    statement = select(official_answers.c.unit_id, official_answers.c.answers)
    statement = statement.join(requests, requests.c.id == official_answers.c.request_id)
    statement = statement.where(official_answers.c.request_id == request_id, requests.c.kind == RequestKind.NOTICE)
    rows = await connection.execute(statement)
    return [(row.unit_id, int(json.loads(row.answers).get("q2") or 0)) for row in rows]


# ------------------------------------------------------------------ results

#: (request id, question, option) → change of the count.
CountChanges = Counter[tuple[str, str, str]]
#: At most so many answers are read for free texts, in random order.
_MAX_TEXTS = 500


def change(changes: CountChanges, request_id: str, form: Form, answers: Mapping[str, Any], by: int) -> None:
    """Add one answer to the changes, or take it away (`by` -1)."""
    for question, option in counted_keys(form, answers):
        changes[request_id, question, option] += by


async def apply_count_changes(connection: AsyncConnection, changes: CountChanges) -> None:
    """Write the changes, in the order of the key."""
    adding = insert_into(connection, poll_counts)
    statement = adding.on_conflict_do_update(
        index_elements=["request_id", "question", "option"],
        set_={"number": poll_counts.c.number + adding.excluded.number},
    )
    rows = [
        {"request_id": request_id, "question": question, "option": option, "number": number}
        for (request_id, question, option), number in sorted(changes.items())
        if number
    ]
    await execute_many(connection, statement, rows)


async def forms_of(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Form]:
    rows = await connection.execute(select(requests.c.id, requests.c.form).where(requests.c.id.in_(sorted(set(ids)))))
    return {row.id: Form.from_json(row.form) for row in rows}


async def tally(connection: AsyncConnection, scope: Scope, request: Request) -> Tally:
    """The counts of a poll asked by a unit of the scope; where it is the scope's own unit, with some free texts, which
    units above may not read."""
    if not (scope.reads(Access.FIGURES) and scope.holds(request.unit)):
        return Tally({})
    counts: dict[tuple[str, str], int] = {}
    for row in await connection.execute(select(poll_counts).where(poll_counts.c.request_id == request.id)):
        counts[row.question, row.option] = row.number
    is_own = scope.reads(Access.CONTENT) and scope.path == request.unit.path
    with_texts = is_own and any(KINDS[question.kind].own_words for question in request.form.questions)
    texts = tally_of(request.form, await _sample_answers(connection, request.id)).texts if with_texts else {}
    return Tally(counts, texts)


@answers_each(PollTally)
async def _tally(at: QueryContext, need: PollTally) -> Tally:
    return await tally(at.connection, need.scope, need.request)


async def _sample_answers(connection: AsyncConnection, request_id: str) -> list[dict[str, Any]]:
    """The first answers in the order of their random ids."""
    of_closed = (poll_answers.c.request_id == request_id, poll_answers.c.sealed.is_(None))
    statement = select(poll_answers.c.answers).where(*of_closed)
    return [
        json.loads(line) for line in await connection.scalars(statement.order_by(poll_answers.c.id).limit(_MAX_TEXTS))
    ]


async def count_unvouched(connection: AsyncConnection, request_id: str, number: int) -> None:
    """Record, at closing, how many answers are of people who do not count for k."""
    question, option = UNVOUCHED
    row = {"request_id": request_id, "question": question, "option": option, "number": number}
    await execute_many(connection, insert(poll_counts), [row] if number else [])


async def forget(connection: AsyncConnection, request_id: str) -> None:
    """Delete the counts of a request's answers."""
    await connection.execute(delete(poll_counts).where(poll_counts.c.request_id == request_id))
