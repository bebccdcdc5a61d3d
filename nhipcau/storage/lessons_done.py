"""Which lessons people have done, and in which month; never what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, func, select

from nhipcau.model.changes import MarkLessonDone
from nhipcau.model.people import PersonState, Role
from nhipcau.model.queries import LessonsDone
from nhipcau.model.scope import Access
from nhipcau.model.training import Training, TrainingOf
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.registry import ChangeContext, QueryContext, answers, answers_each, writes
from nhipcau.storage.tables import learned, people, units
from nhipcau.storage.units import within


@writes(MarkLessonDone)
async def mark_lessons_done(at: ChangeContext, rows: Sequence[MarkLessonDone]) -> None:
    """Record lessons as done; a lesson done before keeps its first month."""
    pairs = sorted({(row.person_id, row.lesson) for row in rows})
    values = [{"person_id": person_id, "lesson": lesson, "day": at.today.replace(day=1)} for person_id, lesson in pairs]
    await execute_many(at.connection, insert_into(at.connection, learned).on_conflict_do_nothing(), values)


@answers(LessonsDone)
async def lessons_done_by(at: QueryContext, needs: Sequence[LessonsDone]) -> dict[LessonsDone, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    persons = sorted({need.person_id for need in needs})
    statement = select(learned.c.person_id, learned.c.lesson).where(learned.c.person_id.in_(persons))
    for row in await at.connection.execute(statement):
        found[row.person_id].add(row.lesson)
    return {need: frozenset(found[need.person_id]) for need in needs}


@answers_each(TrainingOf)
async def _training_of(at: QueryContext, need: TrainingOf) -> dict[int, Training]:
    theirs = [people.c.role == Role.COLLABORATOR, people.c.state == PersonState.CONSENTED]
    who = select(people.c.id, people.c.unit_id).join(units, units.c.id == people.c.unit_id)
    joined = who.where(within(need.scope, Access.NETWORK), *theirs).subquery()
    did = and_(learned.c.person_id == joined.c.id, learned.c.lesson.in_(need.lessons))
    each = select(joined.c.unit_id, func.count(learned.c.lesson).label("done")).outerjoin(learned, did)
    numbers = each.group_by(joined.c.id, joined.c.unit_id).subquery()
    by_number = select(numbers.c.unit_id, numbers.c.done, func.count()).group_by(numbers.c.unit_id, numbers.c.done)
    found: dict[int, Training] = defaultdict(Training)
    for unit_id, done, number in await at.connection.execute(by_number):
        is_every = done == len(need.lessons) and done > 0
        found[unit_id] += Training(number, number if done else 0, number if is_every else 0)
    by_lesson = select(joined.c.unit_id, learned.c.lesson, func.count()).join(learned, did)
    for unit_id, lesson, number in await at.connection.execute(by_lesson.group_by(joined.c.unit_id, learned.c.lesson)):
        found[unit_id] += Training(by_lesson={lesson: number})
    return dict(found)
