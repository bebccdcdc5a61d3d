"""A report written to practise reaches nobody and is counted nowhere; only the export shows it, marked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.events import EventKind
from nhipcau.handlers.buttons import AnswerForm, ManageReport, MyReport, MyReportAct, OfficeAct
from nhipcau.handlers.reports.practice_report import receipt, review
from nhipcau.model.queries import Inbox, Query, ReportIn
from nhipcau.model.scope import Scope
from nhipcau.privacy.screening import screen
from nhipcau.storage import reports as stored
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.run_queries import answer
from nhipcau.storage.tables import outbox, reports
from nhipcau.storage.units import load_tree
from tests.support.requests import csv_rows, exported
from tests.support.situations import situation_with
from tests.support.world import MORNING, Phone, World

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
    assert phone.last.text.startswith("Đã ghi nhận bản tập PA-")


async def test_an_urgent_practice_alerts_nobody_and_no_coordinator_opens_it(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    above = await world.joined("Lý Thị Trên", "T20", "coordinator")
    lan = await world.joined("Hoàng Thị Lan")
    await practise(lan, photo=True)
    assert await world.rows(select(outbox)) == []
    [(code, practice)] = await world.rows(select(reports.c.code, reports.c.practice))
    assert practice is True
    for phone in (khoi, above):
        assert await phone.read() == []
        await phone.say("hộp thư")
        assert phone.last.text.startswith("Hộp thư không còn báo cáo mới.")
        await phone.press(ManageReport(code, OfficeAct.SHOW))
        assert phone.last.text.startswith("Không thấy báo cáo này trong địa bàn của bác.")
        await phone.press(ManageReport(code, OfficeAct.RECEIVED))
    assert await world.rows(select(reports.c.state)) == [("new",)]
    async with world.parts.database.reading() as connection:
        assert not await stored.picture_in(connection, Scope.office(), "aaaabbbbccccdddd.jpg")


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


async def test_the_export_marks_it_and_coordinators_queries_leave_it_out(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await practise(lan)
    [row] = await csv_rows(world, "reports")
    assert row["practice"] == "1"
    [line] = (await exported(world, "reports", "jsonl")).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["practice"] is True
    async with world.parts.database.reading() as connection:
        at = QueryContext(
            connection, world.parts.sealer, await load_tree(connection), MORNING, {}, world.parts.settings.zone
        )
        needs: list[Query[Any]] = [
            Inbox(Scope.office()),
            Inbox(Scope.office(), ()),
            ReportIn(Scope.office(), row["code"]),
        ]
        assert list((await answer(at, needs)).values()) == [[], [], None]


async def test_mine_marks_it_and_offers_nothing_to_do_with_it(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await practise(lan)
    await lan.say("của tôi")
    assert lan.last.text.endswith(") (bản tập)")
    code = lan.last.text.split("PA-")[1][:7]
    code = f"PA-{code}"
    await lan.tap(lan.labels()[0])
    assert QUIET_HEAD in lan.last.text
    assert lan.labels() == ["Của tôi"]
    for verb in ("withdraw", "withdraw!", "add"):
        await lan.press(MyReport(code, MyReportAct(verb)))
        assert lan.labels() == ["Của tôi"]
    assert await world.rows(select(reports.c.state)) == [("new",)]


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
def test_the_receipt_stays_short_and_names_its_code(language: str, words: str) -> None:
    message = receipt(situation_with([], language), "PA-2345678", words)
    assert "PA-2345678" in message.text
    assert len(message.text) <= 350
    assert all(len(sentence.split()) <= 20 for sentence in re.split(r"\. |\n", message.text))
