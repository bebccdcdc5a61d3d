"""Once a month the people of an area hear what was reported from there, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nhipcau.handlers.buttons import ManageIssue, OfficeAct
from nhipcau.operations import monthly_news
from nhipcau.operations.operation_context import OperationContext
from nhipcau.scheduler.due_work import DueWork
from tests.support.reports import filed, merged
from tests.support.world import World

ROAD = "đường liên thôn hỏng nặng, ổ gà nhiều"


async def answered(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    code = await filed(lan, ROAD)
    issue = await merged(khoi, code, "Đường liên thôn nhiều ổ gà")
    await khoi.press(ManageIssue(issue, OfficeAct.DONE))
    await khoi.say("Đã rải đá cả tuyến.")
    await khoi.tap("Gửi")


@pytest.mark.slow
async def test_the_area_hears_it_once_on_the_first_working_morning(world: World) -> None:
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    far = await world.joined("Đàm Văn Tám", "X06040")
    await answered(world)
    await world.wait(hours=1)
    await mui.read()
    # 1 December 2026 is a Tuesday
    world.now = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    await world.clock.tick()
    assert await mui.read() == []
    world.now = datetime(2026, 12, 1, 2, 5, tzinfo=UTC)
    other = DueWork(world.committer, world.parts.settings)
    await world.clock.tick()
    await other.tick()
    (told,) = await mui.read()
    assert told.text == (
        "Tháng 11, việc phản ánh từ xã Đồng Đăng và kết quả:\n"
        "• Đường liên thôn nhiều ổ gà – đã giải quyết: Đã rải đá cả tuyến."
    )
    assert await far.read() == []
    await world.wait(days=20)
    assert await mui.read() == []


@pytest.mark.slow
async def test_after_a_standstill_it_comes_late_and_once(world: World) -> None:
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    await answered(world)
    world.now = datetime(2026, 12, 14, 3, 0, tzinfo=UTC)
    await world.clock.tick()
    await world.clock.tick()
    assert [m.text.split(",")[0] for m in await mui.read()] == ["Tháng 11"]


async def test_a_month_without_answers_says_nothing(world: World) -> None:
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    world.now = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)
    await world.clock.tick()
    assert await mui.read() == []


@pytest.mark.slow
async def test_what_could_not_be_told_is_told_at_the_next_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    await answered(world)
    await mui.read()

    async def broken(work: OperationContext, month: str) -> int:
        raise ValueError(month)

    world.now = datetime(2026, 12, 14, 3, 0, tzinfo=UTC)
    with monkeypatch.context() as patched:
        patched.setattr(monthly_news, "tell", broken)
        await world.clock.tick()
    assert await mui.read() == []
    await world.clock.tick()
    assert [m.text.split(",")[0] for m in await mui.read()] == ["Tháng 11"]


async def test_a_month_ends_with_its_last_day(world: World) -> None:
    """What is answered on the first of the next month, before that morning's news, belongs to the next."""
    mui = await world.joined("Triệu Thị Mùi", "X06184")
    world.now = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    await answered(world)
    await mui.read()
    world.now = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    lan, khoi = world.phone("Hoàng Thị Lan"), world.phone("Nguyễn Văn Khôi")
    issue = await merged(khoi, await filed(lan, "cầu treo gãy ván"), "Cầu treo gãy ván")
    await khoi.press(ManageIssue(issue, OfficeAct.DONE))
    await khoi.say("Đã thay ván.")
    await khoi.tap("Gửi")
    await mui.read()
    world.now = datetime(2026, 12, 1, 2, 5, tzinfo=UTC)
    await world.clock.tick()
    (told,) = await mui.read()
    assert ("Đường liên thôn" in told.text, "Cầu treo" in told.text) == (True, False)
    world.now = datetime(2027, 1, 4, 3, 0, tzinfo=UTC)
    await world.clock.tick()
    (told,) = await mui.read()
    assert ("Đường liên thôn" in told.text, "Cầu treo" in told.text) == (False, True)
