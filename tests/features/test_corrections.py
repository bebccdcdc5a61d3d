"""Official information in other words, and boards that follow: said once, to whom it is for, and never half."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nhipcau.handlers.buttons import BoardAct, ManageRequest
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import waiting
from nhipcau.storage.tables import contacts, outbox, posted, requests, units
from tests.support.people import change
from tests.support.requests import ask, end
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

UNIT = "X06184"


async def inform(world: World, office: Phone, words: str = "Từ 1/12 xã tiếp dân thêm sáng thứ Bảy.") -> str:
    """Official information to the collaborators of the unit; its id."""
    await office.say("thông báo")
    for typed in (words, "1", "1", "Ngay bây giờ"):
        await office.say(typed)
    await office.tap("Gửi")
    await world.wait(seconds=1)
    (row,) = await world.rows(requests.select())
    return str(row.id)


async def correct(office: Phone, id: str, words: str) -> None:
    await office.press(ManageRequest(id, BoardAct.CORRECT))
    await office.say(words)
    await office.tap("Gửi")


async def forget_places(world: World) -> None:
    """As on an app that edits nothing."""
    async with world.parts.database.writing() as connection:
        await connection.execute(posted.delete())


async def informed(world: World) -> tuple[Phone, Phone, str]:
    """A coordinator, and a collaborator who has read what they sent; its id."""
    khoi = await world.joined("Khôi", UNIT, "coordinator")
    lan = await world.joined("Lan", UNIT)
    id = await inform(world, khoi)
    await lan.read()
    return khoi, lan, id


async def test_the_last_of_two_corrections_of_one_night_is_said(world: World) -> None:
    khoi, lan, id = await informed(world)
    await forget_places(world)
    world.now += timedelta(hours=13)
    await correct(khoi, id, "Từ 8/12.")
    await correct(khoi, id, "Từ 9/12.")
    await world.wait(hours=10)
    assert ["9/12" in message.text for message in await lan.read()] == [True]


async def test_a_correction_of_what_was_taken_back_is_not_said(world: World) -> None:
    khoi, lan, id = await informed(world)
    await forget_places(world)
    world.now += timedelta(hours=13)
    await correct(khoi, id, "Từ 8/12.")
    await end(world, id, stop=True)
    await world.wait(hours=10)
    assert await lan.read() == []


async def test_who_has_paused_before_it_came_is_not_told_of_a_correction(world: World) -> None:
    khoi, lan = await world.joined("Khôi", UNIT, "coordinator"), await world.joined("Lan", UNIT)
    id = await inform(world, khoi)
    await change(world, "Lan", state="paused")
    await correct(khoi, id, "Từ 8/12.")
    assert await world.rows(outbox.select().filter_by(purpose="ask")) == []
    assert await lan.read() == []


async def test_an_edit_that_an_app_refuses_is_said_anew(world: World) -> None:
    khoi, lan, id = await informed(world)
    await correct(khoi, id, "Từ 8/12.")
    parts, today = world.parts, world.now.date()
    async with parts.database.writing() as connection:
        lookup = parts.sealer.lookup("web", "Lan")
        door = int(await connection.scalar(select(contacts.c.id).where(contacts.c.lookup == lookup)) or 0)
        rows, _ = await waiting(connection, parts.sealer, door, world.now, quiet=False)
        assert [bool(row.message.edit) for row in rows] == [True]
        refused = DeliveryResults(dropped=[(row, "refused") for row in rows])
        await record_outcomes(connection, parts.sealer, refused, world.now, today)
    (told,) = await lan.read()
    assert (told.edit, "8/12" in told.text, len(told.choices)) == ("", True, 2)


async def test_long_words_beside_a_picture_are_said_whole(world: World) -> None:
    khoi, lan, id = await informed(world)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(requests).values(photo="aaaabbbbccccdddd.jpg"))
    words = "Xã tiếp dân thêm. " * 70 + "Hết."
    await correct(khoi, id, words)
    (told,) = await lan.read()
    assert (told.edit, told.text.endswith("Hết.")) == ("", True)


async def test_a_board_is_not_forgotten_by_a_correction(world: World) -> None:
    khoi, other = await world.joined("Khôi", UNIT, "coordinator"), await world.joined("Hai", UNIT, "coordinator")
    lan = await world.joined("Lan", UNIT)
    id = await inform(world, khoi)
    await other.press(ManageRequest(id))
    await lan.read()
    await lan.tap("Đã đọc")
    # its edit lies there unsent
    await world.wait(seconds=5)
    await correct(khoi, id, "Từ 8/12.")
    await world.wait(seconds=5)
    assert "Đã đọc 1/1" in (await other.read())[-1].text


async def test_a_board_does_not_follow_whoever_has_moved_to_another_unit(world: World) -> None:
    khoi, lan = await world.joined("Khôi", role="coordinator"), await world.joined("Lan")
    await ask(world, {"title": "Việc", "questions": [{"text": "Có gì mới?"}]}, "rapid")
    await lan.read()
    await khoi.say("tiến độ")
    [(elsewhere,)] = await world.rows(select(units.c.id).where(units.c.code == UNIT))
    await change(world, "Khôi", unit_id=elsewhere)
    await lan.tap("Không có gì")
    await world.wait(seconds=10)
    assert await khoi.read() == []
    assert await world.rows(posted.select().where(posted.c.key.like("board:%"))) == []
