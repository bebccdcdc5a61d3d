"""Tổng hợp on the console: a draft is written beside its figures, refreshed, checked, signed, downloaded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nhipcau.storage import tables
from nhipcau.storage.audit import entries
from tests.support.console import Browser, signed_in
from tests.support.kept_syntheses import actor_of, drafted, kept_now, write
from tests.support.standins import soffice
from tests.support.syntheses import Row, lines, put_issue, put_reports
from tests.support.world import World

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 14)
FORECAST = "Bà con mong có nước trước Tết."


def report(mood: str = "buc_xuc", issue: str = "", area: str = "X06040") -> Row:
    return Row(DAY, area, "DN", mood, 3, "new", issue)


@pytest.fixture
async def hanh(world: World) -> Browser:
    """A coordinator's console, over a month with reports."""
    await put_issue(world, "VD-A", "Thiếu nước sinh hoạt", DAY)
    await put_reports(world, [report(issue="VD-A"), report()])
    return await signed_in(world, await world.joined("Chị Hạnh", "X06040", "coordinator"))


def places(browser: Browser) -> dict[str, str]:
    """Place → what stands in its field."""
    return {each.get("name"): each.text or "" for each in browser.page.iter("textarea")}


def everywhere(browser: Browser, text: str = "Không có.") -> dict[str, str]:
    """Something for every place that waits."""
    page = browser.page
    asked = {label.get("for"): label.text_content() for label in page.iter("label")}
    return {name: text for name in places(browser) if asked[name].startswith("[")}


async def made(browser: Browser, period: str = "tháng 10") -> Browser:
    await browser.open("/console/syntheses")
    return await browser.press("Lập báo cáo", period=period)


async def test_from_nothing_to_signed_and_downloaded(world: World, hanh: Browser) -> None:
    await hanh.open("/console/syntheses")
    assert hanh.heading == "Tổng hợp"
    assert "Chưa có báo cáo tổng hợp nào" in hanh.text
    await made(hanh)
    assert hanh.heading == "Tổng hợp tháng 10/2026, xã Thất Khê"
    assert "Đã lập dự thảo" in hanh.notice
    await (await hanh.open("/console")).follow("1 bản tổng hợp tháng 10/2026 đang soạn")
    await hanh.press("Lưu", **{"w:III": FORECAST})
    assert "Đã lưu" in hanh.notice
    assert places(hanh)["w:III"] == FORECAST
    await hanh.press("Kiểm tra xong")
    assert "chưa có người viết" in hanh.notice
    rest = {name: text for name, text in everywhere(hanh).items() if name != "w:III"}
    await hanh.press("Kiểm tra xong", **rest)
    assert "báo cáo chờ ký" in hanh.notice
    assert places(hanh) == {}
    boss = await signed_in(world, await world.joined("Ông Sếp", "X06040", "leader"))
    assert "chờ ký" not in (await hanh.open("/console")).text
    await (await boss.open("/console")).follow("1 bản tổng hợp tháng 10/2026 chờ ký")
    assert FORECAST in boss.text
    sent = boss.filled("Ký", {})
    await boss.send(*sent)
    assert boss.notice == "Đã ký."
    await boss.send(*sent)
    assert boss.status == 200
    await boss.follow("Tải về")
    assert boss.answer.headers["content-type"].endswith("wordprocessingml.document")
    assert "filename*=UTF-8''T%E1%BB%95ng" in boss.answer.headers["content-disposition"]
    text = lines(boss.answer.content)
    assert FORECAST in text
    assert "DỰ THẢO" not in text
    async with world.parts.database.reading() as connection:
        acts = {entry.kind: entry.number for entry in await entries(connection) if entry.kind.startswith("syn")}
    assert acts == {f"synthesis.{name}": 1 for name in ("draft", "check", "sign")} | {"synthesis.write": 2}


