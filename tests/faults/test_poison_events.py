"""An event that can't be handled fails alone: its neighbours of the same batch are answered, and it passes once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from nhipcau.actions.permissions import ALL
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers import commands
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, reply
from nhipcau.model.changes import ChangePerson
from nhipcau.storage.tables import contacts, conversations, events
from tests.support.installation import Installation
from tests.support.world import Phone, World, open_world

pytestmark = pytest.mark.slow

CANARY = "chimhoàngyến"
FAILED = "Có trục trặc phía chúng tôi"


@pytest.fixture
async def world(place: Installation) -> AsyncIterator[World]:
    """On PostgreSQL a failed statement spoils its whole transaction: what follows it must begin anew."""
    async with open_world(place.folder, database_url=place.url) as opened:
        yield opened


def _raises(situation: Situation) -> Decision[DecisionResult]:
    raise RuntimeError(CANARY)
    yield


def _writes_what_nobody_can_save(situation: Situation) -> Decision[DecisionResult]:
    return reply(Message(CANARY), changes=[object()])  # type: ignore[list-item]
    yield


def _writes_what_the_database_refuses(situation: Situation) -> Decision[DecisionResult]:
    assert situation.person is not None
    return reply(Message(CANARY), changes=[ChangePerson(situation.person.id, {"unit_id": -1})])
    yield


async def _three(world: World) -> list[Phone]:
    return [await world.joined(name) for name in ("Hoàng Thị Lan", "Triệu Thị Mùi", "Đàm Văn Tám")]


def _typed(world: World, phone: Phone, text: str) -> Event:
    return Event(phone.channel, world.next_event(), phone.address, EventKind.TEXT, text=text)


@pytest.mark.parametrize("handler", [_raises, _writes_what_nobody_can_save, _writes_what_the_database_refuses])
async def test_a_poison_event_fails_alone(
    world: World, handler: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    phones = await _three(world)
    monkeypatch.setitem(commands.COMMANDS, Command.MY_REPORTS, (handler, ALL))
    words = ("đường vào bản lầy lội", "của tôi", "nước giếng có mùi lạ")
    batch = [_typed(world, phone, text) for phone, text in zip(phones, words, strict=True)]
    await world.dispatch.submit(batch)
    said = [await phone.read() for phone in phones]
    assert [len(messages) for messages in said] == [1, 1, 1]
    assert words[0] in said[0][0].text
    assert FAILED in said[1][0].text
    assert words[2] in said[2][0].text
    await world.dispatch.submit(batch)
    assert [await phone.read() for phone in phones] == [[], [], []]
    ids = [event.id for event in batch]
    assert await world.rows(select(func.count()).select_from(events).where(events.c.id.in_(ids))) == [(3,)]
    out = capsys.readouterr()
    assert "event failed" in out.out + out.err
    assert CANARY not in out.out + out.err
    # and the person it happened to goes on
    assert "Bác kể giúp" in (await phones[1].say("báo cáo"))[0].text


async def test_a_conversation_nobody_can_read_any_more_holds_up_nobody(world: World) -> None:
    phones = await _three(world)
    for phone in phones:
        await phone.say("báo cáo")
    [(damaged,)] = await world.rows(select(contacts.c.person_id).where(contacts.c.id == 1))
    async with world.parts.database.writing() as connection:
        row = update(conversations).where(conversations.c.person_id == damaged)
        await connection.execute(row.values(sealed=b"no longer what was sealed"))
    words = ("đường vào bản lầy lội", "nước giếng có mùi lạ", "điện yếu cả tối")
    batch = [_typed(world, phone, text) for phone, text in zip(phones, words, strict=True)]
    await world.dispatch.submit(batch)
    said = [await phone.read() for phone in phones]
    assert [len(messages) for messages in said] == [1, 1, 1]
    # what was half-written is gone; the words are not: they are offered as a report
    assert words[0] in said[0][0].text
    assert all("(1/5)" in messages[0].text for messages in said[1:])


async def test_a_failed_event_of_a_person_leaves_their_others_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await world.joined("Hoàng Thị Lan")
    monkeypatch.setitem(commands.BESIDE_A_DRAFT, Command.MY_DATA, _raises)
    first, poison, last = (_typed(world, phone, text) for text in ("báo cáo", "riêng tư", "đường vào bản lầy lội"))
    await world.dispatch.submit([first, poison, last, replace(last)])
    said = [message.text for message in await phone.read()]
    assert len(said) == 3
    assert "Bác kể giúp" in said[0]
    assert FAILED in said[1]
    assert "(1/5)" in said[2]
