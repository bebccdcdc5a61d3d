"""What is asked again and again: on working days, once a period, once after a standstill, and never by two clocks."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nhipcau.cli import asking
from nhipcau.cli import recurring_requests as commands
from nhipcau.cli.runner import CommandFailed, WrongUse
from nhipcau.scheduler.due_work import LOOK_SECONDS, DueWork
from nhipcau.storage.tables import audit, official_answers, participation, requests, rules
from tests.support.people import change
from tests.support.requests import lay_down
from tests.support.world import MORNING, Phone, World, open_world

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


async def asked(world: World) -> list[tuple[str, str, str]]:
    """Period, state and local due moment of every request a rule made, in order."""
    zone = world.parts.settings.zone
    rows = await world.rows(requests.select().order_by(requests.c.opens_at))
    return [(r.period, r.state, f"{r.closes_at.astimezone(zone):%d/%m %H:%M}") for r in rows]


async def pass_hours(world: World, hours: int) -> None:
    """Time goes by with the clock running."""
    for _ in range(hours):
        await world.wait(hours=1)


@pytest.mark.slow
async def test_each_period_is_asked_once_and_due_on_a_working_day(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world, "month last 16:00")
    # 31 January 2027 is a Sunday: due on Monday
    for _ in range(75 * 4):
        await world.wait(hours=6)
    found = await asked(world)
    assert [row[0] for row in found] == ["2026-11", "2026-12", "2027-01"]
    assert [row[2] for row in found] == ["30/11 16:00", "31/12 16:00", "01/02 16:00"]
    assert all(state == "closed" for _, state, _ in found)


@pytest.mark.slow
@pytest.mark.parametrize("catch_up", [True, False])
async def test_after_a_standstill_the_last_is_caught_up_or_all_pass(world: World, catch_up: bool) -> None:
    phone = await world.joined("Lan")
    await lay_down(world, "week fri 16:00", catch_up=catch_up)
    # nobody's clock runs for three weeks and two days: Wednesday
    world.now += timedelta(days=23)
    await world.clock.tick()
    await world.clock.tick()
    found = await asked(world)
    assert [row[0] for row in found] == (["2026-W50"] if catch_up else [])
    told = await phone.read()
    assert len(told) == (1 if catch_up else 0)
    noted = [row.kind for row in await world.rows(audit.select())]
    assert ("rule.pass" in noted) is not catch_up
    # the next one comes in its time either way
    await pass_hours(world, 48)
    assert [row[0] for row in await asked(world)][-1] == "2026-W51"


@pytest.mark.parametrize(("hours", "open_for"), [(2, 2), (72, 24)])
async def test_a_duty_caught_up_too_late_is_open_for_a_day_at_most(world: World, hours: int, open_for: int) -> None:
    await world.joined("Lan")
    await lay_down(world, "week fri 16:00", seconds=hours * 3600)
    # Saturday, nine in the morning
    world.now += timedelta(days=5)
    await world.clock.tick()
    (row,) = await world.rows(requests.select())
    assert (row.state, row.period, row.closes_at - row.opens_at) == ("open", "2026-W48", timedelta(hours=open_for))
    assert row.opens_at == world.now


@pytest.mark.parametrize("catch_up", [True, False])
async def test_a_duty_whose_due_moment_has_just_passed_counts_as_missed(world: World, catch_up: bool) -> None:
    """It should have opened half an hour ago, which is no standstill; but it would open after it was due."""
    await world.joined("Lan")
    await lay_down(world, "week fri 16:00", seconds=20 * 60, catch_up=catch_up)
    world.now += timedelta(days=4, hours=7, minutes=10)
    await world.clock.tick()
    rows = await world.rows(requests.select())
    assert [row.closes_at - row.opens_at for row in rows] == ([timedelta(minutes=20)] if catch_up else [])
    assert ("rule.pass" in [row.kind for row in await world.rows(audit.select())]) is not catch_up


@pytest.mark.parametrize(("minutes", "number"), [(60, 1), (61, 0)])
async def test_an_hour_late_is_in_time_and_more_is_missed(world: World, minutes: int, number: int) -> None:
    await world.joined("Lan")
    await lay_down(world, "week fri 16:00", kind="rapid", seconds=24 * 3600, catch_up=False)
    world.now += timedelta(days=4, hours=7, minutes=minutes)
    await world.clock.tick()
    assert len(await world.rows(requests.select())) == number


async def test_a_missed_duty_that_is_still_ahead_keeps_its_due_moment(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world, "week fri 16:00", seconds=3 * 24 * 3600)
    world.now += timedelta(days=2, hours=6)
    await world.clock.tick()
    assert await asked(world) == [("2026-W48", "open", "27/11 16:00")]


async def test_two_clocks_ask_once(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world)
    parts = world.parts
    other = DueWork(world.committer, parts.settings)
    world.now += timedelta(days=3, hours=8)
    await asyncio.gather(world.clock.tick(), other.tick())
    assert len(await asked(world)) == 1
    assert len(await world.rows(participation.select())) == 1


async def test_an_audience_that_has_become_empty_asks_nobody_and_says_so(world: World) -> None:
    coordinator = await world.joined("Khôi", "T20", "coordinator")
    lan = await world.joined("Lan")
    await lay_down(world)
    await lan.say("dừng")
    await lan.tap("Tạm nghỉ")
    await world.wait(days=3, hours=8)
    assert [row[1] for row in await asked(world)] == ["stopped"]
    assert "chưa có ai ở nơi nhận tham gia" in (await coordinator.read())[-1].text


async def test_the_first_answer_of_a_unit_settles_it_for_all_of_it(world: World) -> None:
    lan, mui, tam = await world.joined("Lan"), await world.joined("Mùi"), await world.joined("Tám", "X06184")
    await lay_down(world)
    await world.wait(days=3, hours=8)
    for phone in (lan, mui, tam):
        await phone.read()
    await lan.tap("Không có gì mới")
    # half of the time is over, and the night: only the other unit is reminded
    await world.wait(hours=15)
    assert [len(await phone.read()) for phone in (lan, mui, tam)] == [0, 0, 1]
    assert "Không có gì mới" in tam.labels()
    await mui.tap("Bổ sung") if "Bổ sung" in mui.labels() else await mui.say("việc")
    rows = await world.rows(official_answers.select())
    assert [(row.nothing_to_report, row.extra) for row in rows] == [(True, False)]


@pytest.mark.slow
async def test_two_of_a_unit_who_answer_at_once_count_once(world: World) -> None:
    lan, mui = await world.joined("Lan"), await world.joined("Mùi")
    await lay_down(world)
    await world.wait(days=3, hours=8)
    for phone in (lan, mui):
        await phone.read()
    await asyncio.gather(lan.tap("Không có gì mới"), mui.tap("Không có gì mới"))
    assert sorted(row.extra for row in await world.rows(official_answers.select())) in ([False], [False, True])


async def test_who_is_named_responsible_hears_what_a_unit_left(world: World) -> None:
    chief, other = await world.joined("Trưởng", role="coordinator"), await world.joined("Phó", role="coordinator")
    await world.joined("Lan")
    await change(world, "Trưởng", responsible=True)
    await lay_down(world)
    await world.wait(days=3, hours=8)
    await world.wait(days=1)
    assert ["chưa có trả lời" in m.text for m in await chief.read()] == [True]
    assert await other.read() == []
    await world.wait(days=1)
    assert await chief.read() == []


@pytest.mark.usefixtures("english")
async def test_a_rule_that_has_ended_asks_no_more(world: World) -> None:
    await world.joined("Lan")
    id = await lay_down(world)
    await commands.end(world.parts, id, as_json=False)
    with pytest.raises(CommandFailed, match="No schedule"):
        await commands.end(world.parts, id, as_json=False)
    await world.wait(days=10)
    assert await asked(world) == []
    assert [row.state for row in await world.rows(rules.select())] == ["ended"]


async def test_the_command_shows_people_and_three_dates_before_it_saves(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.joined("Lan")
    path = tmp_path / "duty.yaml"
    path.write_text("title: Báo cáo tuần\nevery: thứ 6 16:00\nquestions:\n  - text: Có gì mới?\n", encoding="utf-8")
    await asking.duty(world.parts, str(path), as_json=True, dry_run=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["id"], said["people"], len(said["dates"])) == (None, 1, 3)
    assert await world.rows(rules.select()) == []
    await asking.duty(world.parts, str(path), unit="X06040", as_json=True, dry_run=False)
    made = json.loads(capsys.readouterr().out)
    await commands.show(world.parts, as_json=True)
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["unit"], listed["rule"]) == (made["id"], "X06040", "week fri 16:00")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("every: 0 9 30 2 *", "never comes"),
        ("every: '* * * * *'", "too frequent"),
        ("every: week fri 16:00\nmissed: perhaps", "one of once, pass"),
        ("every: week fri 16:00\nlead: 2026-12-01 17:00", "a length like"),
        ("lead: 1d", "every: is missing"),
    ],
)
@pytest.mark.usefixtures("english")
async def test_a_file_that_can_not_be_kept_is_said_by_line(world: World, tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "duty.yaml"
    path.write_text(f"title: Báo cáo\n{line}\nquestions:\n  - text: Có gì mới?\n", encoding="utf-8")
    with pytest.raises(WrongUse, match=fault):
        await asking.duty(world.parts, str(path), as_json=False, dry_run=False)
    assert await world.rows(rules.select()) == []


async def test_a_poll_may_be_repeated_too(world: World) -> None:
    phones = [await world.joined(f"Người {n}") for n in range(5)]
    await lay_down(world, "week mon 08:00", kind="poll", seconds=2 * 24 * 3600)
    await world.wait(days=7)
    assert "Có gì mới?" in (await phones[0].read())[-1].text
    assert [row[0] for row in await asked(world)] == ["2026-W49"]


@pytest.mark.slow
async def test_an_office_file_of_days_off_moves_a_due_moment(world: World) -> None:
    await world.joined("Lan")
    world.parts.settings.calendar.write_text("day,kind,name\n2026-11-27,off,Ngày hội xã\n", encoding="utf-8")
    await lay_down(world)
    await pass_hours(world, 8 * 24)
    # Friday is off, Saturday and Sunday too: due on Monday, for the week it was planned in
    assert (await asked(world))[0] == ("2026-W48", "closed", "30/11 16:00")


async def test_begun_at_a_moment_with_a_zone(world: World) -> None:
    """The clock of the machine is UTC; the office's is not."""
    assert datetime(2026, 11, 23, 2, 0, tzinfo=UTC) == MORNING
    phone: Phone = await world.joined("Lan")
    await lay_down(world, "month 25 07:30", working_days=False)
    # asked a day before, at 07:30 in Lạng Sơn
    await world.wait(hours=22, minutes=31)
    assert len(await phone.read()) == 1


