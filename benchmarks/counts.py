"""A board and a result over a million answers: running counts beside the plain GROUP BY over the rows (SQLite)."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.people import office
from benchmarks.table import Line
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.context import AppContext
from nhipcau.model.scope import Scope
from nhipcau.model.tally import tally_of
from nhipcau.storage import requests as requests_store
from nhipcau.storage import running_counts
from nhipcau.storage.tables import participation, poll_answers, requests
from nhipcau.storage.units import load_tree
from tests.support.running_counts import current_counts, recount

ANSWERS = 1_000_000
_CHUNK = 20_000
_CALLS = 20
_FORM = Form(
    "bench001",
    "Giờ tiếp dân",
    (
        Question("q1", QuestionKind.YESNO, "Thuận không?"),
        Question("q2", QuestionKind.SCALE, "Mấy điểm?"),
    ),
)
_BOUND = "under 10 ms, equal"


async def million() -> list[Line]:
    with TemporaryDirectory() as name:
        async with office(Path(name)) as parts:
            await _fill(parts)
            async with parts.database.reading() as connection:
                tree = await load_tree(connection)
                assert await current_counts(connection) == await recount(connection), "counts differ from the rows"
                request = (await requests_store.read_requests(connection, tree, [_FORM.id]))[_FORM.id]
                scope = Scope.office(request.unit)
                board = await _median(lambda: running_counts.board(connection, scope, tree, request), _CALLS)
                grouped = await _median(lambda: _grouped(connection), 1)
                result = await _median(lambda: running_counts.tally(connection, scope, request), _CALLS)
                counted = await _median(lambda: _counted(connection), 1)
    return [
        _line(f"board over {ANSWERS:,} answers (the peer a plain GROUP BY)", board, grouped),
        _line(f"result of {ANSWERS:,} answers (the peer reads and counts them)", result, counted),
    ]


def _line(what: str, ours: float, peer: float) -> Line:
    return Line(what, f"{ours:.1f} ms", f"{peer:,.0f} ms", f"{ours / peer:.4f}x", _BOUND)


async def _fill(parts: AppContext) -> None:
    """Asked in sets, answered in sets: the triggers count along; choices are counted as record_poll counts them."""
    chance, now = random.Random(ANSWERS), datetime.now(UTC)
    async with parts.database.writing() as connection:
        units = [unit.id for unit in (await load_tree(connection)).units]
        moments = {"state": "open", "opens_at": now, "closes_at": now + timedelta(days=1)}
        row = {"id": _FORM.id, "kind": "poll", "unit_id": units[0], "title": _FORM.title, "form": _FORM.to_json()}
        await connection.execute(
            insert(requests).values(**row, audience=json.dumps({"paths": [], "roles": [], "sample": None}), **moments)
        )
    for start in range(0, ANSWERS, _CHUNK):
        numbers = range(start, min(start + _CHUNK, ANSWERS))
        people = [
            {"request_id": _FORM.id, "person_id": f"p{n}", "unit_id": chance.choice(units), "state": "asked"}
            for n in numbers
        ]
        given = [{"q1": chance.choice(("yes", "no")), "q2": chance.randrange(1, 6)} for _ in numbers]
        changes: running_counts.CountChanges = running_counts.CountChanges()
        for answer in given:
            running_counts.change(changes, _FORM.id, _FORM, answer, 1)
        answers = [
            {"id": f"a{n:08}", "request_id": _FORM.id, "version": 1, "answers": json.dumps(answer)}
            for n, answer in zip(numbers, given, strict=True)
        ]
        async with parts.database.writing() as connection:
            await connection.execute(insert(participation), people)
            answered = update(participation).where(participation.c.state == "asked")
            await connection.execute(answered.values(state="answered", band="half"))
            await connection.execute(insert(poll_answers), answers)
            await running_counts.apply_count_changes(connection, changes)
    async with parts.database.writing() as connection:
        await connection.execute(text("ANALYZE"))


async def _grouped(connection: AsyncConnection) -> Any:
    p = participation.c
    keys = (p.unit_id, p.state, p.reason, p.band)
    return (await connection.execute(select(*keys, func.count()).where(p.request_id == _FORM.id).group_by(*keys))).all()


async def _counted(connection: AsyncConnection) -> Any:
    lines = await connection.scalars(select(poll_answers.c.answers).where(poll_answers.c.request_id == _FORM.id))
    return tally_of(_FORM, [json.loads(line) for line in lines])


async def _median(act: Callable[[], Awaitable[object]], calls: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(calls):
        begun = time.perf_counter()
        await act()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)
