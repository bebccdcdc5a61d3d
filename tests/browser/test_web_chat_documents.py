"""Documents in the web chat: in a real browser at a real service, and over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from nhipcau.bot.messaging.messages import Choice, Message
from tests.support.browser import chromium, joined
from tests.support.documents import docx, pdf
from tests.support.web_client import ask, with_picture
from tests.support.web_office import WebOffice, open_web_office

pytestmark = pytest.mark.slow

NAME, TITLE = "0123456789abcdef.pdf", "Thông báo 12 – lịch tiếp dân.pdf"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def lay_down(office: WebOffice, content: bytes) -> None:
    folder = office.service.folder / "documents"
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_bytes(content)


def test_a_browser_downloads_what_was_sent_and_shows_its_name_later(office: WebOffice, tmp_path: Path) -> None:
    lay_down(office, pdf())
    with chromium() as browser:
        page = browser.new_context(accept_downloads=True).new_page()
        phone = joined(page, office, office.code)
        message = Message("Mời bác xem lịch mới", (Choice("Đã xem", "v:1"),), file=NAME, file_name=TITLE)
        office.tell_the_newest(message)
        phone.sees("Mời bác xem lịch mới", seconds=20)
        link = page.locator(".bubble a.file")
        expect(link).to_have_text(TITLE)
        assert (link.bounding_box() or {"height": 0})["height"] >= 48
        downloads: list[Any] = []

        def took(download: Any) -> None:
            downloads.append(download)

        page.context.on("page", lambda opened: opened.on("download", took))
        page.on("download", took)
        link.click()
        for _ in range(100):
            if downloads:
                break
            page.wait_for_timeout(100)
        [download] = downloads
        assert download.suggested_filename == TITLE
        download.save_as(tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == pdf()
        # the conversation still stands, and stands again without network
        phone.sees("Mời bác xem lịch mới")
        page.wait_for_function("async () => Boolean(await caches.match(location.pathname))")
        page.wait_for_function("navigator.serviceWorker.ready.then(() => true)", timeout=15_000)
        page.reload()
        phone.sees("Mời bác xem lịch mới")
        assert phone.faults == []
        page.context.set_offline(True)
        page.reload()
        expect(page.locator(".bubble a.file")).to_have_text(TITLE)


def choose(page: Page, name: str, content: bytes) -> None:
    file: Any = {"name": name, "mimeType": "application/pdf", "buffer": content}
    page.set_input_files("#photo", files=[file])


def test_the_button_takes_documents_and_who_sends_decides_the_answer(office: WebOffice) -> None:
    with chromium() as browser:
        page = browser.new_page()
        phone = joined(page, office, office.code)
        choose(page, "Đơn.pdf", pdf())
        phone.sees("Tôi chưa nhận được tệp, chỉ nhận chữ và ảnh")
        assert page.locator(".bubble.mine").last.inner_text().startswith("Đơn.pdf")
        assert not list((office.service.folder / "documents").glob("*-*"))
        choose(page, "lớn.pdf", pdf(size=6_000_000))
        expect(page.locator(".bubble.mine").last).to_contain_text("Tệp lớn quá, tối đa 5 MB")
        faults = [fault for fault in phone.faults if "413" not in fault]
        assert faults == []
        page.context.close()
        page = browser.new_page()
        phone = joined(page, office, office.coordinator)
        choose(page, "Thông báo.docx", docx())
        phone.sees("Chỗ này chưa nhận tệp")
        choose(page, "Thông báo.docm", docx())
        phone.sees("Tệp này có macro")
        assert phone.faults == []


def test_a_large_or_formless_document_is_refused_at_once(office: WebOffice) -> None:
    device = office.joined()
    answer = device.send_file(bytes(5_000_001), "a.pdf")
    assert (answer.status, answer.error) == (413, "Tệp lớn quá, tối đa 5 MB. Bác gửi tệp nhỏ hơn giúp nhé.")
    assert device.send_file(pdf(), "a.pdf").status == 204
    assert device.read().startswith("Tôi chưa nhận được tệp")
    body, headers = with_picture(pdf(), "no-session", "a.pdf")
    assert ask(office.port, "POST", f"{device.door}/file", body, headers).status == 401
    headers = {**headers, "Origin": "https://elsewhere.example", **device.cookies}
    assert ask(office.port, "POST", f"{device.door}/file", body, headers).status == 403


def test_an_address_is_for_whoever_has_it_and_nothing_else(office: WebOffice) -> None:
    lay_down(office, pdf())
    device = office.joined()
    office.tell_the_newest(Message("Mời xem", file=NAME, file_name=TITLE))
    for _ in range(100):
        if device.read() == "Mời xem":
            break
    shown = device.shown[-1]
    assert shown["file_name"] == TITLE
    answer = ask(office.port, "GET", shown["file"], headers={})
    assert (answer.status, answer.body) == (200, pdf())
    assert ask(office.port, "HEAD", shown["file"], headers={}).status == 200
    assert ask(office.port, "GET", shown["file"].replace(NAME, "1" * 16 + ".pdf"), headers={}).status == 404
    assert ask(office.port, "GET", f"{device.door}/photo/{NAME}", headers=device.cookies).status == 404
    # one made for a picture opens no document, and no session's mark does
    assert ask(office.port, "GET", shown["file"].replace("/d/", "/p/", 1), headers={}).status == 404
    assert "hết hạn" in ask(office.port, "GET", "/d/1/2/3/4", headers={}).text
