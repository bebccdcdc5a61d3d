"""Composing a request at the console: previewed as it will be seen, held for a minute, made by the rules of a file."""

from __future__ import annotations

from typing import Any

import pytest

from nhipcau.storage.tables import held_acts, outbox, requests, rules
from tests.support.console import Browser, signed_in
from tests.support.pictures import camera_picture
from tests.support.requests import ask, crowd, csv_rows, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

POLL: dict[str, Any] = {
    "title": "Giờ tiếp dân",
    "q1-text": "Sáng thứ Bảy có tiện không?",
    "q1-choices": "Có\nKhông\nChưa rõ",
}


async def at_console(world: World, unit: str = "X06040") -> Browser:
    return await signed_in(world, await world.joined("Chị Hạnh", unit, "coordinator"))


async def composing(world: World, kind: str = "poll") -> Browser:
    return await (await at_console(world)).open(f"/console/requests/new?kind={kind}")


async def made(world: World) -> list[Any]:
    return await world.rows(requests.select())


def faults(browser: Browser) -> list[str]:
    return [" ".join(each.text_content().split()) for each in browser.page.find_class("wrong-field")]


async def test_a_poll_of_one_question_takes_four_clicks(world: World) -> None:
    await crowd(world, 9)
    browser = await at_console(world)
    clicks = 0
    for label in ("Hỏi và gửi", "Thăm dò mới"):
        await browser.follow(label)
        clicks += 1
    await browser.press("Xem trước", **POLL)
    assert "9 người" in browser.text
    await browser.press("Gửi")
    assert clicks + 2 <= 5
    await world.wait(seconds=61)
    assert [(row.title, row.state) for row in await made(world)] == [("Giờ tiếp dân", "open")]


async def test_the_preview_shows_whom_it_reaches_and_what_they_see(world: World) -> None:
    await crowd(world, 8)
    await world.card("Bác Vắng")
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    assert browser.heading == "Hỏi và gửi"
    for words in (
        "8 người",
        "Trang web: 8",
        "Chưa gửi được cho 1 người: chưa tham gia.",
        "Xã Thất Khê hỏi 8 người, 1 câu.",
    ):
        assert words in browser.text
    assert [each.text_content() for each in browser.page.xpath("//ul[@class='taps']/li")] == [
        "Có",
        "Không",
        "Chưa rõ",
        "Bỏ qua",
    ]
    assert not await made(world)


async def test_phones_of_the_demonstration_have_a_name_too(world: World) -> None:
    """The simulated ones of `make run`, and those of an app that nothing names."""
    code = await world.invite()
    for n, channel in enumerate(("sim", "sim", "app_of_tomorrow", "web", "web", "web")):
        phone = world.phone(f"p{n}", channel)
        await phone.say(f"/start {code}")
        await phone.tap("Đồng ý")
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    assert browser.status == 200
    assert "Điện thoại mô phỏng: 2" in browser.text
    assert "App_of_tomorrow: 1" in browser.text


async def test_for_its_minute_nothing_goes_out_and_nothing_is_exported(world: World) -> None:
    people = await crowd(world, 6)
    for phone in people:
        await phone.read()
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    await browser.press("Gửi")
    assert "Hoàn tác" in browser.buttons()
    await world.wait(seconds=55)
    assert await csv_rows(world, "requests") == []
    assert not await world.rows(outbox.select().filter_by(purpose="ask"))
    assert "Giờ tiếp dân" in (await browser.open("/console/requests")).text
    assert "Giờ tiếp dân" not in (await browser.open("/console/requests.csv")).answer.text
    await world.wait(seconds=6)
    assert [row["asked"] for row in await csv_rows(world, "requests")] == ["6"]
    await people[0].read()
    assert "Sáng thứ Bảy có tiện không?" in people[0].last.text


