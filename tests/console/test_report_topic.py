"""A coordinator says what a report is about: shown to both sides, counted anew, undone within a minute."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.handlers.buttons import ManageReport, MyReport, OfficeAct
from nhipcau.storage.tables import report_notes, reports
from tests.support.console import Browser, signed_in
from tests.support.report_page import kinds, notes, office
from tests.support.running_counts import current_counts, recount
from tests.support.world import World

pytestmark = pytest.mark.slow


async def topic(world: World, code: str) -> str:
    return str((await world.rows(select(reports.c.topic).where(reports.c.code == code)))[0][0])


async def is_counted(world: World) -> bool:
    async with world.parts.database.reading() as connection:
        return await current_counts(connection) == await recount(connection)


async def listed(browser: Browser, code: str, topic: str) -> bool:
    await browser.open(f"/console/reports?q=cầu treo&topic={topic}")
    return code in browser.text


async def test_a_topic_is_set_counted_and_found(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Lưu lĩnh vực", topic="TT")
    assert "Đã ghi lĩnh vực" in browser.notice
    assert "sửa lĩnh vực: Thiên tai, thời tiết (trước đó: Giao thông, hạ tầng)" in browser.text
    assert (await topic(world, code), await notes(world, code)) == ("TT", [("topic", "GT TT")])
    assert await is_counted(world)
    assert [await listed(browser, code, each) for each in ("TT", "GT")] == [True, False]
    assert "report.topic" in await kinds(world)
    await world.wait(minutes=2)
    assert await reporter.read() == []
    await reporter.press(MyReport(code))
    assert "sửa lĩnh vực: Thiên tai, thời tiết" in reporter.last.text


async def test_undone_it_is_counted_and_found_as_before(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Lưu lĩnh vực", topic="TT")
    await browser.press("Hoàn tác")
    assert (await topic(world, code), await notes(world, code)) == ("GT", [])
    assert await is_counted(world)
    assert [await listed(browser, code, each) for each in ("TT", "GT")] == [False, True]


async def test_undone_the_day_of_asking_again_stays(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Lưu", state="done", note="Đã thay ván cầu.")
    asked = select(reports.c.ask_again_on).where(reports.c.code == code)
    [before] = await world.rows(asked)
    await world.wait(days=3)
    browser = await signed_in(world, world.phone("Chị Hạnh"))
    await browser.open(f"/console/reports/{code}")
    await browser.press("Lưu lĩnh vực", topic="TT")
    await browser.press("Hoàn tác")
    assert await world.rows(asked) == [before]


async def test_a_topic_of_no_list_or_said_twice_is_refused(world: World) -> None:
    _, browser, code = await office(world)
    _, address, data = browser.filled("Lưu lĩnh vực", {})
    await browser.send("POST", address, [(n, "ZZ" if n == "topic" else v) for n, v in data])
    assert "chọn một lĩnh vực" in browser.notice
    await browser.press("Lưu lĩnh vực", topic="GT")
    assert "giữ lĩnh vực: Giao thông, hạ tầng" in browser.text
    await browser.press("Lưu lĩnh vực", topic="GT")
    assert "đã được ghi đúng lĩnh vực" in browser.notice
    assert await notes(world, code) == [("topic", "GT GT")]


async def test_the_second_of_two_reads_that_the_topic_was_set(world: World) -> None:
    _, browser, code = await office(world)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/reports/{code}")
    await browser.press("Lưu lĩnh vực", topic="TT")
    await other.press("Lưu lĩnh vực", topic="DN")
    assert "vừa ghi lĩnh vực" in other.notice
    assert await topic(world, code) == "TT"


async def test_a_topic_answers_nobody(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Hỏi lại", words="Cầu còn đi được không?")
    await world.wait(seconds=61)
    await reporter.read()
    await reporter.tap("Trả lời")
    await reporter.say("Vẫn đi được nhưng phải dắt xe")
    await browser.open(f"/console/reports/{code}")
    await browser.press("Lưu lĩnh vực", topic="TT")
    assert "Đã xem lời nhắn" in browser.buttons()
    await browser.open("/console/reports?reply=yes")
    assert code in browser.text


async def test_two_phones_do_not_overwrite_each_other(world: World) -> None:
    _, _, code = await office(world)
    hanh, minh = world.phone("Chị Hạnh"), await world.joined("Anh Minh", role="coordinator")
    for phone in (hanh, minh):
        await phone.press(ManageReport(code, OfficeAct.SHOW))
        await phone.tap("Xử lý khác …")
        await phone.tap("Xem thêm")
        await phone.tap("Đổi lĩnh vực")
    first, second = hanh.labels()[0], minh.labels()[1]
    await hanh.tap(first)
    await minh.tap(second)
    assert "Lĩnh vực vừa được đổi sang" in minh.last.text
    assert len(await world.rows(select(report_notes.c.id).where(report_notes.c.report_code == code))) == 1
