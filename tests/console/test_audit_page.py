"""Nhật ký: kinds and numbers by day, filtered, page after page, as a file; and whether the chain holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from nhipcau.storage.audit import AuditContext, record_audit
from nhipcau.storage.tables import audit
from tests.support.console import Browser, signed_in
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow

TODAY = MORNING.date()


async def admin(world: World) -> Browser:
    return await signed_in(world, await world.joined("Cô An", "T20", "admin"))


async def recorded(world: World, day: date, kind: str, number: int, who: str = "office") -> None:
    async with world.parts.database.writing() as connection:
        record_audit(AuditContext(connection, world.parts.sealer, day), kind, who, number)


async def test_acts_are_listed_by_day_and_found_by_kind_and_days(world: World) -> None:
    await recorded(world, TODAY - timedelta(days=40), "roster.import", 12)
    await recorded(world, TODAY, "export.people", 7)
    browser = await admin(world)
    assert (await browser.open("/console/audit")).heading == "Nhật ký"
    assert "Cô An" not in browser.page.find(".//table").text_content()
    days = [cell.text_content() for cell in browser.page.xpath("//tbody//th")]
    assert (days[0], days[-1]) == ("23/11/2026", "14/10/2026")
    await browser.press("Lọc", kind="export")
    assert [cell.text_content() for cell in browser.page.xpath("//td[@class='number']")] == ["7"]
    assert "14/10/2026" not in browser.text
    await browser.press("Lọc", kind="", since="2026-10-01", until="2026-10-31")
    assert [cell.text_content() for cell in browser.page.xpath("//tbody//th")] == ["14/10/2026"]
    await browser.press("Lọc", kind="signal", since="", until="")
    assert "Không có việc nào" in browser.text
    for nonsense in ("since=x&until=2026-13-40&kind=%3Cb%3E&after=..", "after=2026-11-23.a", "kind=report.nope"):
        assert (await browser.open(f"/console/audit?{nonsense}")).status == 200


async def test_pages_and_the_file_hold_every_line_once(world: World) -> None:
    async with world.parts.database.writing() as connection:
        for n in range(60):
            for kind in ("report.read", "unit.add"):
                at = AuditContext(connection, world.parts.sealer, TODAY - timedelta(days=n % 30))
                record_audit(at, kind, f"person{n}")
    browser = await admin(world)
    await browser.open("/console/audit?kind=unit")
    await browser.open("/console/audit")
    seen = [row.text_content() for row in browser.page.xpath("//tbody/tr")]
    while following := browser.page.xpath("//a[@rel='next']"):
        await browser.open(following[0].get("href"))
        seen += [row.text_content() for row in browser.page.xpath("//tbody/tr")]
    assert len(seen) == len(set(seen)) == len(await world.rows(audit.select()))
    await browser.open("/console/audit?kind=unit")
    await browser.follow("Tải về CSV")
    assert browser.answer.content.startswith(b"\xef\xbb\xbf")
    assert len(browser.answer.text.strip().splitlines()) == 61
    await browser.open("/console/audit?kind=unit")
    await browser.follow("Tải về XLSX")
    assert browser.answer.content.startswith(b"PK")


async def test_it_says_whether_the_audit_holds(world: World) -> None:
    await recorded(world, TODAY, "export.people", 7)
    browser = await (await admin(world)).open("/console/audit")
    await browser.press("Kiểm tra nhật ký")
    assert "Nhật ký còn nguyên" in browser.notice or "dòng" in browser.notice
    assert not browser.page.xpath("//*[@role='alert']")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(audit).where(audit.c.kind == "export.people").values(number=1))
    await browser.press("Kiểm tra nhật ký")
    assert browser.page.xpath("//*[@role='alert']")
    async with world.parts.database.writing() as connection:
        await connection.execute(delete(audit).where(audit.c.kind == "export.people"))
    await browser.press("Kiểm tra nhật ký")
    assert browser.page.xpath("//*[@role='alert']")


async def test_coordinators_and_leaders_find_no_such_page(world: World) -> None:
    for role in ("coordinator", "leader"):
        browser = await signed_in(world, await world.joined(f"Người {role}", "T20", role))
        for path in ("/console/audit", "/console/audit?format=csv", "/console/settings"):
            assert (await browser.open(path)).status == 404
