"""Reports are given to sections of an office with a day: on the page, for many at once, and in Việc hôm nay."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.storage.audit import entries
from nhipcau.storage.tables import held_acts, people, reports, sections
from tests.support.console import Browser, signed_in
from tests.support.people import id_of
from tests.support.reports import filed, state
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow


async def office(world: World) -> tuple[Phone, Browser, str]:
    reporter = await world.joined("Bác Cộng")
    code = await filed(reporter, "Rác ở đầu chợ mấy hôm chưa ai dọn", area="Xã Thất Khê")
    browser = await signed_in(world, await world.joined("Chị Lê Hạnh", role="coordinator"))
    return reporter, await browser.open(f"/console/reports/{code}"), code


async def assigned(world: World, code: str) -> tuple[str, str]:
    """Name of its section and its day."""
    row = (await world.rows(select(reports.c.section, reports.c.due).where(reports.c.code == code)))[0]
    names = {each.id: each.name for each in await world.rows(select(sections))}
    return names.get(row.section, ""), str(row.due or "")


def today(browser: Browser) -> dict[str, int]:
    """Words → number of each line."""
    lines = browser.page.xpath("//ul[@class='todo']//a")
    return {a[1].text_content(): int(a[0].text_content()) for a in lines}


async def test_the_first_report_is_given_to_a_section_made_with_it(world: World) -> None:
    reporter, browser, code = await office(world)
    assert "Chưa có bộ phận nào." in browser.text
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-27")
    assert "Đã giao việc" in browser.notice
    assert "Vừa ghi xong. Còn 60 giây để hoàn tác." in browser.notice
    assert await assigned(world, code) == ("Môi trường", "2026-11-27")
    assert "Môi trường hạn 27/11/2026" in browser.text
    await world.wait(seconds=61)
    assert await reporter.read() == []
    async with world.parts.database.reading() as connection:
        kinds = [entry.kind for entry in await entries(connection)]
    assert {"section.add", "report.assign"} <= set(kinds)


async def test_undone_the_report_is_as_before(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-27")
    await browser.press("Hoàn tác")
    assert "Đã hoàn tác" in browser.notice
    assert await assigned(world, code) == ("", "")
    await world.wait(minutes=2)
    assert await world.rows(select(held_acts)) == []


async def test_the_second_of_two_reads_that_it_was_assigned(world: World) -> None:
    _, browser, code = await office(world)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/reports/{code}")
    await browser.press("Giao cho", new_section="Môi trường")
    await other.press("Giao cho", new_section="Đất đai")
    assert "Đã có người vừa giao việc này" in other.notice
    assert (await assigned(world, code))[0] == "Môi trường"
    assert other.page.get_element_by_id("new_section").get("value") == "Đất đai"
    await other.press("Giao cho")
    assert (await assigned(world, code))[0] == "Đất đai"


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        ({}, "chọn một bộ phận"),
        ({"new_section": "le hanh"}, "tên một người"),
        ({"new_section": "x" * 41}, "tối đa 40"),
        ({"new_section": "Đất đai", "assign_due": "2026-11-20"}, "đã qua"),
        ({"new_section": "Đất đai", "assign_due": "2026-11-28"}, "Thứ Bảy"),
        ({"new_section": "Đất đai", "assign_due": "2062-11-30"}, "xa hơn một năm"),
        ({"new_section": "Đất đai", "assign_due": "31/2"}, "Chưa hiểu ngày"),
    ],
)
async def test_what_can_not_be_is_refused_and_kept(world: World, filled: dict[str, str], said: str) -> None:
    _, browser, code = await office(world)
    await browser.press("Giao cho", **filled)
    assert said in browser.notice
    assert await assigned(world, code) == ("", "")
    assert await world.rows(select(sections)) == []
    for name, value in filled.items():
        assert browser.page.get_element_by_id(name).get("value") == value


async def test_my_sections_and_days_stand_in_the_days_work(world: World) -> None:
    reporter, _, code = await office(world)
    phone = await world.joined("Bà Nông Thị Kết", role="coordinator")
    browser = await (await signed_in(world, phone)).open(f"/console/reports/{code}")
    late = await filed(reporter, "Mương nước bị lấp", area="Xã Thất Khê")
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-25")
    await browser.open(f"/console/reports/{late}")
    await browser.press("Giao cho", section=browser.page.xpath("//select[@id='section']/option/@value")[1])
    assert "phản ánh giao cho bộ phận của tôi" not in today(await browser.open("/console"))
    await browser.open("/console/sections")
    await browser.press("Lưu bộ phận của tôi", mine=browser.page.xpath("//input[@name='mine']/@value"))
    assert today(await browser.open("/console"))["phản ánh giao cho bộ phận của tôi"] == 2
    await browser.follow("2 phản ánh giao cho bộ phận của tôi")
    assert "2 phản ánh" in browser.text
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    assert "phản ánh giao cho bộ phận của tôi" not in today(other)
    await world.wait(days=2)
    browser = await signed_in(world, phone)
    assert today(await browser.open("/console"))["phản ánh đến hạn xử lý hôm nay"] == 1
    await world.wait(days=1)
    browser = await signed_in(world, phone)
    await browser.follow("1 phản ánh đã quá hạn xử lý")
    assert ("1 phản ánh" in browser.text, code in browser.text, late in browser.text) == (True, True, False)
    assert "quá hạn 25/11/2026" in browser.text
    await browser.open(f"/console/reports/{code}")
    await browser.press("Gửi", words="Tổ vệ sinh dọn xong sáng nay.")
    assert await assigned(world, code) == ("Môi trường", "")
    await browser.press("Hoàn tác")
    assert await assigned(world, code) == ("Môi trường", "2026-11-25")
    await browser.press("Giao cho", section="new", new_section="Một cửa")
    assert await assigned(world, code) == ("Một cửa", "2026-11-25")


async def test_whose_a_section_is_lies_sealed_with_the_person(world: World) -> None:
    _, browser, _ = await office(world)
    await browser.press("Giao cho", new_section="Môi trường")
    await browser.open("/console/sections")
    chosen = browser.page.xpath("//input[@name='mine']/@value")
    await browser.press("Lưu bộ phận của tôi", mine=chosen)
    id = await id_of(world, "Chị Lê Hạnh")
    row = (await world.rows(select(people).where(people.c.id == id)))[0]
    assert chosen[0] not in repr(tuple(row))


async def test_many_are_given_to_one_section_at_once(world: World) -> None:
    reporter, browser, code = await office(world)
    other = await filed(reporter, "Mương nước bị lấp", area="Xã Thất Khê")
    await browser.open("/console/reports")
    await browser.press("Giao cho", code=[code, other], new_section="Một cửa", assign_due="27/11")
    assert "Đã giao: 2 phản ánh." in browser.notice
    assert await assigned(world, code) == await assigned(world, other) == ("Một cửa", "2026-11-27")
    await browser.press("Giao cho", code=[code], new_section="một cửa", assign_due="2026-11-27")
    assert "đã giao đúng như vậy rồi" in browser.notice
    await browser.press("Giao cho", code=[code], section="none")
    assert await assigned(world, code) == ("", "")
    id = browser.page.xpath("//select[@id='of_section']/option/@value")[1]
    await browser.open(f"/console/reports?section={id}")
    assert (other in browser.text, code in browser.text) == (True, False)


async def test_sections_are_added_renamed_closed_and_opened_again(world: World) -> None:
    _, browser, code = await office(world)
    await browser.open("/console/sections")
    assert "chưa có bộ phận nào" in browser.text
    await browser.press("Thêm bộ phận", name="Đất đai")
    await browser.press("Thêm bộ phận", name="ĐẤT ĐAI")
    assert 'Đã có bộ phận "Đất đai".' in browser.notice
    await browser.press("Đổi tên", new_name="Địa chính")
    await browser.open(f"/console/reports/{code}")
    id = browser.page.xpath("//select[@id='section']/option/@value")[1]
    await browser.press("Giao cho", section=id)
    await browser.open("/console/sections")
    await browser.press("Đóng bộ phận")
    await browser.open(f"/console/reports/{code}")
    assert "Địa chính" in browser.text
    assert browser.page.xpath("//select[@id='section']/option/@value") == ["", "new", "none"]
    await browser.open("/console/sections")
    await browser.press("Thêm bộ phận", name="địa chính")
    rows = await world.rows(select(sections))
    assert [(row.id, row.name, row.closed) for row in rows] == [(id, "Địa chính", False)]


async def test_passed_on_it_leaves_the_section_with_a_new_day(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-25")
    await browser.press("Chuyển", unit="T20", pass_note="Nhờ tỉnh xem giúp.", due="2026-11-28")
    assert "Thứ Bảy" in browser.notice
    await browser.press("Chuyển", due="2026-11-30")
    assert await assigned(world, code) == ("", "2026-11-30")
    await browser.press("Hoàn tác")
    assert await assigned(world, code) == ("Môi trường", "2026-11-25")


async def test_others_have_no_sections_of_ours(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Giao cho", new_section="Môi trường")
    above = await signed_in(world, await world.joined("Ông Tỉnh", "T20", "coordinator"))
    await above.open(f"/console/reports/{code}")
    assert "Đang giao cho Môi trường (Xã Thất Khê)." in above.text
    id = (await world.rows(select(sections)))[0].id
    assert id not in above.page.xpath("//select[@id='section']/option/@value")
    await above.open(f"/console/reports?section={id}")
    assert "chưa lọc theo mục này" in above.notice
    leader = await signed_in(world, await world.joined("Ông Lực", role="leader"))
    assert (await leader.open("/console/sections")).status == 404


async def test_an_answer_to_all_of_an_issue_ends_the_day(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-27")
    await browser.press("Gộp vào vấn đề", issue="new", statement="Rác ở chợ chưa dọn")
    issue = browser.page.xpath("//a[starts-with(@href, '/console/issues/VD')]/@href")[0]
    await browser.open(issue)
    await browser.press("Gửi", words="Tổ vệ sinh dọn mỗi sáng.")
    assert await assigned(world, code) == ("Môi trường", "")
    await browser.press("Hoàn tác")
    assert await assigned(world, code) == ("Môi trường", "2026-11-27")


async def test_a_withdrawn_report_keeps_neither_section_nor_day(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Giao cho", new_section="Môi trường", assign_due="2026-11-27")
    await reporter.say("của tôi")
    await reporter.tap(reporter.last.choices[0].label)
    await reporter.tap("Rút lại")
    await reporter.tap(reporter.last.choices[0].label)
    assert await state(world, code) == "withdrawn"
    assert await assigned(world, code) == ("", "")
