"""Editing a report that was sent, while nobody of the office has taken it up."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from nhipcau.handlers.buttons import ManageReport, MyReport, MyReportAct, OfficeAct
from nhipcau.storage.tables import report_notes, reports
from tests.support.reports import filed
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

ROAD = "đường liên thôn hỏng nặng hai tháng nay"


@pytest.fixture
async def office(world: World) -> tuple[Phone, Phone, str]:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    return lan, khoi, await filed(lan, ROAD)


async def _begin(lan: Phone, code: str) -> None:
    await lan.press(MyReport(code))
    await lan.tap("Sửa phản ánh")
    assert lan.labels()[:2] == ["Sửa nội dung", "Sửa lĩnh vực"]


async def _row(world: World, code: str) -> tuple[str, str, str, str]:
    wanted = select(reports.c.text, reports.c.topic, reports.c.mood, reports.c.state).where(reports.c.code == code)
    return tuple((await world.rows(wanted))[0])


async def test_words_topic_and_mood_are_replaced_and_screened(world: World, office: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = office
    await _begin(lan, code)
    await lan.tap("Sửa nội dung")
    await lan.say("đường liên thôn hỏng, gọi anh Hùng 0912 345 678")
    await lan.tap("Sửa …")
    await lan.tap("Sửa mức độ")
    for words in ("cả thôn", "bức xúc", "sớm"):
        await lan.say(words)
    await lan.tap("Gửi")
    assert lan.last.text == f'Đã sửa báo cáo "đường liên thôn hỏng, gọi anh [HỌ TÊN]…" (23/11, {code}).'
    text, topic, mood, state = await _row(world, code)
    assert text == "đường liên thôn hỏng, gọi anh [HỌ TÊN] [SĐT]"
    assert (topic, mood, state) == ("GT", "buc_xuc", "new")
    # one report still, and the office sees that it was edited, on which day
    assert len(await world.rows(select(reports.c.code))) == 1
    await khoi.press(ManageReport(code, OfficeAct.SHOW))
    assert "• 23/11 người gửi đã sửa" in khoi.last.text


async def test_nothing_is_changed_by_leaving_an_edit(world: World, office: tuple[Phone, Phone, str]) -> None:
    lan, _, code = office
    before = await _row(world, code)
    await _begin(lan, code)
    await lan.tap("Sửa nội dung")
    await lan.say("câu khác hẳn, ở thôn Nà Han")
    await lan.say("hủy")
    assert await _row(world, code) == before
    assert await world.rows(select(report_notes.c.kind)) == []


async def test_a_report_taken_up_meanwhile_is_not_edited_and_words_stay(
    world: World, office: tuple[Phone, Phone, str]
) -> None:
    lan, khoi, code = office
    await _begin(lan, code)
    await lan.tap("Sửa nội dung")
    await lan.say("đường liên thôn hỏng hẳn, xe không qua được")
    await khoi.press(ManageReport(code, OfficeAct.RECEIVED, "new"))
    await lan.tap("Gửi")
    assert lan.last.text.startswith("Cán bộ vừa tiếp nhận báo cáo này nên không sửa được nữa.")
    assert (await _row(world, code))[0] == ROAD
    # the new words may still be sent as another report
    await lan.tap(lan.labels()[0])
    assert "lĩnh vực nào" in lan.last.text
    await lan.press(MyReport(code))
    assert "Sửa phản ánh" not in lan.labels()
    await lan.press(MyReport(code, MyReportAct.CORRECT))
    assert lan.last.text.startswith("Cán bộ đã tiếp nhận nên không sửa hay rút được nữa.")


async def test_editing_and_taking_up_at_once_leave_one_of_both(world: World, office: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = office
    await _begin(lan, code)
    await lan.tap("Sửa nội dung")
    await lan.say("câu đã sửa lại, ở thôn Nà Han")
    await asyncio.gather(lan.tap("Gửi"), khoi.press(ManageReport(code, OfficeAct.RECEIVED, "new")))
    text, _, _, state = await _row(world, code)
    edited = [row.kind for row in await world.rows(select(report_notes.c.kind))].count("edited")
    said = [message.text for message in lan.messages]
    if text == ROAD:
        assert edited == 0
        assert any(words.startswith("Cán bộ vừa tiếp nhận") for words in said)
    else:
        assert edited == 1
        assert any(words.startswith("Đã sửa báo cáo") for words in said)
    assert state == "received"


async def test_an_edit_to_urgent_alerts_the_office(world: World, office: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = office
    await khoi.read()
    await _begin(lan, code)
    await lan.tap("Sửa mức độ")
    for words in ("cả thôn", "bức xúc", "khẩn"):
        await lan.say(words)
    await lan.tap("Gửi")
    assert f"(23/11, {code})" in (await khoi.read())[-1].text


async def test_somebody_elses_report_is_not_edited(world: World, office: tuple[Phone, Phone, str]) -> None:
    _, _, code = office
    other = await world.joined("Lý Thị Hoa", "X06184")
    await other.press(MyReport(code, MyReportAct.CORRECT))
    assert other.last.text.startswith("Không tìm thấy báo cáo đó nữa.")


@pytest.mark.parametrize("place", ["Thôn Nà Han", "sau trạm bơm"])
async def test_a_place_stays_with_an_edit_of_something_else(
    world: World, office: tuple[Phone, Phone, str], place: str
) -> None:
    lan, _, _ = office
    await lan.say("báo cáo")
    for words in ("cầu treo hỏng ván ở đầu bản", "giao thông", "đồng đăng", "2", "băn khoăn", "1", "thêm nơi", place):
        await lan.say(words)
    await lan.tap("Gửi")
    code = "PA-" + lan.last.text.split("PA-")[1][:7]
    await _begin(lan, code)
    await lan.tap("Sửa nội dung")
    await lan.say("cầu treo hỏng ván, không ai dám qua")
    await lan.tap("Gửi")
    row = (await world.rows(select(reports.c.text, reports.c.place).where(reports.c.code == code)))[0]
    assert tuple(row) == ("cầu treo hỏng ván, không ai dám qua", place)
