"""What stands last owns what is typed or sent: an answer, the question once more, a command, or an offer taken."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nhipcau.bot.language.command_words import read_command
from nhipcau.storage.tables import poll_answers, reports
from tests.support.requests import stored
from tests.support.world import Phone, World, open_world

pytestmark = pytest.mark.slow

OTHER = "Việc khác, gửi thành phản ánh"


async def asked(world: World, labels: str = "Có / Không") -> Phone:
    """Somebody below whose last message a poll stands."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    for number in range(4):
        await world.joined(f"Người {number}", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await khoi.say("thăm dò")
    for words in ("Có nên đổi lịch?", labels, "1", "1", "7 ngày", "Gửi"):
        await khoi.say(words)
    await world.wait(seconds=1)
    await lan.read()
    return lan


@pytest.mark.parametrize(
    ("typed", "key"), [("có nhé em", "yes"), ("đúng rồi", "yes"), ("không đâu", "no"), ("vâng", "yes"), ("ừ", "yes")]
)
async def test_an_answer_in_own_words_is_the_answer(typed: str, key: str, world: World) -> None:
    lan = await asked(world)
    await lan.say(typed)
    assert "Đã ghi nhận câu trả lời" in lan.last.text
    [row] = await world.rows(select(poll_answers))
    assert key in str(await stored(world, row.request_id))


@pytest.mark.parametrize("typed", ["hàng ngày luôn", "bác có đi", "mất điện cả thôn từ tối qua"])
async def test_other_words_ask_again_with_a_way_to_report_them(typed: str, world: World) -> None:
    lan = await asked(world)
    await lan.say(typed)
    assert lan.last.text.startswith("Tôi chưa rõ bác chọn Có hay Không.")
    assert lan.labels() == ["Có", "Không", "Bỏ qua", OTHER]
    await lan.say("có")
    assert "Đã ghi nhận câu trả lời" in lan.last.text
    assert await world.rows(select(reports)) == []


@pytest.mark.parametrize("take", [OTHER, "việc khác, gửi thành phản ánh", "4"])
async def test_the_last_choice_reports_those_very_words(take: str, world: World) -> None:
    lan = await asked(world)
    await lan.say("mất nước cả thôn từ tối qua")
    await lan.say(take)
    assert "lĩnh vực nào" in lan.last.text
    await to_summary(lan)
    assert "mất nước cả thôn từ tối qua" in lan.last.text
    assert await world.rows(select(poll_answers)) == []


async def test_thanks_below_a_poll_are_greeted(world: World) -> None:
    lan = await asked(world)
    await lan.say("cảm ơn em nhé")
    assert lan.last.text.startswith("Chào bác Lan.")
    assert lan.labels() == ["Có", "Không", "Bỏ qua"]


async def test_a_picture_below_a_choice_is_no_silent_report(world: World) -> None:
    lan = await asked(world)
    await lan.photo()
    assert "chưa nhận ảnh" in lan.last.text
    assert lan.labels()[-1] == OTHER


_SAID = st.sampled_from(
    [
        *("có nhé em", "không đâu", "hàng ngày luôn", "bác có đi", "đường hỏng", "1", "2", "3", "4", "bỏ qua", "ok"),
        *("cảm ơn", "chào em", "gặp người", "việc", "của tôi", "sao cũng được", "👍", "thứ 2"),
    ]
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["Có / Không", "Thứ 2 / Thứ 3 / Thứ 4", "Sáng / Chiều"]), _SAID, _SAID)
def test_nothing_below_a_push_becomes_something_else(labels: str, first: str, second: str) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_world(Path(folder)) as world:
                lan = await asked(world, labels)
                for text in (first, second):
                    answered = len(await world.rows(select(poll_answers)))
                    await lan.say(text)
                    recorded = len(await world.rows(select(poll_answers))) > answered
                    again = lan.labels()[: len(labels.split(" / "))] == labels.split(" / ")
                    is_command = read_command(text)[0] is not None
                    assert recorded or again or is_command or answered or text != first, (text, lan.last.text)
                    assert recorded == ("Đã ghi nhận câu trả lời" in lan.last.text)
                    assert "lĩnh vực" not in lan.last.text or text == "4"
                # nothing is filed unless somebody sends it
                assert await world.rows(select(reports)) == []

    asyncio.run(play())


# ------------------------------------------------------------------ words outside of any form


async def test_an_offer_says_what_its_choices_do(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("đường liên thôn hỏng nặng")
    assert lan.labels() == ["Gửi thành phản ánh", "Không gửi"]
    await lan.say("không em ạ")
    assert "không giữ lại" in lan.last.text
    await lan.say("đường liên thôn hỏng nặng")
    await lan.say("có nhé")
    assert "lĩnh vực nào" in lan.last.text


async def test_two_idle_messages_are_never_joined_unasked(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("đường liên thôn hỏng nặng")
    await world.wait(minutes=20)
    await lan.say("chợ nhiều rác quá")
    assert lan.labels() == ["Gửi thành phản ánh", "Gửi cả hai", "Không gửi"]
    await lan.tap("Gửi thành phản ánh")
    await to_summary(lan)
    assert "chợ nhiều rác" in lan.last.text
    assert "đường liên thôn" not in lan.last.text
    await lan.tap("Gửi")
    # what was said before it waits still
    await lan.tap("Gửi câu đang chờ")
    assert "đường liên thôn hỏng nặng" in lan.last.text


async def test_both_idle_messages_go_where_somebody_says_so(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("đường liên thôn hỏng nặng")
    await lan.say("cả cầu cũng hỏng")
    await lan.say("gửi cả hai")
    await to_summary(lan)
    assert "đường liên thôn hỏng nặng\ncả cầu cũng hỏng" in lan.last.text


async def to_summary(phone: Phone) -> None:
    while "Bác xem lại giúp" not in phone.last.text:
        await phone.tap(phone.labels()[0])


async def test_a_report_is_opened_by_its_code(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    far = await world.joined("Triệu Văn Xa", "X06001", "coordinator")
    await lan.say("đường liên thôn hỏng nặng")
    await lan.say("có")
    await to_summary(lan)
    await lan.tap("Gửi")
    code = next(word for word in lan.last.text.split() if word.startswith("PA-")).strip(".")
    for phone in (lan, khoi):
        for typed in (code, code.lower(), code.replace("-", " "), f"{code}."):
            await phone.say(typed)
            assert "đường liên thôn hỏng nặng" in phone.last.text, typed
    await far.say(code)
    assert "đường liên thôn" not in far.last.text
