"""What a contact's row knows of its last act: read whatever an earlier version or a damaged disk left of it."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from nhipcau.bot.messaging.messages import Message
from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.storage.last_acts import LastAct, change_acts, open_act, seal_act
from nhipcau.storage.outbox import BROADCAST, NewDelivery, put
from nhipcau.storage.tables import contacts
from tests.support.acts import acts
from tests.support.mixing import mixed
from tests.support.postgres import new_database
from tests.support.world import World, open_world

_TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("choices", ["", '[["Đã rõ", "x"]]'])
async def test_blanks_of_an_earlier_version_are_no_choices(world: World, choices: str) -> None:
    """It filled up the choices themselves, also where a push had none."""
    sealer = world.parts.sealer
    sealed = sealer.seal(_TODAY, choices.ljust(256), "shown")
    shown = f"{PUSH_WITHOUT_REQUEST}{_TODAY}:{base64.b85encode(sealed).decode()}"
    act = open_act(sealer, b"earlier:" + json.dumps([_TODAY.isoformat(), "", shown]).encode())
    assert act.shown == PUSH_WITHOUT_REQUEST + choices
    assert open_act(sealer, seal_act(sealer, _TODAY, act)) == act


@pytest.mark.parametrize("damaged", [b"damaged" * 9, b"cut"])
async def test_a_damaged_row_stops_neither_its_contact_nor_the_mix(world: World, damaged: bytes) -> None:
    an, binh = await world.joined("An"), await world.joined("Bình")
    async with world.parts.database.writing() as connection:
        some = await connection.scalar(select(contacts.c.id).limit(1))
        await connection.execute(update(contacts).where(contacts.c.id == some).values(last_act=damaged))
    assert LastAct() in await acts(world)
    await mixed(world)
    for phone in (an, binh):
        assert await phone.say("trợ giúp")


@pytest.mark.slow
async def test_whoever_writes_a_message_does_not_wait_for_a_last_act(tmp_path: Path) -> None:
    """A message refers to its contact, whose row another transaction is changing."""
    async with open_world(tmp_path, database_url=new_database()) as world:
        await world.joined("An")
        sealer, database = world.parts.sealer, world.parts.database
        async with database.writing() as acting, database.writing() as telling:
            [contact] = await acting.scalars(select(contacts.c.id))
            await change_acts(acting, sealer, _TODAY, {contact: lambda act: LastAct(_TODAY, shown="x")})
            await telling.execute(text("SET LOCAL lock_timeout = 2000"))
            end = world.now + timedelta(hours=1)
            await put(
                telling, sealer, _TODAY, [NewDelivery(contact, Message("1"), BROADCAST, world.now, end, "notice")]
            )