async def test_each_figure_opens_exactly_what_it_counts(world: World, hanh: Browser) -> None:
    """K5 The list behind a figure has as many reports as the figure says."""
    async with world.parts.database.writing() as connection:
        await connection.execute(
            tables.reports.update().where(tables.reports.c.issue == "").values(state="withdrawn", text="")
        )
    await put_reports(world, [report("phan_khoi"), Row(date(2026, 9, 3), "X06040", "GT", "", 1, "done", "")], first=5)
    await made(hanh)
    found = [
        (int(a.text_content()), a.get("href")) for a in hanh.page.iter("a") if "/console/reports?" in a.get("href")
    ]
    assert len(found) > 10
    assert {number for number, _ in found} >= {0, 1, 2}
    for number, address in dict.fromkeys(found):
        await hanh.open(address)
        listed = [a for a in hanh.page.iter("a") if a.get("href", "").startswith("/console/reports/PA-")]
        assert len(listed) == number, address


async def test_a_synthesis_on_chosen_topics(world: World, hanh: Browser) -> None:
    await put_reports(world, [Row(DAY, "X06040", "GT", "buc_xuc", 3, "new", "")], first=5)
    await made(hanh)
    await hanh.open("/console/syntheses")
    await hanh.press("Lập báo cáo", period="tháng 10", topic=["GT", "DD"])
    assert hanh.heading == "Tổng hợp tháng 10/2026 về Đất đai, mặt bằng; Giao thông, hạ tầng, xã Thất Khê"
    assert "Trong kỳ có 1 phản ánh" in hanh.text
    found = [a for a in hanh.page.iter("a") if a.text_content() == "1" and "/console/reports?" in a.get("href")]
    await hanh.open(found[0].get("href"))
    assert len([a for a in hanh.page.iter("a") if a.get("href", "").startswith("/console/reports/PA-")]) == 1
    await hanh.open("/console/syntheses")
    await hanh.press("Lập báo cáo", period="tháng 10", topic=["DD", "GT"])
    assert "đây là bản đó" in hanh.notice
    assert "về Đất đai" in hanh.heading
    await hanh.open("/console/syntheses")
    assert "Tổng hợp tháng 10/2026 về Đất đai, mặt bằng; Giao thông, hạ tầng" in hanh.text


async def test_refreshing_keeps_what_is_written_and_what_is_just_typed(world: World, hanh: Browser) -> None:
    await made(hanh)
    await hanh.press("Lưu", **{"w:III": FORECAST})
    await put_reports(world, [report()], first=5)
    await hanh.press("Làm mới số liệu", **{"w:V": "Chưa lưu."})
    assert "vẫn giữ nguyên" in hanh.notice
    assert places(hanh)["w:III"] == FORECAST
    assert places(hanh)["w:V"] == "Chưa lưu."
    assert "Trong kỳ có 3 phản ánh" in hanh.text


async def test_the_second_of_two_sees_the_first_and_keeps_their_own(world: World, hanh: Browser) -> None:
    await made(hanh)
    form = hanh.filled("Lưu", {"w:III": "Người thứ hai viết.", "w:V": "Việc khác."})
    kept = (await world.rows(tables.syntheses.select()))[0]
    office = await actor_of(world, "office", "T20")
    now = await kept_now(world, kept.id)
    assert now is not None
    await write(world, office, now, III="Người thứ nhất viết.")
    await hanh.send(*form)
    assert "Đã có người vừa sửa phần này" in hanh.notice
    assert "Người thứ nhất viết." in hanh.notice
    assert places(hanh)["w:III"] == "Người thứ hai viết."
    assert places(hanh)["w:V"] == "Việc khác."
    await hanh.press("Lưu", **{"w:III": "Người thứ nhất viết. Người thứ hai viết."})
    assert "Đã lưu" in hanh.notice


async def test_whoever_checks_has_read_what_was_changed(world: World, hanh: Browser) -> None:
    await made(hanh)
    form = hanh.filled("Kiểm tra xong", everywhere(hanh))
    kept = (await world.rows(tables.syntheses.select()))[0]
    office = await actor_of(world, "office", "T20")
    now = await kept_now(world, kept.id)
    assert now is not None
    await write(world, office, now, I="Câu của người khác.")
    await hanh.send(*form)
    assert "Đã có người vừa sửa báo cáo này" in hanh.notice
    await hanh.press("Kiểm tra xong")
    assert "báo cáo chờ ký" in hanh.notice


