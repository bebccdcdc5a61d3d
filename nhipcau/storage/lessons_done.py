"""Which lessons people have done, and in which month; never what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from nhipcau.model.changes import MarkLessonDone
from nhipcau.model.queries import LessonsDone
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.registry import ChangeContext, QueryContext, answers, writes
from nhipcau.storage.tables import learned


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
