"""Draws docs/phones.png, the demonstration's two phones and the console: `python -m scripts.make_picture`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import FrameLocator, expect

from tests.support.browser import chromium
from tests.support.processes import Running

TARGET = Path(__file__).parents[1] / "docs/phones.png"


def press(phone: FrameLocator, label: str) -> None:
    phone.locator(".choices button", has_text=label).first.click()


def sees(phone: FrameLocator, words: str) -> None:
    expect(phone.locator(".bubble:not(.mine)").last).to_contain_text(words, timeout=10_000)


def say(phone: FrameLocator, words: str) -> None:
    phone.get_by_label("Nhắn").fill(words)
    phone.get_by_role("button", name="Gửi tin").click()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        service = Running(Path(folder), "demo", DEMO_SECONDS="1")
        try:
            service.wait_ready()
            page = browser.new_page(viewport={"width": 1700, "height": 1080})
            page.goto(f"{service.url}/demo")
            lan, binh = page.frame_locator("iframe").nth(0), page.frame_locator("iframe").nth(1)
            for phone in (lan, binh):
                phone.get_by_role("button", name="Bắt đầu").click()
                press(phone, "Đồng ý")
                sees(phone, "Đã tham gia")
            say(lan, "cầu treo bản Nà Pàn hỏng ván, gọi anh Hùng 0912 345 678 chưa ai sửa")
            sees(lan, "thành một phản ánh?")
            for label, then in (
                ("Gửi thành phản ánh", "lĩnh vực nào"),
                ("Giao thông, hạ tầng", "xã, phường nào"),
                ("Xã Đồng Đăng", "lan rộng"),
                ("Cả thôn, khối", "thấy thế nào"),
                ("Băn khoăn", "nhanh tới mức nào"),
                ("Khẩn, trong ngày", "thôn, bản, khối nào"),
                ("Thôn Nà Pàn", "Bác xem lại giúp"),
                ("Gửi", "Đã ghi nhận báo cáo"),
            ):
                press(lan, label)
                sees(lan, then)
            sees(binh, "KHẨN")
            press(binh, "Xem báo cáo")
            sees(binh, "hỏng ván")
            # the signal and the synthesis of the sample are made while one looks
            desk = page.frame_locator("iframe").nth(2)
            for _ in range(30):
                page.evaluate("document.querySelectorAll('iframe')[2].src += ''")
                page.wait_for_timeout(1000)
                if "chờ ký" in desk.locator("main").inner_text():
                    break
            page.wait_for_timeout(500)
            page.screenshot(path=str(TARGET))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
