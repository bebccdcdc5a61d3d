"""Xu hướng: counts with their base, each number its list; signals marked by coordinators; charts; words that rise."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, select

from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.privacy.sealing import month_key
from nhipcau.storage.tables import audit, reports, signals
from nhipcau.storage.units import load_tree
from tests.support.console import Browser, signed_in
from tests.support.world import World

pytestmark = pytest.mark.slow

SIGNALS = "/console/insight#signals"


async def hanh(world: World, unit: str = "X06184", role: str = "coordinator") -> Browser:
    return await signed_in(world, await world.joined(f"Chị Hạnh {role}", unit, role))


async def laid(world: World, number: int, unit: str = "X06184", **values: object) -> list[str]:
    """Reports of this unit, today's unless said otherwise."""
    today = world.now.date()
    async with world.parts.database.writing() as connection:
        area = (await load_tree(connection)).by_code[unit].id
        made = {"day": today, "topic": "GT", "mood": "ban_khoan", "spread": 0, "urgency": "thuong", "state": "new"}
        made |= {
            "text": "Đường liên thôn nhiều ổ gà",
            "area_id": area,
            "month": month_key(today),
            "source": "gap_go",
        } | values
        codes = [f"PA-{unit[-3:]}{made['topic']}{n:02}" for n in range(number)]
        await connection.execute(insert(reports), [{"code": code, **made} for code in codes])
    return codes


async def signal(world: World, place: str = "X06184", level: str = "commune", **values: object) -> str:
    day = world.now.date() - timedelta(days=1)
    numbers = {"count": 9, "expected": 2.0, "low": 0, "high": 4, "p": 0.001, "q": 0.01}
    made = {
        "id": f"s{place}",
        "topic": "GT",
        "level": level,
        "place": place,
        "units": "X06184",
        "state": "new",
        "followed": False,
    }
    async with world.parts.database.writing() as connection:
        await connection.execute(
            insert(signals), [{**made, **numbers, "since": day, "day": day, "told": day, **values}]
        )
    return f"s{place}"


def table(browser: Browser) -> dict[str, int]:
    rows = browser.page.xpath("//section[@id='tally']//tbody/tr")
    return {row.find("th").text_content(): int(row.find_class("number")[0].text_content()) for row in rows}


def lists(browser: Browser) -> dict[str, dict[str, list[str]]]:
    """Label → the filter of the list that its number opens."""
    found = {}
    for row in browser.page.xpath("//section[@id='tally']//tbody/tr[.//a]"):
        found[row.find("th").text_content()] = parse_qs(urlsplit(row.find(".//a").get("href")).query)
    return found


async def test_counts_stand_with_their_base_and_the_period_before(world: World) -> None:
    await laid(world, 3)
    await laid(world, 2, topic="DD")
    await laid(world, 4, "X06040")
    await laid(world, 1, topic="MT", day=date(2026, 10, 5))
    browser = await (await hanh(world)).open("/console/insight")
    assert (browser.status, browser.heading) == (200, "Xu hướng")
    assert table(browser) == {"Giao thông, hạ tầng": 3, "Đất đai, mặt bằng": 2, "Môi trường, rác thải": 0}
    assert "Trong 1 xã, phường, cơ quan: 1 nơi có phản ánh" in browser.text
    assert "Tháng 10/2026" in browser.text
    asked = lists(browser)["Giao thông, hạ tầng"]
    assert (asked["topic"], asked["since"], asked["until"]) == (["GT"], ["2026-11-01"], ["2026-11-30"])
    assert "withdrawn" not in asked["state"][0]


async def test_a_province_counts_by_area_on_a_map_of_tiles(world: World) -> None:
    await laid(world, 3)
    await laid(world, 1, "X06040")
    browser = await (await hanh(world, "T20")).open("/console/insight?by=area&period=2026-W48")
    tiles = {li.text_content().strip(): li.get("class") for li in browser.page.xpath("//ul[@class='tiles']/li")}
    assert (tiles["Xã Đồng Đăng 3"], tiles["Xã Thất Khê 1"], tiles["Xã Na Sầm 0"]) == ("shade-4", "shade-2", "shade-0")
    assert table(browser) == {"Xã Đồng Đăng": 3, "Xã Thất Khê": 1}
    assert lists(browser)["Xã Thất Khê"]["area"] == ["X06040"]
    await browser.open("/console/insight?by=mood&unit=X06040")
    assert table(browser) == {"Băn khoăn": 1}
    assert lists(browser)["Băn khoăn"]["area"] == ["X06040"]
    await browser.open("/console/insight?by=week&period=2026-Q4")
    assert lists(browser)["tuần 48/2026"]["since"] == ["2026-11-23"]


