"""Pictures in the web chat's page: small before they go, after words, given up only in silence, kept over a reload."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.support.browser import WebPhone, joined
from tests.support.pictures import noisy_picture
from tests.support.web_office import WebOffice

pytestmark = pytest.mark.slow

#: Three megabytes that no browser can open, so that they go out as they are.
UNREADABLE: FilePayload = {"name": "IMG_0001.heic", "mimeType": "image/heic", "buffer": bytes(3_000_000)}
_KILOBIT = 1000 / 8


def choose(page: Page, picture: FilePayload) -> None:
    page.set_input_files("#photo", files=[picture])


def slow_network(page: Page, kilobits: float) -> None:
    session = page.context.new_cdp_session(page)
    speed = {"downloadThroughput": kilobits * _KILOBIT, "uploadThroughput": kilobits * _KILOBIT}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": 300, **speed})


def sent_file(route: Route) -> bytes:
    """The file inside the form that is posted."""
    body = route.request.post_data_buffer or b""
    start = body.index(b"\r\n\r\n", body.index(b'name="file"')) + 4
    return body[start : body.rindex(b"\r\n--")]


def test_a_picture_goes_out_small_and_without_its_place(office: WebOffice, page: Page) -> None:
    joined(page, office)
    forms: list[bytes] = []

    def take(route: Route) -> None:
        forms.append(sent_file(route))
        route.continue_()

    page.route("**/photo", take)
    picture = noisy_picture((3000, 2000))
    assert len(picture["buffer"]) > 1_000_000
    assert b"CANARY-PHONE" in picture["buffer"]
    choose(page, picture)
    expect(page.locator(".mine").last).to_contain_text("đã gửi", timeout=30_000)
    [data] = forms
    assert len(data) <= 350_000
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.format == "JPEG"
        assert max(opened.size) <= 1600
        assert abs(opened.width / opened.height - 1.5) < 0.01
        assert dict(opened.getexif()) == {}
    assert b"CANARY-PHONE" not in data
    # its own small likeness stays in the conversation, also after a reload
    page.reload()
    expect(page.locator(".mine img")).to_be_visible()
    assert page.locator(".mine img").evaluate("(one) => one.naturalWidth") > 0


def test_words_do_not_wait_for_a_picture_on_a_slow_network(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    slow_network(page, 256)
    choose(page, UNREADABLE)
    progress = page.locator(".mine progress")
    expect(progress).to_be_visible(timeout=20_000)
    before = len(office.pictures)
    phone.say("gặp người")
    expect(page.locator(".mine").last).to_contain_text("đã gửi", timeout=15_000)
    phone.sees("người phụ trách", seconds=20)
    # it is still under way, and moves
    moved = float(progress.evaluate("(one) => one.value"))
    assert 0 < moved < 1
    page.wait_for_function("(moved) => document.querySelector('.mine progress').value > moved", arg=moved)
    page.get_by_role("button", name="Bỏ ảnh này").click()
    expect(progress).to_have_count(0)
    expect(page.locator(".mine", has_text="Ảnh")).to_have_count(0)
    phone.say("trợ giúp")
    expect(page.locator(".mine").last).to_contain_text("đã gửi", timeout=15_000)
    assert len(office.pictures) == before
    assert phone.faults == []


def test_words_said_before_a_picture_arrive_before_it(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    order: list[str] = []

    def record_order(route: Route) -> None:
        order.append(route.request.url.rpartition("/")[2])
        route.continue_()

    page.context.set_offline(True)
    choose(page, noisy_picture((800, 600)))
    phone.say("gặp người")
    expect(page.locator(".mine")).to_have_count(4)
    page.route("**/photo", record_order)
    page.route("**/send", record_order)
    page.context.set_offline(False)
    expect(page.locator(".mine", has_text="chờ gửi")).to_have_count(0, timeout=30_000)
    assert order == ["send", "photo"]


def test_an_unsent_picture_and_unsent_words_outlive_a_reload(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    page.route("**/photo", lambda route: route.abort())
    page.route("**/send", lambda route: route.abort())
    choose(page, noisy_picture((800, 600)))
    phone.say("gặp người")
    page.get_by_label("Nhắn").fill("câu viết dở")
    expect(page.locator(".mine", has_text="chờ gửi")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Nhắn")).to_have_value("câu viết dở")
    expect(page.locator(".mine", has_text="chờ gửi")).to_have_count(2)
    expect(page.locator(".mine img")).to_be_visible()
    page.unroute("**/send")
    page.unroute("**/photo")
    expect(page.locator(".mine", has_text="đã gửi")).to_have_count(4, timeout=20_000)


def test_a_picture_that_could_not_be_kept_is_said_to_be_lost(office: WebOffice, page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { throw new Error('private'); }})")
    joined(page, office)
    page.route("**/photo", lambda route: route.abort())
    choose(page, noisy_picture((800, 600)))
    expect(page.locator(".mine").last).to_contain_text("chờ gửi")
    page.reload()
    expect(page.locator(".mine").last).to_contain_text("Lỗi: ảnh chưa gửi được, bác chọn lại giúp.")


def test_only_silence_ends_a_transfer(office: WebOffice, page: Page) -> None:
    page.clock.install()
    joined(page, office)
    held: list[Any] = []
    page.route("**/photo", lambda route: held.append(route))
    choose(page, noisy_picture((800, 600)))
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_be_visible()
    page.wait_for_timeout(500)
    tries = len(held)
    assert tries == 1
    # half a minute without a byte is still patience, more than one is not: then it is tried again
    page.clock.run_for(30_000)
    assert len(held) == 1
    page.clock.run_for(45_000)
    page.wait_for_timeout(500)
    assert len(held) == 2


def test_a_picture_no_browser_opens_goes_out_as_it_is(office: WebOffice, page: Page) -> None:
    phone = joined(page, office)
    sizes: list[int] = []

    def take(route: Route) -> None:
        sizes.append(len(sent_file(route)))
        route.continue_()

    page.route("**/photo", take)
    choose(page, UNREADABLE)
    expect(page.locator(".mine").last).to_contain_text("đã gửi", timeout=20_000)
    assert sizes == [3_000_000]
    phone.sees("Tôi không mở được ảnh này")


def test_leaving_takes_what_was_kept_along(office: WebOffice, page: Page) -> None:
    phone: WebPhone = joined(page, office)
    page.route("**/photo", lambda route: route.abort())
    choose(page, noisy_picture((800, 600)))
    expect(page.locator(".mine").last).to_contain_text("chờ gửi")
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_be_in_viewport()
    page.on("dialog", lambda dialog: dialog.accept())
    phone.menu_of_more()
    page.get_by_role("button", name="Rời máy này").click()
    expect(page.get_by_role("button", name="Bắt đầu")).to_be_visible()
    left = page.evaluate(
        """() => new Promise((done) => {
      const request = indexedDB.open('nhipcau', 1);
      request.onsuccess = () => {
        const all = request.result.transaction('files').objectStore('files').getAllKeys();
        all.onsuccess = () => done([...all.result, ...Object.keys(localStorage).filter((key) => key.includes('/c/'))]);
      };
    })"""
    )
    assert left == []
