"""A real Chromium, and the web chat as a person uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.support.web_office import WebOffice


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium on PATH, else Playwright's own; a missing one fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class WebPhone:
    """One page of the web chat, or one frame of the demonstration."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, url: str) -> None:
        self.page.goto(url)

    def begin(self) -> None:
        self.page.get_by_role("button", name="Bắt đầu").click()

    def press(self, label: str) -> None:
        self.page.locator(".choices button", has_text=label).filter(visible=True).first.click()

    def say(self, text: str) -> None:
        self.page.get_by_label("Nhắn").fill(text)
        self.page.get_by_role("button", name="Gửi tin").click()

    def sees(self, text: str, seconds: float = 10) -> None:
        """The newest bubble of the bot comes to hold this."""
        expect(self.page.locator(".bubble:not(.mine)").last).to_contain_text(text, timeout=seconds * 1000)

    def last(self) -> str:
        return self.page.locator(".bubble:not(.mine)").last.inner_text()

    def menu_of_more(self) -> Locator:
        """The ⋮ menu, opened."""
        self.page.get_by_role("button", name="Thêm", exact=True).click()
        return self.page.locator("#extras")


def joined(page: Page, office: WebOffice, code: str = "") -> WebPhone:
    """A phone on this page that has joined by a unit's link, without a name."""
    phone = WebPhone(page)
    phone.open(f"{office.service.url}/c/{code or office.code}")
    phone.begin()
    phone.sees("đồng ý tham gia chứ?")
    phone.press("Đồng ý")
    phone.sees("Tên để đơn vị liên hệ")
    phone.press("Để sau")
    phone.sees("Đã tham gia")
    return phone
