"""Forms of the console: one act however often it is sent, nothing typed is lost, strangers send little."""

from __future__ import annotations

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS
from nhipcau.console.forms import FEW_BYTES
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import Act, Visit
from nhipcau.model.changes import Audit
from nhipcau.storage.audit import entries
from nhipcau.storage.tables import console_drafts
from tests.support.console import Browser, signed_in
from tests.support.world import World


async def show(visit: Visit) -> Response:
    return await render(visit, "test_words.html")


async def save(visit: Visit) -> Response:
    if not visit.value("words"):
        visit.problem = "Lỗi: chưa có lời nào."
        return await show(visit)
    await visit.apply([Audit("report.answer", visit.actor.id, len(visit.value("words")))])
    return visit.go("/console/words")


async def preview(visit: Visit) -> Response:
    visit.problem = f"Xem trước: {visit.value('words')}"
    return await show(visit)


WORDS = Page("/words", COORDINATORS, show, {"save": Act(save), "preview": Act(preview, writes=False)}, takes_files=True)
_TEMPLATE = """{% extends 'page.html' %}{% block title %}Lời{% endblock %}{% block main %}
<form method="post"><input type="hidden" name="token" value="{{ token }}">
<textarea name="words">{{ visit.value('words') }}</textarea>
<button name="do" value="save">Lưu</button><button name="do" value="preview">Xem trước</button></form>{% endblock %}"""


async def browser_of(world: World) -> Browser:
    return await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"), WORDS, words=_TEMPLATE)


async def acts(world: World) -> list[int]:
    async with world.parts.database.reading() as connection:
        return [entry.number for entry in await entries(connection, kind="report.answer")]


async def test_the_same_form_sent_twice_acts_once(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    method, address, data = browser.filled("Lưu", {"words": "Đã nhận"})
    for _ in range(3):
        await browser.send(method, address, data)
        assert (browser.status, browser.path) == (200, "/console/words")
    assert await acts(world) == [7]


async def test_back_and_other_words_act_anew(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    first, second = browser.filled("Lưu", {"words": "Một"}), browser.filled("Lưu", {"words": "Hai ba"})
    await browser.send(*first)
    await browser.send(*second)
    assert sum(await acts(world)) == 9


async def test_what_was_refused_can_be_sent_again(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    empty = browser.filled("Lưu", {"words": ""})
    await browser.send(*empty)
    assert "chưa có lời nào" in browser.notice
    await browser.send(*empty)
    assert "chưa có lời nào" in browser.notice
    assert await acts(world) == []


async def test_a_preview_changes_nothing_and_keeps_the_words(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    await browser.press("Xem trước", words="<b>Chào</b>")
    assert "Xem trước: <b>Chào</b>" in browser.notice
    assert browser.page.find(".//textarea").text == "<b>Chào</b>"
    assert await acts(world) == []


async def test_words_typed_in_a_session_that_ended_come_back(world: World) -> None:
    phone = await world.joined("Chị Hạnh", role="coordinator")
    browser = await signed_in(world, phone, WORDS, words=_TEMPLATE)
    await browser.open("/console/words")
    await world.wait(hours=13)
    await browser.press("Lưu", words="Viết rất lâu")
    assert browser.heading == "Đăng nhập trang làm việc"
    assert "đã được giữ" in browser.notice
    await phone.say("đăng nhập")
    link = next(word for word in phone.last.text.split() if "/console/enter/" in word)
    await browser.open(link[link.index("/console") :])
    await browser.press("Vào trang làm việc")
    assert browser.path == "/console/words"
    assert "vẫn còn đây" in browser.notice
    assert browser.page.find(".//textarea").text == "Viết rất lâu"
    assert await acts(world) == []
    await browser.press("Lưu")
    assert await acts(world) == [12]
    assert not await world.rows(console_drafts.select())


async def test_a_form_of_the_session_before_comes_back_too(world: World) -> None:
    """Signed in anew in another window, the page that was open there before still sends its old token."""
    phone = await world.joined("Chị Hạnh", role="coordinator")
    browser = await signed_in(world, phone, WORDS, words=_TEMPLATE)
    await browser.open("/console/words")
    old = browser.filled("Lưu", {"words": "Từ cửa sổ cũ"})
    await phone.say("đăng nhập")
    link = next(word for word in phone.last.text.split() if "/console/enter/" in word)
    await browser.open(link[link.index("/console") :])
    await browser.press("Vào trang làm việc")
    await browser.send(*old)
    assert browser.page.find(".//textarea").text == "Từ cửa sổ cũ"
    assert await acts(world) == []


async def test_nobody_else_reads_what_was_kept(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    await world.wait(hours=13)
    await browser.press("Lưu", words="Lời riêng của tôi")
    data = b"".join(path.read_bytes() for path in world.parts.settings.data_dir.glob("n.db*"))
    assert "Lời riêng của tôi".encode() not in data
    await world.wait(days=4)
    await world.clock.sweep()
    assert not await world.rows(console_drafts.select())


async def test_a_stranger_sends_little_and_a_long_form_is_refused(world: World) -> None:
    browser = await browser_of(world)
    await browser.open("/console/words")
    method, address, data = browser.filled("Lưu", {"words": "x" * FEW_BYTES})
    browser.forget()
    await browser.send(method, address, data)
    assert browser.status == 413


async def test_without_a_token_nothing_is_done(world: World) -> None:
    browser = await browser_of(world)
    await browser.send("POST", "/console/words", [("words", "Không có mã"), ("do", "save")])
    assert browser.status == 403
    assert await acts(world) == []
