"""Every state of the web chat against WCAG 2.2 AA by axe, in light and dark, at the narrowest width and at twice the
size."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, Route, expect

from nhipcau.bot.messaging.messages import Choice, Message
from tests.support.browser import WebPhone, joined
from tests.support.page_checks import faults_of
from tests.support.pictures import noisy_picture
from tests.support.web_office import WebOffice

pytestmark = pytest.mark.slow

_Scheme = Literal["light", "dark"]
#: Width, height and colours: the narrowest phone, a common one at night, and one at 200 %.
SCREENS: tuple[tuple[int, int, _Scheme], ...] = ((320, 640, "light"), (360, 640, "dark"), (180, 320, "light"))


def assert_good(page: Page) -> None:
    """On every screen."""
    for width, height, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert faults_of(page) == [], (width, scheme, page.evaluate("document.body.innerText"))
    page.set_viewport_size({"width": 360, "height": 640})


def test_before_anything_was_said(office: WebOffice, page: Page) -> None:
    phone = WebPhone(page)
    phone.open(f"{office.service.url}/c/{office.code}")
    assert_good(page)
    page.route("**/start", lambda route: route.abort())
    phone.begin()
    expect(page.locator("#trouble")).to_contain_text("Lỗi:")
    assert_good(page)
    page.unroute("**/start")
    phone.begin()
    phone.sees("đồng ý tham gia chứ?")
    assert_good(page)


def test_a_card_used_elsewhere_and_a_code_of_nobody(office: WebOffice, page: Page) -> None:
    card = office.device(office.used_card())
    page.goto(office.service.url + card.door)
    expect(page.locator("#welcome")).to_contain_text("Thẻ này đã dùng trên trình duyệt khác")
    assert_good(page)
    for wrong in ("SAIMA234", "!"):
        page.goto(f"{office.service.url}/c/{wrong}")
        expect(page.locator("#welcome")).to_contain_text("Mã này không đúng hoặc đã hết hạn")
        assert_good(page)
    page.get_by_label("Mã mới").fill(office.code.lower())
    page.get_by_role("button", name="Mở").click()
    expect(page.get_by_role("button", name="Bắt đầu")).to_be_visible()


def test_questions_and_the_summary(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    assert_good(page)
    phone.say("báo cáo")
    phone.sees("Bác kể giúp")
    assert_good(page)
    phone.say("đường liên thôn hỏng nặng, mưa là không đi được")
    phone.sees("lĩnh vực")
    assert_good(page)
    for label in ("Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
        phone.press(label)
    phone.sees("Bác xem lại giúp")
    assert page.locator(".choices .main").count() == 1
    assert_good(page)


def test_a_list_of_ten_and_an_emergency(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    ten = tuple(Choice(f"Thôn Bản Áng số {n}", f"x:{n}") for n in range(10))
    office.tell_the_newest(Message("Bác chọn một thôn.", (*ten, Choice("Lùi", "b", way=True))))
    phone.sees("Bác chọn một thôn", seconds=20)
    assert_good(page)
    office.tell_the_newest(Message("Nguy hiểm thì gọi ngay 112, 113, 114 hoặc 115. Xem https://langson.gov.vn/lu."))
    phone.sees("Nguy hiểm", seconds=20)
    assert_good(page)


def test_a_picture_under_way_and_one_that_failed(office: WebOffice, page: Page) -> None:
    joined(page, office)
    waiting: list[Route] = []
    page.route("**/photo", lambda route: waiting.append(route))
    page.set_input_files("#photo", files=[noisy_picture()])
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_be_visible()
    expect(page.locator(".mine img")).to_be_visible()
    assert_good(page)
    waiting[0].fulfill(status=413, json={"error": "Ảnh lớn quá."})
    expect(page.locator(".mine").last).to_contain_text("Lỗi: Ảnh lớn quá.")
    assert_good(page)


def test_without_network_and_after_the_session(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    page.context.set_offline(True)
    phone.say("của tôi")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator(".mine").last).to_contain_text("chờ gửi")
    assert_good(page)
    page.context.set_offline(False)
    page.context.clear_cookies()
    expect(page.locator("#welcome")).to_contain_text("Máy này đã rời cuộc trò chuyện", timeout=40_000)
    assert_good(page)


def test_the_menus(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    page.get_by_role("button", name="Các việc").click()
    phone.sees("chọn một việc dưới đây")
    assert_good(page)
    phone.menu_of_more()
    assert_good(page)
    for size in (1, 2):
        page.get_by_role("button", name="Chữ to hơn").click()
        expect(page.locator("html")).to_have_attribute("data-size", str(size))
        assert_good(page)
    page.keyboard.press("Escape")
    expect(page.locator("#extras")).to_be_hidden()
    expect(page.get_by_role("button", name="Thêm", exact=True)).to_be_focused()


def test_an_invitation_with_its_code(office: WebOffice, page: Page) -> None:
    phone = joined(page, office, office.coordinator)
    phone.say("mời")
    page.get_by_role("button", name="Hiện mã QR").click()
    expect(page.locator(".codes img")).to_be_visible()
    assert_good(page)
