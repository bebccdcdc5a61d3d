"""The web chat without a script over real HTTP: what stands on the page, once each, and nothing lost on a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.support.apps import picture
from tests.support.web_client import Answer, Visitor, ask, with_picture
from tests.support.web_office import WebOffice, open_web_office

pytestmark = pytest.mark.slow

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def submit(device: Visitor, **fields: str | list[str]) -> Answer:
    return device.post_raw("form", urlencode(fields, doseq=True).encode(), _FORM)


def hidden(page: str, name: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf'name="{name}" value="([^"]*)"', page)))


def texts_on(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'<span class="text">(.*?)</span>', page, re.DOTALL)]


def press(device: Visitor, page: str, label: str) -> Answer:
    [data] = re.findall(rf'name="data" value="([^"]*)" class="[a-z]*">{label}<', page)
    [id], [ref] = hidden(page, "id"), hidden(page, "ref")
    return submit(device, id=id, got=hidden(page, "got"), ref=ref, data=unescape(data))


def begun(office: WebOffice) -> Visitor:
    device = office.device()
    answer = submit(device, act="start")
    assert (answer.status, answer.headers["Location"]) == (303, f"{device.door}/form")
    assert answer.cookie is not None
    device.token = answer.cookie.value
    return device


def joined(office: WebOffice) -> Visitor:
    device = begun(office)
    for label in ("Đồng ý", "Để sau"):
        assert press(device, device.get("/form").text, label).status == 303
    return device


def test_one_question_stands_until_it_is_answered(office: WebOffice) -> None:
    device = begun(office)
    first = device.get("/form").text
    assert texts_on(first) == texts_on(device.get("/form").text)
    assert "đồng ý tham gia chứ?" in texts_on(first)[0]
    assert press(device, first, "Đồng ý").status == 303
    [second] = texts_on(device.get("/form").text)
    assert second.startswith("Tên để đơn vị liên hệ")


def test_a_form_sent_twice_acts_once(office: WebOffice) -> None:
    device = joined(office)
    page = device.get("/form").text
    fields: dict[str, str | list[str]] = {"id": hidden(page, "id"), "got": hidden(page, "got"), "text": "gặp người"}
    before = len(office.rows()["events"])
    assert [submit(device, **fields).status for _ in range(2)] == [303, 303]
    assert len(office.rows()["events"]) == before + 1
    assert len(texts_on(device.get("/form").text)) == 1


def test_words_too_long_are_kept_with_the_reason(office: WebOffice) -> None:
    device = joined(office)
    page = device.get("/form").text
    typed = "<b>đường</b> " * 800
    answer = submit(device, id=hidden(page, "id"), text=typed)
    assert answer.status == 413
    assert "Lỗi: Tin dài quá, tối đa 2000 chữ cái." in answer.text
    assert typed.strip() in unescape(answer.text)
    assert "<b>đường" not in answer.text


def test_a_picture_goes_along_with_the_form(office: WebOffice) -> None:
    device = joined(office)
    page = device.get("/form").text
    body, headers = with_picture(picture(), hidden(page, "id")[0])
    assert device.post_raw("form", body, headers).status == 303
    assert "ảnh" in texts_on(device.get("/form").text)[-1]


def test_the_question_is_shown_again_and_leaving_ends_it(office: WebOffice) -> None:
    device = joined(office)
    page = device.get("/form").text
    submit(device, id=hidden(page, "id"), got=hidden(page, "got"), text="báo cáo")
    page = device.get("/form").text
    [question] = texts_on(page)
    submit(device, id=hidden(page, "id"), got=hidden(page, "got"), act="open")
    assert texts_on(device.get("/form").text)[-1].endswith(question)
    answer = submit(device, act="leave")
    assert (answer.status, answer.headers["Location"]) == (303, device.door)
    assert ">Bắt đầu</button>" in device.get().text


def test_nobody_else_posts_and_nobody_without_a_session(office: WebOffice) -> None:
    device = joined(office)
    elsewhere = {**_FORM, "Origin": "https://evil.example"}
    assert device.post_raw("form", b"id=aaaa-1&text=x", elsewhere).status == 403
    stranger = office.device()
    assert stranger.get("/form").headers["Location"] == stranger.door
    assert submit(stranger, id="aaaa-1", text="chào").status == 401
    no_id = submit(device, text="chào")
    assert no_id.status == 400
    assert "Lỗi:" in no_id.text
    assert ask(office.port, "POST", f"{device.door}/form", iter([b"x"]), {**_FORM, **device.cookies}).status == 411
