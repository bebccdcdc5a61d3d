"""A report written to practise reaches nobody and is stored nowhere (rule R23)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.events import EventKind
from nhipcau.handlers.buttons import AnswerForm
from nhipcau.handlers.reports.practice_report import receipt, review
from nhipcau.intake.transaction import Dispatcher
from nhipcau.privacy.screening import screen
from nhipcau.storage.tables import outbox, reports
from nhipcau.storage.talks import all_conversations
from tests.support.requests import exported
from tests.support.situations import situation_with
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

QUIET_HEAD = "Bản tập: không gửi cho ai."
STEPS = ("Giao thông, hạ tầng", "Xã Thất Khê", "Cả thôn, khối", "Bức xúc", "Khẩn, trong ngày", "Gửi")


async def practise(phone: Phone, words: str = "đường vào thôn sạt từ hôm qua", *, photo: bool = False) -> None:
    await phone.say("tập viết")
    await phone.say(words)
    for label in STEPS[:-1]:
        await phone.tap(label)
    if photo:
        await phone.photo("aaaabbbbccccdddd.jpg")
    await phone.tap("Gửi")
    assert phone.last.text.startswith("Bản tập đã xong. Bản này không gửi cho ai, không được lưu lại.")


async def test_an_urgent_practice_alerts_nobody_and_is_nowhere(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    above = await world.joined("Lý Thị Trên", "T20", "coordinator")
    lan = await world.joined("Hoàng Thị Lan")
    deleted: set[str] = set()

    async def forget(names: set[str]) -> None:
        deleted.update(names)

    world.dispatch = Dispatcher(world.committing(forget_files=forget))
    await practise(lan, photo=True)
    assert deleted == {"aaaabbbbccccdddd.jpg"}
    assert await world.rows(select(outbox)) == await world.rows(select(reports)) == []
    for phone in (khoi, above):
        assert await phone.read() == []
        await phone.say("hộp thư")
        assert phone.last.text.startswith("Hộp thư không còn báo cáo mới.")
    assert (await exported(world, "reports", "jsonl")).read_text(encoding="utf-8") == ""
    await lan.say("của tôi")
    assert lan.last.text.startswith("Chưa có báo cáo nào của bác.")
    # not in the draft either, which ends with the lesson
    async with world.parts.database.reading() as connection:
        talks = await all_conversations(connection, world.parts.sealer, world.now.date())
    assert not [talk for talk in talks if "sạt" in talk.to_json()]


async def test_real_reports_beside_it_are_read_and_sent_as_ever(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    lan = await world.joined("Hoàng Thị Lan")
    await practise(lan)
    await lan.say("báo cáo")
    await lan.say("đường vào bản hỏng nặng")
    assert QUIET_HEAD not in lan.last.text
    for label in STEPS:
        await lan.tap(label)
    assert "Đã ghi nhận báo cáo PA-" in lan.last.text
    assert [message.text[:4] for message in await khoi.read()] == ["KHẨN"]
    await khoi.say("hộp thư")
    assert khoi.last.text.startswith("1/1 · PA-")
    assert "đường vào bản hỏng nặng" in khoi.last.text


async def test_every_message_of_the_form_says_that_it_is_practice(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("tập viết")
    said = [lan.last]
    for act in ("đường hỏng ở thôn Nà Han", *STEPS[:-1], "Thêm …", "Thêm đối tượng"):
        said += await (lan.say(act) if act.startswith("đường") else lan.tap(act))
    # a toggle, what is not understood, an old button, a picture, a voice
    said += await lan.tap("Nông dân")
    said += await lan.say("???")
    said += await lan.press(AnswerForm("X", 1, "a"))
    said += await lan.photo("aaaabbbbccccdddd.jpg")
    said += await lan.send(EventKind.VOICE)
    said += await lan.say("gặp người")
    assert [message.text.partition("\n")[0] for message in said] == [QUIET_HEAD] * len(said)


async def test_a_half_written_practice_never_becomes_a_real_report(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("tập viết")
    await lan.say("đường hỏng ở thôn Nà Han")
    for word in ("báo cáo", "tập viết"):
        await lan.say(word)
        assert lan.last.text.startswith("Bác đang viết dở một bản tập.")
        await lan.tap("Tiếp tục")
        assert lan.last.text.startswith(QUIET_HEAD)
    await world.wait(hours=30)
    await lan.say("báo cáo")
    await lan.tap("Bỏ")
    assert lan.last.text.startswith("Bác kể giúp")
    await lan.say("tập viết")
    assert lan.last.text.startswith("Bác đang viết dở một báo cáo.")
    await lan.tap("Bỏ")
    assert lan.last.text.startswith(QUIET_HEAD)
    assert await khoi.read() == []


async def test_who_files_no_reports_practises_none(world: World) -> None:
    lead = await world.joined("Lý Văn Tình", role="leader")
    await lead.say("tập viết")
    assert lead.last.text.startswith("Việc này không thuộc vai trò của bác.")
    assert lead.labels() == ["Kết quả", "Tổng hợp", "Việc của tôi", "Theo dõi…", "Trợ giúp, mục khác…"]


@pytest.mark.parametrize(
    ("words", "good", "better"),
    [
        ("cột điện ở thôn Nà Han nghiêng từ hôm qua", "place time nobody", ""),
        ("cot dien o thon Na Han nghieng tu hom qua", "place time nobody", ""),
        ("nước đục lúc 7h30, bà con gần suối đều kêu", "place time nobody", ""),
        ("ông Hùng 0912345678 không chịu sửa giúp bà con", "", "place time nobody"),
        ("mất nước", "nobody", "place time words"),
        # words that only look like a place or a time without their marks
        ("bạn bè xa nhà ho cả lũ, chưa ai khám", "nobody", "place time"),
        ("năm hộ thiếu gạo ăn, mong được giúp đỡ", "nobody", "place time"),
        ("chợ sáng nào cũng rác " * 15, "place time nobody", "brevity"),
        ("the bridge in our village broke two days ago", "place time nobody", ""),
    ],
)
def test_simple_checks_of_a_sentence(words: str, good: str, better: str) -> None:
    assert review(screen(words).text) == (good.split(), better.split())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("words", ["x", "[HỌ TÊN] " * 70, "ở thôn hôm qua", "thôn " * 70])
def test_the_receipt_stays_short(language: str, words: str) -> None:
    message = receipt(situation_with([], language), words)
    assert len(message.text) <= 350
    assert all(len(sentence.split()) <= 20 for sentence in re.split(r"\. |\n", message.text))
