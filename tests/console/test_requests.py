"""The list of requests, the board of one and what is done about it, its result and its files."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from nhipcau.console import request_board, request_list
from nhipcau.storage.tables import requests
from tests.support.cells import make_cells
from tests.support.console import Browser, signed_in
from tests.support.requests import answer_all, ask, crowd, csv_rows, end, read_all, state_of, yesno
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

RAPID = {"title": "Tình hình mưa", "questions": [{"text": "Có thiệt hại gì?", "kind": "text"}]}


async def at_console(world: World, unit: str = "X06040", role: str = "coordinator", name: str = "Chị Hạnh") -> Browser:
    return await signed_in(world, await world.joined(name, unit, role))


async def closed_poll(world: World, labels: list[str]) -> tuple[str, list[Phone]]:
    people = await crowd(world, len(labels))
    id = await ask(world, yesno("Họp tối?"))
    await answer_all(people, labels)
    await end(world, id)
    return id, people


def cells(browser: Browser) -> list[list[str]]:
    rows = browser.page.xpath("//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


# ------------------------------------------------------------------ the list


async def test_the_list_is_newest_first_and_each_row_leads_to_its_page(world: World) -> None:
    people = await crowd(world, 6)
    first = await ask(world, yesno("Họp tối?"))
    await answer_all(people, ["Có", "Có"])
    await world.wait(minutes=5)
    second = await ask(world, RAPID, "rapid")
    browser = await (await at_console(world)).open("/console/requests")
    assert browser.heading == "Hỏi và gửi"
    assert [row[0] for row in cells(browser)] == ["Tình hình mưa", "Họp tối?"]
    assert cells(browser)[1][6:] == ["6", "2", "2"]
    assert browser.links()["Họp tối?"].endswith(first)
    assert browser.links()["Tình hình mưa"].endswith(second)


async def test_kind_and_state_in_the_address_filter_list_and_file(world: World) -> None:
    await crowd(world, 6)
    await ask(world, yesno("Họp tối?"))
    rapid = await ask(world, RAPID, "rapid")
    await end(world, rapid)
    browser = await at_console(world)
    for query, title in (
        ("kind=poll", "Họp tối?"),
        ("state=closed", "Tình hình mưa"),
        ("kind=rapid&state=closed", "Tình hình mưa"),
    ):
        await browser.open(f"/console/requests?{query}")
        assert [row[0] for row in cells(browser)] == [title]
        await browser.open(browser.links()["CSV"])
        assert browser.answer.content.startswith(b"\xef\xbb\xbf")
        assert title in browser.answer.text
        assert len(browser.answer.text.strip().split("\r\n")) == 2
    assert (await browser.open("/console/requests?kind=nonsense&state='%22<b>")).status == 200


async def test_the_file_counts_as_the_export_of_the_command_line(world: World) -> None:
    people = await crowd(world, 6)
    await ask(world, yesno("Họp tối?"))
    await answer_all(people, ["Có", "Có"])
    browser = await at_console(world)
    text = (await browser.open("/console/requests.csv")).answer.text
    (row,) = await csv_rows(world, "requests")
    numbers = [row[name] for name in ("asked", "reached", "started", "answered")]
    assert ",".join(numbers) in text
    book = (await browser.open("/console/requests.xlsx")).answer.content
    assert book.startswith(b"PK")


async def test_further_pages_go_on_where_the_last_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_list, "PAGE_SIZE", 2)
    await crowd(world, 6)
    for number in range(5):
        await ask(world, yesno(f"Họp {number}?"))
    browser = await at_console(world)
    seen = []
    await browser.open("/console/requests")
    for _ in range(3):
        seen += [row[0] for row in cells(browser)]
        following = browser.page.xpath("//a[@rel='next']/@href")
        if following:
            await browser.open(following[0])
    assert not following
    assert sorted(seen) == [f"Họp {number}?" for number in range(5)]


async def test_an_empty_list_says_what_to_do_next(world: World) -> None:
    browser = await (await at_console(world)).open("/console/requests")
    assert 'bấm "Thăm dò mới"' in browser.page.find_class("empty")[0].text_content()


# ------------------------------------------------------------------ who may


async def test_a_request_of_another_commune_is_not_there(world: World) -> None:
    await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    await ask(world, RAPID, "rapid", unit="T20")
    other = await at_console(world, "X06001", name="Anh Minh")
    assert cells(await other.open("/console/requests")) == []
    for page in (id, f"{id}/counts", f"{id}/answers.csv", f"{id}/publication.docx", f"{id}/picture.jpg", "nothing"):
        assert (await other.open(f"/console/requests/{page}")).status == 404


async def test_an_official_request_from_above_is_read_and_not_changed(world: World) -> None:
    people = await crowd(world, 2)
    id = await ask(world, RAPID, "rapid", unit="T20")
    await read_all(people)
    await people[0].say("Hai hộ tốc mái")
    await people[0].tap("Gửi")
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    assert "Tình hình mưa" in browser.text
    assert browser.buttons() == ["Thoát"]
    token = dict((await browser.open("/console")).filled("Thoát", {})[2])["token"]
    for do in ("remind", "close", "stop", "prolong", "decide", "correct"):
        await browser.send("POST", f"/console/requests/{id}", [("token", token), ("do", do), ("word", "dừng")])
        assert browser.status == 404
    assert await state_of(world, id) == "open"


async def test_leaders_read_counts_and_no_answers(world: World) -> None:
    id, _ = await closed_poll(world, ["Có"] * 6)
    rapid = await ask(world, RAPID, "rapid")
    leader = await at_console(world, role="leader", name="Ông Lực")
    await leader.open(f"/console/requests/{id}")
    assert "6/6 người trả lời" in leader.text
    assert "Thăm dò mới" not in (await leader.open("/console/requests")).text
    for page in (f"{id}/answers.csv", "new"):
        assert (await leader.open(f"/console/requests/{page}")).status == 404
    await leader.open(f"/console/requests/{rapid}")
    assert "Nhắc những người chưa trả lời" not in leader.buttons()


async def test_admins_have_no_requests(world: World) -> None:
    admin = await at_console(world, "T20", "admin", "Cô An")
    assert (await admin.open("/console/requests")).status == 404


# ------------------------------------------------------------------ the board


async def test_the_board_names_who_has_not_answered_an_official_request(world: World) -> None:
    sla, lau = await make_cells(world, "X06040", "Thôn Nà Sla", "Thôn Nà Lầu")
    said = await world.joined("Bác Nói", sla)
    await world.joined("Bác Im", lau)
    id = await ask(world, RAPID, "rapid")
    await said.read()
    await said.say("Hai hộ tốc mái <b>nặng</b>")
    await said.tap("Gửi")
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    rows = {row[0]: row[1:] for row in cells(browser)}
    assert rows["Thôn Nà Lầu"] == ["chưa trả lời", "Bác Im"]
    assert rows["Thôn Nà Sla"][0] in {"đã trả lời", "Hai hộ tốc mái <b>nặng</b>"}
    assert "Hai hộ tốc mái &lt;b&gt;nặng" in browser.answer.text


async def test_a_poll_names_nobody_and_no_unit(world: World) -> None:
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    await answer_all(people, ["Có", "Không", "Có"])
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    assert "Đã trả lời 3/6 · đã nhận 3" in browser.text
    assert "Người 1" not in browser.text
    assert cells(browser) == []
    assert "Kết quả" not in browser.text


async def test_of_few_people_the_board_tells_only_who_answered(world: World) -> None:
    await crowd(world, 3)
    id = await ask(world, RAPID, "rapid")
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    assert "Đã trả lời 0/3" in browser.text
    assert "đã nhận" not in browser.text
    await browser.open("/console/requests")
    assert cells(browser)[0][6:] == ["3", "–", "0"]


async def test_the_counts_come_while_the_page_is_open_and_end_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_board, "LOOK_SECONDS", 0.05)
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    browser = await at_console(world)
    await browser.open(f"/console/requests/{id}")
    assert browser.page.xpath(f"//*[@sse-connect='/console/requests/{id}/counts']")
    reading = asyncio.create_task(browser.open(f"/console/requests/{id}/counts"))
    await asyncio.sleep(0.3)
    await answer_all(people, ["Có"])
    await asyncio.sleep(0.3)
    await end(world, id)
    await asyncio.wait_for(reading, 10)
    assert browser.answer.headers["content-type"].startswith("text/event-stream")
    events = [each for each in browser.answer.text.split("\n\n") if each.startswith("event: counts")]
    assert ["0/6" in events[0], "1/6" in events[-1]] == [True, True]
    assert not browser.console.streams


async def test_counts_stop_when_the_service_does(world: World) -> None:
    await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    browser = await at_console(world)
    reading = asyncio.create_task(browser.open(f"/console/requests/{id}/counts"))
    await asyncio.sleep(0.2)
    browser.console.closing.set()
    await asyncio.wait_for(reading, 2)


# ------------------------------------------------------------------ acts


async def test_reminding_by_hand_waits_half_an_hour(world: World) -> None:
    people = await crowd(world, 6)
    await read_all(people)
    id = await ask(world, RAPID, "rapid")
    await read_all(people)
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    await browser.press("Nhắc những người chưa trả lời")
    assert "Đã nhắc" in browser.notice
    await people[0].read()
    assert "Còn" in people[0].last.text
    await world.wait(minutes=10)
    await browser.press("Nhắc những người chưa trả lời")
    assert "Nửa giờ sau bác nhắc lại được" in browser.notice
    await world.wait(minutes=21)
    await browser.press("Nhắc những người chưa trả lời")
    assert "Đã nhắc" in browser.notice


async def test_prolonging_moves_the_end_and_only_later(world: World) -> None:
    await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?", close="1d"))
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    for until in ("", "nonsense", "2026-11-23T10:00"):
        await browser.press("Gia hạn", until=until)
        assert browser.page.find_class("wrong")
    await browser.press("Gia hạn", until="2026-11-28T08:00")
    (row,) = await world.rows(requests.select())
    assert row.closes_at.astimezone(world.parts.settings.zone).isoformat() == "2026-11-28T08:00:00+07:00"


async def test_stopping_says_how_many_and_needs_the_word(world: World) -> None:
    await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    assert "6 người đã được hỏi" in browser.text
    await browser.press("Dừng", word="ok")
    assert await state_of(world, id) == "open"
    await browser.press("Dừng", word="Dừng")
    assert await state_of(world, id) == "stopped"
    assert "đã dừng" in browser.text


async def test_the_second_of_two_who_close_reads_that_it_was_done(world: World) -> None:
    await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    browser, other = await at_console(world), await at_console(world, name="Anh Minh")
    await browser.open(f"/console/requests/{id}")
    await other.open(f"/console/requests/{id}")
    await browser.press("Đóng")
    await other.press("Đóng")
    assert '"Họp tối?" đã đóng rồi.' in other.notice


async def test_a_notice_is_corrected_and_stopped(world: World) -> None:
    phones = await crowd(world, 2)
    browser = await at_console(world)
    await browser.open("/console/requests/new?kind=notice")
    await browser.press("Xem trước", text="Họp xã sáng thứ Bảy.")
    await browser.press("Gửi")
    await world.wait(seconds=61)
    await read_all(phones)
    await browser.open(browser.path)
    await browser.press("Gửi bản đã sửa", words="Họp xã chiều thứ Bảy.")
    await read_all(phones)
    assert "chiều" in phones[0].last.text
    await browser.press("Gửi bản đã sửa", words="")
    assert "Bác viết vài chữ" in browser.notice


# ------------------------------------------------------------------ results


async def test_a_closed_poll_shows_what_the_chat_shows_and_no_more(world: World) -> None:
    id, _ = await closed_poll(world, ["Có"] * 6 + ["Không"] * 2)
    browser = await (await at_console(world)).open(f"/console/requests/{id}")
    assert "8/8 người trả lời" in browser.text
    assert "Không 2" not in browser.text
    assert cells(browser) == [] or all(row[1] != "2" for row in cells(browser))
    await browser.press("Gửi điều đã quyết định", words="Họp lúc 19 giờ.")
    assert "Họp lúc 19 giờ." in browser.text


async def test_files_of_a_closed_poll(world: World) -> None:
    id, _ = await closed_poll(world, ["Có"] * 10 + ["Không"] * 10)
    browser = await at_console(world)
    text = (await browser.open(f"/console/requests/{id}/answers.csv")).answer.text
    assert text.count('"yes"') == 10
    assert (await browser.open(f"/console/requests/{id}/answers.xlsx")).answer.content.startswith(b"PK")
    sheet = await browser.open(f"/console/requests/{id}/publication.docx")
    assert sheet.answer.content.startswith(b"PK")


async def test_before_it_closes_a_poll_has_no_file(world: World) -> None:
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối?"))
    await answer_all(people, ["Có"] * 6)
    browser = await at_console(world)
    for page in ("answers.csv", "answers.xlsx", "publication.docx"):
        assert (await browser.open(f"/console/requests/{id}/{page}")).status == 404


async def test_before_and_after_stand_side_by_side(world: World) -> None:
    id, people = await closed_poll(world, ["Có"] * 6)
    world.now += timedelta(days=40)
    again = await ask(world, yesno("Họp tối?", repeats=id))
    await answer_all(people, ["Không"] * 6)
    await end(world, again)
    browser = await (await at_console(world)).open(f"/console/requests/{again}")
    assert "Trước và sau" in browser.text
