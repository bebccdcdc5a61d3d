"""The web chat's page: how its room is shared out, what in a message can be tapped, and what it does by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from nhipcau.bot.messaging.messages import Choice, Message
from tests.support.browser import WebPhone, joined
from tests.support.web_office import WebOffice

pytestmark = pytest.mark.slow

ZONE = "Asia/Ho_Chi_Minh"


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found is not None, selector
    return {name: float(found[name]) for name in ("x", "y", "width", "height")}


# ---------------------------------------------------------------------- room


def assert_room(page: Page, height: int) -> None:
    """Half of the height is the conversation, the header one line, and what sends stands beside what is written."""
    header, log, text, send = (box(page, one) for one in ("header", "#log", "#text", "#send"))
    assert log["height"] >= height / 2
    assert header["height"] <= 56
    assert abs(send["y"] + send["height"] - text["y"] - text["height"]) < 1
    assert send["x"] >= text["x"] + text["width"]
    assert send["y"] + send["height"] <= height
    assert min(send["height"], send["width"]) >= 48
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_half_of_a_small_screen_is_the_conversation(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    long = "đường liên thôn hỏng nặng, mưa là không đi được, bà con phải vòng qua suối " * 6
    for width, height in ((180, 320), (360, 400), (320, 568)):
        page.set_viewport_size({"width": width, "height": height})
        page.get_by_label("Nhắn").fill("")
        assert_room(page, height)
        page.get_by_label("Nhắn").fill(long)
        assert_room(page, height)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Xã Đồng Đăng")
    page.set_viewport_size({"width": 180, "height": 320})
    page.context.set_offline(True)
    phone.say("gặp người")
    expect(page.locator("#offline")).to_be_visible()
    assert_room(page, 320)


def test_a_wide_screen_has_one_calm_column(office: WebOffice, page: Page) -> None:
    joined(page, office)
    page.set_viewport_size({"width": 1280, "height": 800})
    bubble, text, send = (box(page, one) for one in (".bubble >> nth=-1", "#text", "#send"))
    assert send["x"] + send["width"] - text["x"] <= 720
    assert bubble["x"] >= 270
    assert abs((text["x"] + send["x"] + send["width"]) / 2 - 640) < 10


def test_what_does_not_fit_is_begun_at_its_beginning(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    lines = "\n".join(f"{n}. Đường vào thôn sụt một đoạn sau trận mưa, xe máy đi lại khó." for n in range(1, 25))
    office.tell_the_newest(Message(lines, (Choice("Đã xem", "v:1"), Choice("Lùi", "v:2", way=True))))
    phone.sees("24. Đường", seconds=20)
    log, bubble = box(page, "#log"), box(page, ".bubble >> nth=-1")
    assert log["y"] <= bubble["y"] <= log["y"] + 90
    down = page.get_by_role("button", name="Xem lựa chọn")
    down.click()
    expect(page.locator(".choices button").last).to_be_in_viewport()
    expect(down).to_be_hidden()
    # the one way on stands out, the way back is quiet
    expect(page.locator(".choices button").first).to_have_class("main")
    expect(page.locator(".choices button").last).to_have_class("way")


def test_the_first_load_is_small(office: WebOffice, page: Page) -> None:
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(f"{office.service.url}/c/{office.code}", wait_until="networkidle")
    files = {each.url.rpartition("/")[2]: len(each.body()) for each in responses}
    assert {"chat.css", "chat.js", "tokens.css", "draw.js"} <= set(files)
    assert sum(files.values()) <= 50_000, files


# ---------------------------------------------------------------------- what a message holds


def links_in(page: Page) -> dict[str, str]:
    found = page.locator(".bubble:not(.mine)").last.locator("a")
    return {each.inner_text(): each.get_attribute("href") or "" for each in found.all()}


def test_addresses_and_numbers_are_tapped(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    office.tell_the_newest(
        Message(
            "Nguy hiểm: gọi 112 (cứu nạn), 113, 114 hoặc 115.\nCán bộ trực: 0205 3861 234, 0912.345.678, +84912345678, "
            "tổng đài 1900 1234.\nXem https://langson.gov.vn/lu?ngay=1&gio=2, (http://example.vn).\n"
            "Có 112 hộ, 115/200 phiếu; mã PA-115; ngày 12/11/2026.\n<b>không</b> javascript:alert(1) <img src=x>"
        )
    )
    phone.sees("Nguy hiểm", seconds=20)
    assert links_in(page) == {
        "112": "tel:112",
        "113": "tel:113",
        "114": "tel:114",
        "115": "tel:115",
        "0205 3861 234": "tel:02053861234",
        "0912.345.678": "tel:0912345678",
        "+84912345678": "tel:+84912345678",
        "1900 1234": "tel:19001234",
        "https://langson.gov.vn/lu?ngay=1&gio=2": "https://langson.gov.vn/lu?ngay=1&gio=2",
        "http://example.vn": "http://example.vn",
    }
    bubble = page.locator(".bubble:not(.mine)").last
    assert "<b>không</b>" in bubble.inner_text()
    assert bubble.locator("b, img").count() == 0
    assert "noopener" in (bubble.locator("a", has_text="langson").get_attribute("rel") or "")
    office.tell_the_newest(Message("Đã trả lời 113 người.\nXã có 114 hộ, 115 nhà, gọi là thôn Bản 112 hộ."))
    phone.sees("Đã trả lời 113", seconds=20)
    assert links_in(page) == {}
    office.tell_the_newest(Message("Đã ghi nhận PA-0205386 và PA-TNY63DS, gọi là xong."))
    phone.sees("Đã ghi nhận", seconds=20)
    assert links_in(page) == {}
    expect(page.locator(".bubble .code")).to_have_text(["PA-0205386", "PA-TNY63DS"])


def test_days_and_times_stand_in_the_conversation(office: WebOffice, page: Page) -> None:
    now = datetime.now(ZoneInfo(ZONE)).replace(hour=9, minute=5, second=0, microsecond=0)
    joined(page, office)
    expect(page.locator(".day")).to_have_text(["Hôm nay"])
    moments = [now - timedelta(days=3), now - timedelta(days=1), now]
    stored = [{"key": f"k{n}", "text": f"Tin {n}", "at": at.timestamp() * 1000} for n, at in enumerate(moments)]
    page.evaluate(
        "(bubbles) => localStorage.setItem('nhipcau:' + location.pathname, JSON.stringify({bubbles, got: []}))", stored
    )
    # the page that stands writes its own history again when it is left
    page.goto("about:blank")
    page.goto(f"{office.service.url}/c/{office.code}")
    days = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    earlier = f"{days[moments[0].weekday()]} {moments[0].day}/{moments[0].month}"
    expect(page.locator(".day")).to_have_text([earlier, "Hôm qua", "Hôm nay"])
    expect(page.locator(".time").first).to_have_text("09:05")


def test_an_invitation_is_copied_whole(office: WebOffice, page: Page) -> None:
    phone = joined(page, office, office.coordinator)
    phone.say("mời")
    phone.sees("Mã mời")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép lời mời").click()
    expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Mã mời" in copied
    assert f"{office.service.url}/c/" in copied
    page.get_by_role("button", name="Hiện mã QR").click()
    expect(page.locator(".codes img")).to_be_visible()
    assert page.locator(".codes img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 100


# ---------------------------------------------------------------------- what it does by itself


def test_enter_sends_where_forms_cannot_be_asked_to(office: WebOffice, page: Page) -> None:
    page.add_init_script("delete HTMLFormElement.prototype.requestSubmit")
    phone = joined(page, office)
    page.get_by_label("Nhắn").fill("gặp người")
    page.get_by_label("Nhắn").press("Shift+Enter")
    page.get_by_label("Nhắn").press("Backspace")
    page.get_by_label("Nhắn").press("Enter")
    phone.sees("người phụ trách")
    expect(page.get_by_label("Nhắn")).to_have_value("")
    assert phone.faults == []


def test_the_whole_way_in_by_keyboard(office: WebOffice, page: Page) -> None:
    phone = WebPhone(page)
    phone.open(f"{office.service.url}/c/{office.code}")
    page.get_by_role("button", name="Bắt đầu").focus()
    page.keyboard.press("Enter")
    phone.sees("đồng ý tham gia chứ?")
    for label in ("Đồng ý", "Để sau"):
        for _ in range(12):
            if label in str(page.evaluate("document.activeElement.textContent")).strip()[:20]:
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".mine").last).to_contain_text(label)
        phone.sees("Tên để" if label == "Đồng ý" else "Đã tham gia")
        page.locator("header h1").click()
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")


def test_the_home_screen_is_offered_once(office: WebOffice, page: Page) -> None:
    page.add_init_script("navigator.standalone = false")
    phone = joined(page, office)
    expect(page.locator("#invitation")).to_have_count(0)
    page.reload()
    phone.sees("Đã tham gia")
    page.reload()
    expect(page.locator("#invitation")).to_contain_text("Thêm vào MH chính")
    page.get_by_role("button", name="Để sau").last.click()
    expect(page.locator("#invitation")).to_have_count(0)
    page.reload()
    phone.sees("Đã tham gia")
    expect(page.locator("#invitation")).to_have_count(0)


def test_without_a_script_it_is_a_plain_form(office: WebOffice, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{office.service.url}/c/{office.code}")
    page.get_by_role("button", name="Bắt đầu").click()
    expect(page.locator(".bubble")).to_contain_text("đồng ý tham gia chứ?")
    page.get_by_role("button", name="Đồng ý").click()
    expect(page.locator(".bubble")).to_contain_text("Tên để đơn vị liên hệ")
    page.get_by_role("button", name="Để sau").click()
    expect(page.locator(".bubble")).to_contain_text("Đã tham gia")
    page.get_by_label("Nhắn").fill("báo cáo")
    page.get_by_role("button", name="Gửi tin").click()
    expect(page.locator(".bubble")).to_contain_text("Bác kể giúp")
    # one question a page, the same one however often it is loaded, and from the chat's own address too
    page.goto(f"{office.service.url}/c/{office.code}")
    expect(page.locator(".bubble")).to_have_count(1)
    expect(page.locator(".bubble")).to_contain_text("Bác kể giúp")
    page.get_by_text("Rời máy này").first.click()
    page.get_by_role("button", name="Rời máy này").click()
    expect(page.get_by_role("button", name="Bắt đầu")).to_be_visible()
    context.close()
