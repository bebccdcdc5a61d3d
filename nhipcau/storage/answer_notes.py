"""What was asked and said about an official answer after it was given, and whom a question about it reaches."""

from __future__ import annotations

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.answers import OfficialAnswer
from nhipcau.model.people import Person, PersonState
from nhipcau.model.queries import AnswerIn, MyAnswer
from nhipcau.model.request_changes import AddAnswerNote
from nhipcau.model.requests import ParticipationState
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import people as people_storage
from nhipcau.storage.answers import answers_of, notes_of
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.requests import read_requests
from nhipcau.storage.tables import answer_notes, official_answers, participation, people, units
from nhipcau.storage.units import within


@writes_each(AddAnswerNote)
async def add_note(at: ChangeContext, row: AddAnswerNote) -> None:
    last = select(func.max(answer_notes.c.place)).where(answer_notes.c.answer_id == row.answer_id)
    place = int(await at.connection.scalar(last) or 0) + 1
    values = {"side": row.side, "kind": row.kind, "text": row.text, "unit_id": row.unit_id}
    await at.connection.execute(
        insert(answer_notes).values(id=row.id, answer_id=row.answer_id, day=at.today, place=place, **values)
    )


async def who_answered(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, request_id: str, unit: Unit
) -> list[Person]:
    """People who can be asked about the answer of this unit: those who have answered for it; where it was entered on
    behalf, those responsible for the unit itself."""
    asked = participation.join(people, people.c.id == participation.c.person_id)
    statement = (
        select(people)
        .select_from(asked)
        .where(
            participation.c.request_id == request_id,
            participation.c.unit_id == unit.id,
            participation.c.state == ParticipationState.ANSWERED,
            people.c.state == PersonState.CONSENTED,
        )
    )
    rows = (await connection.execute(statement.order_by(people.c.id))).mappings()
    found = [people_storage.read_person(row, sealer, tree) for row in rows]
    if found:
        return found
    return [p for p in await people_storage.responsible(connection, sealer, tree, unit) if p.unit.id == unit.id]


async def _answer(scope: Scope, at: QueryContext, id: str) -> OfficialAnswer | None:
    with_unit = official_answers.join(units, units.c.id == official_answers.c.unit_id)
    statement = select(official_answers.c.request_id, official_answers.c.unit_id).select_from(with_unit)
    row = (
        await at.connection.execute(statement.where(official_answers.c.id == id, within(scope, Access.CONTENT)))
    ).one_or_none()
    if row is None:
        return None
    request = (await read_requests(at.connection, at.tree, [row.request_id]))[row.request_id]
    unit = at.tree.by_id[row.unit_id]
    given = await answers_of(at.connection, Scope.office(unit), at.tree, request.id)
    answer = next(a for a in given if a["_id"] == id)
    askable = len(await who_answered(at.connection, at.sealer, at.tree, request.id, unit))
    notes = (await notes_of(at.connection, at.tree, [id])).get(id, ())
    return OfficialAnswer(id, request, unit, answer["_day"], answer, notes, askable)  # type: ignore[arg-type]


@answers_each(AnswerIn)
async def _answer_in(at: QueryContext, need: AnswerIn) -> OfficialAnswer | None:
    return await _answer(need.scope, at, need.id)


@answers_each(MyAnswer)
async def _my_answer(at: QueryContext, need: MyAnswer) -> OfficialAnswer | None:
    found = await _answer(Scope.office(), at, need.id)
    if found is None or found.question is None:
        return None
    asked = await who_answered(at.connection, at.sealer, at.tree, found.request.id, found.unit)
    return found if need.person_id in {person.id for person in asked} else None
