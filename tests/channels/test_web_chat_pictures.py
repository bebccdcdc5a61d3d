"""Pictures in the web chat over real HTTP: kept without their past, for those who may see them, and for nobody else."""

from __future__ import annotations

import asyncio
import io
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags, Image

from nhipcau.web.chat_shell import HEADERS
from tests.support.channels.web import WebHarness
from tests.support.web_client import Visitor, ask_to_send, with_picture
from tests.support.web_office import WebOffice, open_web_office

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LIMIT = 20_000_000


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def picture_with_a_past(size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG that tells where, when and with what it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CANARY-PHONE"
    exif[ExifTags.Base.DateTime] = "2026:11:20 08:15:00"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (21.0, 51.0, 12.0), 3: "E", 4: (106.0, 45.0, 36.0)}
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif, comment=b"CANARY-COMMENT")
    with Image.open(io.BytesIO(out.getvalue())) as opened:
        assert opened.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    return out.getvalue()


def asked_for_a_picture(office: WebOffice) -> Visitor:
    device = office.at_the_summary()
    device.tap("Thêm …")
    assert "thêm gì" in device.read()
    device.tap("Thêm ảnh")
    assert "Bác gửi ảnh giúp" in device.read()
    return device


def today() -> date:
    return datetime.now(ZONE).date()


def test_a_picture_is_kept_without_its_past(office: WebOffice) -> None:
    device = asked_for_a_picture(office)
    before, days = office.pictures, {today()}
    assert device.send_picture(picture_with_a_past()).status == 204
    days.add(today())
    assert "vị trí và thông tin máy trong ảnh đã được xóa" in device.read()
    (stored,) = office.pictures - before
    assert re.fullmatch(r"[0-9a-f]{16}\.jpg", stored.name)
    data = stored.read_bytes()
    assert not [word for word in (b"Exif", b"CANARY", b"2026:11:20", b"IMG_0001") if word in data]
    with Image.open(stored) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == ("JPEG", (64, 48), {})
    moment = datetime.fromtimestamp(stored.stat().st_mtime, UTC)
    assert moment.date() in days
    assert moment.time() == datetime.min.time()
    # an unsent picture is nobody's to see, and it goes with its draft
    assert device.get(f"/photo/{stored.name}").status == 404
    device.tap("Hủy")
    device.read()
    assert office.pictures == before


def test_a_picture_sent_twice_is_kept_once(office: WebOffice) -> None:
    device = asked_for_a_picture(office)
    before = office.pictures
    for _ in range(2):
        assert device.send_picture(picture_with_a_past(), id="the-same-picture").status == 204
    assert "1 ảnh" in device.read()
    assert len(office.pictures - before) == 1


def test_a_stranger_is_refused_before_the_picture_is_heard(office: WebOffice) -> None:
    """R03, R21: whoever has not agreed sends no file; the bytes announced here never come."""
    stranger, before = office.started(), office.pictures
    _, headers = with_picture(b"", "aaaa-1")
    for what in ("photo", "file", "form"):
        answer = ask_to_send(office.port, f"{stranger.door}/{what}", 4_000_000, {**stranger.cookies, **headers})
        assert answer.status == 403, what
        assert "Bác vào và bấm Đồng ý trước" in answer.text
    assert stranger.send_picture(picture_with_a_past()).status == 403
    assert office.pictures == before


def test_a_large_picture_never_lies_on_the_disk_as_it_came(office: WebOffice) -> None:
    """R03, R21: what a form's reader keeps of five megabytes is in memory."""
    device = asked_for_a_picture(office)
    body, headers = with_picture(picture_with_a_past() + bytes(5_000_000), "a-large-picture")
    head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **device.cookies}.items())
    start = f"POST {device.door}/photo HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", office.port)) as line:
        line.sendall(start.encode() + body[:-100])
        time.sleep(0.3)
        held = [
            os.readlink(each) for each in Path(f"/proc/{office.service.process.pid}/fd").iterdir() if each.is_symlink()
        ]
        line.sendall(body[-100:])
        assert line.recv(100).startswith(b"HTTP/1.1 204")
    assert len(held) > 5
    assert [name for name in held if "/tmp/" in name and "deleted" in name] == []
    assert "Đã nhận ảnh" in device.read()


def test_too_large_a_picture_gets_its_sentence(office: WebOffice) -> None:
    sentence = "Ảnh lớn quá, tối đa 20 MB. Bác gửi ảnh nhỏ hơn giúp nhé."
    device = asked_for_a_picture(office)
    before = office.pictures
    answer = device.send_picture(bytes(LIMIT + 1))
    assert (answer.status, answer.error) == (413, sentence)
    _, headers = with_picture(b"", "aaaa-1")
    answer = ask_to_send(office.port, f"{device.door}/photo", LIMIT * 5, {**device.cookies, **headers})
    assert (answer.status, answer.error) == (413, sentence)
    assert device.send_picture(b"GIF89a no picture at all").status == 204
    assert "Tôi không mở được ảnh này" in device.read()
    assert office.pictures == before
    assert device.send_picture(picture_with_a_past()).status == 204
    assert "Đã nhận ảnh" in device.read()


def test_a_reports_picture_is_for_its_coordinator_alone(office: WebOffice) -> None:
    coordinator = office.device(office.coordinator)
    coordinator.join()
    device = asked_for_a_picture(office)
    before = office.pictures
    device.send_picture(picture_with_a_past())
    device.read()
    (stored,) = office.pictures - before
    assert coordinator.get(f"/photo/{stored.name}").status == 404
    device.tap("Gửi")
    assert "Đã ghi nhận báo cáo PA-" in device.read()
    seen = coordinator.get(f"/photo/{stored.name}")
    assert (seen.status, seen.body) == (200, stored.read_bytes())
    assert {each: seen.headers[each] for each in HEADERS} == HEADERS
    for other in (device, office.joined()):
        assert other.get(f"/photo/{stored.name}").status == 404
    for wrong in ("..%2fn.db", "n.db", f".{stored.name}", "0" * 16 + ".jpg"):
        assert coordinator.get(f"/photo/{wrong}").status == 404


async def test_a_slow_picture_arrives_and_a_silent_one_is_given_up() -> None:
    harness = WebHarness(silence=0.4)
    async with harness:
        await harness.begin(1)
        body, headers = with_picture(picture_with_a_past(), "slow-picture")
        step = len(body) // 8 + 1

        async def pieces(pause: float) -> AsyncIterator[bytes]:
            for start in range(0, len(body), step):
                await asyncio.sleep(pause)
                yield body[start : start + step]

        headers["Content-Length"] = str(len(body))
        # longer in all than the silence it may have, and never silent for so long
        assert await harness.upload(1, pieces(0.15), headers) == 204
        assert await harness.upload(1, pieces(0.9), headers) == 400
