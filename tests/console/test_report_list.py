"""Hộp thư: filters in the address, pages, files, and whose reports stand in it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from nhipcau.privacy.sealing import month_key
from nhipcau.storage.audit import entries
from nhipcau.storage.search_index import renew_entries
from nhipcau.storage.tables import report_notes, reports, units
from tests.support.console import Browser, signed_in
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow

_TODAY = MORNING.date()


async def lay(world: World, count: int, **values: Any) -> list[str]:
    """So many reports about Thất Khê, a day between each and the next; or as `values` say."""
    area = values.pop("area", "X06040")
    begin = values.pop("code", "PA-2")
    async with world.parts.database.writing() as connection:
        area_id = await connection.scalar(select(units.c.id).where(units.c.code == area))
        rows = []
        for n in range(count):
            day = values.get("day", _TODAY - timedelta(days=n))
            what = {"topic": "GT", "mood": "quan_tam", "spread": 1, "urgency": "thuong", "state": "new"}
            what |= {"text": f"Đường liên thôn hỏng chỗ {n}", "day": day, "month": month_key(day)} | values
            rows.append({"code": f"{begin}{n:06}", "area_id": area_id, **what})
        await connection.execute(insert(reports), rows)
        await renew_entries(connection, [str(row["code"]) for row in rows])
    return [str(row["code"]) for row in rows]


async def coordinator(world: World, unit: str = "X06040") -> Browser:
    return await signed_in(world, await world.joined("Chị Hạnh", unit, "coordinator"))


def listed(browser: Browser) -> list[str]:
    links = browser.page.xpath("//main//table//a/@href")
    return [link.rpartition("/")[2] for link in links]


async def test_pages_lead_through_all_reports_newest_first(world: World) -> None:
    codes = await lay(world, 120)
    browser = await coordinator(world)
    await browser.open("/console/reports")
    assert browser.heading == "Hộp thư"
    assert "120 phản ánh" in browser.text
    found = listed(browser)
    while following := browser.page.xpath("//a[@rel='next']/@href"):
        await browser.open(following[0])
        found += listed(browser)
    assert found == codes


async def test_reports_of_one_day_stand_by_code_and_none_twice(world: World) -> None:
    codes = await lay(world, 60, day=_TODAY)
    browser = await coordinator(world)
    await browser.open("/console/reports")
    found = listed(browser)
    await browser.follow("Trang sau")
    assert found + listed(browser) == codes[::-1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("topic=DN", "water"),
        ("state=done", "done"),
        ("state=received,verifying,in_progress", "doing"),
        ("mood=buc_xuc", "angry"),
        ("urgency=khan", "urgent"),
        ("until=2026-11-01", "old"),
        ("since=2026-10-01&until=2026-10-31", "old"),
        ("q=PA-6000000", "urgent"),
        ("q=giếng", "water"),
        ("q=gieng can", "water"),
        ('q="từ tuần trước"&topic=DN', "water"),
        ('q="tuần từ"', ""),
        ("reply=yes", "asked"),
        ("topic=DN&state=done", ""),
    ],
)
async def test_each_filter_finds_its_own_and_counts_them(world: World, address: str, expected: str) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "water": {"topic": "DN", "text": "Giếng cạn từ tuần trước"},
        "done": {"state": "done"},
        "doing": {"state": "verifying"},
        "angry": {"mood": "buc_xuc"},
        "urgent": {"urgency": "khan"},
        "old": {"day": date(2026, 10, 5)},
        "asked": {},
    }
    code_of = {}
    for n, (name, values) in enumerate(kinds.items()):
        code_of[name] = (await lay(world, 1, code=f"PA-{n + 2}", **values))[0]
    async with world.parts.database.writing() as connection:
        note = {"id": "n", "report_code": code_of["asked"], "day": _TODAY, "place": 1, "side": "reporter"}
        await connection.execute(insert(report_notes).values(**note, kind="reply", text="Vẫn chưa có"))
    browser = await coordinator(world)
    await browser.open(f"/console/reports?{address}")
    assert listed(browser) == ([code_of[expected]] if expected else [])
    assert f"{bool(expected):d} phản ánh" in browser.text
    if not expected:
        assert "Không có phản ánh nào như vậy" in browser.text


async def test_words_are_found_marked_and_on_pages(world: World) -> None:
    await lay(world, 1, text="Cau treo hỏng <b>ván</b>", code="PA-7")
    spelt = await lay(world, 60, text="Cầu treo hỏng, thiếu nước sạch")
    browser = await coordinator(world)
    await browser.open("/console/reports?q=cầu+treo")
    assert "61 phản ánh" in browser.text
    assert browser.page.xpath("string(//main//table//a/mark)") == "Cầu treo"
    found = listed(browser)
    await browser.follow("Trang sau")
    assert found + listed(browser) == [*spelt, "PA-7000000"]
    assert browser.page.xpath("//main//table//a/mark")[-1].text == "Cau treo"
    assert "hỏng <b>ván</b>" in browser.text
    await browser.open('/console/reports?q="hỏng nước"')
    assert listed(browser) == []


async def test_a_file_holds_exactly_the_list(world: World) -> None:
    await lay(world, 3, text="=1+1", topic="DN")
    await lay(world, 4, code="PA-3")
    browser = await coordinator(world)
    await browser.open("/console/reports?topic=DN")
    assert "3 phản ánh" in browser.text
    csv_link, xlsx_link = browser.page.xpath("//a[@download]/@href")
    await browser.open(csv_link)
    assert browser.answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(browser.answer.content.decode("utf-8-sig"))))
    assert [row["text"] for row in rows] == ["'=1+1"] * 3
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
    await browser.open(xlsx_link)
    sheet = load_workbook(io.BytesIO(browser.answer.content)).worksheets[0]
    assert sheet.max_row == 4
    assert {"code", "day", "topic", "area", "text", "state", "issue", "practice", "photos"} <= rows[0].keys()
    async with world.parts.database.reading() as connection:
        assert sum(entry.number for entry in await entries(connection, kind="export.reports")) == 6


async def test_the_list_is_that_of_the_own_scope(world: World) -> None:
    mine = await lay(world, 2)
    await lay(world, 3, code="PA-3", area="X06184")
    browser = await coordinator(world)
    assert listed(await browser.open("/console/reports")) == mine
    assert (await browser.open("/console/reports?area=X06184")).status == 404
    above = await signed_in(world, await world.joined("Ông Tỉnh", "T20", "coordinator"))
    await above.open("/console/reports")
    assert "5 phản ánh" in above.text
    await above.open("/console/reports?area=X06184")
    assert "3 phản ánh" in above.text


@pytest.mark.parametrize("path", ["/console/reports", "/console/reports.csv", "/console/reports.xlsx"])
@pytest.mark.parametrize("role", ["leader", "admin"])
async def test_leaders_and_admins_have_no_reports(world: World, path: str, role: str) -> None:
    browser = await signed_in(world, await world.joined("Ông Lực", "T20", role))
    assert (await browser.open(path)).status == 404


@pytest.mark.parametrize(
    "words", ["0912345678", "Nguyễn Thị Hạnh", "phản ánh của ông Nguyễn Văn Bình", "ai gửi", "sung seo pao nói"]
)
async def test_nobody_is_looked_for(world: World, words: str) -> None:
    await lay(world, 1, text="Ông nói số 0912345678 ai gửi")
    await world.card("Nguyễn Thị Hạnh")
    await world.card("Sùng Seo Páo", unit="X06101")
    browser = await coordinator(world)
    await browser.open(f"/console/reports?q={words}")
    assert "Không tìm phản ánh theo tên" in browser.notice
    assert listed(browser) == []
    await browser.open(f"/console/reports.csv?q={words}")
    assert "Không tìm phản ánh theo tên" in browser.notice


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("topic=XX", 'không có "XX"'),
        ("state=<b>", 'không có "<b>"'),
        ("since=hôm%20qua%20kia", "Từ ngày"),
        ("since=2026-11-20&until=2026-11-01", "Từ ngày đang sau Đến ngày"),
        ("after=x.y", ""),
        ("after=2026-11-22.PA-2000001", ""),
        ("q=%25", ""),
    ],
)
async def test_a_wrong_address_says_what_is_wrong(world: World, address: str, said: str) -> None:
    await lay(world, 3)
    browser = await coordinator(world)
    await browser.open(f"/console/reports?{address}")
    assert browser.status == 200
    assert said in browser.notice


async def test_an_empty_inbox_says_what_to_do(world: World) -> None:
    browser = await coordinator(world)
    await browser.open("/console/reports")
    assert "Chưa có phản ánh nào" in browser.text


async def test_markup_in_a_report_is_shown_as_it_is(world: World) -> None:
    await lay(world, 1, text="<script>alert(1)</script> hỏng")
    browser = await coordinator(world)
    await browser.open("/console/reports")
    assert "<script>alert(1)</script> hỏng" in browser.text
    assert not browser.page.xpath("//main//script")
