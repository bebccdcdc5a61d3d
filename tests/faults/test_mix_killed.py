"""A mix killed at any moment loses nothing and doubles nothing, and the next one does all of it."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from nhipcau.bot.messaging.messages import Message
from nhipcau.storage.mix import last_mix
from nhipcau.storage.outbox import BROADCAST, NewDelivery, put
from nhipcau.storage.tables import contacts, metadata, report_notes, reports, units
from tests.support.installation import Installation
from tests.support.mixing import in_order
from tests.support.processes import Process, environment
from tests.support.requests import ask, crowd, yesno
from tests.support.world import World, open_world

#: Reports, each with a note; times a mix is killed.
_REPORTS, _KILLS = 600, 4


async def _fill(world: World) -> None:
    phones = await crowd(world, 6)
    await ask(world, yesno())
    for phone in phones:
        await phone.read()
        await phone.tap("Có")
    today = world.now.date()
    row = {"day": today, "topic": "GT", "mood": "quan_tam", "spread": 1, "urgency": "ky", "state": "new", "month": "m"}
    note = {"day": today, "place": 1, "side": "office", "kind": "answer"}
    async with world.committer.transaction() as work:
        area = await work.connection.scalar(select(units.c.id).where(units.c.code == "X06040"))
        codes = [f"PA-{number:04}" for number in range(_REPORTS)]
        await work.connection.execute(
            insert(reports), [{**row, "code": code, "area_id": area, "text": code} for code in codes]
        )
        notes = [{**note, "id": code, "report_code": code, "text": code} for code in codes]
        await work.connection.execute(insert(report_notes), notes)
        doors = list(await work.connection.scalars(select(contacts.c.id)))
        end = world.now + timedelta(days=1)
        sent = [NewDelivery(d, Message(f"{n}"), BROADCAST, world.now, end, "notice") for d in doors for n in range(3)]
        await put(work.connection, world.parts.sealer, work.today, sent)


async def _numbers(world: World) -> dict[str, int]:
    found = {table.name: len(await world.rows(select(table))) for table in metadata.sorted_tables}
    return {name: number for name, number in found.items() if name not in {"facts", "audit", "audit_days"}}


@pytest.mark.slow
async def test_a_killed_mix_loses_nothing_and_is_done_again(place: Installation, tmp_path: Path) -> None:
    chance, now = random.Random(20261201), datetime.now(UTC)
    async with open_world(place.folder, now, database_url=place.url, quiet_hours="off") as world:
        await _fill(world)
        numbers = await _numbers(world)
        before = await in_order(world, "reports", "code")
    streams = [Path("/dev/null"), tmp_path / "out", tmp_path / "err"]
    for _ in range(_KILLS):
        process = Process(place.folder, ["mix"], environment(place.folder, **place.settings), streams)
        # from its first slices to shortly before its end
        await asyncio.sleep(0.1 + chance.random() * 0.6)
        process.kill()
        await asyncio.to_thread(process.wait, 20)
        async with open_world(place.folder, now, database_url=place.url, quiet_hours="off") as world:
            # the running counts are compared with the rows when it closes
            assert await _numbers(world) == numbers
    process = Process(place.folder, ["mix"], environment(place.folder, **place.settings), streams)
    assert await asyncio.to_thread(process.wait, 60) == 0, streams[2].read_text()
    async with open_world(place.folder, now, database_url=place.url, quiet_hours="off") as world:
        assert await _numbers(world) == numbers
        assert await last_mix(world.parts.database) is not None
        # one of 600 stands in its place by chance, ten do once in millions of mixes
        after = await in_order(world, "reports", "code")
        assert sum(a == b for a, b in zip(before, after, strict=True)) < 10
        lines = await world.rows(select(reports.c.code, reports.c.text, report_notes.c.text).join(report_notes))
        assert len(lines) == _REPORTS
        assert {len(set(line)) for line in lines} == {1}
        if world.parts.database.is_sqlite:
            assert await world.rows(text("PRAGMA foreign_key_check")) == []
