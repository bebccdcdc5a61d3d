"""A passkey of a real Chromium, with an authenticator made for it: made, asked for, shown before it is removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.console_office import ConsoleOffice, open_console_office
from tests.support.page_checks import faults_of
from tests.support.world import World

pytestmark = pytest.mark.slow
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


def test_a_passkey_is_made_asked_for_and_removed(console: ConsoleOffice, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})
    console.sign_in(page)
    page.goto(f"{console.url}/console/security")
    assert faults_of(page) == []
    page.get_by_role("button", name="Thêm khóa của máy này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã dự phòng")
    assert page.locator("code").count() == 10
    assert faults_of(page) == []

    console.sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thêm một lớp nữa")
    assert faults_of(page) == []
    page.get_by_role("button", name="Dùng khóa của máy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc hôm nay")

    page.goto(f"{console.url}/console/security")
    assert faults_of(page) == []
    page.get_by_label("Khóa của máy: Chrome").check()
    page.get_by_role("button", name="Dùng khóa của máy").first.click()
    expect(page.get_by_text("Đã nhận khóa")).to_be_visible()
    page.get_by_role("button", name="Bỏ mục đã chọn").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã bỏ")
    expect(page.get_by_text("Bác chưa đặt lớp thứ hai")).to_be_visible()
    context.close()
    assert faults == []