async def test_a_communes_coordinator_follows_what_the_province_asks(world: World) -> None:
    chief = await world.joined("Khôi", role="coordinator")
    lan, tam = await world.joined("Lan"), await world.joined("Tám", "X06184")
    await lay_down(world)
    await world.wait(days=3, hours=8)
    await chief.say("tiến độ")
    assert "Đã trả lời 0/1 xã" in chief.last.text
    assert "Đồng Đăng" not in chief.last.text
    assert chief.labels() == ["Cập nhật"]
    for phone in (lan, tam):
        await phone.read()
    await world.wait(seconds=5)
    # of one person the board tells no more than that they have answered
    assert await chief.read() == []
    await tam.tap("Không có gì mới")
    await world.wait(seconds=5)
    # what another unit does changes nothing of theirs
    assert await chief.read() == []
    await lan.tap("Không có gì mới")
    await world.wait(seconds=5)
    (edited,) = await chief.read()
    assert (bool(edited.edit), "Đã trả lời 1/1 xã" in edited.text) == (True, True)


@pytest.mark.slow
async def test_a_board_of_ones_own_is_edited_at_most_once_in_three_seconds(world: World) -> None:
    khoi = await world.joined("Khôi", "T20", "coordinator")
    phones = [await world.joined(f"Người {n}") for n in range(4)]
    await lay_down(world)
    await world.wait(days=3, hours=8)
    await khoi.say("tiến độ")
    await world.wait(seconds=4)
    for phone in phones:
        await phone.read()
    await phones[0].tap("Không có gì mới")
    await world.wait(seconds=1)
    assert len(await khoi.read()) == 1
    await phones[1].say("thêm một việc")
    await world.wait(seconds=1)
    await world.wait(seconds=1)
    assert await khoi.read() == []


