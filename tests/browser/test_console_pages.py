"""Every page of the console in a real Chromium: WCAG 2.2 AA, sizes, narrow screens and dark ones, without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.console_office import ConsoleOffice, open_console_office
from tests.support.kept_syntheses import actor_of, drafted
from tests.support.page_checks import faults_of
from tests.support.reports import filed
from tests.support.world import World

pytestmark = pytest.mark.slow

#: Width and colours of each look; 320 CSS pixels are also 1280 at 400 % zoom.
LOOKS = ((320, "light"), (1280, "dark"))
_LINKS = "(links) => links.map((a) => a.href)"
ROLES = ("coordinator", "leader", "admin")


async def fill(world: World) -> None:
    reporter = await world.joined("Bác Cộng")
    for text in ("Cầu treo thôn Nà Lầu hỏng ván", "Mất nước sạch ba ngày nay", "Đèn đường tối om <b>cả</b> xóm"):
        await filed(reporter, text, area="Xã Thất Khê")
    await drafted(world, await actor_of(world, "office", "X06040"), "X06040", "2026-11")


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleOffice]:
    with open_console_office(tmp_path_factory.mktemp("office"), fill) as opened:
        yield opened


def pages_from(page: Page) -> list[str]:
    """The page shown, those of the way around, and the first of each kind that these lead to."""
    found = {page.url: ""}
    found |= dict.fromkeys(page.locator("nav.around a").evaluate_all(_LINKS), "")
    kinds: dict[str, str] = {}
    for address in list(found):
        page.goto(address)
        for link in page.locator("main a[href^='/console']:not([download])").evaluate_all(_LINKS)[:60]:
            if ".csv" not in link and ".xlsx" not in link:
                kind = link.partition("?")[0].rpartition("/")[0] + ("?" if "?" in link else "")
                kinds.setdefault(kind, link)
    return [*found, *kinds.values()]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_can_be_read_and_pressed_by_everybody(console: ConsoleOffice, browser: Browser, role: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    console.sign_in(page, role)
    addresses, faults = pages_from(page), []
    for address in addresses:
        shown = page.goto(address)
        assert shown is not None
        assert shown.status == 200, address
        for width, scheme in LOOKS:
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{role} {address.partition('/console')[2]} {width} {scheme}"
            faults += [f"{where}: {fault}" for fault in faults_of(page)]
    context.close()
    assert faults == []


def test_the_page_of_a_stranger_can_be_read_and_pressed(console: ConsoleOffice, page: Page) -> None:
    page.goto(f"{console.service.url}/console/reports")
    assert faults_of(page) == []
    page.get_by_label("Sáu số").fill("123")
    page.get_by_role("button", name="Đăng nhập").click()
    assert faults_of(page) == []
    assert "Lỗi:" in page.get_by_role("alert").inner_text()


def test_nothing_is_fetched_from_elsewhere_and_no_page_is_heavy(console: ConsoleOffice, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    fetched: dict[str, int] = {}
    faults: list[str] = []
    page.on("response", lambda answer: fetched.__setitem__(answer.url, len(answer.body()) if answer.ok else 0))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    console.sign_in(page)
    assert all(url.startswith(console.service.url) for url in fetched)
    first = sum(size for url, size in fetched.items() if not url.endswith(".woff2"))
    assert first < 100_000
    assert faults == []
    context.close()