async def test_undoing_sends_nothing_and_opens_the_form_again(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL, close="7d")
    await browser.press("Gửi")
    page = browser.path
    await browser.press("Hoàn tác")
    assert (browser.path, "Đã hoàn tác" in browser.notice) == ("/console/requests/new", True)
    form, _ = browser.form_of("Xem trước")
    values = dict(form.form_values())
    assert {key: values[key] for key in (*POLL, "close")} == {**POLL, "close": "7d"}
    await world.wait(seconds=61)
    assert not await made(world)
    assert not await world.rows(held_acts.select())
    assert (await browser.open(page)).status == 404


async def test_after_its_minute_it_cannot_be_undone(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    await browser.press("Gửi")
    undo = browser.filled("Hoàn tác", {})
    await world.wait(seconds=61)
    await browser.send(*undo)
    assert "không hoàn tác được nữa" in browser.notice
    assert [row.state for row in await made(world)] == ["open"]


async def test_pressed_twice_it_is_sent_once(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    send = browser.filled("Gửi", {})
    for _ in range(3):
        await browser.send(*send)
        assert browser.status == 200
    await world.wait(seconds=61)
    assert len(await made(world)) == 1


async def test_what_was_changed_since_is_previewed_before_it_is_sent(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    await browser.press("Gửi", **{"q1-text": "Chiều thứ Bảy có tiện không?"})
    assert "xem bản xem trước này" in browser.notice
    assert "Chiều thứ Bảy có tiện không?" in browser.page.find_class("bubble")[0].text_content()
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert "Chiều" in (await made(world))[0].form


async def test_above_fifty_people_their_number_is_typed(world: World) -> None:
    await crowd(world, 51)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    assert "Gõ số người để xác nhận" in browser.text
    for number in ("", "50"):
        await browser.press("Gửi", number=number)
        assert faults(browser) == ["Lỗi: chưa đúng số người. Lần này là 51."]
    await browser.press("Gửi", number="51")
    assert "Hoàn tác" in browser.buttons()


async def test_fewer_than_five_people_are_not_polled_and_nobody_not_asked(world: World) -> None:
    await crowd(world, 4)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    assert "Mới có 4 người, ít hơn 5" in faults(browser)[0]
    assert "Gửi" not in browser.buttons()
    await browser.open("/console/requests/new?kind=notice")
    await browser.press("Xem trước", text="Họp xã", roles="coordinator", unit="X06040")
    assert "Gửi" in browser.buttons()
    other = await signed_in(world, await world.joined("Anh Minh", "X06001", "coordinator"))
    await other.open("/console/requests/new?kind=notice")
    await other.press("Xem trước", text="Họp xã")
    assert "Chưa có ai ở đó tham gia" in faults(other)[0]
    assert "Gửi" not in other.buttons()


@pytest.mark.parametrize("unit", ["X06001", "T20", "Xã Đoàn Kết", "nowhere", "<b>x</b>"])
async def test_nobody_is_asked_outside_the_own_unit(world: World, unit: str) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    _, address, data = browser.filled("Xem trước", POLL)
    others = [(name, value) for name, value in data if name != "unit"]
    await browser.send("POST", address, [*others, ("unit", unit)])
    assert "không có trong Xã Thất Khê" in faults(browser)[0]
    assert "<b>x</b>" not in browser.answer.text
    assert "Gửi" not in browser.buttons()


async def test_questions_are_added_and_removed_without_script(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Thêm câu hỏi", **POLL)
    second = {"q2-text": "Vì sao?", "q2-kind": "text", "q2-if": "1", "q2-is": "Không"}
    await browser.press("Thêm câu hỏi", **second)
    await browser.press("Bỏ câu 3")
    await browser.press("Xem trước")
    assert "2 câu" in browser.text
    await browser.press("Gửi")
    await world.wait(seconds=61)
    form = (await made(world))[0].form
    assert 'answer(1) == \\"Không\\"' in form
    await browser.open(browser.path)
    await browser.follow("Hỏi và gửi")
    await browser.follow("Giờ tiếp dân")
    assert "Đã trả lời 0/6" in browser.text


async def test_every_fault_stands_at_its_field_and_nothing_is_lost(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", title="", **{"q1-text": "Có không?", "q1-choices": "Có", "when": "later"})
    assert len(faults(browser)) == 2
    assert "Lỗi: còn trống" in faults(browser)
    assert dict(browser.form_of("Xem trước")[0].form_values())["q1-text"] == "Có không?"
    await browser.press("Xem trước", title="Họp", **{"q1-choices": "Có\nKhông"})
    assert faults(browser) == ["Lỗi: Bác chọn ngày và giờ gửi."]
    await browser.press("Xem trước", opens="2026-11-24T08:30")
    assert "Sẽ gửi lúc 08:30 thứ Ba 24/11" in browser.text


@pytest.mark.parametrize(
    ("question", "said"), [("Bác theo đạo nào?", "tôn giáo"), ("TÀI LIỆU MẬT: họp hay không?", "tài liệu mật")]
)
async def test_what_may_not_be_asked_is_refused(world: World, question: str, said: str) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **{**POLL, "q1-text": question})
    assert said in browser.notice
    assert "Gửi" not in browser.buttons()


async def test_questions_that_are_hard_to_answer_are_pointed_out(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **{**POLL, "q1-text": "Bác thấy đường tốt và có hài lòng không?"})
    assert "hỏi hai việc một lúc" in browser.text
    assert "Gửi" in browser.buttons()


async def test_quiet_hours_hold_it_unless_they_say_now(world: World) -> None:
    await crowd(world, 6)
    await world.wait(hours=13)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    assert "sẽ gửi lúc 07:00" in browser.text
    await browser.press("Xem trước", passes="yes")
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert [row.state for row in await made(world)] == ["open"]


async def test_a_duty_becomes_a_rule_that_can_be_ended(world: World) -> None:
    await crowd(world, 2)
    browser = await composing(world, "duty")
    duty = {"title": "Báo cáo tuần", "q1-text": "Có gì mới?", "q1-kind": "text", "every": "thứ 6 16:00"}
    await browser.press("Xem trước", **duty)
    assert "Ba hạn đầu: 16:00 thứ Sáu 27/11" in browser.text
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert [row.rule for row in await world.rows(rules.select())] == ["week fri 16:00"]
    await browser.open(browser.path)
    await browser.press("Dừng lịch")
    assert [row.state for row in await world.rows(rules.select())] == ["ended"]


async def test_a_notice_takes_a_picture_that_survives_the_preview(world: World) -> None:
    phones = await crowd(world, 2)
    browser = await composing(world, "notice")
    await browser.upload(
        "Xem trước", "file", "anh.jpg", camera_picture((320, 240)), text="Từ 1/12 tiếp dân thêm sáng thứ Bảy."
    )
    assert "kèm ảnh" in browser.text
    _, _, data = browser.filled("Gửi", {})
    assert dict(data)["attached"]
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert (await made(world))[0].photo.endswith(".jpg")
    await phones[0].read()
    assert phones[0].last.photo


async def test_a_file_of_somebody_else_cannot_be_named(world: World) -> None:
    await crowd(world, 2)
    browser = await composing(world, "notice")
    await browser.press("Xem trước", text="Họp xã", attached='00.["theirs.jpg", "", ""]')
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert (await made(world))[0].photo == ""


async def test_a_file_that_is_none_is_refused_by_name(world: World) -> None:
    await crowd(world, 2)
    browser = await composing(world, "notice")
    await browser.upload("Xem trước", "file", "x.pdf", b"no document", text="Họp xã")
    assert "chỉ nhận tệp PDF và Word" in faults(browser)[0]
    assert dict(browser.form_of("Xem trước")[0].form_values())["text"] == "Họp xã"


async def test_an_earlier_poll_can_be_copied_and_asked_again(world: World) -> None:
    phones = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    for phone in phones:
        await phone.read()
        await phone.tap("Có")
    await end(world, id)
    browser = await at_console(world)
    await browser.open(f"/console/requests/{id}")
    await browser.follow("Hỏi lại để so trước và sau")
    await browser.press("Xem trước")
    assert "Họp tối?" in browser.page.find_class("bubble")[0].text_content()
    await browser.press("Gửi")
    await world.wait(seconds=61)
    again = next(row for row in await made(world) if row.id != id)
    assert again.repeats == id


async def test_who_left_meanwhile_sends_nothing_and_the_page_says_why(world: World) -> None:
    await crowd(world, 6)
    hanh = await world.joined("Chị Hạnh", role="coordinator")
    browser = await signed_in(world, hanh)
    await browser.open("/console/requests/new?kind=poll")
    await browser.press("Xem trước", **POLL)
    await browser.press("Gửi")
    await hanh.say("dừng")
    await hanh.tap("Tạm nghỉ")
    await world.wait(seconds=61)
    assert not await made(world)
    other = await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    await other.open(browser.path.replace("/enter", ""))
    await other.open("/console/requests")
    await other.follow("Chưa gửi được: Giờ tiếp dân")
    assert "không còn là điều phối viên" in other.text


@pytest.mark.parametrize("role", ["leader", "admin"])
async def test_only_coordinators_compose(world: World, role: str) -> None:
    browser = await signed_in(world, await world.joined("Ông Lực", "T20", role))
    assert (await browser.open("/console/requests/new?kind=poll")).status == 404


async def test_another_communes_sending_is_seen_by_nobody_else(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    await browser.press("Xem trước", **POLL)
    await browser.press("Gửi")
    page, undo = browser.path, browser.filled("Hoàn tác", {})
    other = await signed_in(world, await world.joined("Anh Minh", "X06001", "coordinator"))
    assert "Giờ tiếp dân" not in (await other.open("/console/requests")).text
    assert (await other.open(page)).status == 404
    await other.open("/console/requests/new")
    token = dict(other.filled("Xem trước", {})[2])["token"]
    await other.send("POST", undo[1], [("token", token), ("do", "undo")])
    await world.wait(seconds=61)
    assert len(await made(world)) == 1
    above = await signed_in(world, await world.joined("Cô Tỉnh", "T20", "coordinator"))
    assert (await above.open(page)).status == 200


async def test_a_session_that_ends_meanwhile_loses_nothing(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world, "rapid")
    await browser.press("Thêm câu hỏi", title="Tình hình mưa", **{"q1-text": "Có thiệt hại gì?", "q1-kind": "text"})
    await world.wait(hours=13)
    await browser.press("Xem trước", **{"q2-text": "Cần gì?"})
    assert browser.heading == "Đăng nhập trang làm việc"
    phone = world.phone("Chị Hạnh")
    await phone.say("đăng nhập")
    link = next(word for word in phone.last.text.split() if "/console/enter/" in word)
    await browser.open(link[link.index("/console") :])
    await browser.press("Vào trang làm việc")
    values = dict(browser.form_of("Xem trước")[0].form_values())
    typed = {"kind": "rapid", "title": "Tình hình mưa", "q1-kind": "text", "q2-text": "Cần gì?"}
    assert {key: values[key] for key in typed} == typed


async def test_a_unit_that_is_gone_while_selected_is_named(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    _, address, data = browser.filled("Xem trước", POLL)
    await browser.send("POST", address, [*data, ("units", "Thôn Đã Nhập")])
    assert "Thôn Đã Nhập" in faults(browser)[0]
    assert dict(browser.form_of("Xem trước")[0].form_values())["title"] == "Giờ tiếp dân"


async def test_markup_in_what_is_asked_is_shown_as_typed(world: World) -> None:
    await crowd(world, 6)
    browser = await composing(world)
    hostile = "<script>alert(1)</script> Có tiện không?"
    await browser.press("Xem trước", **{**POLL, "title": '"><img src=x>', "q1-text": hostile})
    assert "<script>alert" not in browser.answer.text
    assert "<img src=x>" not in browser.answer.text
    assert hostile in browser.page.find_class("bubble")[0].text_content()
