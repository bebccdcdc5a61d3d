"""Vấn đề in the console: the list, one issue, its strands, and one answer to all that can be undone."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from nhipcau.storage.tables import issues, report_notes, reports, strands
from tests.support.console import Browser, signed_in
from tests.support.reports import filed, merged, state
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

_STATEMENT = "Cầu treo xuống cấp ở nhiều thôn"
_WORDS = "Xã đã báo lên tỉnh, tháng sau sửa."


async def office(world: World) -> tuple[list[Phone], Browser, str, list[str]]:
    """Two who reported, a coordinator at their issue's page, its code, and those of the reports."""
    phones = [await world.joined(name) for name in ("Bác Cộng", "Bác Trừ")]
    codes = [await filed(phones[0], "Cầu treo thôn Nà Lầu hỏng ván", area="Xã Thất Khê")]
    codes.append(await filed(phones[1], "Ván cầu treo Nà Lầu mục hết rồi", area="Xã Thất Khê"))
    khoi = await world.joined("Chị Hạnh", role="coordinator")
    issue = await merged(khoi, codes[0], _STATEMENT)
    browser = await signed_in(world, khoi)
    await browser.open(f"/console/reports/{codes[1]}")
    await browser.press("Gộp vào vấn đề", issue=issue)
    await world.wait(seconds=61)
    for phone in phones:
        await phone.read()
    await browser.open(f"/console/issues/{issue}")
    return phones, browser, issue, codes


