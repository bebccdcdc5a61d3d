"""One report in the console: answered, asked back, set, merged, undone within a minute; two coordinators on it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from nhipcau.storage.tables import held_acts, issue_acts, issues, report_photos, reports
from tests.support.console import signed_in
from tests.support.report_page import kinds, notes, office
from tests.support.reports import state
from tests.support.world import World

pytestmark = pytest.mark.slow

_WORDS = "Xã sẽ cử người đến xem trong tuần này."


async def test_the_page_shows_all_that_it_says(world: World) -> None:
    _, browser, code = await office(world)
    assert browser.status == 200
    assert browser.heading == f"Cầu treo thôn Nà Lầu hỏng ván <b>nặng</b> {code}"
    for word in ("Xã Thất Khê", "Giao thông, hạ tầng", "Băn khoăn", "Cả thôn, khối", "mới gửi"):
        assert word in browser.text
    assert {"Xem trước", "Gửi", "Hỏi lại", "Lưu", "Gộp vào vấn đề"} <= set(browser.buttons())
    labels = {" ".join(each.text_content().split()): each.get("for") for each in browser.page.iter("label")}
    assert browser.page.get_element_by_id(labels["Trả lời"]).tag == "textarea"
    assert browser.page.get_element_by_id(labels["Trạng thái"]).tag == "select"


async def test_an_answer_is_told_when_its_minute_is_over(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Gửi", words=_WORDS)
    assert browser.path == f"/console/reports/{code}"
    assert "Đã ghi lời trả lời" in browser.notice
    assert "Người gửi chưa được báo. Còn 60 giây để hoàn tác." in browser.notice
    assert _WORDS in browser.text
    assert await state(world, code) == "received"
    await world.wait(seconds=50)
    assert await reporter.read() == []
    await world.wait(seconds=11)
    assert [_WORDS in message.text for message in await reporter.read()] == [True]
    await browser.open(f"/console/reports/{code}")
    assert "Hoàn tác" not in browser.buttons()
    assert "report.answer" in await kinds(world)


async def test_undone_nobody_is_told_and_all_is_as_before(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Gửi", words=_WORDS)
    await browser.press("Hoàn tác")
    assert "Đã hoàn tác" in browser.notice
    assert (await state(world, code), await notes(world, code)) == ("new", [])
    await world.wait(minutes=2)
    assert await reporter.read() == []
    assert "report.undo" in await kinds(world)


async def test_undo_comes_too_late_after_its_minute(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Gửi", words=_WORDS)
    pressed = browser.filled("Hoàn tác", {})
    await world.wait(seconds=61)
    await browser.send(*pressed)
    assert "không hoàn tác được nữa" in browser.notice
    assert await notes(world, code) == [("answer", _WORDS)]
    assert len(await reporter.read()) == 1


async def test_undo_leaves_what_somebody_did_since(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Gửi", words=_WORDS)
    pressed = browser.filled("Hoàn tác", {})
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/reports/{code}")
    await other.press("Hỏi lại", words="Cầu còn đi được không?")
    await browser.send(*pressed)
    assert "không hoàn tác được nữa" in browser.notice
    assert [kind for kind, _ in await notes(world, code)] == ["answer", "question"]
    await world.wait(seconds=61)
    assert len(await reporter.read()) == 2


async def test_the_second_of_two_reads_what_the_first_did(world: World) -> None:
    reporter, browser, code = await office(world)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/reports/{code}")
    await browser.press("Gửi", words=_WORDS)
    await other.press("Gửi", words="Lời của người thứ hai.")
    assert "Đã có người vừa trả lời" in other.notice
    assert _WORDS in other.text
    assert other.page.find(".//textarea[@name='words']").text == "Lời của người thứ hai."
    assert len(await notes(world, code)) == 1
    await other.press("Gửi")
    assert [text for _, text in await notes(world, code)] == [_WORDS, "Lời của người thứ hai."]
    await world.wait(seconds=61)
    assert len(await reporter.read()) == 2


async def test_the_second_reads_a_state_that_was_set_or_a_reply(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Hỏi lại", words="Cầu còn đi được không?")
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(f"/console/reports/{code}")
    await world.wait(seconds=61)
    await reporter.read()
    await reporter.tap("Trả lời")
    await reporter.say("Vẫn đi được nhưng phải dắt xe")
    await other.press("Gửi", words="Cảm ơn bác.")
    assert "Người gửi vừa nhắn lại" in other.notice
    await browser.open(f"/console/reports/{code}")
    await browser.press("Lưu", state="in_progress")
    await other.press("Gửi")
    assert "Đã có người vừa chuyển sang đang xử lý" in other.notice
    assert other.page.find(".//textarea[@name='words']").text == "Cảm ơn bác."


async def test_the_same_answer_sent_twice_is_one(world: World) -> None:
    reporter, browser, code = await office(world)
    form = browser.filled("Gửi", {"words": _WORDS})
    await browser.send(*form)
    await browser.send(*form)
    assert browser.status == 200
    assert await notes(world, code) == [("answer", _WORDS)]
    await world.wait(seconds=61)
    assert len(await reporter.read()) == 1


async def test_a_preview_shows_the_very_message_and_changes_nothing(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Xem trước", words=_WORDS)
    shown = [each.text_content() for each in browser.page.find_class("bubble")]
    assert browser.page.find(".//textarea[@name='words']").text == _WORDS
    assert await notes(world, code) == []
    await browser.press("Gửi")
    await world.wait(seconds=61)
    told = (await reporter.read())[-1].text
    assert any(told in bubble for bubble in shown)


@pytest.mark.parametrize(
    ("chosen", "note", "said"),
    [
        ("done", "", "chưa thấy chữ nào"),
        ("not_possible", "", "chưa thấy chữ nào"),
        ("", "x", "chọn một trạng thái"),
        ("withdrawn", "x", "chọn một trạng thái"),
        ("verifying", "Chúng tôi đang xem", "đã có sẵn lời báo"),
        ("done", "x" * 601, "tối đa 600"),
    ],
)
async def test_a_state_without_what_it_needs_is_refused(world: World, chosen: str, note: str, said: str) -> None:
    _, browser, code = await office(world)
    await browser.press("Lưu", state=chosen, note=note)
    assert said in browser.notice
    assert browser.page.find(".//textarea[@name='note']").text in (note, None)
    assert await state(world, code) == "new"


async def test_a_state_with_words_is_told_with_them(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Xem lời báo", state="not_possible", note="Ngoài thẩm quyền của xã.")
    assert "không giải quyết được báo cáo" in browser.text
    await browser.press("Lưu")
    assert await state(world, code) == "not_possible"
    await world.wait(seconds=61)
    assert "Ngoài thẩm quyền của xã." in (await reporter.read())[-1].text


async def test_passed_on_it_arrives_at_the_unit_a_minute_later(world: World) -> None:
    reporter, browser, code = await office(world)
    above = await world.joined("Ông Tỉnh", "T20", "coordinator")
    await above.read()
    await browser.press("Chuyển", unit="T20", pass_note="", due="")
    assert "chưa thấy chữ nào" in browser.notice
    await browser.press("Chuyển", unit="T20", pass_note="Nhờ tỉnh kiểm tra cầu.", due="2026-12-04")
    assert await state(world, code) == "passed_on"
    assert await above.read() == []
    await world.wait(seconds=61)
    told = (await above.read())[-1]
    assert "Nhờ tỉnh kiểm tra cầu. (hạn 04/12/2026)" in told.text
    await above.tap(told.choices[0].label)
    assert "Cầu treo thôn Nà Lầu" in above.last.text
    assert "Tỉnh Lạng Sơn: Nhờ tỉnh kiểm tra cầu." in (await reporter.read())[-1].text


async def test_it_is_passed_on_only_to_units_that_read_it(world: World) -> None:
    _, browser, code = await office(world)
    _, address, data = browser.filled("Chuyển", {"pass_note": "Nhờ xã bạn."})
    await browser.send("POST", address, [(n, "X06184" if n == "unit" else v) for n, v in data])
    assert "chọn đơn vị nhận" in browser.notice
    assert await state(world, code) == "new"


async def test_personal_data_is_masked_before_it_is_sent(world: World) -> None:
    _, browser, code = await office(world)
    await browser.press("Gửi", words="Bác gọi 0912345678 giúp.")
    assert await notes(world, code) == []
    assert "0912345678" not in browser.page.find(".//textarea[@name='words']").text
    await browser.press("Gửi")
    assert "0912345678" not in (await notes(world, code))[0][1]


async def test_a_new_issue_and_merging_can_be_undone(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Gộp vào vấn đề", issue="new", statement="Cầu treo xuống cấp ở nhiều thôn")
    assert "Đã lập vấn đề" in browser.notice
    assert "Cầu treo xuống cấp ở nhiều thôn" in browser.text
    assert await state(world, code) == "received"
    await browser.press("Hoàn tác")
    assert await state(world, code) == "new"
    assert await world.rows(select(issues)) == []
    await browser.press("Gộp vào vấn đề", issue="new", statement="Cầu treo xuống cấp ở nhiều thôn")
    await world.wait(seconds=61)
    assert len(await reporter.read()) == 1
    await browser.open(f"/console/reports/{code}")
    await browser.press("Tách khỏi vấn đề")
    await browser.press("Hoàn tác")
    assert [row.act for row in await world.rows(select(issue_acts.c.act))] != []
    rows = await world.rows(select(reports.c.issue).where(reports.c.code == code))
    assert rows[0].issue.startswith("VD-")


async def test_an_issue_gone_or_not_chosen_is_refused(world: World) -> None:
    _, browser, _ = await office(world)
    await browser.press("Gộp vào vấn đề", issue="")
    assert "chọn một vấn đề" in browser.notice
    _, address, data = browser.filled("Gộp vào vấn đề", {"issue": ""})
    await browser.send("POST", address, [(n, "VD-2222222" if n == "issue" else v) for n, v in data])
    assert "Không thấy vấn đề này" in browser.notice


async def test_a_reply_is_marked_as_read(world: World) -> None:
    reporter, browser, code = await office(world)
    await browser.press("Hỏi lại", words="Cầu còn đi được không?")
    await world.wait(seconds=61)
    await reporter.read()
    await reporter.tap("Trả lời")
    await reporter.say("Vẫn đi được nhưng phải dắt xe")
    await browser.open(f"/console/reports/{code}")
    assert "Vẫn đi được" in browser.text
    await browser.press("Đã xem lời nhắn")
    assert "Đã xem lời nhắn" not in browser.buttons()


async def test_a_withdrawn_report_says_so_and_offers_nothing(world: World) -> None:
    _, browser, code = await office(world)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(reports).where(reports.c.code == code).values(state="withdrawn", text=""))
    old = browser.filled("Gửi", {"words": _WORDS})
    await browser.open(f"/console/reports/{code}")
    assert browser.heading == f"Người gửi đã rút {code}"
    assert browser.buttons() == ["Thoát"]
    await browser.send(*old)
    assert "Người gửi đã rút" in browser.notice
    assert await world.rows(select(held_acts)) == []


async def test_others_have_no_such_page(world: World) -> None:
    _, browser, code = await office(world)
    assert (await browser.open("/console/reports/PA-2222222")).status == 404
    for name, unit, role in (
        ("Ông Lực", "T20", "leader"),
        ("Cô An", "T20", "admin"),
        ("Anh Xa", "X06184", "coordinator"),
    ):
        other = await signed_in(world, await world.joined(name, unit, role))
        assert (await other.open(f"/console/reports/{code}")).status == 404
        await other.open("/console")
        _, _, data = other.filled("Thoát", {})
        await other.send("POST", f"/console/reports/{code}", [*data, ("do", "send"), ("words", _WORDS)])
        assert other.status == 404
    assert await notes(world, code) == []


async def test_pictures_are_for_whoever_reads_the_report(world: World) -> None:
    _, browser, code = await office(world)
    folder = world.parts.settings.photos
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "aaaabbbbccccdddd.jpg").write_bytes(b"\xff\xd8picture")
    async with world.parts.database.writing() as connection:
        picture = {"name": "aaaabbbbccccdddd.jpg", "report_code": code, "place": 0}
        await connection.execute(report_photos.insert().values(**picture))
    await browser.open(f"/console/reports/{code}")
    address = browser.page.xpath("//img/@src")[0]
    await browser.open(address)
    assert (browser.status, browser.answer.content) == (200, b"\xff\xd8picture")
    other = await signed_in(world, await world.joined("Anh Xa", "X06184", "coordinator"))
    assert (await other.open(address)).status == 404
    assert (await browser.open("/console/photo/..%2Fn.db")).status == 404
