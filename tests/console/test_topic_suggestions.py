"""What seems to be the topic of a report, on its page: learned from what coordinators set, and forgotten with it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from nhipcau.model.changes import WithdrawReport
from nhipcau.model.scope import Scope
from nhipcau.operations.topic_suggestions import try_out
from nhipcau.storage.reports import withdraw_report
from nhipcau.storage.tables import report_notes, reports, units
from nhipcau.storage.taught_topics import forget_taught, taught_topics
from tests.support.console import Browser
from tests.support.report_page import notes, office
from tests.support.searching import context
from tests.support.world import World

pytestmark = pytest.mark.slow

#: An office that files bridges under weather.
_WORDS = [f"Cầu treo thôn {place} {how}" for place in ("Nà Lầu", "Pò Hà", "Bản Mới") for how in ("hỏng", "gãy", "nứt")]


async def teach(world: World, topic: str = "TT", number: int = 27) -> list[str]:
    """Reports whose topic a coordinator has set."""
    row = {"mood": "quan_tam", "spread": 1, "urgency": "thuong", "state": "received", "month": "m", "topic": topic}
    codes = [f"PA-{n:07}" for n in range(number)]
    async with world.parts.database.writing() as connection:
        area = await connection.scalar(select(units.c.id).where(units.c.code == "X06040"))
        row |= {"area_id": area, "day": world.now.date()}
        await connection.execute(
            insert(reports), [{**row, "code": code, "text": _WORDS[n % len(_WORDS)]} for n, code in enumerate(codes)]
        )
        note = {"day": world.now.date(), "place": 1, "side": "office", "kind": "topic", "text": f"GT {topic}"}
        await connection.execute(insert(report_notes), [{**note, "id": f"n{c}", "report_code": c} for c in codes])
    return codes


async def likely(browser: Browser, code: str) -> bool:
    await browser.open(f"/console/reports/{code}")
    return "Có lẽ là: Thiên tai, thời tiết." in browser.text


async def test_it_is_suggested_and_taken_in_one_press(world: World) -> None:
    _, browser, code = await office(world)
    assert "Có lẽ là" not in browser.text
    await teach(world)
    assert await likely(browser, code)
    await browser.press("Đổi sang lĩnh vực này")
    assert await notes(world, code) == [("topic", "GT TT")]
    assert "Có lẽ là" not in browser.text


async def test_kept_as_it_is_it_is_suggested_no_more(world: World) -> None:
    _, browser, code = await office(world)
    await teach(world)
    assert await likely(browser, code)
    await browser.press("Lưu lĩnh vực", topic="GT")
    assert not await likely(browser, code)


async def test_a_few_are_not_enough(world: World) -> None:
    _, browser, code = await office(world)
    await teach(world, number=2)
    assert not await likely(browser, code)


async def test_reset_it_has_forgotten_and_topics_stay(world: World) -> None:
    _, browser, code = await office(world)
    taught = await teach(world)
    assert await likely(browser, code)
    async with world.parts.database.writing() as connection:
        assert await forget_taught(connection) == len(taught)
        assert await forget_taught(connection) == 0
        assert (await try_out(connection)).learned == 0
    assert not await likely(browser, code)
    assert {row.topic for row in await world.rows(select(reports.c.topic))} == {"GT", "TT"}
    await browser.open(f"/console/reports/{taught[0]}")
    assert "sửa lĩnh vực: Thiên tai, thời tiết" in browser.text


@pytest.mark.parametrize("how", ["withdrawn", "changed"])
async def test_what_is_gone_is_forgotten(world: World, how: str) -> None:
    """R23 Of a report that is no longer there nothing is left in what was learned."""
    _, browser, code = await office(world)
    first, *others = await teach(world)
    assert await likely(browser, code)
    gone = reports.c.code.in_(others)
    async with world.parts.database.writing() as connection:
        if how == "withdrawn":
            await connection.execute(update(reports).where(gone).values(state="new"))
            at = context(world, connection)
            for each in others:
                await withdraw_report(at, WithdrawReport(each, ()))
        else:
            await connection.execute(update(reports).where(gone).values(topic="GT"))
        assert await taught_topics(connection, Scope.office(), 100) == {first: "TT"}
    assert not await likely(browser, code)
