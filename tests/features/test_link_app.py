"""One person, several doors: linked by a code of their own, counted once, told once, gone on with anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.cli.invites import invite_list
from nhipcau.handlers.buttons import AnswerRequest, Consent, ConsentAct
from nhipcau.model.changes import MakeInvite
from nhipcau.model.people import Role
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import invites
from nhipcau.storage.tables import contacts, outbox, people, poll_answers, reports
from tests.support.linking import code_of, linked
from tests.support.requests import ask, crowd, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def count(world: World, table: object, *where: object) -> int:
    rows = await world.rows(select(func.count()).select_from(table).where(*where))  # type: ignore[arg-type]
    return int(rows[0][0])


async def test_a_report_begun_on_one_is_finished_on_another(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("đường liên thôn hỏng nặng")
    await lan.tap("Gửi thành phản ánh")
    await lan.say("1")
    zalo = await linked(world, lan, "zalo_bot")
    # what stands last on the other phone is not what words mean here
    assert "Làm tiếp báo cáo" in zalo.labels()
    await zalo.say("1")
    assert "(2/5)" in zalo.last.text
    for _ in range(4):
        await zalo.say("1")
    assert "đường liên thôn hỏng nặng" in zalo.last.text
    await zalo.say("gửi")
    assert "Đã ghi nhận báo cáo" in zalo.last.text
    assert await count(world, reports) == 1
    assert await count(world, people) == 1
    # both see it as theirs: nothing was made anew
    for phone in (lan, zalo):
        await phone.say("của tôi")
        assert "Báo cáo của bác (1)" in phone.last.text


async def test_an_old_list_on_one_app_never_answers_what_another_has_open(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    zalo = await linked(world, lan, "zalo_bot")
    await lan.say("báo cáo")
    await lan.say("đường liên thôn hỏng nặng")
    assert "(1/5)" in lan.last.text
    await zalo.say("3")
    assert "(2/5)" not in zalo.last.text
    await lan.say("1")
    assert "Tiếp tục" in lan.labels() or "(2/5)" in lan.last.text


@pytest.mark.slow
async def test_told_once_on_the_app_used_last_or_chosen(world: World) -> None:
    phones = await crowd(world, 5)
    lan = phones[0]
    zalo = await linked(world, lan, "zalo_bot")
    await lan.read()
    await ask(world, yesno("Một"))
    assert [len(await phone.read()) for phone in (lan, zalo)] == [0, 1]
    await lan.say("việc")
    await ask(world, yesno("Hai"))
    assert [len(await phone.read()) for phone in (lan, zalo)] == [1, 0]
    await lan.say("liên kết")
    assert "Tin mới gửi tới: trang web." in lan.last.text
    await lan.tap("Luôn nhắn qua Zalo Bot")
    await ask(world, yesno("Ba"))
    assert [len(await phone.read()) for phone in (lan, zalo)] == [0, 1]
    await lan.say("liên kết")
    await lan.tap("Nhắn ở nơi dùng gần nhất")
    await ask(world, yesno("Bốn"))
    assert [len(await phone.read()) for phone in (lan, zalo)] == [1, 0]
    # answered here, its button there is over; one answer
    await zalo.tap("Có")
    assert await count(world, poll_answers) == 1


@pytest.mark.slow
async def test_a_code_is_used_once_within_minutes_and_makes_nobody_else(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    mui = await world.joined("Triệu Thị Mùi")
    code = await code_of(lan)
    await mui.say(f"tham gia {code}")
    assert "đã tham gia rồi" in mui.last.text
    first = world.phone("z1", "zalo_bot")
    await first.say(code.lower())
    assert "Đã nối" in first.last.text
    second = world.phone("z2", "zalo_bot")
    await second.say(code)
    assert "không đúng hoặc đã hết hạn" in second.last.text
    late = await code_of(lan)
    world.now += timedelta(minutes=16)
    await second.say(late)
    assert "không đúng hoặc đã hết hạn" in second.last.text
    # the door that was there is told, in case it was not its owner
    assert any("Vừa có thêm Zalo Bot" in message.text for message in lan.messages)
    assert await count(world, contacts, contacts.c.person_id.is_not(None)) == 3


async def test_a_new_card_lets_every_contact_go(world: World) -> None:
    id, code = await world.card("Hoàng Thị Lan")
    lan = world.phone("lan")
    await lan.say(f"/start {code}")
    await lan.tap("Đồng ý")
    zalo = await linked(world, lan, "zalo_bot")
    await lan.say("báo cáo")
    await lan.say("đường liên thôn hỏng nặng")
    async with world.parts.database.writing() as connection:
        await connection.execute(people.update().where(people.c.id == id).values(state="consented"))
    async with world.parts.database.writing() as connection:
        unit = (await connection.execute(select(people.c.unit_id))).scalar_one()
        again = MakeInvite(new_id("invite"), unit, Role.COLLABORATOR, id, 1, world.now + timedelta(days=1), "office")
        await invites.make_invites(connection, [again], world.now.date())
    new = world.phone("new phone", "zalo_oa")
    await new.say(f"/start {again.code}")
    await new.tap("Đồng ý")
    assert "Đã tham gia" in new.last.text
    for phone in (lan, zalo):
        await phone.read()
        assert "không còn nối nữa" in phone.last.text
        await phone.say("việc")
        assert "mã mời" in phone.last.text
    assert "Làm tiếp báo cáo" not in new.labels()


async def test_two_apps_at_once_take_turns(world: World) -> None:
    """One batch holds both: the second decides with what the first has left."""
    lan = await world.joined("Hoàng Thị Lan")
    zalo = await linked(world, lan, "zalo_bot")
    await lan.read()
    here = Event("web", "x1", lan.address, EventKind.TEXT, text="báo cáo")
    there = Event("zalo_bot", "x2", zalo.address, EventKind.TEXT, text="rác đổ ở bờ suối")
    await asyncio.gather(world.dispatch.submit([here, there]))
    await lan.read()
    await zalo.read()
    assert "Bác kể giúp" in lan.last.text
    assert "đang viết dở" in zalo.last.text
    assert await count(world, outbox) == 0


async def test_who_leaves_leaves_on_every_app(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    zalo = await linked(world, lan, "zalo_bot")
    await zalo.say("riêng tư")
    assert "trang web, Zalo Bot" in zalo.last.text
    await zalo.tap("Xóa dữ liệu của tôi")
    await zalo.tap("Xóa và rời hẳn")
    assert await count(world, people) == 0
    await lan.say("việc")
    assert "mã mời" in lan.last.text


async def test_an_app_added_at_once_loses_nothing_of_the_others(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("báo cáo")
    code = await code_of(lan)
    await lan.say("lùi")
    await lan.say("đường liên thôn hỏng nặng")
    before = lan.last
    zalo = world.phone("zalo", "zalo_bot")
    adds = Event("zalo_bot", "y1", zalo.address, EventKind.TEXT, text=code)
    answers = Event("web", "y2", lan.address, EventKind.TAP, data=before.choices[0].data)
    await world.dispatch.submit([adds, answers])
    await lan.read()
    await zalo.read()
    # the answer counts, and the other door is heard of below it
    assert "(2/5)" in lan.messages[-2].text
    assert "Đã nối" in zalo.last.text
    await zalo.tap("Làm tiếp báo cáo")
    assert "(2/5)" in zalo.last.text


async def test_a_new_cards_phone_gets_nothing_the_old_one_is_writing(world: World) -> None:
    id, code = await world.card("Hoàng Thị Lan")
    lan = world.phone("lan")
    await lan.say(f"/start {code}")
    await lan.tap("Đồng ý")
    async with world.parts.database.writing() as connection:
        unit = (await connection.execute(select(people.c.unit_id))).scalar_one()
        again = MakeInvite(new_id("invite"), unit, Role.COLLABORATOR, id, 1, world.now + timedelta(days=1), "office")
        await invites.make_invites(connection, [again], world.now.date())
    new = world.phone("new", "telegram")
    await new.say(f"/start {again.code}")
    agrees = Event("telegram", "n1", new.address, EventKind.TAP, data=Consent(ConsentAct.YES).pack())
    writes = Event("web", "n2", lan.address, EventKind.TEXT, text="điều máy cũ đang viết")
    await world.dispatch.submit([agrees, writes])
    await new.read()
    assert "Đã tham gia" in new.last.text
    await new.say("menu")
    assert "Gửi câu đang chờ" not in new.labels()
    assert "Làm tiếp báo cáo" not in new.labels()


async def test_a_persons_code_is_nobody_elses_to_see_or_to_report(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    mui = await world.joined("Triệu Thị Mùi")
    code = await code_of(lan)
    await mui.say(code)
    assert "đã tham gia rồi" in mui.last.text
    assert "phản ánh?" not in mui.last.text
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        await invite_list(world.parts, as_json=True)
    assert code not in shown.getvalue()


@pytest.mark.slow
async def test_no_second_vote_by_another_app_after_leaving(world: World) -> None:
    phones = await crowd(world, 6)
    lan = phones[0]
    zalo = await linked(world, lan, "zalo_bot")
    await lan.read()
    id = await ask(world, yesno(sealed=True))
    await zalo.read()
    await zalo.tap("Có")
    await zalo.say("riêng tư")
    await zalo.tap("Xóa dữ liệu của tôi")
    await zalo.tap("Xóa và rời hẳn")
    await lan.say(f"/start {await world.invite()}")
    await lan.tap("Đồng ý")
    await lan.tap("Để sau")
    await world.wait(seconds=5)
    await lan.read()
    await lan.press(AnswerRequest(id, "q1", "no"))
    assert "mỗi người chỉ tính một lần" in lan.last.text
    assert await count(world, poll_answers) == 1


async def test_a_lost_phone_is_closed_from_another(world: World) -> None:
    """ASVS V7: sessions are listed, and ended from elsewhere."""
    lan = await world.joined("Hoàng Thị Lan")
    zalo, page = await linked(world, lan, "zalo_bot"), await linked(world, lan, "web")
    await lan.say("liên kết")
    assert "Zalo Bot" in lan.last.text
    await lan.tap("Đóng ở nơi khác")
    assert "Đóng mọi nơi khác" in lan.last.text
    await lan.tap("Giữ như cũ")
    assert await count(world, contacts) == 3
    await lan.tap("Đóng ở nơi khác")
    await lan.tap("Đóng các nơi khác")
    assert "Đã đóng 2 nơi khác" in lan.last.text
    assert await count(world, contacts) == 1
    for gone in (zalo, page):
        await gone.say("của tôi")
        assert "Báo cáo của bác" not in gone.last.text
    await lan.say("liên kết")
    assert "Đóng ở nơi khác" not in lan.labels()
    assert await count(world, people) == 1