@pytest.mark.slow
async def test_a_day_off_that_is_none_any_more_leaves_no_period_out(world: World) -> None:
    await world.joined("Lan")
    calendar = world.parts.settings.calendar
    calendar.write_text("day,kind,name\n2026-11-27,off,Ngày hội xã\n", encoding="utf-8")
    await lay_down(world)
    calendar.write_text("day,kind,name\n", encoding="utf-8")
    await pass_hours(world, 13 * 24)
    # said to be due on Monday, and so it is
    assert await asked(world) == [("2026-W48", "closed", "30/11 16:00"), ("2026-W49", "closed", "04/12 16:00")]


@pytest.mark.slow
async def test_a_day_off_that_is_new_asks_no_period_twice(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world)
    calendar = world.parts.settings.calendar
    await world.wait(days=3, hours=8)
    calendar.write_text("day,kind,name\n2026-11-27,off,Ngày hội xã\n", encoding="utf-8")
    await pass_hours(world, 7 * 24)
    assert [row[0] for row in await asked(world)] == ["2026-W48", "2026-W49"]


async def test_an_unreadable_rule_stops_no_other_nor_keeps_the_clock_busy(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world)
    async with world.parts.database.writing() as connection:
        row = (await connection.execute(rules.select())).mappings().one()
        await connection.execute(rules.insert().values({**row, "id": "rule0", "rule": "week nonsense"}))
    world.now += timedelta(days=3, hours=8)
    assert await world.clock.tick() == LOOK_SECONDS
    assert [row[0] for row in await asked(world)] == ["2026-W48"]


@pytest.mark.slow
async def test_made_after_its_first_opening_it_is_asked_though_missed(world: World) -> None:
    await world.joined("Lan")
    await lay_down(world, seconds=6 * 24 * 3600, catch_up=False, next_at=MORNING)
    await world.wait(minutes=1)
    assert await asked(world) == [("2026-W48", "open", "27/11 16:00")]


@pytest.mark.slow
async def test_two_clocks_of_two_processes_ask_once(tmp_path: Path) -> None:
    from tests.support.postgres import new_database

    async with open_world(tmp_path, database_url=new_database()) as world:
        await world.joined("Lan")
        await lay_down(world)
        parts = world.parts
        clocks = [DueWork(world.committer, parts.settings)] * 3
        world.now += timedelta(days=3, hours=8)
        await asyncio.gather(*(clock.tick() for clock in clocks))
        assert len(await asked(world)) == 1
