"""A life of the service where there is no network but the machine's own; run as a program, in a namespace of its own.

Prints how many packets found no way out: a look-up of a name counts, or a connection to any address but this machine's.
Exit status 77 where the system gives no such namespace.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import io
import socket
import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from nhipcau.insight.poll_charts import table_picture
from nhipcau.insight.renderer import ChartRenderer
from tests.support.documents import docx
from tests.support.web_client import ask
from tests.support.web_office import open_web_office

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41


def cut() -> bool:
    """Leave the network; only the loopback is up."""
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(_NEW_NETWORK) and system.unshare(_NEW_USER | _NEW_NETWORK):
        return False
    try:
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))
    except OSError:
        return False
    return True


def without_way() -> int:
    """Packets of this namespace for which there was no way out."""
    old = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")]
    new = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return int(dict(zip(*old, strict=True))["OutNoRoutes"]) + int(new["Ip6OutNoRoutes"])


def live(folder: Path) -> None:
    """Pages, a report with a picture, a document, a chart."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "JPEG")
    with open_web_office(folder) as office:
        for path in ("/", "/healthz", "/readyz", "/metrics", "/robots.txt", f"/c/{office.code}", "/sw.js"):
            assert ask(office.port, "GET", path).status == 200, path
        device = office.at_the_summary()
        device.tap("Thêm …")
        device.read()
        device.tap("Thêm ảnh")
        device.read()
        assert device.send_picture(picture.getvalue()).status == 204
        assert "Đã nhận ảnh" in device.read()
        device.tap("Gửi")
        assert "Đã ghi nhận báo cáo" in device.read()
        coordinator = office.device(office.coordinator)
        coordinator.join()
        coordinator.say("hộp thư")
        coordinator.read()
        assert coordinator.send_file(docx(), "Thông báo.docx").status == 204
        coordinator.read()
    asyncio.run(_draw())


async def _draw() -> None:
    renderer = ChartRenderer()
    try:
        assert await renderer.draw(table_picture("Bảng", ["Đơn vị", "Số"], [["Xã Đồng Đăng", "5"]]))
    finally:
        await renderer.close()


def main() -> int:
    if not cut():
        return 77
    with TemporaryDirectory() as name:
        live(Path(name))
    quiet = without_way()
    # the counter counts: one attempt to leave
    with socket.socket() as probe:
        probe.connect_ex(("192.0.2.1", 80))
    print(quiet, without_way() - quiet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
