"""Places below the commune: people in cells answer for their cell, and a commune's board shows its cells."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nhipcau.model.requests import Each
from nhipcau.storage.tables import official_answers, requests
from tests.support.cells import make_cells
from tests.support.people import change
from tests.support.requests import ask, csv_rows, end, lay_down, read_all
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

FLOOD = {"title": "Mưa lũ đêm qua", "questions": [{"text": "Tình hình?"}]}


@pytest.fixture
async def commune(world: World) -> tuple[Phone, list[Phone]]:
    """The coordinator of Xã Thất Khê, and one person in each of its three cells."""
    cells = await make_cells(world, "X06040", "Thôn Nà Sla", "Thôn Nà Pai", "Thôn Pò Hang")
    boss = await world.joined("Khôi", role="coordinator")
    people = [await world.joined(name, cell) for name, cell in zip(("Lan", "Mùi", "Tám"), cells, strict=True)]
    return boss, people


async def test_a_rapid_request_is_answered_for_the_cell(world: World, commune: tuple[Phone, list[Phone]]) -> None:
    boss, (lan, mui, tam) = commune
    id = await ask(world, FLOOD, "rapid")
    await read_all([lan, mui, tam])
    await lan.say("hai hộ tốc mái")
    await lan.tap("Gửi")
    await mui.tap("Không có gì")
    await boss.say("tiến độ")
    assert boss.last.text.split("\n")[1:] == [
        "Đã trả lời 2/3 thôn (1 không có gì)",
        "Chưa trả lời:",
        "• Thôn Pò Hang – Tám",
        "– Thôn Nà Sla: hai hộ tốc mái",
        "và 1 thôn đã trả lời: không có gì",
    ]
    await end(world, id)
    summary = (await boss.read())[0].text
    assert summary.startswith('Đã đóng: "Mưa lũ đêm qua".\nĐã trả lời 2/3 thôn')
    assert "– Thôn Nà Sla: hai hộ tốc mái" in summary
    assert "• Thôn Pò Hang – Tám" in summary
    await boss.say("kết quả")
    assert "– Thôn Nà Sla: hai hộ tốc mái" in boss.last.text
    assert [(row["unit"], row["q1"]) for row in await csv_rows(world, "answers")] == [
        ("X06040-01", "hai hộ tốc mái"),
        ("X06040-02", "none"),
    ]
    rows = await csv_rows(world, "requests")
    assert [(r["unit"], r["asked"], r["answered"]) for r in rows] == [
        ("X06040-01", "1", "1"),
        ("X06040-02", "1", "1"),
        ("X06040-03", "1", "0"),
    ]


async def test_a_province_reads_its_communes_with_their_cells(world: World, commune: tuple[Phone, list[Phone]]) -> None:
    _, (lan, mui, tam) = commune
    chief, chi = await world.joined("Hùng", "T20", "coordinator"), await world.joined("Chi", "X06184")
    await ask(world, FLOOD, "rapid", unit="T20")
    await read_all([lan, mui, tam, chi])
    await lan.say("hai hộ tốc mái")
    await lan.tap("Gửi")
    await chief.say("tiến độ")
    assert chief.last.text.split("\n")[1:] == [
        "Đã trả lời 1/2 xã, 1/3 thôn",
        "Chưa trả lời:",
        "• Xã Đồng Đăng – Chi",
        "• Xã Thất Khê: mới 1/3 thôn",
        "– Thôn Nà Sla: hai hộ tốc mái",
    ]


@pytest.mark.parametrize("each", list(Each))
async def test_the_first_answer_of_each_settles_a_duty(
    world: World, commune: tuple[Phone, list[Phone]], each: Each
) -> None:
    boss, (lan, mui, tam) = commune
    await lay_down(world, each=each)
    await world.wait(days=3, hours=8)
    await read_all([lan, mui, tam])
    await lan.tap("Không có gì mới")
    assert "Đã ghi nhận" in lan.last.text
    # the reminder of the next morning
    await world.wait(hours=15)
    reminded = [len(await phone.read()) for phone in (lan, mui, tam)]
    assert reminded == ([0, 1, 1] if each is Each.CELL else [0, 0, 0])
    await boss.say("tiến độ")
    assert ("Đã trả lời 1/3 thôn" if each is Each.CELL else "Đã trả lời 1/1 xã") in boss.last.text
    rows = await csv_rows(world, "duties")
    expected = {"X06040-01": "answered", "X06040-02": "open", "X06040-03": "open"}
    assert {r["unit"]: r["state"] for r in rows} == (expected if each is Each.CELL else {"X06040": "answered"})
    codes = {"X06040-01"} if each is Each.CELL else {"X06040"}
    assert {row["unit"] for row in await csv_rows(world, "answers")} == codes


async def test_a_newcomer_is_not_asked_what_the_commune_has_settled(
    world: World, commune: tuple[Phone, list[Phone]]
) -> None:
    _, (lan, *_) = commune
    await lay_down(world, each=Each.COMMUNE)
    await world.wait(days=3, hours=8)
    await lan.read()
    await lan.tap("Không có gì mới")
    late = await world.joined("Hoa", "X06040-02")
    assert [m for m in await late.read() if "Có gì mới" in m.text] == []


async def test_an_overdue_duty_names_who_is_responsible_in_the_cell(
    world: World, commune: tuple[Phone, list[Phone]]
) -> None:
    boss, (lan, mui, tam) = commune
    head = await world.joined("Trưởng thôn", "X06040-03", "coordinator")
    await change(world, "Trưởng thôn", responsible=True)
    await lay_down(world)
    await world.wait(days=3, hours=8)
    await read_all([lan, mui, tam])
    await lan.tap("Không có gì mới")
    await world.wait(hours=24)
    told = [m.text for m in await boss.read() if "Đã đến hạn" in m.text]
    assert told == [
        'Đã đến hạn "Báo cáo – tuần 48/2026" mà chưa có trả lời: Thôn Nà Pai (Mùi), Thôn Pò Hang (Trưởng thôn). '
        "Bác nhắc giúp, hoặc nhập hộ khi có tin."
    ]
    own = [m.text for m in await head.read() if "Đã đến hạn" in m.text]
    assert len(own) == 1
    assert "chưa có trả lời: Thôn Pò Hang. " in own[0]


async def test_leaders_read_no_words_and_no_names_on_boards(world: World, commune: tuple[Phone, list[Phone]]) -> None:
    _, (lan, mui, tam) = commune
    leader = await world.joined("Lãnh", role="leader")
    await ask(world, FLOOD, "rapid")
    await read_all([lan, mui, tam])
    await lan.say("hai hộ tốc mái")
    await lan.tap("Gửi")
    await leader.say("tiến độ")
    assert "• Thôn Pò Hang" in leader.last.text.split("\n")
    assert "tốc mái" not in leader.last.text


async def test_a_cells_answer_is_entered_on_behalf_and_marked_late(
    world: World, commune: tuple[Phone, list[Phone]]
) -> None:
    boss, _ = commune
    id = await ask(world, FLOOD, "rapid")
    await world.wait(hours=25)
    assert (await world.rows(requests.select().filter_by(id=id)))[0].state == "closed"
    await boss.read()
    await boss.say("nhập hộ")
    await boss.tap("Mưa lũ đêm qua")
    await boss.tap("Thôn Pò Hang")
    await boss.say("một hộ ngập")
    await boss.tap("Gửi")
    (row,) = await world.rows(official_answers.select())
    assert (row.late, row.on_behalf, row.extra) == (True, True, False)
    await boss.say("kết quả")
    assert "– Thôn Pò Hang (muộn, nhập hộ): một hộ ngập" in boss.last.text


async def test_the_board_of_who_paused_is_not_edited_any_more(world: World, commune: tuple[Phone, list[Phone]]) -> None:
    boss, (lan, mui, _) = commune
    await ask(world, FLOOD, "rapid")
    await read_all([lan, mui])
    await boss.say("tiến độ")
    await world.wait(seconds=5)
    await boss.read()
    await mui.tap("Không có gì")
    await world.wait(seconds=5)
    assert [bool(m.edit) for m in await boss.read()] == [True]
    await boss.say("dừng")
    await boss.tap("Tạm nghỉ")
    await lan.tap("Không có gì")
    await world.wait(seconds=5)
    assert [m for m in await boss.read() if m.edit] == []


async def test_a_board_quiet_for_three_days_is_followed_no_longer(
    world: World, commune: tuple[Phone, list[Phone]]
) -> None:
    boss, (lan, mui, _) = commune
    await ask(world, {**FLOOD, "deadline": "9d"}, "rapid")
    await read_all([lan, mui])
    await boss.say("tiến độ")
    await world.wait(days=2, hours=23)
    await boss.read()
    await mui.tap("Không có gì")
    await world.wait(seconds=5)
    assert [bool(m.edit) for m in await boss.read() if m.edit] == [True]
    # its last change is three days ago now
    await world.wait(days=3, minutes=1)
    await world.wait(seconds=5)
    await boss.read()
    await lan.tap("Không có gì")
    await world.wait(seconds=5)
    assert [m for m in await boss.read() if m.edit] == []


async def test_each_place_is_chosen_when_a_duty_is_laid_down(world: World, commune: tuple[Phone, list[Phone]]) -> None:
    boss, (lan, mui, tam) = commune
    for step in ("định kỳ", "Báo cáo tuần", "Có gì mới?", "Hằng tuần, 16:00 thứ Sáu", "1 ngày", "Xã Thất Khê"):
        await boss.say(step)
    await boss.tap("Cộng tác viên")
    assert "Mỗi thôn, khối trả lời một lần." in boss.last.text
    await boss.tap("Thêm nơi trả lời")
    await boss.tap("Mỗi xã, phường")
    assert "Mỗi xã, phường trả lời một lần." in boss.last.text
    await boss.tap("Gửi")
    world.now += timedelta(days=3, hours=8)
    await world.clock.tick()
    await read_all([lan, mui, tam])
    await mui.tap("Không có gì mới")
    await boss.say("tiến độ")
    assert "Đã trả lời 1/1 xã" in boss.last.text


async def test_who_joins_in_a_cell_reads_whose_it_is(world: World) -> None:
    (cell,) = await make_cells(world, "X06040", "Thôn Nà Sla")
    _, code = await world.card("Hoa", cell)
    phone = world.phone("Hoa")
    await phone.say(f"/start {code}")
    assert "Nhịp Cầu của xã Thất Khê" in phone.last.text
    await phone.tap("Đồng ý")
    assert "cộng tác viên thôn Nà Sla" in phone.last.text
