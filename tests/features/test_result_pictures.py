"""Results and boards as pictures beside the same words; a poll that repeats another is shown with it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import BoardAct, ManageRequest
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.poll_charts import CannotDraw
from nhipcau.insight.renderer import ChartRenderer
from tests.support.requests import answer_all, ask, crowd, end, read_all
from tests.support.world import Phone, World

POLL = {"title": "Giờ tiếp dân", "questions": [{"text": "Sáng thứ Bảy có tiện không?", "kind": "yesno"}]}


async def closed(world: World, phones: list[Phone], labels: list[str], **more: object) -> str:
    id = await ask(world, {**POLL, **more})
    await answer_all(phones, labels)
    await end(world, id)
    await read_all(phones)
    await world.wait(minutes=1)
    return id


def words_of(draw: str) -> str:
    """Every text of a specification."""
    return " ".join(re.findall(r'"text":\s*"([^"]*)"', draw)) + draw


@pytest.mark.slow
async def test_a_picture_says_what_the_text_says(world: World) -> None:
    phones = await crowd(world, 11)
    khoi = await world.joined("Khôi", role="coordinator")
    await closed(world, phones, ["Có"] * 6 + ["Không"] * 5)
    await khoi.say("kết quả")
    text = khoi.last.text
    assert khoi.last.draw == ""
    await khoi.tap("Xem dạng ảnh")
    assert khoi.last.text == text
    drawn = words_of(khoi.last.draw)
    for number in re.findall(r"\d+", text):
        assert number in drawn
    # from there on as from the text
    assert "Xem dạng ảnh" not in khoi.labels()
    assert "Về đầu" in khoi.labels()


@pytest.mark.slow
async def test_before_and_after_stand_side_by_side_with_their_bases(world: World) -> None:
    phones = await crowd(world, 11)
    khoi = await world.joined("Khôi", role="coordinator")
    first = await closed(world, phones, ["Có"] * 6 + ["Không"] * 5)
    second = await closed(world, phones, ["Có"] * 5 + ["Không"] * 6, repeats=first)
    await khoi.press(ManageRequest(second, BoardAct.RESULT))
    text = khoi.last.text
    assert "Trước và sau: Giờ tiếp dân" in text
    assert "Trước (11 người)" in text
    assert "Sau (11 người)" in text
    assert "nằm trong mức ngẫu nhiên" in text
    await khoi.tap("Xem dạng ảnh")
    assert "Trước" in khoi.last.draw
    # the earlier one by itself says nothing of the later
    await khoi.press(ManageRequest(first, BoardAct.RESULT))
    assert "Trước và sau" not in khoi.last.text


async def test_a_board_as_a_picture(world: World) -> None:
    await crowd(world, 3)
    khoi = await world.joined("Khôi", role="coordinator")
    await ask(world, {"title": "Mưa lũ", "questions": [{"text": "Tình hình?"}]}, "rapid")
    await khoi.say("tiến độ")
    await khoi.tap("Gia hạn, đóng…")
    await khoi.tap("Xem dạng ảnh")
    assert json.loads(khoi.last.draw)
    assert "Mưa lũ" in khoi.last.text
    assert khoi.labels() == ["Tiến độ"]


@pytest.mark.slow
async def test_the_picture_is_drawn_once_and_named_by_what_it_shows(tmp_path: Path, world: World) -> None:
    phones = await crowd(world, 5)
    khoi = await world.joined("Khôi", role="coordinator")
    await closed(world, phones, ["Có", "Có", "Có", "Không", "Không"])
    await khoi.say("kết quả")
    await khoi.tap("Xem dạng ảnh")
    draughtsman = ChartRenderer(idle=5)
    gallery = ChartPictureCache(draughtsman, tmp_path / "photos")
    try:
        first = await gallery.with_picture(khoi.last)
        again = await gallery.with_picture(khoi.last)
    finally:
        await gallery.close()
    assert first == again
    assert re.fullmatch(r"[0-9a-f]{16}\.jpg", first.photo)
    with Image.open(io.BytesIO((tmp_path / "photos" / first.photo).read_bytes())) as picture:
        assert (picture.format, picture.width >= 1000) == ("JPEG", True)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == [first.photo]


async def test_where_it_can_not_be_drawn_the_words_go_alone(tmp_path: Path) -> None:
    class Broken(ChartRenderer):
        async def draw(self, spec: object) -> bytes:
            raise CannotDraw("busy")

    message = Message("Kết quả", draw='{"mark": "rect"}')
    assert await ChartPictureCache(Broken(), tmp_path).with_picture(message) == message
    assert await ChartPictureCache(Broken(), tmp_path).with_picture(Message("Chữ")) == Message("Chữ")
