"""Việc hôm nay: each number is that of its list, what is late stands first, a channel in trouble says why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from nhipcau.bot.messaging.channel import Status
from nhipcau.bot.recurrence.working_days import read_calendar
from nhipcau.model.waiting import late_days
from nhipcau.storage.shared_values import share_trouble
from nhipcau.storage.tables import reports
from tests.support.console import Browser, signed_in
from tests.support.reports import answer, filed
from tests.support.requests import ask, crowd, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def hanh(world: World, unit: str = "X06184", role: str = "coordinator") -> Browser:
    return await signed_in(world, await world.joined("Chị Hạnh", unit, role))


def numbers(browser: Browser) -> dict[str, int]:
    """Address → number of each line."""
    lines = browser.page.xpath("//ul[@class='todo']//a")
    return {a.get("href").removeprefix("/console"): int(a.find_class("number")[0].text_content()) for a in lines}


async def lists_agree(browser: Browser) -> None:
    """Each number of reports is the total of the list it opens (rule K5)."""
    found = numbers(browser)
    for path, number in found.items():
        if path.startswith("/reports"):
            await browser.open(f"/console{path}")
            assert f"{number} phản ánh" in [each.text_content() for each in browser.page.iter("strong")], path
    await browser.open("/console")


async def set_report(world: World, code: str, **values: object) -> None:
    async with world.parts.database.writing() as connection:
        await connection.execute(update(reports).where(reports.c.code == code).values(**values))


async def test_an_idle_day_says_what_to_do_next(world: World) -> None:
    browser = await hanh(world)
    assert "Không có việc nào đang chờ." in browser.text
    assert numbers(browser) == {}


async def test_reports_are_counted_by_what_waits(world: World) -> None:
    phone = await world.joined("Bác Cộng", "X06040")
    codes = [await filed(phone, f"Đường vào bản {n} nhiều ổ gà, xe khó đi") for n in ("Một", "Hai", "Ba", "Bốn")]
    elsewhere = await filed(phone, "Cầu treo hỏng ván", "Xã Thất Khê")
    khoi = await world.joined("Anh Khôi", "X06184", "coordinator")
    await set_report(world, codes[0], urgency="khan")
    await set_report(world, codes[1], day=world.now.date() - timedelta(days=10))
    await answer(khoi, codes[2], "Hỏi lại", "Ở đoạn nào ạ?")
    browser = await hanh(world)
    assert elsewhere
    expected = {
        "/reports?state=new&urgency=khan": 1,
        "/reports?state=new&since=2026-09-01&until=2026-11-18": 1,
        "/reports?state=new": 3,
        "/reports?state=received": 1,
    }
    assert numbers(browser) == expected
    await lists_agree(browser)
    late = [line.text_content() for line in browser.page.xpath("//li[@class='late']")]
    assert "khẩn" in late[0]
    assert "quá hai ngày làm việc" in late[1]
    await phone.read()
    await phone.tap("Trả lời")
    await phone.say("Đoạn gần cầu ạ")
    await phone.tap("Gửi")
    assert numbers(await browser.open("/console"))["/reports?reply=yes"] == 1
    await lists_agree(browser)


@pytest.mark.parametrize(
    ("now", "last"),
    # the 24th is a holiday
    [
        ("2026-11-25", "2026-11-19"),
        ("2026-11-27", "2026-11-24"),
        ("2026-11-30", "2026-11-25"),
        ("2026-12-01", "2026-11-26"),
    ],
)
def test_two_working_days_are_counted_without_weekends(now: str, last: str) -> None:
    assert late_days(read_calendar(""), date.fromisoformat(now), 60)[1] == date.fromisoformat(last)


async def test_requests_that_end_today_name_how_many_units_are_missing(world: World) -> None:
    phones = [*await crowd(world, 5), await world.joined("Bác Cộng", "X06043")]
    both = {"audience": {"units": ["X06040", "X06043"]}}
    rapid = await ask(world, {**yesno("Nước lên?"), "deadline": "4h", **both}, "rapid", unit="T20")
    khoi = await world.joined("Anh Khôi", "X06043", "coordinator")
    province, commune = await hanh(world, "T20"), await signed_in(world, khoi)
    assert numbers(await province.open("/console")) == {f"/requests/{rapid}": 2}
    assert numbers(await commune.open("/console")) == {f"/requests/{rapid}": 1}
    assert "hạn 13:00 hôm nay: Nước lên?" in commune.text
    await phones[0].read()
    await phones[0].tap("Có")
    assert numbers(await province.open("/console")) == {f"/requests/{rapid}": 1}
    poll = await ask(world, {**yesno("Họp tối?"), "close": "6h"}, unit="T20")
    await ask(world, {**yesno("Tuần sau?"), "close": "6d"}, unit="T20")
    await world.wait(hours=5)
    assert numbers(await province.open("/console")) == {f"/requests/{poll}": 1, f"/requests/{rapid}": 1}
    assert "đã quá hạn từ 13:00 ngày 23/11: Nước lên?" in province.text
    await world.wait(days=8)
    assert numbers(await province.open("/console")) == {}


async def test_leaders_read_no_reports_and_admins_no_content(world: World) -> None:
    phone = await world.joined("Bác Cộng", "X06040")
    await filed(phone, "Đường vào bản nhiều ổ gà, xe khó đi")
    for role in ("leader", "admin"):
        browser = await signed_in(world, await world.joined(f"Ông {role}", "T20", role))
        assert numbers(browser) == {}, role


class Broken:
    """A channel that waits after a failure."""

    def __init__(self) -> None:
        self.tried = 0

    def status(self) -> Status:
        return Status(False, "Telegram không nhận mã bot này.")

    def retry(self) -> None:
        self.tried += 1


async def test_a_channel_in_trouble_says_why_and_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken()
    browser = await hanh(world)
    assert "trục trặc" not in browser.text
    made = {"channels": {"telegram": broken}, "received": {"telegram": broken}}
    for name, value in made.items():
        monkeypatch.setattr(browser.console, name, value)
    await browser.open("/console")
    assert "Telegram: Telegram không nhận mã bot này." in browser.text
    await browser.press("Thử lại ngay")
    assert broken.tried == 1
    assert "Đã thử lại." in browser.notice


async def test_what_another_process_found_is_shown_without_a_button(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await hanh(world)
    monkeypatch.setattr(browser.console, "channels", {"telegram": Broken()})
    async with world.parts.database.writing() as connection:
        await share_trouble(connection, "telegram", "Không có mạng.")
        await share_trouble(connection, "zalo_bot", "Đã tắt từ lâu.")
    await browser.open("/console")
    assert "Không có mạng." in browser.text
    assert "Đã tắt từ lâu" not in browser.text
    assert "Thử lại ngay" not in browser.buttons()
