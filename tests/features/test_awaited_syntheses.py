"""Syntheses of units below: who is late is seen above and reminded twice; those above are told once what was signed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nhipcau.actions.awaited_syntheses import awaited_from_below
from nhipcau.model.kept_syntheses import KeptSynthesis
from nhipcau.model.scope import Scope
from nhipcau.scheduler.daily_syntheses import DailySyntheses
from nhipcau.storage.syntheses import syntheses_in
from nhipcau.storage.units import load_tree
from tests.support import kept_syntheses as kept_of
from tests.support.console import signed_in
from tests.support.kept_syntheses import actor_of, draft, drafted, signed
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

#: The last day in time for October, at nine.
DUE = datetime(2026, 11, 5, 2, tzinfo=UTC)


async def heard(phone: Phone) -> str:
    return "\n".join(message.text for message in await phone.read())


async def morning(world: World, days: int = 0) -> bool:
    world.now = DUE + timedelta(days=days)
    return await DailySyntheses(world.committer, world.parts.settings).run_if_due()


async def missing(world: World, today: date) -> dict[str, set[str]]:
    """Period → codes of the units below the province that have not signed."""
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        kept = await syntheses_in(connection, Scope.office(), tree)
    province = tree.by_code["T20"]
    found = awaited_from_below(province, kept, tree.areas, today)
    return {each.period.text: {unit.code for unit in each.missing} for each in found}


async def test_a_unit_waits_for_periods_it_has_drafted(world: World) -> None:
    office = await actor_of(world, "office", "T20")
    world.now = DUE
    late = date(2026, 11, 6)
    await draft(world, office, "T20", "2026-10", ("DD",))
    await draft(world, office, "X06040", "2026-09")
    assert await missing(world, late) == {}
    own = await drafted(world, office, "T20", "2026-10")
    before = (await missing(world, late))["2026-10"]
    assert {"X06040", "X06184"} <= before
    assert "T20" not in before
    await signed(world, office, office, "X06040", "2026-10")
    assert (await missing(world, late))["2026-10"] == before - {"X06040"}
    # not before it is over, and not for ever
    assert await missing(world, date(2026, 10, 31)) == {}
    assert await missing(world, late + timedelta(days=31)) == {}
    fresh = await kept_of.refresh(world, office, own)
    assert isinstance(fresh, KeptSynthesis)
    checked = await kept_of.check(world, office, await kept_of.fill(world, office, fresh))
    assert isinstance(checked, KeptSynthesis)
    assert isinstance(await kept_of.sign(world, office, checked), KeptSynthesis)
    assert await missing(world, late) == {}


async def test_who_is_late_is_reminded_twice_and_no_more(world: World) -> None:
    lan = await world.joined("Chị Lan", "X06040", "coordinator")
    chi = await world.joined("Chị Chi", "X06184", "coordinator")
    khoi = await world.joined("Anh Khôi", "T20", "coordinator")
    boss = await world.joined("Ông Sếp", "X06040", "leader")
    office = await actor_of(world, "office", "T20")
    world.now = DUE - timedelta(days=2)
    await drafted(world, office, "T20", "2026-10")
    await signed(world, office, office, "X06184", "2026-10")
    phones = (lan, chi, khoi, boss)
    assert [await heard(phone) for phone in phones] == [""] * 4
    told = []
    for days in (-1, 0, 0, 1, 2, 3):
        await morning(world, days)
        told.append([await heard(phone) for phone in phones])
    assert "xã Đồng Đăng" in told[0][2]
    assert [bool(each[0]) for each in told] == [False, True, False, True, False, False]
    assert "Hôm nay 05/11 là hạn ký báo cáo tổng hợp tháng 10/2026" in told[1][0]
    assert "đã quá hạn ngày 05/11" in told[3][0]
    assert [[bool(text) for text in each[1:]] for each in told] == [[False, True, False], *[[False] * 3] * 5]


async def test_those_above_are_told_once_what_was_signed(world: World) -> None:
    khoi = await world.joined("Anh Khôi", "T20", "coordinator")
    lan = await world.joined("Chị Lan", "X06040", "coordinator")
    office = await actor_of(world, "office", "T20")
    world.now = DUE
    for unit in ("X06040", "X06184"):
        await signed(world, office, office, unit, "2026-10")
    assert await morning(world)
    assert await heard(khoi) == ""
    # the service stood still for a day: nothing is left out, nothing is said twice
    assert await morning(world, 2)
    assert "Tháng 10/2026: xã Thất Khê, xã Đồng Đăng." in await heard(khoi)
    assert not await morning(world, 2)
    assert await morning(world, 3)
    assert await heard(khoi) == ""
    assert await heard(lan) == ""


async def test_nothing_is_told_before_the_morning(world: World) -> None:
    world.now = DUE.replace(hour=23)
    assert not await DailySyntheses(world.committer, world.parts.settings).run_if_due()


async def test_who_is_late_stands_among_what_waits(world: World) -> None:
    """K1 The number is that of the list it opens."""
    office = await actor_of(world, "office", "T20")
    world.now = DUE + timedelta(days=1)
    await drafted(world, office, "T20", "2026-10")
    await signed(world, office, office, "X06040", "2026-10")
    late = (await missing(world, date(2026, 11, 6)))["2026-10"]
    khoi = await signed_in(world, await world.joined("Anh Khôi", "T20", "coordinator"))
    await (await khoi.open("/console")).follow(f"{len(late)} nơi cấp dưới quá hạn ký tổng hợp tháng 10/2026")
    assert khoi.path == "/console/syntheses"
    listed = [each.text_content() for each in khoi.page.xpath("//section[@aria-labelledby='late']//li")]
    assert len(listed) == len(set(listed)) == len(late)
    assert "Xã Thất Khê" not in listed
    lan = await signed_in(world, await world.joined("Chị Lan", "X06040", "coordinator"))
    assert "quá hạn ký" not in (await lan.open("/console")).text
