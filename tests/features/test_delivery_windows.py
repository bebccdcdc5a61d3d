"""Windows and plans of apps: known before sending, never written past; what a weekly question does to them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.delivery_windows import PEOPLE, month, table
from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.delivery_windows import DeliveryRoute, WindowState, first_open_route, hour_of
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.storage import contact_routes
from nhipcau.storage import outbox as store
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.tables import invites, outbox, participation
from tests.support.acts import acts
from tests.support.linking import code_of, linked
from tests.support.requests import ask, crowd, yesno
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OA = WINDOWS["zalo_oa"]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_the_stored_last_act_never_promises_more_than_the_app_gives(ago: timedelta) -> None:
    acted = NOW - ago
    reckoned = OA.state(hour_of(acted), NOW)
    if ago >= OA.length:
        assert reckoned is WindowState.CLOSED
    if ago >= OA.free:
        assert reckoned is not WindowState.FREE
    # and at most an hour is given away
    if ago + timedelta(hours=1) < OA.length:
        assert reckoned is not WindowState.CLOSED


def test_the_order_of_apps_is_the_persons() -> None:
    shut, open_ = (
        DeliveryRoute(1, "zalo_oa", NOW - timedelta(days=8), OA),
        DeliveryRoute(2, "zalo_oa", NOW - timedelta(days=1), OA),
    )
    telegram, bot = DeliveryRoute(3, "telegram", None), DeliveryRoute(4, "zalo_bot", None)
    assert first_open_route([open_, telegram], NOW) == open_
    assert first_open_route([shut, telegram], NOW) == telegram
    assert first_open_route([bot, telegram], NOW, used_up={"zalo_bot"}) == telegram
    assert first_open_route([shut], NOW) is None
    assert first_open_route([DeliveryRoute(5, "zalo_oa", None, OA)], NOW) is None


async def joined_on(world: World, name: str, channel: str) -> Phone:
    _, code = await world.card(name)
    phone = world.phone(name, channel)
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    return phone


@pytest.mark.slow
async def test_a_closed_contact_is_passed_by_and_said_beforehand(world: World) -> None:
    others = await crowd(world, 4)
    await joined_on(world, "Zoa", "zalo_oa")
    both = await world.joined("Cả hai")
    zalo = await linked(world, both, "zalo_oa")
    await both.read()
    world.now += timedelta(days=8)
    boss = await world.joined("Khôi", role="coordinator")
    for text in ("thăm dò", "Họp tối thứ Bảy có tiện không?", "1", "1", "1", "1"):
        await boss.say(text)
    # who has the app, never whose window is open: that would tell who wrote just now
    assert "Qua Zalo OA: 2 người, nhiều nhất 110 đ. Ai quá 7 ngày chưa nhắn sẽ nhận khi nhắn lại." in boss.last.text
    assert "1 người" not in boss.last.text
    await boss.say("gửi")
    await world.wait(seconds=1)
    assert [len(await phone.read()) for phone in (both, zalo, *others)] == [1, 0, 1, 1, 1, 1]
    states = await world.rows(select(participation.c.state, participation.c.reason))
    assert [tuple(row) for row in states].count(("undeliverable", "window")) == 1
    zoa = world.phone("Zoa", "zalo_oa")
    assert any("Họp tối thứ Bảy" in message.text for message in await zoa.say("chào bác"))


async def test_an_act_reopens_the_window_and_a_late_post_from_its_own_time(world: World) -> None:
    zoa = await joined_on(world, "Zoa", "zalo_oa")
    assert (await heard(world)) == [hour_of(world.now)]
    world.now += timedelta(days=2, minutes=30)
    at = (world.now - timedelta(hours=5)).timestamp()
    await world.dispatch.submit([Event("zalo_oa", "late", zoa.address, EventKind.TEXT, text="việc", at=at)])
    assert (await heard(world)) == [hour_of(world.now - timedelta(hours=5))]
    # a moment that can't be is not believed
    await world.dispatch.submit([Event("zalo_oa", "odd", zoa.address, EventKind.TEXT, text="việc", at=1.5e9)])
    assert (await heard(world)) == [hour_of(world.now)]


async def heard(world: World) -> list[datetime | None]:
    return [act.heard_at for act in await acts(world)]


async def test_a_plan_that_is_used_up_sends_nothing_but_replies(world: World) -> None:
    for n in range(5):
        await joined_on(world, f"Bot {n}", "zalo_bot")
    today = world.now.date()
    async with world.parts.database.writing() as connection:
        await contact_routes.count_sent(connection, today, {"zalo_bot": PLANS["zalo_bot"].messages - 1})
        await contact_routes.count_sent(connection, today, {"zalo_bot": 1})
        assert await contact_routes.used_up_channels(connection, today) == {"zalo_bot"}
        assert await contact_routes.used_up_channels(connection, today + timedelta(days=31)) == set()
    boss = await world.joined("Khôi", role="coordinator")
    await ask(world, yesno())
    assert await world.rows(select(outbox.c.id)) == []
    states = await world.rows(select(participation.c.state, participation.c.reason))
    assert [tuple(row) for row in states] == [("undeliverable", "quota")] * 5
    await boss.say("tiến độ")
    assert "không gửi được 5" in boss.last.text


@pytest.mark.slow
async def test_what_the_app_calls_outside_is_remembered_and_goes_elsewhere(world: World) -> None:
    await crowd(world, 4)
    both = await world.joined("Cả hai")
    zalo = await linked(world, both, "zalo_oa")
    await both.read()
    await ask(world, yesno())
    async with world.parts.database.writing() as connection:
        claimed = await outbox_claim(connection, world)
        assert [row.channel for row in claimed] == ["zalo_oa"]
        refused = DeliveryResults(dropped=[(claimed[0], "window")], window_closed=claimed)
        await record_outcomes(connection, world.parts.sealer, refused, world.now, world.now.date())
    assert [len(await phone.read()) for phone in (both, zalo)] == [1, 0]
    assert [act.heard_at for act in await acts(world)] == [None] * 6


async def outbox_claim(connection: AsyncConnection, world: World) -> list[ClaimedDelivery]:
    return await store.claim(connection, world.parts.sealer, "zalo_oa", world.now, quiet=False, most=9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_weekly_question_keeps_windows_open(seed: int) -> None:
    """A month of 1,000 people: with the question more of them can be told at its end."""
    without, with_question = month(random.Random(seed), weekly=False), month(random.Random(seed), weekly=True)
    assert len(without) == len(with_question) == 30
    assert all(day.free + day.paid + day.closed == PEOPLE for day in without + with_question)
    assert with_question[-1].closed < without[-1].closed / 2
    # whom a closed window hides can't be asked: the question never reaches them either
    assert with_question[-1].closed > 0


def test_the_documents_table_is_what_the_simulation_says() -> None:
    assert table() in (Path(__file__).parents[2] / "docs" / "reference" / "channels.md").read_text(encoding="utf-8")


async def test_an_app_added_later_gets_what_could_not_be_delivered(world: World) -> None:
    await crowd(world, 4)
    zoa = await joined_on(world, "Zoa", "zalo_oa")
    code = await code_of(zoa)
    world.now += timedelta(days=8)
    await ask(world, yesno())
    async with world.parts.database.writing() as connection:
        await connection.execute(invites.update().values(expires_at=world.now + timedelta(minutes=5)))
    web = world.phone("web", "web")
    await web.say(f"/start {code}")
    assert any("Có tiện không?" in message.text for message in web.messages)


async def test_who_pauses_is_told_nothing_more(world: World) -> None:
    await crowd(world, 4)
    zoa = await joined_on(world, "Zoa", "zalo_oa")
    world.now += timedelta(days=8)
    await ask(world, yesno())
    await zoa.say("dừng")
    asked = [message for message in zoa.messages if "Có tiện không?" in message.text]
    assert len(asked) == 1
    await zoa.tap("Tạm nghỉ")
    world.now += timedelta(days=8)
    await ask(world, yesno("Hai"))
    await zoa.say("trợ giúp")
    assert [message for message in zoa.messages if "Có tiện không?" in message.text] == asked


async def test_a_late_refusal_does_not_close_what_they_have_opened_since(world: World) -> None:
    await crowd(world, 4)
    zoa = await joined_on(world, "Zoa", "zalo_oa")
    await ask(world, yesno())
    async with world.parts.database.writing() as connection:
        claimed = await outbox_claim(connection, world)
    world.now += timedelta(hours=3)
    await zoa.say("việc")
    async with world.parts.database.writing() as connection:
        refused = DeliveryResults(dropped=[(claimed[0], "window")], window_closed=claimed)
        await record_outcomes(connection, world.parts.sealer, refused, world.now, world.now.date())
    assert await heard(world) == [*[None] * 4, hour_of(world.now)]


@pytest.mark.parametrize("at", [1e12, 1.79e12, -5.0])
async def test_a_moment_that_can_not_be_loses_no_event(world: World, at: float) -> None:
    zoa = await joined_on(world, "Zoa", "zalo_oa")
    await world.dispatch.submit([Event("zalo_oa", "odd", zoa.address, EventKind.TEXT, text="trợ giúp", at=at)])
    assert any("riêng tư" in message.text for message in await zoa.read())