async def test_personal_data_is_masked_and_secrets_are_refused(world: World, hanh: Browser) -> None:
    await made(hanh)
    await hanh.press("Lưu", **{"w:III": "Liên hệ 0912345678 để biết.\nDòng hai."})
    assert "0912345678" not in hanh.text
    assert places(hanh)["w:III"].endswith("\nDòng hai.")
    await hanh.press("Lưu", **{"w:V": "TUYỆT MẬT: kế hoạch"})
    assert hanh.notice
    assert "Đã lưu" not in hanh.notice
    assert places(hanh)["w:V"] == "TUYỆT MẬT: kế hoạch"


async def test_a_period_nobody_understands_or_twice(world: World, hanh: Browser) -> None:
    await made(hanh, "kỳ gì đó")
    assert "chưa hiểu kỳ này" in hanh.notice
    assert hanh.page.get_element_by_id("period").get("value") == "kỳ gì đó"
    await made(hanh, "tháng 1/2027")
    assert "chưa bắt đầu" in hanh.notice
    await made(hanh)
    address = hanh.path
    await made(hanh)
    assert hanh.path == address
    assert "đây là bản đó" in hanh.notice
    assert len(await world.rows(tables.syntheses.select())) == 1
    await hanh.press("Xóa dự thảo", again="không")
    assert 'gõ đúng chữ "xóa"' in hanh.notice
    await hanh.press("Xóa dự thảo", again="Xoá")
    assert hanh.path == "/console/syntheses"
    assert hanh.notice == "Đã xóa dự thảo."
    assert await world.rows(tables.syntheses.select()) == []


async def test_a_pdf_is_offered_where_it_can_be_made(
    world: World, hanh: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice.take_off_path(monkeypatch, tmp_path)
    await made(hanh)
    address = f"{hanh.path}/pdf"
    assert "Tải PDF" not in hanh.text
    await hanh.open(address)
    assert "chưa có LibreOffice" in hanh.notice
    soffice.put_on_path(monkeypatch, tmp_path, soffice.FAILS)
    await hanh.open(address)
    assert "Tệp Word vẫn dùng được" in hanh.notice
    soffice.put_on_path(monkeypatch, tmp_path, soffice.WRITES)
    await hanh.open(address.removesuffix("/pdf"))
    await hanh.follow("Tải PDF")
    assert hanh.answer.headers["content-type"] == "application/pdf"
    assert ".pdf" in hanh.answer.headers["content-disposition"]
    assert hanh.answer.content.startswith(b"%PDF-")
    async with world.parts.database.reading() as connection:
        given = [entry.number for entry in await entries(connection) if entry.kind == "export.synthesis"]
    assert given == [1]


async def test_others_find_no_such_page(world: World) -> None:
    kept = await drafted(world, await actor_of(world, "office", "X06040"), "X06040")
    addresses = [f"/console/syntheses/{kept.id}{end}" for end in ("", "/document", "/pdf")]
    other = await signed_in(world, await world.joined("Lý Thị Chi", "X06184", "coordinator"))
    admin = await signed_in(world, await world.joined("Anh Quản", "T20", "admin"))
    for browser in (other, admin):
        for address in addresses:
            await browser.open(address)
            assert browser.status == 404
    assert (await admin.open("/console/syntheses")).status == 404
    assert "Chưa có báo cáo" in (await other.open("/console/syntheses")).text
    await other.open("/console/syntheses")
    method, address, data = other.filled("Lập báo cáo", {})
    await other.send(method, address, [(n, "X06040" if n == "unit" else v) for n, v in data])
    assert "không thuộc phạm vi" in other.notice
    leader = await signed_in(world, await world.joined("Ông Sếp", "X06040", "leader"))
    await leader.open(addresses[0])
    assert leader.status == 200
    assert places(leader) == {}
    assert "/console/reports?" not in leader.answer.text
    assert "Lập báo cáo" not in (await leader.open("/console/syntheses")).buttons()
