"""Thiết lập and Phiên đăng nhập: the way to the first phone, channels, clusters, days of backups, ending sessions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.storage.audit import AuditContext, record_audit
from nhipcau.storage.tables import audit, console_sessions, units
from tests.support.console import Browser, signed_in
from tests.support.world import MORNING, Phone, World

pytestmark = pytest.mark.slow


async def an(world: World, unit: str = "T20") -> tuple[Phone, Browser]:
    phone = await world.joined(f"Cô An {unit}", unit, "admin")
    browser = await signed_in(world, phone)
    return phone, await browser.open("/console/settings")


async def test_an_empty_network_reads_five_steps(world: World) -> None:
    _, browser = await an(world)
    assert browser.heading == "Thiết lập"
    steps = browser.page.xpath("//ol[@class='steps']/li")
    assert len(steps) == 5
    assert "Đã xong" in steps[0].text_content()
    assert "Chưa làm" in steps[1].text_content()
    assert steps[1].find(".//a").get("href") == "/console/network/roster"
    await world.joined("Bác Cộng")
    await browser.open("/console/settings")
    assert "Năm bước" not in browser.text


async def test_channels_say_how_they_are_and_what_to_write(world: World) -> None:
    _, browser = await an(world)
    assert "NHIPCAU_TELEGRAM_TOKEN" in browser.text
    await browser.press("Kiểm tra các ứng dụng")
    assert (browser.status, browser.heading) == (200, "Thiết lập")


async def test_an_admin_puts_communes_into_a_cluster(world: World) -> None:
    _, browser = await an(world)
    await browser.press("Xếp vào cụm", commune=["X06043", "X06040"], cluster="  Cụm  biên giới ")
    assert "Đã xếp vào cụm" in browser.notice
    found = {row.code: row.cluster for row in await world.rows(select(units)) if row.cluster}
    assert found == {"X06043": "Cụm biên giới", "X06040": "Cụm biên giới"}
    assert browser.text.count("Cụm biên giới") == 2
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "unit.cluster"] == [2]
    await browser.press("Xếp vào cụm", cluster="Không ai")
    assert "chọn ít nhất một xã" in browser.notice
    await browser.press("Xếp vào cụm", commune=["X06043"], cluster="x" * 81)
    assert "dài quá" in browser.notice
    await browser.press("Xếp vào cụm", commune=["X06043", "X06040"], cluster="")
    assert not [row for row in await world.rows(select(units)) if row.cluster]


async def test_an_admin_of_a_commune_changes_no_other_one(world: World) -> None:
    _, browser = await an(world, "X06040")
    assert "Xã Tràng Định" not in browser.text
    _, address, data = browser.filled("Xếp vào cụm", {"cluster": "Cụm lạ"})
    await browser.send("POST", address, [*data, ("commune", "X06043")])
    assert "chọn ít nhất một xã" in browser.notice
    assert not [row for row in await world.rows(select(units)) if row.cluster]


async def test_days_of_backups_come_from_the_audit(world: World) -> None:
    async with world.parts.database.writing() as connection:
        record_audit(AuditContext(connection, world.parts.sealer, MORNING.date()), "backup.make")
    _, browser = await an(world)
    values = {dt.text_content(): dt.getnext().text_content() for dt in browser.page.iter("dt")}
    assert (values["Lần sao lưu cuối"], values["Lần khôi phục cuối"]) == ("23/11/2026", "Chưa có")


async def test_an_admin_ends_the_session_of_somebody_of_the_scope(world: World) -> None:
    hanh = await signed_in(world, await world.joined("Chị Hạnh", "X06040", "coordinator"))
    _, browser = await an(world)
    assert "Chị Hạnh" in browser.text
    await browser.press("Kết thúc")
    assert "Đã kết thúc phiên" in browser.notice
    assert (await hanh.open("/console")).heading == "Đăng nhập trang làm việc"
    assert [row.kind for row in await world.rows(audit.select())].count("console.end") == 1
    await signed_in(world, await world.joined("Chị Hoa", "X06184", "coordinator"))
    [hoa] = [row.id for row in await world.rows(select(console_sessions)) if row.id not in browser.answer.text]
    _, commune = await an(world, "X06040")
    assert "Chị Hoa" not in commune.text
    token = commune.page.xpath("//input[@name='token']")[0].get("value")
    await commune.send("POST", "/console/settings", [("token", token), ("do", "end"), ("session", hoa)])
    assert commune.status == 404
    assert hoa in [row.id for row in await world.rows(select(console_sessions))]


async def test_everybody_ends_their_own_sessions_and_nobody_elses(world: World) -> None:
    phone = await world.joined("Chị Hạnh", role="coordinator")
    first, second = await signed_in(world, phone), await signed_in(world, phone)
    minh = await signed_in(world, await world.joined("Anh Minh", role="leader", unit="T20"))
    await world.wait(hours=2)
    await first.follow("Phiên đăng nhập")
    assert len(first.page.xpath("//tbody/tr")) == 2
    assert "2 giờ trước (11:00 23/11/2026)" in first.text or "2 giờ trước (09:00 23/11/2026)" in first.text
    await minh.open("/console/sessions")
    assert len(minh.page.xpath("//tbody/tr")) == 1
    other = minh.page.xpath("//input[@name='session']")[0].get("value")
    token = first.page.xpath("//input[@name='token']")[0].get("value")
    await first.send("POST", "/console/sessions", [("token", token), ("do", "end"), ("session", other)])
    assert (await minh.open("/console")).status == 200
    assert minh.heading == "Việc hôm nay"
    await first.open("/console/sessions")
    await first.press("Kết thúc mọi phiên khác")
    assert (await second.open("/console")).heading == "Đăng nhập trang làm việc"
    await first.open("/console/sessions")
    await first.press("Kết thúc phiên này")
    assert first.heading == "Đăng nhập trang làm việc"
