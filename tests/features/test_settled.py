"""Whether what the office calls done is settled: those who contributed are asked, "chưa ổn" opens the matter again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from nhipcau.handlers.buttons import ManageIssue, OfficeAct, SayIfSettled
from nhipcau.handlers.buttons.reports import ReplyAct
from nhipcau.scheduler.due_work import DueWork
from nhipcau.storage.tables import issues, reports, supports
from tests.support.reports import answer, filed, merged, state, texts_on
from tests.support.world import MORNING, Phone, World

pytestmark = pytest.mark.slow

ROAD = "đường liên thôn hỏng nặng, ổ gà nhiều"
STATEMENT = "Đường liên thôn nhiều ổ gà"
AGAIN = "nay đã ổn chưa?"


@pytest.fixture
async def contributed(world: World) -> tuple[Phone, Phone, Phone, str, str]:
    """A reporter, somebody who said "Cũng vậy", a coordinator, the report and its issue, which is done."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    code = await filed(lan, ROAD)
    issue = await merged(khoi, code, STATEMENT)
    await filed(mui, "đường liên thôn nhiều ổ gà quá", also=STATEMENT)
    await khoi.press(ManageIssue(issue, OfficeAct.DONE))
    await khoi.say("Đã rải đá cả tuyến.")
    await khoi.tap("Gửi")
    return lan, mui, khoi, code, issue


async def _issue(world: World, code: str) -> tuple[str, date | None]:
    row = (await world.rows(select(issues.c.state, issues.c.answered).where(issues.c.code == code)))[0]
    return row.state, row.answered


async def _said(world: World) -> list[str]:
    return [row.confirmed for row in await world.rows(select(supports.c.confirmed))]


async def _in_days(world: World, days: int) -> None:
    world.now = MORNING + timedelta(days=days, hours=4)
    await world.clock.tick()


async def _asked(phone: Phone) -> int:
    return sum(AGAIN in message.text for message in await phone.read())


async def test_all_who_contributed_are_asked_whether_it_is_settled(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str]
) -> None:
    lan, mui, khoi, code, issue = contributed
    for phone in (lan, mui):
        assert (await phone.read())[-1].text.endswith('"Đã rải đá cả tuyến."\nĐã ổn chưa?')
        assert phone.labels() == ["Ổn rồi", "Chưa ổn"]
    await mui.tap("Ổn rồi")
    await lan.say("ổn rồi")
    assert await _said(world) == ["yes"]
    assert (await world.rows(select(reports.c.confirmed).where(reports.c.code == code)))[0][0] == "yes"
    assert (await _issue(world, issue))[0] == "done"
    await khoi.read()
    # who said yes is not asked once more
    await _in_days(world, 22)
    assert [await _asked(phone) for phone in (lan, mui)] == [0, 0]


@pytest.mark.parametrize("who", ["reporter", "supporter"])
async def test_not_settled_opens_the_issue_again_and_tells_its_owner_once(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str], who: str
) -> None:
    lan, mui, khoi, code, issue = contributed
    phone = lan if who == "reporter" else mui
    await phone.read()
    await khoi.read()
    await phone.tap("Chưa ổn")
    assert "chưa ổn" in phone.last.text
    assert await _issue(world, issue) == ("in_progress", None)
    assert await state(world, code) == ("in_progress" if who == "reporter" else "done")
    told = [message.text for message in await khoi.read()]
    assert len(told) == 1
    assert ("người gửi cho biết chưa ổn" in told[0]) if who == "reporter" else told[0].startswith("Vấn đề mở lại")
    # once more by the same button, and by somebody else: the owner has heard of it
    await phone.press(SayIfSettled(issue, ReplyAct.NO))
    assert await khoi.read() == []


async def test_an_owner_above_hears_that_its_issue_is_open_again(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    code = await filed(lan, ROAD)
    issue = await merged(binh, code, STATEMENT)
    await answer(binh, issue, "Đã giải quyết", "Xong rồi")
    await lan.read()
    await khoi.read()
    await binh.read()
    await lan.tap("Chưa ổn")
    assert ["cho biết chưa ổn" in m.text for m in await khoi.read()] == [True]
    assert [m.text.startswith("Vấn đề mở lại") for m in await binh.read()] == [True]


async def test_what_is_not_settled_is_not_in_the_months_news(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str]
) -> None:
    lan, mui, _, _, _ = contributed
    await lan.read()
    await lan.tap("Chưa ổn")
    world.now = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    await world.clock.tick()
    assert [text for text in texts_on(mui) if text.startswith("Tháng 11")] == []
    assert all("Tháng 11" not in m.text for m in await mui.read())


@pytest.mark.parametrize("says", ["nothing", "Chưa ổn"])
async def test_after_three_weeks_they_are_asked_once_more(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str], says: str
) -> None:
    lan, mui, _, _, _ = contributed
    for phone in (lan, mui):
        await phone.read()
        if says != "nothing":
            await phone.tap(says)
    await _in_days(world, 20)
    assert [await _asked(phone) for phone in (lan, mui)] == [0, 0]
    world.now = MORNING + timedelta(days=21, hours=4)
    # two processes look at once, and look again
    other = DueWork(world.committer, world.parts.settings)
    for clock in (world.clock, other, world.clock):
        await clock.tick()
    assert [await _asked(phone) for phone in (lan, mui)] == [1, 1]
    assert lan.labels() == mui.labels() == ["Ổn rồi", "Chưa ổn"]
    await _in_days(world, 45)
    assert [await _asked(phone) for phone in (lan, mui)] == [0, 0]


async def test_settled_after_all_is_recorded_and_ends_it(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str]
) -> None:
    lan, mui, _, code, _ = contributed
    for phone in (lan, mui):
        await phone.read()
        await phone.tap("Chưa ổn")
    await _in_days(world, 21)
    for phone in (lan, mui):
        await phone.read()
        await phone.tap("Ổn rồi")
        assert phone.last.text.startswith("Cảm ơn bác")
    assert await state(world, code) == "done"
    assert await _said(world) == ["yes"]


async def test_a_new_answer_of_the_office_asks_anew(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str]
) -> None:
    lan, _, khoi, _, issue = contributed
    await lan.read()
    await lan.tap("Chưa ổn")
    world.now = MORNING + timedelta(days=10)
    await answer(khoi, issue, "Đã giải quyết", "Rải lại rồi")
    assert (await lan.read())[-1].text.endswith('"Rải lại rồi"\nĐã ổn chưa?')
    await _in_days(world, 22)
    assert await _asked(lan) == 0
    await _in_days(world, 31)
    assert await _asked(lan) == 1


async def test_who_contributed_nothing_says_nothing_about_it(
    world: World, contributed: tuple[Phone, Phone, Phone, str, str]
) -> None:
    *_, issue = contributed
    other = await world.joined("Lý Thị Hoa", "X06184")
    await other.press(SayIfSettled(issue, ReplyAct.NO))
    assert other.last.text.startswith("Không tìm thấy")
    assert (await _issue(world, issue))[0] == "done"