async def test_the_list_leads_to_the_issue_and_a_file_holds_it(world: World) -> None:
    _, browser, issue, codes = await office(world)
    await browser.open("/console/issues")
    assert browser.heading == "Vấn đề"
    assert "1 vấn đề" in browser.text
    await browser.open("/console/issues?state=done")
    assert "Không có vấn đề nào như vậy" in browser.text
    await browser.open("/console/issues?state=open,in_progress&topic=GT&latent=0")
    await browser.follow(_STATEMENT)
    assert browser.heading == f"Vấn đề {issue}"
    for word in (_STATEMENT, "Xã Thất Khê", "2–4", "đang mở", *codes):
        assert word in browser.text
    await browser.open("/console/issues.csv?topic=GT")
    rows = list(csv.DictReader(io.StringIO(browser.answer.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [issue]
    assert (await browser.open("/console/issues.xlsx")).answer.content.startswith(b"PK")


async def test_one_answer_reaches_all_after_a_minute(world: World) -> None:
    phones, browser, _, codes = await office(world)
    await browser.press("Xem trước", words=_WORDS, state="done")
    assert any(_WORDS in each.text_content() for each in browser.page.find_class("bubble"))
    await browser.press("Gửi")
    assert "Người gửi chưa được báo" in browser.notice
    assert {await state(world, code) for code in codes} == {"done"}
    await world.wait(seconds=61)
    for phone in phones:
        assert [_WORDS in message.text for message in await phone.read()] == [True]


async def test_undone_each_report_is_as_before(world: World) -> None:
    phones, browser, issue, codes = await office(world)
    before = [await state(world, code) for code in codes]
    notes = await world.rows(select(report_notes.c.id))
    await browser.press("Gửi", words=_WORDS, state="not_possible")
    await browser.press("Hoàn tác")
    assert [await state(world, code) for code in codes] == before
    assert {row.id for row in await world.rows(select(report_notes.c.id))} == {row.id for row in notes}
    row = (await world.rows(select(issues).where(issues.c.code == issue)))[0]
    assert (row.state, row.answer, row.answered) == ("open", "", None)
    await world.wait(minutes=2)
    assert [await phone.read() for phone in phones] == [[], []]


async def test_undo_keeps_what_was_done_to_one_report_since(world: World) -> None:
    _, browser, _, codes = await office(world)
    await browser.press("Gửi", words=_WORDS, state="done")
    undo = browser.filled("Hoàn tác", {})
    await browser.open(f"/console/reports/{codes[0]}")
    await browser.press("Lưu", state="verifying")
    await browser.send(*undo)
    assert [await state(world, code) for code in codes] == ["verifying", "received"]


async def test_the_second_answer_to_all_is_held_up(world: World) -> None:
    _, browser, issue, _ = await office(world)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/issues/{issue}")
    await browser.press("Gửi", words=_WORDS)
    await other.press("Gửi", words="Lời của người thứ hai.")
    assert "Đã có người vừa trả lời" in other.notice
    assert _WORDS in other.text
    assert other.page.find(".//textarea[@name='words']").text == "Lời của người thứ hai."


async def test_a_report_is_split_for_thirty_days(world: World) -> None:
    _, browser, _, codes = await office(world)
    await browser.press(f"Tách khỏi vấn đề {codes[0]}")
    found = await world.rows(select(reports.c.issue).where(reports.c.code == codes[0]))
    assert found[0].issue == ""
    await world.wait(days=31)
    await browser.world.clock.sweep()
    browser = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    issue = (await world.rows(select(issues.c.code)))[0].code
    await browser.open(f"/console/issues/{issue}")
    assert "gộp quá 30 ngày" in browser.text
    assert not [button for button in browser.buttons() if button.startswith("Tách khỏi")]


async def test_strands_are_added_changed_and_deleted(world: World) -> None:
    _, browser, _, _ = await office(world)
    await browser.press("Thêm luồng ý kiến", kind="majority", strand_words="Muốn sửa ngay trước mùa mưa")
    assert "Đã ghi luồng ý kiến" in browser.notice
    assert "Đa số: Muốn sửa ngay trước mùa mưa" in browser.text
    await browser.press("Lưu luồng ý kiến", kind="part", strand_words="Muốn làm cầu mới")
    assert "Một bộ phận: Muốn làm cầu mới" in browser.text
    await browser.press("Xóa luồng ý kiến")
    assert "đánh dấu ô xác nhận" in browser.notice
    await browser.press("Xóa luồng ý kiến", for_good="1")
    assert await world.rows(select(strands)) == []


async def test_a_strand_changed_meanwhile_is_not_overwritten(world: World) -> None:
    _, browser, issue, _ = await office(world)
    await browser.press("Thêm luồng ý kiến", kind="majority", strand_words="Muốn sửa ngay")
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/issues/{issue}")
    await browser.press("Lưu luồng ý kiến", strand_words="Muốn sửa trước mùa mưa")
    await other.press("Lưu luồng ý kiến", strand_words="Muốn cầu mới")
    assert "Có người vừa sửa luồng ý kiến này" in other.notice
    assert "Muốn sửa trước mùa mưa" in other.text
    assert other.page.xpath("//input[@name='strand_words']/@value")[0] == "Muốn cầu mới"


async def test_words_about_one_person_are_asked_about_once(world: World) -> None:
    _, browser, _, _ = await office(world)
    await browser.press("Thêm luồng ý kiến", kind="single", strand_words="Bí thư chi bộ thôn tham ô tiền sửa cầu")
    assert await world.rows(select(strands)) == []
    assert "Bác sửa lại, hoặc gửi lần nữa" in browser.notice
    await browser.press("Thêm luồng ý kiến")
    assert len(await world.rows(select(strands))) == 1


async def test_the_latent_mark_is_set_and_taken_away(world: World) -> None:
    _, browser, _, _ = await office(world)
    await browser.press("Đánh dấu tiềm ẩn")
    assert "Đã đánh dấu tiềm ẩn" in browser.notice
    await browser.open("/console/issues?latent=1")
    assert _STATEMENT in browser.text
    await browser.follow(_STATEMENT)
    await browser.press("Bỏ đánh dấu tiềm ẩn")
    assert not (await world.rows(select(issues.c.latent)))[0].latent


async def test_leaders_read_no_report_and_change_nothing(world: World) -> None:
    _, _, issue, codes = await office(world)
    leader = await signed_in(world, await world.joined("Ông Lực", "T20", "leader"))
    await leader.open(f"/console/issues/{issue}")
    assert _STATEMENT in leader.text
    assert not [word for word in (*codes, "Ván cầu", "hỏng ván") if word in leader.text]
    assert leader.buttons() == ["Thoát"]
    _, _, data = leader.filled("Thoát", {})
    await leader.send("POST", f"/console/issues/{issue}", [*data, ("do", "send"), ("words", _WORDS)])
    assert "do Xã Thất Khê phụ trách" in leader.notice
    assert (await world.rows(select(issues.c.answer)))[0].answer == ""


@pytest.mark.parametrize(("unit", "role"), [("T20", "admin"), ("X06184", "coordinator")])
async def test_others_have_no_such_issue(world: World, unit: str, role: str) -> None:
    _, _, issue, _ = await office(world)
    other = await signed_in(world, await world.joined("Cô An", unit, role))
    assert (await other.open(f"/console/issues/{issue}")).status == 404


async def test_an_unknown_issue_is_404_and_no_issue_says_what_to_do(world: World) -> None:
    browser = await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"))
    assert (await browser.open("/console/issues/VD-2222222")).status == 404
    await browser.open("/console/issues")
    assert "Chưa có vấn đề nào" in browser.text


async def test_two_issues_are_merged_and_taken_apart_again(world: World) -> None:
    """K10 From the page of the issue; nobody is told, and both keep their history."""
    phones, browser, issue, codes = await office(world)
    await browser.press("Tách các phản ánh đã chọn", report=[], statement="Ván cầu mục")
    assert "đánh dấu ít nhất một phản ánh" in browser.notice
    await browser.press("Tách các phản ánh đã chọn", report=codes[1:], statement="Ván cầu mục")
    assert "Đã tách. Không ai được báo" in browser.notice
    other = browser.path.rpartition("/")[2]
    assert other != issue
    assert "Ván cầu mục" in browser.text
    assert codes[0] not in browser.text
    await browser.press("Gộp vào vấn đề khác", target=issue)
    assert browser.path == f"/console/issues/{issue}"
    assert all(code in browser.text for code in codes)
    await browser.open(f"/console/issues/{other}")
    assert f"Vấn đề này đã gộp vào {issue}" in browser.text
    assert "Trả lời tất cả" not in browser.text
    assert "tách phản ánh" in browser.text
    assert f"về lại {other}: 1 phản ánh và lượt" in browser.text
    await browser.press(f"Hoàn tác {other} gộp vào {issue}")
    assert browser.path == f"/console/issues/{other}"
    assert codes[1] in browser.text
    assert "Trả lời tất cả" in browser.text
    await browser.press(f"Hoàn tác tách từ {issue} sang {other}")
    assert browser.path == f"/console/issues/{issue}"
    assert (await browser.open(f"/console/issues/{other}")).status == 404
    await world.wait(minutes=2)
    assert [await phone.read() for phone in phones] == [[], []]


async def test_an_answer_on_its_way_is_told_before_a_merge(world: World) -> None:
    _, browser, issue, codes = await office(world)
    await browser.press("Gửi", words=_WORDS)
    await browser.press("Tách các phản ánh đã chọn", report=codes[1:], statement="Ván cầu mục")
    assert f"Lời vừa ghi ở {issue} chưa gửi" in browser.notice
    await world.wait(seconds=61)
    await browser.press("Tách các phản ánh đã chọn", report=codes[1:], statement="Ván cầu mục")
    assert "Đã tách" in browser.notice


async def test_who_splits_one_report_reads_that_nobody_is_told(world: World) -> None:
    _, browser, _, codes = await office(world)
    await browser.press(f"Tách khỏi vấn đề {codes[0]}")
    await browser.open(f"/console/reports/{codes[0]}")
    assert "để hoàn tác" in browser.notice
    assert "Người gửi chưa được báo" not in browser.notice