@pytest.mark.parametrize("by", ["topic", "area", "mood", "urgency", "state", "week", "month"])
async def test_each_number_is_the_total_of_its_list(world: World, by: str) -> None:
    """Rule K5, withdrawn reports beside."""
    for n, unit in enumerate(("X06184", "X06040", "T20")):
        await laid(world, 2 + n, unit)
        await laid(world, 1, unit, topic="", mood="", urgency="", state="withdrawn")
        await laid(world, 1, unit, topic="DD", mood="phan_khoi", urgency="khan", state="done", day=date(2026, 10, 30))
    browser = await hanh(world, "T20")
    for cut in ("period=2026-Q4", "period=2026-W48&unit=X06040"):
        await browser.open(f"/console/insight?{cut}&by={by}")
        opened = {
            row.find(".//a").get("href"): row.find(".//a").text_content()
            for row in browser.page.xpath("//section[@id='tally']//tbody/tr[.//a]")
        }
        opened |= {
            a.get("href"): a.text_content().split()[0] for a in browser.page.xpath("//section[@id='tally']/p/strong/a")
        }
        assert opened
        for path, number in opened.items():
            await browser.open(path)
            assert f"{number} phản ánh" in [each.text_content() for each in browser.page.iter("strong")], path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("period=hôm kia", "chưa"),
        ("period=2030-01", "chưa"),
        ("by=person", ""),
        ("period=%00<b>", ""),
        ("period=2026-W99", ""),
    ],
)
async def test_what_is_no_period_is_said_and_the_page_stands(world: World, asked: str, said: str) -> None:
    browser = await (await hanh(world)).open(f"/console/insight?{asked}")
    assert browser.status == 200
    assert said in browser.notice


async def test_other_units_are_not_there(world: World) -> None:
    browser = await hanh(world)
    for path in (
        "insight?unit=X06040",
        "insight/tally.csv?unit=T20",
        "chart/trend.svg?unit=T20",
        "chart/trend.svg?signal=no",
    ):
        assert (await browser.open(f"/console/{path}")).status == 404, path
    admin = await hanh(world, "T20", "admin")
    for path in ("insight", "insight/words", "insight/tally.xlsx", "chart/trend.svg"):
        assert (await admin.open(f"/console/{path}")).status == 404, path


async def test_a_leader_reads_counts_and_opens_no_list(world: World) -> None:
    await laid(world, 2)
    id = await signal(world)
    leader = await (await hanh(world, "X06184", "leader")).open("/console/insight")
    assert table(leader) == {"Giao thông, hạ tầng": 2}
    assert not [href for href in leader.links().values() if "/reports" in href]
    assert "9 phản ánh trong bảy ngày" in leader.text
    assert "Đã xem" not in leader.buttons()
    await leader.send("POST", "/console/insight", [("token", token(leader)), ("signal", id), ("do", "seen")])
    assert leader.status == 404
    await leader.open("/console/insight/words")
    assert leader.status == 200


def token(browser: Browser) -> str:
    return str(browser.page.xpath("//input[@name='token']/@value")[0])


async def test_the_table_is_taken_away_as_a_file_and_that_is_on_record(world: World) -> None:
    await laid(world, 3)
    browser = await (await hanh(world)).open("/console/insight/tally.csv?by=topic")
    text = browser.answer.content
    assert text.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))[1] == ["GT", "Giao thông, hạ tầng", "3"]
    await browser.open("/console/insight/tally.xlsx?by=area")
    assert browser.answer.content.startswith(b"PK")
    assert [row.kind for row in await world.rows(select(audit.c.kind).where(audit.c.kind == "export.tally"))] == [
        "export.tally"
    ] * 2


# ------------------------------------------------------------------ signals


