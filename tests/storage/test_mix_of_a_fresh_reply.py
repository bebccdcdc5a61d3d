"""A reply written while the mix is under way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.storage import mix_outbox
from nhipcau.storage.tables import contacts
from tests.support.world import World


async def test_a_reply_written_since_the_mix_began_comes_at_once(world: World) -> None:
    await world.dispatch.submit([Event("web", "1", "lạ", EventKind.TEXT, text="xin chào")])
    began, today = world.now - timedelta(seconds=2), world.now.date()
    async with world.parts.database.writing() as connection:
        ids = list(await connection.scalars(select(contacts.c.id)))
        assert await mix_outbox.write_anew(connection, world.parts.sealer, began, today, ids) == 1
    assert len(await world.fetch("web", "lạ")) == 1
