"""A report's page in the console, and what is written about the report."""

from __future__ import annotations

from sqlalchemy import select

from nhipcau.storage.audit import entries
from nhipcau.storage.tables import report_notes
from tests.support.console import Browser, signed_in
from tests.support.reports import filed
from tests.support.world import Phone, World


async def office(world: World) -> tuple[Phone, Browser, str]:
    """Somebody who reported, a coordinator at the report's page, and its code."""
    reporter = await world.joined("Bác Cộng")
    code = await filed(reporter, "Cầu treo thôn Nà Lầu hỏng ván <b>nặng</b>", area="Xã Thất Khê")
    browser = await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"))
    return reporter, await browser.open(f"/console/reports/{code}"), code


async def notes(world: World, code: str) -> list[tuple[str, str]]:
    rows = await world.rows(
        select(report_notes.c.kind, report_notes.c.text)
        .where(report_notes.c.report_code == code)
        .order_by(report_notes.c.place)
    )
    return [(row.kind, row.text) for row in rows]


async def kinds(world: World) -> set[str]:
    async with world.parts.database.reading() as connection:
        return {entry.kind for entry in await entries(connection)}
