"""Lessons at the console: how far units have come, in steps that tell of nobody; and a link by which people join."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from nhipcau.bot.channels.registry import make_links
from nhipcau.model.training import at_least
from nhipcau.storage.tables import audit, learned, people
from tests.support.console import Browser, signed_in
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow


@given(st.integers(0, 300), st.integers(0, 300))
def test_what_is_told_leaves_five_who_may_not_have(joined: int, done: int) -> None:
    """R14"""
    done = min(done, joined)
    told = at_least(done, joined)
    assert told <= done
    assert told % 5 == 0
    assert told == 0 or joined - told >= 5


async def did(world: World, lessons: list[str], number: int, unit: str = "X06040") -> None:
    """Of this unit so many people have joined and done these."""
    for n in range(number):
        name = f"Bác {unit} {lessons[0]} {n}"
        await world.joined(name, unit)
    rows = await world.rows(select(people.c.id).where(people.c.role == "collaborator"))
    async with world.parts.database.writing() as connection:
        known = {row.person_id for row in (await connection.execute(select(learned.c.person_id))).all()}
        new = [row.id for row in rows if row.id not in known]
        values = [{"person_id": id, "lesson": lesson, "day": MORNING.date()} for id in new for lesson in lessons]
        if values:
            await connection.execute(insert(learned), values)


async def opened(world: World, unit: str = "X06040", role: str = "coordinator") -> Browser:
    browser = await signed_in(world, await world.joined(f"Người {role} {unit}", unit, role))
    return await browser.open("/console/network/training")


async def test_units_and_lessons_are_told_in_steps(world: World) -> None:
    lessons = [lesson.id for lesson in world.parts.lessons.current.lessons["vi"]]
    await did(world, lessons[:1], 7)
    await did(world, ["gone"], 6)
    await did(world, lessons, 1, "X06184")
    browser = await opened(world, "T20")
    assert browser.heading == "Mạng lưới"
    lines = {
        row.find("th").text_content(): [cell.text_content() for cell in row.iter("td")]
        for row in browser.page.iter("tr")
    }
    assert lines["Xã Thất Khê"] == ["13", "≥ 5", "< 5"]
    assert lines["Xã Đồng Đăng"] == ["1", "< 5", "< 5"]
    title = world.parts.lessons.current.lessons["vi"][0].title
    assert lines[title][-1] == "≥ 5"
    await browser.open("/console/network/training/file?format=csv")
    assert '"Xã Thất Khê",13,"≥ 5","< 5","≥ 5","< 5"' in browser.answer.content.decode("utf-8-sig")
    await browser.open("/console/network/training/file?format=xlsx")
    assert browser.answer.content.startswith(b"PK")
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "export.training"] == [2, 2]


async def test_an_invite_is_made_and_shown_once(world: World) -> None:
    settings = world.parts.settings
    world.parts.links = lambda code: make_links(settings, settings.url, code, {})  # type: ignore[method-assign]
    browser = await opened(world)
    sent = browser.filled("Tạo lời mời", {})
    await browser.send(*sent)
    code = browser.page.find_class("code")[0].text_content()
    assert "Đã tạo lời mời" in browser.notice
    assert browser.page.xpath("//img[starts-with(@src, 'data:image/svg')]")
    await browser.send(*sent)
    assert code not in browser.text
    phone = world.phone("mới")
    await phone.say(f"/start {code}")
    assert "xã Thất Khê" in " ".join(message.text for message in phone.messages)


async def test_leaders_have_no_such_page(world: World) -> None:
    assert (await opened(world, "T20", "leader")).status == 404
