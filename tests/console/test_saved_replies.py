"""Replies that an office keeps: written once, put into an answer, their fields filled for each report."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.storage.audit import entries
from nhipcau.storage.tables import report_notes, saved_replies
from tests.support.console import Browser, signed_in
from tests.support.reports import filed
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

_WORDS = "Cảm ơn bác. Việc {lĩnh vực} ở {địa bàn} (mã {mã}) đã chuyển bộ phận chuyên môn của {cơ quan}."
_FILLED = "Cảm ơn bác. Việc Giao thông, hạ tầng ở Xã Thất Khê (mã {}) đã chuyển bộ phận chuyên môn của Xã Thất Khê."


async def office(world: World) -> tuple[Phone, Browser, str]:
    reporter = await world.joined("Bác Cộng")
    code = await filed(reporter, "Đường vào bản nhiều ổ gà, xe khó đi", area="Xã Thất Khê")
    browser = await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"))
    return reporter, browser, code


async def add(browser: Browser, title: str = "Đã chuyển", words: str = _WORDS) -> str:
    """The id of a new reply."""
    await browser.open("/console/replies")
    await browser.press("Thêm câu mẫu", title=title, words=words)
    assert "Đã lưu câu trả lời mẫu" in browser.notice
    id: str = (await browser.world.rows(select(saved_replies.c.id).where(saved_replies.c.title == title)))[0].id
    return id


def typed(browser: Browser) -> str:
    return str(browser.page.get_element_by_id("words").text).strip()


async def answers(world: World, code: str) -> list[str]:
    return [row.text for row in await world.rows(select(report_notes).where(report_notes.c.report_code == code))]


async def test_a_reply_is_put_below_what_was_typed_and_filled(world: World) -> None:
    reporter, browser, code = await office(world)
    id = await add(browser)
    await browser.open(f"/console/reports/{code}")
    await browser.press("Điền vào ô trả lời", words="Chào bác.", reply_id=id)
    assert typed(browser) == f"Chào bác.\n{_FILLED.format(code)}"
    assert await answers(world, code) == []
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert _FILLED.format(code) in (await reporter.read())[-1].text


async def test_fields_that_were_typed_are_filled_in_preview_and_answer(world: World) -> None:
    _, browser, code = await office(world)
    await browser.open(f"/console/reports/{code}")
    await browser.press("Xem trước", words="Mã của bác là {MA}.")
    assert f"Mã của bác là {code}." in browser.page.find_class("bubble")[0].text_content()
    await browser.press("Gửi", words="Bác {tên} đợi nhé.")
    assert "Không có chỗ điền {tên}." in browser.notice
    assert typed(browser) == "Bác {tên} đợi nhé."
    await browser.press("Gửi", words="Mã của bác là {code}.")
    assert await answers(world, code) == [f"Mã của bác là {code}."]


async def test_one_reply_answers_many_each_with_its_own(world: World) -> None:
    reporter, browser, code = await office(world)
    other = await filed(reporter, "Cầu treo hỏng ván", area="Xã Thất Khê")
    id = await add(browser)
    await browser.open("/console/reports")
    await browser.press("Điền vào ô trả lời", reply_id=id, code=[code, other])
    assert typed(browser) == _WORDS
    assert browser.page.xpath("//input[@name='code'][@checked]/@value") != []
    await browser.press("Trả lời chung", code=[code, other])
    assert [await answers(world, each) for each in (code, other)] == [[_FILLED.format(each)] for each in (code, other)]


async def test_units_below_use_a_reply_and_only_its_unit_edits_it(world: World) -> None:
    _, browser, code = await office(world)
    above = await signed_in(world, await world.joined("Ông Tỉnh", "T20", "coordinator"))
    id = await add(above, "Của tỉnh")
    await browser.open(f"/console/reports/{code}")
    assert "Của tỉnh" in browser.text
    await browser.open("/console/replies")
    assert "Câu mẫu của cấp trên" in browser.text
    await add(browser, "Của xã")
    _, address, data = browser.filled("Xóa câu mẫu", {"for_good": "1"})
    await browser.send("POST", address, [(name, id if name == "reply" else value) for name, value in data])
    assert "không còn" in browser.notice
    elsewhere = await signed_in(world, await world.joined("Anh Xa", "X06184", "coordinator"))
    await elsewhere.open("/console/replies")
    assert ("Của tỉnh" in elsewhere.text, "Của xã" in elsewhere.text) == (True, False)
    leader = await signed_in(world, await world.joined("Ông Lực", role="leader"))
    assert (await leader.open("/console/replies")).status == 404


async def test_a_reply_is_changed_and_deleted_and_nothing_overwritten(world: World) -> None:
    _, browser, _ = await office(world)
    await add(browser)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open("/console/replies")
    await browser.press("Lưu câu mẫu", words="Xã đã nhận, mã {mã}.")
    await other.press("Lưu câu mẫu", words="Lời của tôi.")
    assert "Đã có người vừa sửa câu này thành: Xã đã nhận, mã {mã}." in other.notice
    assert "Lời của tôi." in other.page.xpath("//textarea/text()")[0]
    await other.press("Xóa câu mẫu")
    assert "đánh dấu ô xác nhận" in other.notice
    await other.press("Xóa câu mẫu", for_good="1")
    assert await world.rows(select(saved_replies)) == []
    async with world.parts.database.reading() as connection:
        kinds = {entry.kind for entry in await entries(connection)}
    assert {"reply.add", "reply.change", "reply.delete"} <= kinds


@pytest.mark.parametrize(
    ("title", "words", "said"),
    [
        ("", "Lời", "chưa thấy chữ nào"),
        ("Tên", "", "chưa thấy chữ nào"),
        ("Tên", "Chào {họ tên}", "Không có chỗ điền {họ tên}"),
        ("đã chuyển", "Lời", "Đã có câu mẫu tên"),
        ("Tên", "Gọi 0912345678", "đã che"),
    ],
)
async def test_a_reply_that_can_not_be_kept_is_refused(world: World, title: str, words: str, said: str) -> None:
    _, browser, _ = await office(world)
    await add(browser)
    await browser.press("Thêm câu mẫu", title=title, words=words)
    assert said in browser.notice
    assert len(await world.rows(select(saved_replies))) == 1
