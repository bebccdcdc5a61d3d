"""A report's place below the commune: chosen or typed, asked when urgent, read by the area's own coordinators."""

from __future__ import annotations

import pytest

from nhipcau.storage.tables import conversations, reports
from tests.support.cells import make_cells
from tests.support.requests import csv_rows
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

WORDS = "đường vào bản lầy lội hai tháng nay"


@pytest.fixture
async def lan(world: World) -> Phone:
    """A collaborator who sits in the third cell of Xã Thất Khê."""
    cells = await make_cells(world, "X06040", "Thôn Nà Sla", "Thôn Nà Pai", "Thôn Pò Hang")
    return await world.joined("Lan", cells[2])


async def write(phone: Phone, urgency: str = "Theo kỳ báo cáo", area: str = "Xã Thất Khê") -> None:
    """A report up to the question after its urgency."""
    await phone.say("báo cáo")
    for step in (WORDS, "Giao thông, hạ tầng", area, "Vài ý kiến", "Băn khoăn", urgency):
        await phone.say(step)


async def add_place(phone: Phone) -> None:
    await phone.tap("Thêm …")
    await phone.tap("Thêm nơi")


async def place(world: World) -> str:
    return str((await world.rows(reports.select()))[0].place)


async def test_a_place_is_offered_and_chosen(world: World, lan: Phone) -> None:
    await write(lan)
    assert "Nơi:" not in lan.last.text
    await add_place(lan)
    # by code, wherever the reporter belongs
    assert lan.labels()[:4] == ["Thôn Nà Sla", "Thôn Nà Pai", "Thôn Pò Hang", "Khác …"]
    assert "Bỏ qua" in lan.labels()
    await lan.tap("Thôn Nà Pai")
    assert "• Nơi: Thôn Nà Pai" in lan.last.text
    await lan.tap("Gửi")
    assert await place(world) == "Thôn Nà Pai"


async def test_an_urgent_report_is_asked_for_its_place(world: World, lan: Phone) -> None:
    await write(lan, "Khẩn, trong ngày")
    assert lan.last.text.startswith("Nguy hiểm đến tính mạng thì bác gọi 112")
    assert "Việc này ở thôn, bản, khối nào?" in lan.last.text
    await lan.tap("Bỏ qua")
    assert "Bác xem lại giúp" in lan.last.text
    await lan.tap("Gửi")
    assert await place(world) == ""


async def test_an_urgent_report_is_asked_once_where_cells_are_known(world: World, lan: Phone) -> None:
    await write(lan, "Khẩn, trong ngày", "Xã Đồng Đăng")
    assert "Bác xem lại giúp" in lan.last.text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("na sla", "Thôn Nà Sla"),
        ("thôn nà pai", "Thôn Nà Pai"),
        ("Bản Khuổi Tao", "Bản Khuổi Tao"),
        ("đầu cầu Kỳ Lừa", "đầu cầu Kỳ Lừa"),
        ("nhà 0912345678", "nhà [SĐT]"),
    ],
)
async def test_a_typed_place_is_a_cell_or_screened_words(world: World, lan: Phone, typed: str, kept: str) -> None:
    await write(lan)
    await add_place(lan)
    await lan.tap("Khác …")
    await lan.say(typed)
    assert f"• Nơi: {kept}" in lan.last.text
    await lan.tap("Gửi")
    assert await place(world) == kept


@pytest.mark.parametrize("typed", ["gửi", "123", "không biết", "Sửa địa bàn"])
async def test_what_is_no_place_is_asked_again(world: World, lan: Phone, typed: str) -> None:
    await write(lan, "Khẩn, trong ngày")
    await lan.say(typed)
    assert "Việc này ở thôn, bản, khối nào?" in lan.last.text


async def test_another_area_drops_the_place(world: World, lan: Phone) -> None:
    await write(lan)
    await add_place(lan)
    await lan.tap("Thôn Nà Sla")
    await lan.say("Sửa địa bàn")
    await lan.say("Xã Đồng Đăng")
    assert "Bác xem lại giúp" in lan.last.text
    assert "Nơi:" not in lan.last.text
    await lan.tap("Gửi")
    assert await place(world) == ""


async def test_the_warning_counts_the_places_own_collaborators(world: World, lan: Phone) -> None:
    for n in range(5):
        await world.joined(f"Người {n}", "X06040-01")
    await write(lan)
    assert "Ở đây ít cộng tác viên" not in lan.last.text
    await add_place(lan)
    await lan.tap("Thôn Nà Pai")
    assert "Ở đây ít cộng tác viên" in lan.last.text
    await lan.say("Sửa nơi")
    await lan.tap("Thôn Nà Sla")
    assert "Ở đây ít cộng tác viên" not in lan.last.text
    await lan.say("Sửa nơi")
    await lan.say("gần chợ cũ")
    assert "Ở đây ít cộng tác viên" in lan.last.text


async def test_only_the_areas_own_coordinators_read_the_place(world: World, lan: Phone) -> None:
    boss = await world.joined("Khôi", role="coordinator")
    chief = await world.joined("Hùng", "T20", "coordinator")
    await write(lan)
    await add_place(lan)
    await lan.tap("Thôn Nà Pai")
    await lan.tap("Gửi")
    for phone, reads in ((boss, True), (chief, False)):
        await phone.say("hộp thư")
        assert WORDS in phone.last.text
        assert ("• Nơi: Thôn Nà Pai" in phone.last.text) is reads
    exported = {unit: (await csv_rows(world, "reports", unit=unit))[0]["place"] for unit in ("", "T20", "X06040")}
    assert exported == {"": "", "T20": "", "X06040": "Thôn Nà Pai"}
    # the reporter sees their own
    await lan.say("của tôi")
    code = (await world.rows(reports.select()))[0].code
    await lan.say(code)
    columns = list((await csv_rows(world, "reports", unit="X06040"))[0])
    assert columns[columns.index("area_label") + 1] == "place"


async def test_the_reporters_own_cell_is_stored_nowhere_with_the_report(world: World, lan: Phone) -> None:
    await write(lan)
    await add_place(lan)
    await lan.tap("Bỏ qua")
    await lan.tap("Gửi")
    (row,) = await world.rows(reports.select())
    assert "X06040-03" not in repr(row)
    assert "Pò Hang" not in repr(row)
    assert row.place == ""
    assert len(await world.rows(conversations.select())) == 1
