"""What chat apps let people do beside typing and pressing: block and come back, send albums, change a message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.events import EventKind, File
from nhipcau.bot.messaging.messages import Message
from nhipcau.storage import outbox
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.tables import contacts, people, reports
from tests.support.requests import ask
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

RAPID = {"title": "Mưa lũ", "deadline": "24h", "questions": [{"text": "Có sạt lở không?", "kind": "yesno"}]}
FIRST_WORDS_STAND = "Tôi vẫn giữ lời bác gửi lúc đầu, không theo tin vừa sửa."


async def arrived(world: World, phone: Phone, **after: float) -> list[Message]:
    """What is there after so much time."""
    await world.wait(**(after or {"seconds": 4}))
    return await phone.read()


async def people_in(world: World, state: str) -> int:
    return len(await world.rows(select(people.c.id).where(people.c.state == state)))


# ------------------------------------------------------------------ back again


@pytest.mark.parametrize("back", ["unblocked", "followed", "start", "words"])
@pytest.mark.parametrize("opened", ["before", "meanwhile", "unread"])
async def test_who_comes_back_sees_the_open_rapid_request(world: World, back: str, opened: str) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    if opened != "meanwhile":
        await ask(world, RAPID, "rapid", unit="X06040")
    if opened == "before":
        await lan.read()
        assert "Mưa lũ" in lan.last.text
    await lan.send(EventKind.BLOCKED)
    assert await people_in(world, "unreachable") == 1
    if opened == "meanwhile":
        await world.joined("Người khác")
        await ask(world, RAPID, "rapid", unit="X06040")
    lan.messages.clear()
    if back in {"unblocked", "followed"}:
        await lan.send(EventKind.RETURNED if back == "unblocked" else EventKind.OPENED)
    else:
        await lan.say("/start" if back == "start" else "trợ giúp")
    assert await people_in(world, "unreachable") == 0
    await arrived(world, lan)
    asked = [message for message in lan.messages if "Có sạt lở không?" in message.text]
    assert len(asked) == 1
    await lan.tap("Không có gì")
    assert lan.last.text.startswith("Đã ghi nhận báo cáo nhanh")


async def test_who_comes_back_is_not_asked_what_is_answered_or_over(world: World) -> None:
    lan, mui = await world.joined("Hoàng Thị Lan"), await world.joined("Triệu Thị Mùi")
    await ask(world, RAPID, "rapid", unit="X06040")
    await lan.read()
    await lan.tap("Không có gì")
    await mui.read()
    for phone in (lan, mui):
        await phone.send(EventKind.BLOCKED)
    lan.messages.clear()
    await lan.send(EventKind.RETURNED)
    assert await arrived(world, lan) == []
    await world.wait(hours=25)
    await mui.send(EventKind.RETURNED)
    assert [m.text for m in await arrived(world, mui) if "Có sạt lở không?" in m.text] == []


async def test_unblocking_and_starting_asks_once(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await ask(world, RAPID, "rapid", unit="X06040")
    await lan.read()
    await lan.send(EventKind.BLOCKED)
    lan.messages.clear()
    await lan.send(EventKind.RETURNED)
    await lan.say("/start")
    assert lan.last.text.endswith("Cần gì bác cứ nhắn, hoặc chọn một việc dưới đây.")
    await arrived(world, lan)
    assert [("Có sạt lở không?" in message.text) for message in lan.messages] == [False, True]


async def test_a_stranger_who_unblocks_or_edits_leaves_nothing(world: World) -> None:
    stranger = world.phone("nobody", "telegram")
    for kind in (EventKind.RETURNED, EventKind.EDITED):
        assert await stranger.send(kind, "xin chào", ref="5") == []
    assert await stranger.read() == []


# ------------------------------------------------------------------ albums


async def album(phone: Phone, number: int, caption: str = "", name: str = "a1") -> list[Message]:
    shown: list[Message] = []
    for n in range(number):
        picture = File(f"{n}{name}".ljust(16, "0").replace("a", "b") + ".jpg")
        shown += await phone.send(EventKind.PHOTO, caption if n == 0 else "", file=picture, album=name)
    return shown


@pytest.mark.parametrize("number", [2, 4, 10])
async def test_an_album_is_one_answer_and_one_message(world: World, number: int) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    assert await album(lan, number, "cầu treo hỏng ván") == []
    [message] = await arrived(world, lan)
    assert ("2 ảnh" in message.text) is (number > 2)
    await lan.tap(message.choices[0].label)
    assert "cầu treo" in (await _filed(world, lan))


async def _summary(lan: Phone) -> None:
    """On to the summary, by the first choice of each question."""
    while "Gửi" not in lan.labels():
        await lan.tap(lan.labels()[0])


async def _filed(world: World, lan: Phone) -> str:
    await _summary(lan)
    await lan.tap("Gửi")
    [row] = await world.rows(select(reports.c.text))
    return str(row.text)


async def test_an_album_in_the_form_is_taken_up_to_two(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("báo cáo")
    before = len(lan.messages)
    await album(lan, 4, "cầu treo hỏng ván ở Nà Han")
    await arrived(world, lan)
    assert len(lan.messages) == before + 1
    assert lan.last.text.startswith("Đã đủ 2 ảnh nên ảnh này không nhận thêm.")
    await _summary(lan)
    assert "Ảnh: 2 ảnh" in lan.last.text


async def test_words_after_an_album_are_answered_after_it(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await album(lan, 3)
    parts = world.parts
    async with parts.database.writing() as connection:
        contact = (await world.rows(select(contacts.c.id)))[0].id
        expires = world.now + timedelta(hours=1)
        later = outbox.NewDelivery(contact, Message("sau"), outbox.REPLY, world.now, expires)
        await outbox.put(connection, parts.sealer, world.now.date(), [later])

    async def claimed() -> list[str]:
        async with parts.database.writing() as connection:
            rows = await outbox.claim(connection, parts.sealer, "web", world.now, quiet=False, most=9)
            done = DeliveryResults(delivered=rows)
            await record_outcomes(connection, parts.sealer, done, world.now, world.now.date())
        return [row.message.text for row in rows]

    # the answer to what was said after it waits behind the album's
    assert await claimed() == []
    world.now += timedelta(seconds=4)
    assert "ảnh" in (await claimed())[0]
    assert await claimed() == ["sau"]


async def test_two_albums_in_a_row_leave_one_answer(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await album(lan, 2, name="a1")
    await album(lan, 2, name="a2")
    assert len(await arrived(world, lan)) == 1
    # one picture alone is answered at once
    assert len(await lan.photo("ccccccccccccdddd.jpg")) == 1


# ------------------------------------------------------------------ a message changed afterwards


async def types(phone: Phone, text: str, ref: str = "11") -> None:
    await phone.send(EventKind.TEXT, text, ref=ref)


async def edits(phone: Phone, text: str, ref: str = "11") -> None:
    await phone.send(EventKind.EDITED, text, ref=ref)


async def test_an_edit_of_words_nothing_came_of_is_read_in_their_place(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await types(lan, "cầu treo hỏng ván")
    await edits(lan, "cầu treo gãy hẳn rồi")
    assert "cầu treo gãy hẳn rồi" in lan.last.text
    assert "hỏng ván" not in lan.last.text
    await edits(lan, "bờ kè sạt ở Nà Han")
    assert "bờ kè sạt" in lan.last.text
    assert "cầu treo" not in lan.last.text


async def test_an_edit_answers_the_question_that_is_still_open(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await ask(world, RAPID, "rapid", unit="X06040")
    await lan.read()
    await types(lan, "hai mươi mốt")
    asked = lan.last.text
    await edits(lan, "không có gì")
    assert lan.last.text.startswith("Đã ghi nhận báo cáo nhanh"), asked


async def test_an_edit_of_what_was_taken_says_that_the_first_words_stand(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("báo cáo")
    await types(lan, "cầu treo hỏng ván")
    question = lan.last
    await edits(lan, "cầu treo gãy")
    assert lan.last.text.startswith(FIRST_WORDS_STAND)
    assert lan.last.choices == question.choices
    await edits(lan, "một tin rất cũ", ref="3")
    assert lan.last.text.startswith(FIRST_WORDS_STAND)


async def test_an_edit_never_answers_what_was_asked_since(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await types(lan, "cầu treo hỏng ván")
    await ask(world, RAPID, "rapid", unit="X06040")
    await lan.read()
    await edits(lan, "không có gì")
    assert lan.last.text.startswith(FIRST_WORDS_STAND)
    await types(lan, "cầu treo hỏng ván", ref="12")
    await lan.tap(lan.labels()[-1])
    await edits(lan, "không có gì", ref="12")
    assert lan.last.text.startswith(FIRST_WORDS_STAND)


async def test_an_edit_of_another_message_or_app_is_not_taken(world: World) -> None:
    lan: Any = await world.joined("Hoàng Thị Lan")
    await lan.say("cầu treo hỏng ván")
    await edits(lan, "cầu treo gãy", ref="")
    assert lan.last.text.startswith(FIRST_WORDS_STAND)


async def test_an_edit_that_tells_of_danger_is_heard(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("báo cáo")
    await types(lan, "nước suối lên")
    await edits(lan, "nước lũ lên nhanh, nhà tôi ngập tới mái, cứu với")
    assert "114" in lan.last.text
    await edits(lan, "nước lũ lên nhanh, nhà bà Lò ngập tới mái, cứu với", ref="3")
    assert "114" in lan.last.text


async def test_danger_told_anew_is_asked_about_in_its_new_words(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await types(lan, "lũ lên nhanh, nhà tôi ngập tới mái, cứu với")
    assert "114" in lan.last.text
    await edits(lan, "lũ lên nhanh, nhà tôi ở Nà Han ngập tới mái, cứu với")
    assert "114" in lan.last.text
    assert "Nà Han" in lan.last.text
