"""The clock jumps a day ahead and back: reminded once, closed once, nothing lost, nothing held for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message, Sent
from nhipcau.delivery.sender import Sender
from nhipcau.storage import outbox, outbox_upkeep
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.tables import outbox as outbox_table
from nhipcau.storage.tables import poll_answers, reports
from tests.support.installation import Installation
from tests.support.requests import ask, crowd, read_all, state_of, states, yesno
from tests.support.world import MORNING, Phone, World, open_world

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
#: An answer nobody could deliver within a day is of no use any more: this jump leaves it useful.
NEARLY = timedelta(hours=22)


@pytest.fixture
async def world(place: Installation) -> AsyncIterator[World]:
    async with open_world(place.folder, database_url=place.url) as opened:
        yield opened


class App:
    """Phones that are pushed to; with `slow` set, a message arrives and its answer comes when `answer` is set."""

    name = "telegram"
    limits = Limits(text=4096, caption=1024)
    rate = 0.0
    recipients_fetch = False

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.slow = False
        self.answer = asyncio.Event()

    async def send(self, address: str, message: Message) -> Sent:
        self.said.append((address, message.text))
        if self.slow:
            await self.answer.wait()
        return Sent(str(len(self.said)))


def sender_of(world: World, app: App) -> Sender:
    channels: Any = {"telegram": app}
    return Sender(world.parts.database, world.parts.sealer, channels, world.parts.settings, now=lambda: world.now)


async def jump(world: World, by: timedelta) -> None:
    """The clock shows another time at once, and everything that looks at it does so."""
    world.now += by
    await world.clock.tick()
    await world.clock.sweep()
    await world.clock.tick()


async def wait_until(world: World, moment: timedelta) -> None:
    """Time passes by itself again, until so long after the morning."""
    while world.now < MORNING + moment:
        await world.wait(hours=1)


async def heard(phones: list[Phone], words: str) -> list[int]:
    """How many messages with these words each has seen by now."""
    await read_all(phones)
    return [sum(words in message.text for message in phone.messages) for phone in phones]


# ------------------------------------------------------------------ polls


@pytest.mark.slow
async def test_jumps_past_the_end_remind_and_close_once_and_lose_no_answer(world: World) -> None:
    phones = await crowd(world, 7)
    id = await ask(world, yesno(close="40h"))
    await read_all(phones)
    before, ahead, back, *silent = phones
    await before.tap("Có")
    await jump(world, DAY)
    assert await heard(phones, "Còn 16 giờ") == [0, 1, 1, 1, 1, 1, 1], "half of the time is over, as the clock says"
    await ahead.tap("Có")
    await jump(world, -DAY)
    await back.tap("Không")
    await wait_until(world, DAY + timedelta(hours=4))
    assert await heard(phones, "Còn ") == [0, 1, 1, 1, 1, 1, 1], "nobody a second time"
    assert (await state_of(world, id), await states(world, id)) == ("open", ["answered"] * 3 + ["reached"] * 4)
    await jump(world, DAY)
    assert await state_of(world, id) == "closed"
    await jump(world, -DAY)
    await wait_until(world, 3 * DAY)
    assert await state_of(world, id) == "closed"
    assert await heard(phones, "Kết quả:") == [1, 1, 1, 0, 0, 0, 0]
    await silent[0].tap("Có")
    assert "Câu này đã đóng" in silent[0].last.text
    assert await world.rows(select(func.count()).select_from(poll_answers)) == [(3,)]


@pytest.mark.slow
async def test_a_planned_poll_opens_once_though_the_clock_is_a_day_ahead(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno(close="80h"), opens=MORNING + timedelta(hours=12))
    await jump(world, DAY)
    await jump(world, -DAY)
    await wait_until(world, timedelta(hours=30))
    assert await state_of(world, id) == "open"
    assert await heard(phones, "Họp tối thứ Bảy?") == [1] * 5


# ------------------------------------------------------------------ what was begun


@pytest.mark.parametrize("first", [DAY, -DAY])
async def test_a_half_written_report_outlives_jumps_both_ways(world: World, first: timedelta) -> None:
    phone = await world.joined("Hoàng Thị Lan")
    await phone.say("báo cáo")
    await phone.say("đường vào bản lầy lội")
    assert "(1/5)" in phone.last.text
    await jump(world, first)
    await phone.tap(phone.labels()[0])
    await jump(world, -first)
    for _ in range(5):
        await phone.tap(phone.labels()[0])
    assert "Đã ghi nhận báo cáo" in phone.last.text
    assert await world.rows(select(reports.c.text)) == [("đường vào bản lầy lội",)]


# ------------------------------------------------------------------ what is to be said


async def test_after_a_jump_an_expired_lease_is_reclaimed_only_once(world: World) -> None:
    app = App()
    phone = await _on_telegram(world)
    async with world.parts.database.writing() as connection:
        held = await outbox.claim(connection, world.parts.sealer, "telegram", world.now, quiet=False, most=10)
    assert len(held) == 1
    sender = sender_of(world, app)
    await _rounds(sender, 2)
    assert app.said == [], "still held"
    world.now += NEARLY
    await _rounds(sender, 3)
    world.now -= NEARLY
    await _rounds(sender, 3)
    assert [address for address, _ in app.said] == [phone.address]
    async with world.parts.database.writing() as connection:
        await record_outcomes(
            connection, world.parts.sealer, DeliveryResults(delivered=held), world.now, world.now.date()
        )
    assert await world.rows(select(outbox_table.c.id)) == []


@pytest.mark.parametrize("first", [DAY, -DAY])
async def test_a_delivery_under_way_in_a_jump_is_said_at_most_twice(world: World, first: timedelta) -> None:
    app = App()
    app.slow = True
    await _on_telegram(world)
    sender = sender_of(world, app)
    await _rounds(sender, 1)
    assert len(app.said) == 1
    for by in (first, -first, first, -first):
        world.now += by
        await _rounds(sender, 2)
    app.answer.set()
    await _rounds(sender, 3)
    world.now += DAY
    await _rounds(sender, 3)
    assert 1 <= len(app.said) <= 2
    assert await world.rows(select(outbox_table.c.id)) == []


async def test_messages_written_a_day_ahead_are_sent_once_the_clock_is_set(
    world: World,
) -> None:
    """A machine that wakes with a wrong clock writes replies; then its clock is set by the network."""
    app = App()
    world.now += DAY
    await _on_telegram(world)
    async with world.parts.database.writing() as connection:
        held = await outbox.claim(connection, world.parts.sealer, "telegram", world.now, quiet=False, most=1)
    assert len(held) == 1, "and the sender that held one of them was killed"
    await _on_telegram(world, "7002")
    world.now -= DAY
    sender = sender_of(world, app)
    for _ in range(3):
        world.now += timedelta(minutes=1)
        await _rounds(sender, 3)
    assert sorted(address for address, _ in app.said) == ["7001", "7002"]


async def _on_telegram(world: World, address: str = "7001") -> Phone:
    """Somebody who has joined, and waits for one answer."""
    _, code = await world.card(f"Người {address}")
    phone = world.phone(address, "telegram", f"Người {address}")
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    asked = Event(phone.channel, world.next_event(), phone.address, EventKind.TEXT, text="trợ giúp")
    await world.dispatch.submit([asked])
    return phone


async def _rounds(sender: Sender, number: int) -> None:
    """Let it look that often, and what it began get as far as it can."""
    for _ in range(number):
        sender.wake()
        await sender.run_once()
        await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_a_delivery_is_never_claimed_again_while_its_result_waits(
    world: World,
) -> None:
    app = App()
    await _on_telegram(world)
    sender = sender_of(world, app)
    await _rounds(sender, 1)
    assert len(app.said) == 1
    outcomes = sender.take_results()
    assert outcomes.delivered, "the inbound transaction has them, and hangs"
    world.now += timedelta(minutes=5)
    await _rounds(sender, 3)
    assert len(app.said) == 1
    sender.return_results(outcomes)
    await _rounds(sender, 2)
    assert (len(app.said), await world.rows(select(outbox_table.c.id))) == (1, [])


async def test_a_clock_set_back_while_the_database_is_away_is_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    world.now += DAY
    sender = sender_of(world, app)
    await _rounds(sender, 1)
    await _on_telegram(world)
    world.now -= DAY

    async def away(*_: object) -> None:
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(outbox_upkeep, "set_back", away)
        with pytest.raises(OSError, match="away"):
            await sender.run_once()
    await _rounds(sender, 3)
    assert len(app.said) == 1
