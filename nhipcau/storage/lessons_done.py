"""Which lessons people have done: that, and the day, never what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import MarkLessonDone
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.tables import learned


async def note_learned(connection: AsyncConnection, rows: Sequence[MarkLessonDone], today: date) -> None:
    """The first day stays."""
    pairs = sorted({(row.person_id, row.lesson) for row in rows})
    values = [{"person_id": person_id, "lesson": lesson, "day": today} for person_id, lesson in pairs]
    await execute_many(connection, insert_into(connection, learned).on_conflict_do_nothing(), values)


async def learned_by(connection: AsyncConnection, person_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Ids of lessons by person; who has done none is missing."""
    found: dict[str, set[str]] = defaultdict(set)
    statement = select(learned.c.person_id, learned.c.lesson).where(learned.c.person_id.in_(sorted(set(person_ids))))
    for row in await connection.execute(statement):
        found[row.person_id].add(row.lesson)
    return {person_id: frozenset(lessons) for person_id, lessons in found.items()}
