"""The demonstration in a real browser: report, see it arrive, ask, watch answers come, close, read the result."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.support.browser import WebPhone, chromium
from tests.support.processes import Running

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(tmp_path: Path) -> Running:  # type: ignore[misc]
    service = Running(tmp_path, "demo", DEMO_SECONDS="1.5")
    try:
        service.wait_ready()
        yield service
    finally:
        service.stop()


def test_two_phones_side_by_side(demo: Running, tmp_path: Path) -> None:
    paths = re.findall(r"/c/[A-Z0-9]+", demo.log.read_text())
    with chromium() as browser:
        # two windows of one browser: the sessions are kept apart by their paths
        context = browser.new_context(viewport={"width": 360, "height": 720})
        lan, binh = WebPhone(context.new_page()), WebPhone(context.new_page())
        for phone, path in ((lan, paths[0]), (binh, paths[1])):
            phone.open(demo.url + path)
            phone.begin()
            phone.sees("đồng ý tham gia chứ?")
            phone.press("Đồng ý")
            phone.sees("Đã tham gia")
        _report(lan)
        _read(binh)
        _poll(lan, binh)
        lan.page.screenshot(path=str(tmp_path / "phone.png"))
        width = lan.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360
        assert lan.faults == []
        assert binh.faults == []
        page = context.new_page()
        page.set_viewport_size({"width": 900, "height": 900})
        page.goto(f"{demo.url}/demo")
        page.frame_locator("iframe").nth(1).get_by_label("Nhắn").wait_for()
        page.screenshot(path=str(tmp_path / "demo.png"))


def _in_front(phone: WebPhone) -> None:
    """In a window behind another one each press takes a second longer."""
    phone.page.bring_to_front()


def _report(lan: WebPhone) -> None:
    _in_front(lan)
    lan.say("cầu treo bản Nà Pàn hỏng ván, gọi anh Hùng 0912 345 678 chưa ai sửa")
    lan.sees("Bác muốn gửi câu này thành một phản ánh?")
    assert "0912" not in lan.last()
    # an urgent matter is asked where it is, as the commune's cells are known
    urgent = ("Khẩn, trong ngày", "Thôn Nà Pàn")
    first = ("Gửi thành phản ánh", "Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn")
    for label in (*first, *urgent, "Gửi"):
        lan.press(label)
        lan.page.wait_for_timeout(250)
    lan.sees("Đã ghi nhận báo cáo PA-")


def _read(binh: WebPhone) -> None:
    _in_front(binh)
    binh.sees("KHẨN – có báo cáo mới")
    binh.press("Xem báo cáo")
    binh.sees("cầu treo bản Nà Pàn hỏng ván")
    assert "0912" not in binh.last()
    binh.press("Tiếp nhận")
    binh.sees("đã tiếp nhận")


def _poll(lan: WebPhone, binh: WebPhone) -> None:
    binh.say("thăm dò")
    # one runs already
    binh.sees("Đang chạy: 1.")
    binh.press("Tạo thăm dò mới")
    binh.sees("Bác muốn hỏi câu gì?")
    binh.say("Họp thôn vào tối thứ Bảy có thuận lợi không?")
    for label in ("Có / Không", "Xã Đồng Đăng", "Cộng tác viên", "1 ngày"):
        binh.sees("(")
        binh.press(label)
        binh.page.wait_for_timeout(250)
    binh.sees("Sẽ gửi tới 15 người")
    binh.press("Gửi")
    binh.sees("Đã gửi tới 15 người")
    lan.sees("Họp thôn vào tối thứ Bảy")
    _in_front(lan)
    lan.press("Có")
    lan.sees("Đã ghi nhận câu trả lời")
    _in_front(binh)
    end = time.monotonic() + 20
    count = 0
    while count < 6 and time.monotonic() < end:
        binh.say("tiến độ")
        binh.sees("Bác chọn một cuộc.")
        binh.press("Họp thôn vào tối")
        binh.sees("Đã trả lời")
        binh.page.wait_for_timeout(500)
        found = re.search(r"Đã trả lời (\d+)/15", binh.last())
        count = int(found[1]) if found else 0
    assert count >= 6
    binh.press("Đóng")
    binh.sees("Bác chắc chứ?")
    binh.press("Đóng")
    binh.sees("Đã đóng")
    lan.sees("Kết quả: Họp thôn")
    binh.press("Kết quả")
    binh.sees("người trả lời")
