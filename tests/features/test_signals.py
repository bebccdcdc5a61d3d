"""Early signals in the office: told once to the coordinators of the place, marked, explained, followed."""

from __future__ import annotations

import io
import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import insert, select

from nhipcau.handlers.buttons import ManageSignal, SignalAct
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.model.scope import Scope
from nhipcau.model.signals import Level, Rise, SignalState
from nhipcau.operations.signals import tell
from nhipcau.scheduler.daily_signals import DailySignals
from nhipcau.storage import tables
from nhipcau.storage.signals import signals_in, states
from nhipcau.storage.units import load_tree
from tests.support.postgres import new_database
from tests.support.processes import nhipcau
from tests.support.world import Phone, World, open_world

pytestmark = pytest.mark.slow

#: The world's day, and the day a look concerns.
TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
RISE = Rise(
    topic="DN",
    level=Level.COMMUNE,
    place="X06184",
    since=YESTERDAY,
    day=YESTERDAY,
    count=9,
    expected=0.4,
    low=0,
    high=2,
    p=1e-9,
    q=1e-6,
    units=("X06184",),
    told=(YESTERDAY,),
)
WIDE = replace(
    RISE, topic="GT", level=Level.PROVINCE, place="T20", count=24, low=5, high=15, units=("X06184", "X06040")
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    url = new_database() if request.param == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/n.db"
    async with open_world(tmp_path, database_url=url) as world:
        yield world


async def tell_rises(world: World, *rises: Rise, day: date = YESTERDAY) -> int:
    async with world.committer.transaction() as context:
        return await tell(context, rises, day)


async def heard(phone: Phone) -> list[str]:
    """What was pushed since the phone last looked."""
    return [message.text for message in await phone.read()]


async def people(world: World) -> tuple[Phone, Phone, Phone, Phone]:
    """A province's coordinator, a commune's, another commune's, and the commune's leader."""
    return (
        await world.joined("Nguyễn Văn Khôi", "T20", "coordinator"),
        await world.joined("Lý Thị Chi", "X06184", "coordinator"),
        await world.joined("Hoàng Thị Khác", "X06040", "coordinator"),
        await world.joined("Hoàng Văn Sếp", "X06184", "leader"),
    )


async def test_rise_is_told_once_to_the_coordinators_of_its_place(office: World) -> None:
    khoi, chi, other, lead = await people(office)
    assert await tell_rises(office, RISE, WIDE) == 2
    assert "Điện, nước" in (await heard(chi))[0]
    assert "Giao thông" in (await heard(khoi))[0]
    assert await heard(other) == await heard(lead) == []
    # the same look again, and the next day's: it lasts
    assert await tell_rises(office, RISE, WIDE) == 0
    assert await tell_rises(office, RISE, WIDE, day=TODAY) == 0
    grown = replace(RISE, count=20, day=TODAY + timedelta(days=1), told=(YESTERDAY, TODAY + timedelta(days=1)))
    assert await tell_rises(office, grown, WIDE, day=TODAY + timedelta(days=1)) == 1


async def test_rise_that_ended_is_told_anew_when_it_comes_back(office: World) -> None:
    _, chi, *_ = await people(office)
    await tell_rises(office, RISE)
    assert await tell_rises(office, day=TODAY) == 0
    again = replace(RISE, since=TODAY + timedelta(days=3), told=(TODAY + timedelta(days=3),))
    assert await tell_rises(office, again, day=TODAY + timedelta(days=3)) == 1
    assert len(await heard(chi)) == 2


async def test_card_names_count_range_and_units_and_takes_marks(world: World) -> None:
    khoi, chi, *_ = await people(world)
    await tell_rises(world, RISE, WIDE)
    await khoi.say("xu hướng")
    assert "▲ Giao thông, hạ tầng, tỉnh Lạng Sơn: 24 phản ánh, thường 5–15 mỗi tuần" in khoi.last.text
    await khoi.tap("Giao thông, hạ tầng, tỉnh Lạng Sơn")
    assert "Từ 2 nơi: xã Đồng Đăng" in khoi.last.text
    await khoi.tap("Đã xem")
    await khoi.say("xu hướng")
    assert "nổi lên từ 22/11, đã xem" in khoi.last.text
    await chi.say("xu hướng")
    assert "Giao thông" not in chi.last.text
    await chi.tap(chi.labels()[0])
    await chi.tap("Giải thích")
    await chi.say("Trạm bơm hỏng từ hôm 20, gọi 0912 345 678")
    assert "[SĐT]" in chi.last.text
    await khoi.say("xu hướng")
    assert 'Vì: "Trạm bơm hỏng từ hôm 20' in khoi.last.text
    assert "0912" not in khoi.last.text


async def test_leader_reads_and_marks_nothing(world: World) -> None:
    *_, other, lead = await people(world)
    await tell_rises(world, RISE)
    await lead.say("xu hướng")
    await lead.tap(lead.labels()[0])
    assert "9 phản ánh trong bảy ngày tới 22/11, thường là 0–2 mỗi tuần." in lead.last.text
    assert lead.labels() == ["Xem dạng ảnh", "Xu hướng"]
    (signal,) = await world.rows(select(tables.signals))
    for act in (SignalAct.SEEN, SignalAct.EXPLAIN, SignalAct.FOLLOW):
        await lead.press(ManageSignal(signal.id, act))
        assert "không thuộc vai trò" in lead.last.text
        await other.press(ManageSignal(signal.id, act))
        assert "đã hết" in other.last.text
    assert (await world.rows(select(tables.signals)))[0].state == "new"


async def test_end_of_a_followed_rise_is_told(world: World) -> None:
    _, chi, *_ = await people(world)
    await tell_rises(world, RISE, WIDE)
    await heard(chi)
    await chi.tap("Theo dõi")
    assert "trở lại mức thường" in chi.last.text
    await tell_rises(world, day=TODAY)
    assert await heard(chi) == ["Đã trở lại mức thường:\n• Điện, nước sinh hoạt – xã Đồng Đăng"]


async def in_the_past(world: World, weeks: int = 30) -> None:
    """Two reports a week of everything in three communes, and nine of one topic in one of them in the last days."""
    rng = random.Random(1)
    async with world.parts.database.writing() as connection:
        tree = await load_tree(connection)
        row = {"mood": "ban_khoan", "spread": 2, "urgency": "thuong", "text": "x", "state": "new", "month": "m"}
        days = [TODAY - timedelta(days=rng.randrange(1, 7 * weeks)) for _ in range(weeks * 6)]
        rows = [
            {**row, "day": day, "topic": rng.choice(["GT", "MT"]), "area_id": tree.by_code[code].id}
            for day in days
            for code in [rng.choice(["X06184", "X06040", "X06043"])]
        ]
        rows += [
            {**row, "day": TODAY - timedelta(days=n % 3 + 1), "topic": "DN", "area_id": tree.by_code["X06184"].id}
            for n in range(9)
        ]
        await connection.execute(insert(tables.reports), [{**r, "code": f"PA-{n:07}"} for n, r in enumerate(rows)])


async def test_morning_look_finds_tells_and_rests_until_tomorrow(office: World) -> None:
    _, chi, *_ = await people(office)
    await in_the_past(office)
    daily = DailySignals(office.committer, office.parts.settings)
    office.now = office.now.replace(hour=2)
    looks = [await daily.run_if_due()]
    office.now += timedelta(hours=6)
    looks += [await daily.run_if_due(), await daily.run_if_due()]
    assert looks in ([False, True, False], [True, False, False])
    assert "Điện, nước" in "".join(await heard(chi))
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
        found = await signals_in(connection, Scope.office(), tree)
    assert [(s.rise.topic, s.rise.level, s.rise.place) for s in found] == [("DN", Level.COMMUNE, "X06184")]


async def test_signals_of_a_scope_are_of_places_wholly_inside(world: World) -> None:
    cluster = replace(RISE, topic="MT", level=Level.CLUSTER, place="Huyện Cao Lộc")
    await tell_rises(world, RISE, WIDE, cluster)
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        for code, topics in (("T20", {"DN", "GT", "MT"}), ("X06184", {"DN"}), ("X06040", set())):
            found = await signals_in(connection, Scope.office(tree.by_code[code]), tree)
            assert {signal.rise.topic for signal in found} == topics
        assert await signals_in(connection, Scope("admin", "/"), tree) == []
        assert await states(connection, [RISE]) == {RISE: SignalState.NEW}


async def test_command_says_what_grew_and_refuses_what_is_no_week(tmp_path: Path) -> None:
    async with open_world(tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/n.db") as world:
        await world.parts.database.close()
    calm = json.loads(nhipcau(tmp_path, "signals", "--period", "2026-W10", "--json"))
    assert calm == []
    wrong = nhipcau(tmp_path, "signals", "--period", "2026-11", status=2)
    assert "2026-W47" in wrong


async def test_picture_has_the_numbers_of_a_recount_and_is_drawn(office: World) -> None:
    khoi, *_ = await people(office)
    await in_the_past(office)
    await tell_rises(office, RISE)
    ends = [YESTERDAY - timedelta(days=7 * n) for n in range(26)]
    for label, topics in (("", {"DN", "GT", "MT"}), ("Điện, nước sinh hoạt, xã Đồng Đăng", {"DN"})):
        await khoi.say("xu hướng")
        if label:
            await khoi.tap(label)
        await khoi.tap("Xem dạng ảnh")
        rows = await office.rows(select(tables.reports.c.day, tables.reports.c.topic))
        recount = {
            f"{end:%d/%m}": sum(end - timedelta(days=6) <= row.day <= end and row.topic in topics for row in rows)
            for end in ends
        }
        spec = json.loads(khoi.last.draw)
        assert {week["week"]: week["n"] for week in spec["data"]["values"]} == recount
        assert f"22/11: {recount['22/11']}" in khoi.last.text
    renderer = ChartRenderer()
    try:
        drawn = await renderer.draw(spec)
    finally:
        await renderer.close()
    assert Image.open(io.BytesIO(drawn)).size[0] > 1000
