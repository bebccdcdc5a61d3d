"""A reply written while the mix is under way."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.storage import mix, mix_outbox
from nhipcau.storage.tables import contacts
from tests.support.mixing import mixed
from tests.support.world import World


async def test_a_reply_written_since_the_mix_began_comes_at_once(world: World) -> None:
    await world.dispatch.submit([Event("web", "1", "lạ", EventKind.TEXT, text="xin chào")])
    began, today = world.now - timedelta(seconds=2), world.now.date()
    async with world.parts.database.writing() as connection:
        ids = list(await connection.scalars(select(contacts.c.id)))
        assert await mix_outbox.write_anew(connection, world.parts.sealer, began, today, ids) == 1
    assert len(await world.fetch("web", "lạ")) == 1


async def test_a_reply_comes_at_once_also_late_in_a_long_mix(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its messages are mixed last: twenty minutes after it began."""
    clock, waiting = [0.0], mix_outbox.contacts_with_waiting

    async def much_later(connection: AsyncConnection) -> list[int]:
        clock[0] = 20 * 60
        return await waiting(connection)

    monkeypatch.setattr(mix, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(mix_outbox, "contacts_with_waiting", much_later)
    began = world.now
    world.now += timedelta(minutes=19)
    await world.dispatch.submit([Event("web", "1", "lạ", EventKind.TEXT, text="xin chào")])
    world.now = began
    await mixed(world)
    world.now += timedelta(minutes=20)
    assert len(await world.fetch("web", "lạ")) == 1
