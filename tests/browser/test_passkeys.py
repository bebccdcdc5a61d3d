"""Passkeys of a real Chromium, with an authenticator made for it: made, asked for, shown before one is removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.console_office import ConsoleOffice, open_console_office
from tests.support.page_checks import faults_of
from tests.support.world import World

pytestmark = pytest.mark.slow
LOOKS = ((320, "light"), (1280, "dark"))
_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def nothing(world: World) -> None:
    return None


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleOffice]:
    with open_console_office(tmp_path_factory.mktemp("office"), nothing, "localhost") as opened:
        yield opened


def look_at(page: Page) -> list[str]:
    found = []
    for width, scheme in LOOKS:
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{page.url} {width} {scheme}: {fault}" for fault in faults_of(page)]
    return found


def opened(browser: Browser, faults: list[str]) -> Page:
    """A page in a browser of its own, with an authenticator."""
    page = browser.new_context().new_page()
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})
    return page


def test_a_passkey_is_made_asked_for_and_removed(console: ConsoleOffice, browser: Browser) -> None:
    faults: list[str] = []
    page = opened(browser, faults)
    title = page.get_by_role("heading", level=1)
    console.sign_in(page, "admin")
    page.goto(f"{console.url}/console/security")
    faults += look_at(page)
    page.get_by_role("button", name="Thêm khóa của máy này").click()
    expect(title).to_have_text("Mã dự phòng")
    assert page.locator("code").count() == 10
    faults += look_at(page)

    console.sign_in(page, "admin")
    expect(title).to_have_text("Thêm một lớp nữa")
    faults += look_at(page)
    page.get_by_role("button", name="Dùng khóa của máy").click()
    expect(title).to_have_text("Việc hôm nay")
    page.goto(f"{console.url}/console/settings")
    page.get_by_role("button", name="Yêu cầu lớp thứ hai").click()
    expect(page.get_by_role("button", name="Thôi yêu cầu")).to_be_visible()

    other = opened(browser, faults)
    console.sign_in(other, "leader")
    expect(other.get_by_role("heading", level=1)).to_have_text("Đặt lớp bảo vệ thứ hai")
    faults += look_at(other)
    other.get_by_role("button", name="Thêm khóa của máy này").click()
    other.get_by_role("link", name="Đã chép, đi tiếp").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Việc hôm nay")

    page.get_by_role("button", name="Thôi yêu cầu").click()
    page.goto(f"{console.url}/console/security")
    faults += look_at(page)
    page.get_by_label("Khóa của máy: Chrome").check()
    page.get_by_role("button", name="Dùng khóa của máy").first.click()
    expect(page.get_by_text("Đã nhận khóa")).to_be_visible()
    page.get_by_role("button", name="Bỏ mục đã chọn").click()
    expect(page.get_by_text("Bác chưa đặt lớp thứ hai")).to_be_visible()
    assert faults == []
