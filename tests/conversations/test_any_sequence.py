"""Whatever a person does, in any order: the state stays valid, nothing is said that an app would refuse, and the words
that always work do."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.events import EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from nhipcau.model.conversation import Conversation
from nhipcau.storage.tables import poll_answers, reports
from nhipcau.storage.talks import all_conversations
from tests.support.world import Phone, World, open_world

pytestmark = pytest.mark.slow

TELEGRAM = Limits(text=4096, caption=1024)
WITHOUT_BUTTONS = Limits(text=2000, caption=1000, buttons=0)
_WORDS = st.sampled_from(
    [
        *("báo cáo", "viec", "của tôi", "hủy", "lùi", "bỏ qua", "trợ giúp", "menu", "riêng tư", "/start", "gặp người"),
        *("1", "2", "số 3", "99", "có", "không", "Xem thêm", "Khác …", "dong dang", "đường hỏng", "👍", "?", "<b>&"),
        *("gọi anh Hùng 0912345678", "x" * 2500, "5/12", "MẬT", "thăm dò", "tiến độ", "hộp thư", "vấn đề"),
        *("bài học", "tập viết", "định kỳ", "thông báo", "thông tin", "nhập hộ"),
        *("tổng hợp", "xu hướng", "tháng này", "mạng lưới", "Người thay"),
    ]
)
_ACTS = st.one_of(
    st.tuples(st.just("say"), _WORDS),
    st.tuples(st.just("tap"), st.integers(0, 11).map(str)),
    st.tuples(st.just("old"), st.integers(0, 200).map(str)),
    st.tuples(st.just("send"), st.sampled_from(["voice", "other", "photo", "file", "opened"])),
    st.tuples(st.just("wait"), st.sampled_from(["1", "7", "30"])),
)
_HELP = ("Bác nhắn một câu là thành báo cáo", 'Đọc: "hộp thư"')


async def act(phone: Phone, what: str, how: str) -> list[Message]:
    match what:
        case "say":
            return await phone.say(how)
        case "tap" if phone.last.choices:
            choices = phone.last.choices
            return await phone.press(choices[int(how) % len(choices)].data, phone.ids[-1])
        case "old":
            pressed = [c.data for message in phone.messages for c in message.choices]
            return await phone.press(pressed[int(how) % len(pressed)], phone.ids[0])
        case "send":
            sending = {"photo": phone.photo, "file": phone.document}.get(how)
            return await (sending() if sending else phone.send(EventKind(how)))
        case "wait":
            await phone.world.wait(hours=int(how))
            return await phone.read()
        case _:
            return []


async def check(world: World, phone: Phone, said: list[Message]) -> None:
    assert len(said) <= 4, [m.text for m in said]
    for message in said:
        assert "trục trặc" not in message.text
        for limits in (TELEGRAM, WITHOUT_BUTTONS):
            assert render(message, limits)
    async with world.parts.database.reading() as connection:
        for talk in await all_conversations(connection, world.parts.sealer, world.now.date()):
            assert Conversation.from_json(talk.to_json()) == talk
            assert talk.focus in {"", *talk.drafts}


async def play(acts: list[tuple[str, str]], role: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder)) as world:
            phone = await world.joined("Hoàng Thị Lan", "X06184", role)
            other = await world.joined("Người Khác", "X06184")
            if role == "collaborator":
                await ask_everybody(world)
                await phone.read()
            for what, how in acts:
                before = await world.rows(select(reports))
                await check(world, phone, await act(phone, what, how))
                # only what a person sends becomes a report, one at a time
                assert len(await world.rows(select(reports))) <= len(before) + 1
            await world_still_listens(world, phone)
            await other.say("của tôi")
            assert other.last.text.startswith("Chưa có báo cáo nào")
            assert len(await world.rows(select(poll_answers))) <= 1


async def ask_everybody(world: World) -> None:
    """A poll lies open, so that there is something to answer and to leave alone."""
    for number in range(4):
        await world.joined(f"Người {number}", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await khoi.say("thăm dò")
    for words in ("Có nên đổi lịch?", "Có / Không / Tùy", "1", "1", "7 ngày", "Gửi"):
        await khoi.say(words)
    await world.wait(seconds=1)


async def world_still_listens(world: World, phone: Phone) -> None:
    """The words that always work do, at the end of anything."""
    if not (await phone.say("trợ giúp"))[-1].text:
        raise AssertionError("silence")
    has_left = phone.last.text.startswith(("Chào bác, đây là Nhịp Cầu.", "Đây là Nhịp Cầu"))
    assert has_left or any(words in phone.last.text for words in _HELP), phone.last.text
    await phone.say("dừng")
    if not has_left:
        assert phone.labels()[:2] == ["Tạm nghỉ", "Rời hẳn, xóa dữ liệu của tôi"]
        await phone.tap("Thôi, ở lại")


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(_ACTS, min_size=3, max_size=14))
def test_a_collaborator_does_anything(acts: list[tuple[str, str]]) -> None:
    asyncio.run(play(acts, "collaborator"))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(_ACTS, min_size=3, max_size=14))
def test_a_coordinator_does_anything(acts: list[tuple[str, str]]) -> None:
    asyncio.run(play(acts, "coordinator"))


_ROBOT_OUT = ("Hủy", "Lùi", "Bỏ qua", "Khác …", "Xem thêm")


async def test_taking_each_first_choice_ends_a_report_in_nine_messages(world: World) -> None:
    """And one sentence where there is none: from the word, the button, or simply by writing."""
    for role in ("collaborator", "coordinator"):
        for begin in ("/baocao", "báo cáo", "đường liên thôn hỏng nặng hai tháng nay"):
            phone = await world.joined(f"{role} {begin}", "X06184", role)
            before = len(phone.messages)
            await phone.say(begin)
            while "Đã ghi nhận báo cáo" not in phone.last.text:
                onward = [c for c in phone.labels() if c not in _ROBOT_OUT and not c.startswith(("Sửa", "Trang"))]
                await (phone.tap(onward[0]) if onward else phone.say("chợ chiều nhiều rác quá, chưa ai dọn"))
            assert len(phone.messages) - before <= 9
