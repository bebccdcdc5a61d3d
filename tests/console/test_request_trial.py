"""Trying a request out: whoever composes it gets it alone, answers it to the end, and nothing of that is stored."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from nhipcau.actions import requests as actions
from nhipcau.storage import tables
from nhipcau.storage.people import forget_traces
from tests.support.console import Browser, signed_in
from tests.support.people import id_of
from tests.support.pictures import camera_picture
from tests.support.requests import crowd
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

TRY = "Thử với tôi"
TWO = {
    "title": "Giờ tiếp dân",
    "q1-text": "Sáng thứ Bảy có tiện không?",
    "q1-choices": "Có\nKhông",
}
#: Kind → what is filled in, and what is pressed on the phone until it has been answered.
KINDS: dict[str, tuple[dict[str, str], list[str]]] = {
    "poll": (TWO, ["Có"]),
    "rapid": ({**TWO, "q1-kind": "text", "q1-choices": ""}, ["Không có gì"]),
    "duty": ({**TWO, "every": "thứ 6 16:00"}, ["Không"]),
    "notice": ({"text": "Từ 1/12 tiếp dân thêm sáng thứ Bảy."}, ["Đã đọc"]),
}


async def composing(world: World, kind: str) -> tuple[Browser, Phone]:
    await crowd(world, 5 if kind == "poll" else 1)
    phone = await world.joined("Chị Hạnh", role="coordinator")
    browser = await signed_in(world, phone)
    return await browser.open(f"/console/requests/new?kind={kind}"), phone


async def stored(world: World) -> dict[str, int]:
    """Rows of every table that could hold an answer, or who gave one."""
    known = (tables.requests, tables.rules, tables.participation, tables.guards, tables.poll_answers)
    async with world.parts.database.reading() as connection:
        every = [*known, tables.official_answers]
        return {table.name: await connection.scalar(select(func.count()).select_from(table)) or 0 for table in every}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_tried_to_its_end_and_leaves_nothing(world: World, kind: str) -> None:
    filled, presses = KINDS[kind]
    browser, phone = await composing(world, kind)
    before = await stored(world)
    await browser.press("Xem trước", **filled)
    await browser.press(TRY)
    assert "Đã gửi bản thử" in browser.notice
    assert "Gửi" in browser.buttons()
    await phone.read()
    assert "(thử) " in phone.last.text
    for label in presses:
        await phone.tap(label)
    assert "Không có gì được ghi lại" in phone.last.text
    await phone.tap("Thử lại")
    assert "(thử) " in phone.last.text
    assert await stored(world) == before


async def test_all_its_questions_are_tried_in_words_too(world: World) -> None:
    browser, phone = await composing(world, "poll")
    await browser.press("Thêm câu hỏi", **TWO)
    await browser.press("Xem trước", **{"q2-text": "Vì sao?", "q2-kind": "text", "q2-if": "1", "q2-is": "Không"})
    await browser.press(TRY)
    await phone.read()
    await phone.say("2")
    assert "(thử) Vì sao?" in phone.last.text
    await phone.say("Sáng phải đi chợ")
    assert "Sáng phải đi chợ" in phone.last.text
    await phone.tap("Gửi")
    assert "Không có gì được ghi lại" in phone.last.text


async def test_nobody_else_gets_it_or_can_answer_it(world: World) -> None:
    browser, phone = await composing(world, "poll")
    await browser.press("Xem trước", **TWO)
    await browser.press(TRY)
    other = world.phone("Người 1")
    await other.say("trợ giúp")
    await other.read()
    assert "(thử)" not in other.last.text
    await phone.read()
    await other.press(phone.last.choices[0].data)
    assert "không gửi cho bác" in other.last.text


async def test_pressed_twice_it_comes_once_and_a_day_later_ends(world: World) -> None:
    browser, phone = await composing(world, "poll")
    await browser.press("Xem trước", **TWO)
    tried = browser.filled(TRY, {})
    for _ in range(3):
        await browser.send(*tried)
        assert browser.status == 200
    await phone.read()
    count = len([each for each in phone.messages if "(thử)" in each.text])
    assert count == 1
    await world.wait(hours=25)
    assert not await world.rows(tables.held_acts.select())
    await phone.tap("Có")
    assert "không gửi cho bác" in phone.last.text


async def test_a_day_has_a_bound_of_trials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_TRIALS", 2)
    browser, _ = await composing(world, "poll")
    await browser.press("Xem trước", **TWO)
    for _ in range(2):
        await browser.press(TRY)
        assert "Đã gửi bản thử" in browser.notice
    await browser.press(TRY)
    assert "đã thử 2 lần" in browser.notice


async def test_a_picture_goes_with_it_and_quiet_hours_do_not_hold_it(world: World) -> None:
    browser, phone = await composing(world, "notice")
    await browser.upload("Xem trước", "file", "anh.jpg", camera_picture((320, 240)), text="Họp xã")
    await world.wait(hours=11, minutes=30)
    await browser.press(TRY)
    await phone.read()
    assert phone.last.photo
    assert "(thử) Họp xã" in phone.last.text


async def test_a_form_that_cannot_be_sent_cannot_be_tried(world: World) -> None:
    browser, phone = await composing(world, "poll")
    await browser.press("Xem trước", **TWO)
    await browser.press(TRY, **{"q1-choices": "Có"})
    assert browser.page.find_class("wrong-field")
    values: Any = dict(browser.form_of("Xem trước")[0].form_values())
    assert values["q1-text"] == TWO["q1-text"]
    await phone.read()
    assert "(thử)" not in phone.last.text


async def test_it_goes_with_whoever_leaves(world: World) -> None:
    browser, _ = await composing(world, "poll")
    await browser.press("Xem trước", **TWO)
    await browser.press(TRY)
    assert len(await world.rows(tables.held_acts.select())) == 1
    async with world.parts.database.writing() as connection:
        await forget_traces(connection, await id_of(world, "Chị Hạnh"), world.now)
    assert not await world.rows(tables.held_acts.select())