async def test_a_signal_is_seen_explained_and_followed(world: World) -> None:
    await signal(world)
    browser = await (await hanh(world)).open("/console/insight")
    assert "Giao thông, hạ tầng, xã Đồng Đăng" in browser.text
    assert "thường là 0–4 mỗi tuần" in browser.text
    await browser.press("Đã xem")
    assert (browser.path, browser.notice) == ("/console/insight", "Đã ghi là đã xem.")
    assert "Đã xem" not in browser.buttons()
    await browser.press("Theo dõi")
    assert "Thôi theo dõi" in browser.buttons()
    await browser.press("Lưu lời giải thích", words="Mưa lớn, gọi 0912345678 hỏi thêm")
    [row] = await world.rows(select(signals))
    assert (row.state, row.followed) == ("explained", True)
    assert "0912345678" not in row.explanation
    assert row.explanation.startswith("Mưa lớn")


async def test_the_second_of_two_who_explain_reads_the_first(world: World) -> None:
    await signal(world)
    first = await hanh(world)
    second = await signed_in(world, await world.joined("Anh Khôi", "X06184", "coordinator"))
    for browser in (first, second):
        await browser.open("/console/insight")
    await first.press("Lưu lời giải thích", words="Mưa lớn cả tuần")
    await second.press("Lưu lời giải thích", words="Xe chở đá chạy nhiều")
    assert 'Đã có người vừa giải thích: "Mưa lớn cả tuần"' in second.notice
    assert second.page.xpath("//textarea")[0].text_content().strip() == "Xe chở đá chạy nhiều"
    await second.press("Lưu lời giải thích", words="Mưa lớn, xe chở đá chạy nhiều")
    assert (await world.rows(select(signals.c.explanation)))[0][0] == "Mưa lớn, xe chở đá chạy nhiều"


async def test_an_empty_or_secret_explanation_is_refused_and_kept(world: World) -> None:
    await signal(world)
    browser = await (await hanh(world)).open("/console/insight")
    await browser.press("Lưu lời giải thích", words="TỐI MẬT: kế hoạch đang bàn")
    assert browser.notice.startswith("Lỗi:")
    assert "TỐI MẬT" in browser.page.xpath("//textarea")[0].text_content()
    assert (await world.rows(select(signals.c.state)))[0][0] == "new"


async def test_only_new_signals_where_today_counts_them(world: World) -> None:
    await signal(world)
    await signal(world, topic="DD", id="second", state="seen")
    browser = await (await hanh(world)).open("/console")
    await browser.follow("1 tín hiệu sớm")
    assert len(browser.page.xpath("//section[@id='signals']/article")) == 1
    await browser.follow("… và 1 tín hiệu khác")
    assert len(browser.page.xpath("//section[@id='signals']/article")) == 2


# ------------------------------------------------------------------ charts


@pytest.fixture
async def drawing(world: World) -> AsyncIterator[ChartPictureCache]:
    cache = ChartPictureCache(ChartRenderer(), world.parts.settings.photos)
    yield cache
    await cache.close()


async def test_charts_are_drawn_as_svg_and_kept(world: World, drawing: ChartPictureCache) -> None:
    await laid(world, 3)
    id = await signal(world)
    browser = await hanh(world)
    browser.console.picture_cache = drawing
    for asked in ("unit=X06184", f"signal={id}"):
        await browser.open(f"/console/chart/trend.svg?{asked}")
        assert browser.answer.headers["content-type"].startswith("image/svg+xml")
        assert browser.answer.content.startswith(b"<svg")
        assert b"<script" not in browser.answer.content
    again = await drawing.svg({"mark": {"type": "image"}, "data": {"values": []}})
    assert again is None


async def test_rising_words_open_their_reports(world: World) -> None:
    everyday = ("đường nhiều ổ gà", "rác chưa thu gom", "điện yếu buổi tối", "lễ hội vui", "giá na thấp")
    for n in range(60):
        day = world.now.date() - timedelta(days=8 + n % 6)
        await laid(world, 1, text=everyday[n % 5], topic=f"{n:03}", day=day)
    for n in range(7):
        await laid(
            world,
            1,
            text=f"sương muối làm hỏng rau, {everyday[n % 5]}",
            topic=f"N{n}",
            day=world.now.date() - timedelta(days=n % 6),
        )
    browser = await (await hanh(world, "T20")).open("/console/insight/words")
    assert "sương muối" in browser.text
    assert len({href for href in browser.links().values() if href.startswith("/console/reports/PA-184N")}) == 7
    leader = await (await hanh(world, "T20", "leader")).open("/console/insight/words")
    assert "sương muối" in leader.text
    assert not [href for href in leader.links().values() if "/reports" in href]
