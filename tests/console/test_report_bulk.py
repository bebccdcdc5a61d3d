"""Several reports of the list at once: received, answered, passed on, merged; what was refused is named."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from nhipcau.storage.tables import report_notes, reports
from tests.support.console import Browser, signed_in
from tests.support.reports import filed, merged, state
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

_WORDS = "Xã sẽ đến xem trong tuần này."


async def office(world: World) -> tuple[Phone, Browser, list[str]]:
    reporter = await world.joined("Bác Cộng")
    texts = ("Cầu treo thôn Nà Lầu hỏng ván", "Mất nước sạch ba ngày nay", "Đèn đường tối om cả xóm")
    codes = [await filed(reporter, text, area="Xã Thất Khê") for text in texts]
    browser = await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"))
    return reporter, await browser.open("/console/reports?state=new"), codes


async def test_the_chosen_ones_are_received_and_told_later(world: World) -> None:
    reporter, browser, codes = await office(world)
    await browser.press("Đã tiếp nhận", code=codes[:2])
    assert "Đã tiếp nhận: 2 phản ánh." in browser.notice
    assert "state=new" in str(browser.answer.url)
    assert [await state(world, code) for code in codes] == ["received", "received", "new"]
    assert await reporter.read() == []
    await browser.open(f"/console/reports/{codes[0]}")
    await browser.press("Hoàn tác")
    await world.wait(seconds=61)
    assert len(await reporter.read()) == 1


async def test_one_answer_goes_to_each_and_twice_it_is_one(world: World) -> None:
    reporter, browser, codes = await office(world)
    form = browser.filled("Trả lời chung", {"code": codes, "words": _WORDS})
    for _ in range(2):
        await browser.send(*form)
        assert "Đã trả lời: 3 phản ánh." in browser.notice
    await world.wait(seconds=61)
    assert [_WORDS in message.text for message in await reporter.read()] == [True] * 3


async def test_what_could_not_be_done_is_named_with_why(world: World) -> None:
    _, browser, codes = await office(world)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(reports).where(reports.c.code == codes[0]).values(state="withdrawn"))
        await connection.execute(update(reports).where(reports.c.code == codes[1]).values(state="done"))
    await browser.press("Đã tiếp nhận", code=codes)
    assert "Đã tiếp nhận: 1 phản ánh. Không làm được với 2 bản:" in browser.notice
    assert f"{codes[0]}: người gửi đã rút" in browser.notice
    assert f"{codes[1]}: đã có người tiếp nhận" in browser.notice
    assert await state(world, codes[1]) == "done"


async def test_the_chosen_ones_are_merged_and_passed_on(world: World) -> None:
    _, browser, codes = await office(world)
    issue = await merged(await world.joined("Anh Minh", role="coordinator"), codes[0], "Hạ tầng xuống cấp nhiều nơi")
    await browser.open("/console/reports")
    await browser.press("Gộp vào vấn đề", code=codes, issue=issue)
    assert "Đã gộp: 2 phản ánh. Không làm được với 1 bản:" in browser.notice
    assert {row.issue for row in await world.rows(select(reports.c.issue))} == {issue}
    await browser.press("Báo đã chuyển nơi khác", code=codes[1:], words="Đã chuyển công ty cấp nước.")
    assert [await state(world, code) for code in codes[1:]] == ["passed_on", "passed_on"]


async def test_nothing_chosen_or_no_words_keeps_what_was_typed(world: World) -> None:
    _, browser, codes = await office(world)
    await browser.press("Trả lời chung", words=_WORDS)
    assert "đánh dấu ít nhất một" in browser.notice
    assert browser.page.get_element_by_id("words").text == _WORDS
    await browser.press("Trả lời chung", words="", code=codes[:1])
    assert "chưa thấy chữ nào" in browser.notice
    assert browser.page.xpath("//input[@name='code'][@checked]/@value") == codes[:1]
    assert await world.rows(select(report_notes)) == []


async def test_a_code_of_another_commune_is_left_alone(world: World) -> None:
    reporter, browser, codes = await office(world)
    other = await filed(reporter, "Chợ ngập rác nhiều ngày", area="Xã Đồng Đăng")
    method, address, data = browser.filled("Đã tiếp nhận", {"code": codes[:1]})
    await browser.send(method, address, [*data, ("code", other), ("code", "<b>")])
    assert "Đã tiếp nhận: 1 phản ánh. Không làm được với 2 bản:" in browser.notice
    assert await state(world, other) == "new"
