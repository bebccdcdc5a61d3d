"""Hỏi và gửi in a real Chromium: composed, undone, watched live; each state can be read and pressed by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.console_office import ConsoleOffice, open_console_office
from tests.support.page_checks import faults_of
from tests.support.processes import nhipcau
from tests.support.requests import answer_all, ask, crowd, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def fill(world: World) -> None:
    people = await crowd(world, 24)
    closed = await ask(world, yesno("Họp tối thứ Bảy?"))
    await answer_all(people, ["Có"] * 13 + ["Không"] * 9)
    await end(world, closed)
    rapid = {"title": "Tình hình mưa <b>lớn</b>", "questions": [{"text": "Có thiệt hại gì?", "kind": "text"}]}
    await ask(world, rapid, "rapid")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleOffice]:
    with open_console_office(tmp_path_factory.mktemp("office"), fill) as opened:
        yield opened


def compose(page: Page, office: ConsoleOffice) -> None:
    page.goto(f"{office.service.url}/console/requests")
    page.get_by_role("link", name="Thăm dò mới").click()
    page.get_by_label("Tiêu đề").fill("Giờ tiếp dân")
    page.get_by_label("Câu hỏi", exact=True).fill("Sáng thứ Bảy có tiện không?")
    page.get_by_label("Phương án").fill("Có\nKhông\nChưa rõ")
    page.get_by_role("button", name="Xem trước").click()


def looked_at(page: Page, name: str) -> list[str]:
    """Faults of this state, at two widths and in the dark."""
    found = []
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            found += [f"{name} {width} {scheme}: {fault}" for fault in faults_of(page)]
    page.emulate_media(color_scheme="light")
    return found


def test_every_state_can_be_read_and_pressed(office: ConsoleOffice, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    office.sign_in(page)
    faults = []
    for kind in ("poll", "rapid", "duty", "notice"):
        page.goto(f"{office.service.url}/console/requests/new?kind={kind}")
        faults += looked_at(page, kind)
    page.get_by_role("button", name="Xem trước").click()
    faults += looked_at(page, "faults")
    compose(page, office)
    expect(page.get_by_text("24 người", exact=True)).to_be_visible()
    faults += looked_at(page, "preview")
    page.get_by_role("button", name="Gửi", exact=True).click()
    faults += looked_at(page, "held")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_label("Tiêu đề")).to_have_value("Giờ tiếp dân")
    page.goto(f"{office.service.url}/console/requests")
    faults += looked_at(page, "list")
    for title in ("Họp tối thứ Bảy?", "Tình hình mưa"):
        page.goto(f"{office.service.url}/console/requests")
        page.get_by_role("link", name=title).click()
        for each in page.locator("summary").all():
            each.click()
        faults += looked_at(page, title)
    context.close()
    assert faults == []


def test_the_counts_follow_while_the_page_is_open(office: ConsoleOffice, page: Page) -> None:
    faults: list[str] = []
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    office.sign_in(page)
    page.goto(f"{office.service.url}/console/requests")
    page.get_by_role("link", name="Tình hình mưa").click()
    counts = page.locator("[sse-connect]")
    expect(counts).to_contain_text("Đã trả lời 0/24")
    id = page.url.rpartition("/")[2]
    nhipcau(office.service.folder, "rapid", "close", id)
    expect(counts).to_contain_text("đã đóng", timeout=10_000)
    assert faults == []


def test_the_question_bank_and_a_trial_can_be_read_and_pressed(office: ConsoleOffice, page: Page) -> None:
    office.sign_in(page)
    compose(page, office)
    faults: list[str] = []

    def look(width: int = 1280) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        faults.extend(faults_of(page))

    page.get_by_role("button", name="Thử với tôi").click()
    expect(page.get_by_role("status")).to_contain_text("Đã gửi bản thử")
    look(320)
    page.get_by_role("button", name="Ghi câu 1 vào kho").click()
    page.get_by_text("Lấy câu hỏi từ kho").click()
    look()
    page.goto(f"{office.service.url}/console/requests")
    page.get_by_role("link", name="Kho câu hỏi").click()
    look(320)
    page.get_by_role("link", name="Sáng thứ Bảy").click()
    look()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu câu hỏi")
    assert faults == []
