"""How soon people answered stands in the counts alone once a poll is over, and is neither lost nor counted twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from nhipcau.model.changes import DeletePerson
from nhipcau.operations.commit import apply
from nhipcau.storage import bands, schema
from nhipcau.storage.backup import back_up
from nhipcau.storage.database import Database
from nhipcau.storage.restore import restore_into
from nhipcau.storage.tables import participation, participation_counts, poll_answers
from tests.support.older import become_older
from tests.support.people import id_of
from tests.support.postgres import new_database
from tests.support.requests import answer_all, ask, crowd, end, yesno
from tests.support.running_counts import current_counts, recount
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow


@pytest.fixture
async def on_postgresql(tmp_path: Path) -> AsyncIterator[World]:
    """Where several write at once."""
    async with open_world(tmp_path, database_url=new_database()) as world:
        yield world


async def _closed_poll(world: World) -> str:
    """A poll that three people answered soon and two late."""
    phones = await crowd(world, 6)
    id = await ask(world, yesno("Thuận không?"))
    await answer_all(phones[:3], ["Có"] * 3)
    await world.wait(hours=50)
    await answer_all(phones[3:5], ["Không"] * 2)
    await end(world, id)
    return id


async def _numbers(world: World) -> dict[tuple[str, str], int]:
    """(state, band) → how many people."""
    c = participation_counts.c
    return {
        (row.state, row.band): row.number for row in await world.rows(select(participation_counts).where(c.number > 0))
    }


async def _delete(world: World, name: str) -> None:
    gone = await id_of(world, name)
    async with world.committer.transaction() as context:
        await apply(context, [DeletePerson(gone)])


async def test_who_left_after_a_poll_closed_is_counted_once(office: World) -> None:
    await _closed_poll(office)
    before = await _numbers(office)
    await _delete(office, "Người 1")
    await _delete(office, "Người 6")
    assert await _numbers(office) == before
    assert sorted(number for (state, _), number in before.items() if state == "answered") == [2, 3]


async def test_an_older_database_that_counted_them_twice_is_set_right(on_postgresql: World) -> None:
    world = on_postgresql
    id = await _closed_poll(world)
    before = await _numbers(world)
    async with world.parts.database.writing() as connection:
        unit = await connection.scalar(select(participation.c.unit_id).limit(1))
        twice = {"request_id": id, "unit_id": unit, "state": "answered", "reason": "", "band": "", "number": 2}
        await connection.execute(insert(participation_counts), [twice])
    assert await _numbers(world) != before
    await become_older(world, "0018")
    assert await schema.prepare(world.parts.database, world.parts.sealer) == "upgraded"
    assert await _numbers(world) == before


async def test_a_restore_keeps_how_soon_a_closed_poll_was_answered(office: World, tmp_path: Path) -> None:
    """And how often a band stands in a backup is taken from it only where nothing else would change."""
    await _closed_poll(office)
    before = await _numbers(office)
    await back_up(office.parts.database, tmp_path / "copy.db")
    assert await _restored(office, tmp_path) == before
    evil = Database(f"sqlite+aiosqlite:///{tmp_path}/copy.db")
    async with evil.writing() as connection:
        await connection.execute(update(participation_counts).values(number=participation_counts.c.number + 100))
    await evil.close()
    assert await _restored(office, tmp_path) == {("answered", ""): 5, ("asked", ""): 1}


async def _restored(world: World, folder: Path) -> dict[tuple[str, str], int]:
    parts = world.parts
    again = Database(f"sqlite+aiosqlite:///{folder}/again.db") if parts.database.is_sqlite else parts.database
    await restore_into(folder / "copy.db", folder / "working.db", again, parts.sealer, world.now)
    async with again.reading() as connection:
        rows = (
            (await connection.execute(select(participation_counts).where(participation_counts.c.number > 0)))
            .mappings()
            .all()
        )
    if again is not parts.database:
        await again.close()
        (folder / "again.db").unlink()
    return {(row["state"], row["band"]): row["number"] for row in rows}


async def test_counts_that_change_while_a_poll_closes_are_not_lost(on_postgresql: World) -> None:
    """A question is delivered in the very moment."""
    world = on_postgresql
    await crowd(world, 6)
    id = await ask(world, yesno())
    database = world.parts.database
    async with database.writing() as delivering:
        of_poll = participation.c.request_id == id
        await delivering.execute(update(participation).where(of_poll).values(state="reached"))
        closing = asyncio.create_task(_in_transaction(database, lambda c: bands.empty_bands(c, id)))
        await asyncio.sleep(0.3)
    await closing
    async with database.reading() as connection:
        assert await current_counts(connection) == await recount(connection)


@pytest.mark.parametrize("how", ["close", "stop"])
async def test_a_poll_that_closes_while_another_is_answered_waits(on_postgresql: World, how: str) -> None:
    """Not in a circle: the answer is written into participation first, then into the answers."""
    world = on_postgresql
    phones = await crowd(world, 6)
    first, second = await ask(world, yesno("Một?")), await ask(world, yesno("Hai?"))
    await answer_all(phones, ["Có"] * 6)
    database = world.parts.database

    async with database.writing() as answering:
        other = participation.c.request_id == first
        await answering.execute(update(participation).where(other).values(state="answered"))
        closing = asyncio.create_task(end(world, second, stop=how == "stop"))
        await asyncio.sleep(0.3)
        row = {"id": "x", "request_id": first, "version": 1, "answers": "", "sealed": b"x"}
        await answering.execute(insert(poll_answers), [row])
    await closing
    async with database.writing() as connection:
        await connection.execute(poll_answers.delete().where(poll_answers.c.id == "x"))


async def _in_transaction(database: Database, act: Any) -> None:
    async with database.writing() as connection:
        await act(connection)
