"""Pictures as drawn: by a real process, opened again, and measured."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from PIL import Image, ImageFont

from nhipcau.bot.language.catalogue import texts
from nhipcau.insight import renderer_worker
from nhipcau.insight.chart_page import DARK, FONT, MARGIN, PALE, SIZE, WIDTH, Page, width_of
from nhipcau.insight.poll_charts import CannotDraw, result_chart, table_picture
from nhipcau.insight.poll_results import publishable_result
from nhipcau.insight.renderer import ChartRenderer
from tests.support.sample_polls import FORM, crowd

pytestmark = pytest.mark.slow
SAY = texts("vi")
SMALL = table_picture("Bảng", ["Đơn vị", "Số"], [["Xã Đồng Đăng", "5"]])
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_SMALL = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES) + "đ"
LETTERS = _SMALL + _SMALL.upper()


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def near(pixel: Any, colour: str) -> bool:
    return all(abs(a - int(colour[n : n + 2], 16)) < 12 for a, n in zip(pixel, (1, 3, 5), strict=True))


async def one(spec: dict[str, Any]) -> Image.Image:
    draughtsman = ChartRenderer()
    try:
        return opened(await draughtsman.draw(spec))
    finally:
        await draughtsman.close()


async def gone(draughtsman: ChartRenderer, pid: int) -> None:
    """Waits until this process has ended."""
    while draughtsman.pid == pid:
        await asyncio.sleep(0.01)
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.01)


# ------------------------------------------------------------------ what is drawn


async def test_bars_are_as_long_as_the_counts() -> None:
    result = publishable_result(FORM.title, FORM, crowd(60, 30, 10, q2=[["1"], ["1", "2"]] * 40), 120, SAY)
    spec = result_chart(result.title, result.base_line, result.questions, result.notes)
    picture = await one(spec)
    assert picture.size == (2 * WIDTH, 2 * spec["height"])
    drawn = [row for row in spec["layer"][0]["data"]["values"] if row.get("count")]
    assert [row["count"] for row in drawn] == [60, 30, 10, 80, 40]
    for row in drawn:
        line = round(row["y"] + row["y2"])
        dark = [x for x in range(picture.width) if near(picture.getpixel((x, line)), DARK)]
        track = [x for x in range(picture.width) if near(picture.getpixel((x, line)), PALE)]
        assert len(dark) / (len(dark) + len(track)) == pytest.approx(row["count"] / row["base"], abs=0.01)


async def test_every_line_of_words_leaves_ink() -> None:
    spec = SMALL
    picture = await one(spec)
    for at in spec["layer"][1]["data"]["values"]:
        wide = width_of(at["text"], at["size"], at["bold"])
        left = at["x"] - (wide if at["align"] == "right" else 0)
        box = tuple(round(2 * v) for v in (left, at["y"] - at["size"] * 0.7, left + wide, at["y"]))
        darkest, _ = picture.crop(box).convert("L").getextrema()
        assert isinstance(darkest, int | float)
        assert darkest < 80, at["text"]


def extent(picture: Image.Image, top: float, bottom: float) -> tuple[int, int, int, int]:
    """Where ink is between two heights, in drawn pixels."""
    strip = picture.crop((0, round(2 * top), picture.width, round(2 * bottom))).convert("L")
    found = strip.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert found
    return found


@pytest.mark.parametrize("letters", [_SMALL, _SMALL.upper()], ids=("small", "capital"))
async def test_vietnamese_letters_are_of_the_font_that_is_carried(letters: str) -> None:
    """A letter of another font would be of another width, a box too."""
    page, font, tops = Page(), carried(False), []
    for letter in letters:
        tops.append(page.y)
        page.words(letter * 12 + "|")
        page.gap(10)
    picture = await one(page.spec(""))
    for letter, top in zip(letters, tops, strict=True):
        _, _, end, _ = extent(picture, top - 4, top + SIZE * 1.3)
        # 0.09: what is free behind the last stroke
        wide = (font.getlength(letter * 12 + "|") / 1000 - 0.09) * SIZE
        assert end == pytest.approx(2 * (MARGIN + wide), abs=5), letter


@cache
def carried(bold: bool) -> ImageFont.FreeTypeFont:
    """The font inside of the drawing library itself: no font of the machine is needed."""
    library = next(Path(vl_convert.__file__).parent.glob("vl_convert*.so")).read_bytes()
    start = -1
    while (start := library.find(b"\x00\x01\x00\x00\x00", start + 1)) != -1:
        try:
            font = ImageFont.truetype(io.BytesIO(library[start : start + 1_000_000]), 1000)
        except OSError:
            continue
        if font.getname() == (FONT, "Bold" if bold else "Regular"):
            return font
    raise AssertionError("the library carries another font now: see docs/decisions/0022")


@pytest.mark.parametrize("bold", [False, True])
def test_the_library_carries_a_font_with_all_our_letters(bold: bool) -> None:
    font = carried(bold)
    missing = font.getmask("\ue000")
    masks = {letter: bytes(font.getmask(letter)) for letter in LETTERS + "–…·▓"}
    assert bytes(missing) not in masks.values()
    assert len(set(masks.values())) == len(masks)


def test_words_are_as_wide_as_we_believe() -> None:
    regular, bold = carried(False), carried(True)
    for letter in sorted(set(map(chr, range(33, 127))) - {"i"}):
        assert width_of(letter, 1000) == pytest.approx(regular.getlength(letter), abs=2), letter
    for letter in sorted(set(LETTERS) - {"i"}):
        assert width_of(letter, 1000) == pytest.approx(regular.getlength(letter), abs=60), letter
    for sentence in (
        "1. Tiếp dân vào sáng thứ Bảy có thuận lợi hơn không?",
        "Sở Nông nghiệp, Chi cục Kiểm lâm",
        "48 (40 %)",
    ):
        assert bold.getlength(sentence) <= width_of(sentence, 1000, bold=True)


async def test_capitals_are_a_fortieth_of_the_width_high() -> None:
    page = Page()
    page.words("H")
    picture = await one(page.spec(""))
    _, top, _, bottom = extent(picture, 0, page.y)
    assert bottom - top >= picture.width / 40


async def test_tall_pictures_take_fewer_pixels_and_too_tall_are_refused() -> None:
    page = Page()
    for n in range(150):
        page.words(f"Dòng {n}")
    picture = await one(page.spec(""))
    assert picture.height <= 8000
    page.gap(5000)
    with pytest.raises(CannotDraw, match="tall"):
        await one(page.spec(""))


# ------------------------------------------------------------------ who draws


async def test_the_process_comes_with_work_and_goes_without() -> None:
    draughtsman = ChartRenderer(idle=0.05)
    assert draughtsman.pid is None
    assert opened(await draughtsman.draw(SMALL)).width == 2 * WIDTH
    pid = draughtsman.pid
    assert pid
    await gone(draughtsman, pid)
    assert opened(await draughtsman.draw(SMALL)).width == 2 * WIDTH
    await draughtsman.close()
    assert draughtsman.pid is None


async def test_it_knows_no_setting_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHIPCAU_TELEGRAM_TOKEN", "secret-token")
    draughtsman = ChartRenderer()
    await draughtsman.draw(SMALL)
    assert b"secret-token" not in Path(f"/proc/{draughtsman.pid}/environ").read_bytes()
    assert b"nhipcau-" not in Path(f"/proc/{draughtsman.pid}/environ").read_bytes()
    await draughtsman.close()


async def test_the_service_does_not_load_what_draws() -> None:
    code = "import sys, nhipcau.insight.renderer; print([m for m in ('vl_convert', 'PIL') if m in sys.modules])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.strip() == b"[]"


async def test_a_picture_that_takes_too_long_ends_the_process() -> None:
    draughtsman = ChartRenderer(limit=0.001)
    with pytest.raises(CannotDraw, match="slow"):
        await draughtsman.draw(SMALL)
    assert draughtsman.pid is None
    await draughtsman.close()


async def test_one_at_a_time_and_not_more_than_may_wait() -> None:
    draughtsman = ChartRenderer(most=1)
    drawn = await asyncio.gather(*(draughtsman.draw(SMALL) for _ in range(4)), return_exceptions=True)
    assert [type(d) for d in drawn] == [bytes, bytes, CannotDraw, CannotDraw]
    assert isinstance(await draughtsman.draw(SMALL), bytes)
    await draughtsman.close()


async def test_closing_ends_who_draws_and_who_waits() -> None:
    draughtsman = ChartRenderer()
    await draughtsman.draw(SMALL)
    pid = draughtsman.pid
    assert pid
    tasks = [asyncio.create_task(draughtsman.draw(SMALL)) for _ in range(2)]
    await asyncio.sleep(0)
    await draughtsman.close()
    assert [type(d) for d in await asyncio.gather(*tasks, return_exceptions=True)] == [CannotDraw, CannotDraw]
    await gone(draughtsman, pid)
    with pytest.raises(CannotDraw, match="closed"):
        await draughtsman.draw(SMALL)


async def test_closing_while_it_begins_leaves_no_process() -> None:
    draughtsman = ChartRenderer()
    task = asyncio.create_task(draughtsman.draw(SMALL))
    await asyncio.sleep(0)
    await draughtsman.close()
    with pytest.raises(CannotDraw):
        await task
    assert draughtsman.pid is None


async def test_who_gives_up_does_not_spoil_the_next() -> None:
    draughtsman = ChartRenderer()
    await draughtsman.draw(SMALL)
    task = asyncio.create_task(draughtsman.draw(SMALL))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    page = Page()
    page.words("Một dòng")
    spec = page.spec("")
    assert opened(await draughtsman.draw(spec)).height == 2 * spec["height"]
    await draughtsman.close()


async def test_killed_from_outside_it_comes_back() -> None:
    draughtsman = ChartRenderer()
    await draughtsman.draw(SMALL)
    pid = draughtsman.pid
    assert pid
    os.kill(pid, 9)
    await gone(draughtsman, pid)
    assert isinstance(await draughtsman.draw(SMALL), bytes)
    await draughtsman.close()


async def test_what_the_library_refuses_is_told_and_the_next_is_drawn() -> None:
    draughtsman = ChartRenderer()
    with pytest.raises(CannotDraw, match="ValueError"):
        await draughtsman.draw({"height": 100, "layer": "nothing"})
    assert isinstance(await draughtsman.draw(SMALL), bytes)
    await draughtsman.close()


# ------------------------------------------------------------------ nothing goes out


def outside(url: str) -> list[dict[str, Any]]:
    """What would fetch: data by address, and pictures, which the library fetches though it may not (1.9.0)."""
    data: dict[str, Any] = {"data": {"values": [{}]}}
    return [
        {"height": 50, "data": {"url": url}, "mark": "rect"},
        {"height": 50, **data, "mark": {"type": "image", "url": url}},
        {"height": 50, **data, "mark": "image", "encoding": {"url": {"value": url}}},
        {"height": 50, "layer": [{"vconcat": [{**data, "mark": {"type": "image", "url": url}}]}]},
        {"height": 50, **data, "mark": "geoshape"},
    ]


async def test_nothing_that_names_an_address_or_a_file_gets_to_the_library() -> None:
    draughtsman = ChartRenderer()
    for url in ("http://127.0.0.1:9/a.csv", "file:///etc/hostname"):
        for spec in outside(url):
            with pytest.raises(CannotDraw, match="refused"):
                await draughtsman.draw(spec)
    assert draughtsman.pid is None
    await draughtsman.close()


def test_the_process_itself_fetches_no_data() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        spec = json.dumps(outside(f"http://127.0.0.1:{server.getsockname()[1]}/a.csv")[0]).encode()
        asked = renderer_worker.REQUEST_HEADER.pack(len(spec), 1.0) + spec
        done = subprocess.run(
            [sys.executable, "-I", renderer_worker.__file__], input=asked, capture_output=True, check=True
        )
        kind, _ = renderer_worker.ANSWER_HEADER.unpack(done.stdout[: renderer_worker.ANSWER_HEADER.size])
        assert kind == b"E"
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
