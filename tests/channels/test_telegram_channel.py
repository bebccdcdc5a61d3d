"""The Telegram channel against a stand-in of the Bot API: receiving, sending, every failure by its name, no secrets."""

from __future__ import annotations

import asyncio
import logging
import traceback
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from nhipcau.app import app_menus
from nhipcau.bot.channels.telegram.channel import Telegram
from nhipcau.bot.channels.telegram.http import NotModified, PollingConflict, failure_of
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.channel import (
    AnswerLost,
    AppDown,
    ChannelError,
    FileTooBig,
    Gone,
    Limits,
    NotSent,
    Refused,
    TokenBad,
    TooMany,
)
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Choice, Message
from tests.support.documents import pdf
from tests.support.standins.telegram import TelegramStandIn

pytestmark = pytest.mark.slow

TOKEN = "123456:AAcanary-TOKEN_of_the_bot"
SECRET_TEXT = "chuyện riêng không ai được chép"


class Inbox:
    """What the core would be: takes events, or fails as when the database is away."""

    def __init__(self) -> None:
        self.batches: list[list[Event]] = []
        self.failures = 0
        self.tries = 0

    async def submit(self, events: Sequence[Event]) -> None:
        self.tries += 1
        if self.failures:
            self.failures -= 1
            raise OSError(f"no database for {SECRET_TEXT}")
        self.batches.append(list(events))

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    async def until(self, holds: Callable[[], bool], timeout: float = 5.0) -> None:
        async with asyncio.timeout(timeout):
            while not holds():
                await asyncio.sleep(0.005)

    async def next(self, number: int = 1) -> list[Event]:
        await self.until(lambda: len(self.events) >= number)
        return self.events


@pytest.fixture
async def tg() -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn(TOKEN) as standin:
        yield standin
        assert standin.violations == []


def channel_at(tg: TelegramStandIn, token: str = TOKEN, **more: Any) -> Telegram:
    return Telegram(token, tg.url, long_poll=1, pause=0.02, **more)


@asynccontextmanager
async def running(channel: Telegram, inbox: Inbox) -> AsyncIterator[None]:
    task = asyncio.create_task(channel.start(inbox.submit))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()


@asynccontextmanager
async def closing(channel: Telegram) -> AsyncIterator[Telegram]:
    try:
        yield channel
    finally:
        await channel.close()


# ---------------------------------------------------------------------- failures by their names


def _error(status: int, description: str) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": description}


PAGE = b"<html>Gateway of the province</html>"
TABLE: list[tuple[str, dict[str, Any], type[ChannelError], float | None]] = [
    ("reset after the request was taken", {"reset": True}, AnswerLost, None),
    ("no answer in time", {"delay": 0.5}, AnswerLost, None),
    ("429", {"status": 429, "body": {**_error(429, "slow"), "parameters": {"retry_after": 7}}}, TooMany, 7.0),
    ("429 without parameters", {"status": 429, "body": _error(429, "slow")}, TooMany, 1.0),
    ("429 as a page", {"status": 429, "body": PAGE}, TooMany, 1.0),
    ("403", {"status": 403, "body": _error(403, "Forbidden: bot was blocked by the user")}, Gone, None),
    ("403 as a page of something between", {"status": 403, "body": PAGE}, AppDown, None),
    ("chat not found", {"status": 400, "body": _error(400, "Bad Request: chat not found")}, Gone, None),
    ("other 400", {"status": 400, "body": _error(400, "Bad Request: message is too long")}, Refused, None),
    ("413", {"status": 413, "body": PAGE}, Refused, None),
    ("401", {"status": 401, "body": _error(401, "Unauthorized")}, TokenBad, 60.0),
    ("404 of a method", {"status": 404, "body": _error(404, "Not Found")}, AppDown, None),
    ("500", {"status": 500, "body": _error(500, "Internal Server Error")}, AppDown, None),
    ("502 as a page", {"status": 502, "body": PAGE}, AppDown, None),
    ("redirected", {"status": 302, "body": b""}, AppDown, None),
    ("200 with a page", {"status": 200, "body": PAGE}, AppDown, None),
    ("200 but not ok", {"status": 200, "body": _error(403, "Forbidden")}, AppDown, None),
]


@pytest.mark.parametrize(("fault", "expected", "after"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
async def test_every_failure_has_its_name(
    tg: TelegramStandIn, fault: dict[str, Any], expected: type[ChannelError], after: float | None
) -> None:
    phone = tg.phone(7)
    await phone.start()
    tg.fault("sendMessage", **fault)
    async with closing(channel_at(tg, patience=0.2)) as channel:
        with pytest.raises(ChannelError) as caught:
            await channel.send("7", Message("Chào bác"))
        assert type(caught.value) is expected
        assert caught.value.after == after
        assert caught.value.__context__ is None or TOKEN not in "".join(traceback.format_exception(caught.value))
        sent = await channel.send("7", Message("Chào bác lần nữa"))
    assert phone.messages[-1].message_id == int(sent.ref)


@pytest.mark.parametrize(
    ("method", "status", "description", "expected"),
    [
        ("getMe", 404, "Not Found", TokenBad),
        ("file", 404, "Not Found", Refused),
        ("getUpdates", 409, "Conflict: terminated by other getUpdates request", PollingConflict),
        ("editMessageText", 400, "Bad Request: message is not modified: …", NotModified),
        ("answerCallbackQuery", 400, "Bad Request: query is too old", Refused),
        ("getFile", 400, "Bad Request: file is too big", FileTooBig),
    ],
)
def test_what_an_answer_means_depends_on_the_method(
    method: str, status: int, description: str, expected: type[ChannelError]
) -> None:
    body = f'{{"ok": false, "error_code": {status}, "description": "{description}"}}'.encode()
    assert type(failure_of(method, status, body).error) is expected


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9", "socks5://127.0.0.1:9", "socks5h://127.0.0.1:9"])
async def test_without_a_connection_nothing_was_sent(proxy: str | None) -> None:
    async with closing(Telegram(TOKEN, "http://127.0.0.1:9", proxy)) as channel:
        with pytest.raises(NotSent):
            await channel.send("7", Message("Chào bác"))
        with pytest.raises(NotSent):
            await channel.fetch(File("file_1"))


async def test_a_proxy_carries_every_call(tg: TelegramStandIn) -> None:
    phone = tg.phone(7)
    await phone.start()
    inbox = Inbox()
    channel = Telegram(TOKEN, "http://telegram.invalid", tg.url, long_poll=1)
    async with running(channel, inbox):
        await inbox.next()
        await channel.send("7", Message("Qua cổng"))
    assert phone.messages[-1].text == "Qua cổng"


@pytest.mark.parametrize(
    ("address", "message"),
    [("", Message("a")), ("chú Bảy", Message("a")), ("7", Message("a", edit="x")), ("7", Message("a", photo="no.png"))],
)
async def test_what_can_never_be_sent_is_refused(tg: TelegramStandIn, address: str, message: Message) -> None:
    await tg.phone(7).start()
    async with closing(channel_at(tg)) as channel:
        with pytest.raises(Refused):
            await channel.send(address, message)


# ---------------------------------------------------------------------- sending


async def test_choices_become_rows(tg: TelegramStandIn) -> None:
    phone = tg.phone(7)
    await phone.start()
    ways = tuple(Choice(label, f"w:{label}", beside=True) for label in ("Lùi", "Bỏ qua", "Sửa", "Xem thêm"))
    async with closing(channel_at(tg)) as channel:
        await channel.send("7", Message("Chuyện gì?", (Choice("Đường", "a:1"), Choice("Nước", "a:2"), *ways)))
        await channel.send("7", Message("*Không* <b>định dạng</b>"))
    assert phone.messages[0].rows == [["Đường"], ["Nước", "Lùi", "Bỏ qua"], ["Sửa", "Xem thêm"]]
    assert phone.messages[0].data("Nước") == "a:2"
    assert phone.messages[1].text == "*Không* <b>định dạng</b>"
    method, parameters = tg.calls[-1]
    assert method == "sendMessage"
    assert parameters["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in parameters
    assert "reply_markup" not in parameters


async def test_edits_replace_and_a_repeated_one_is_success(tg: TelegramStandIn) -> None:
    phone = tg.phone(7)
    await phone.start()
    async with closing(channel_at(tg)) as channel:
        ref = (await channel.send("7", Message("1 người", (Choice("Dừng", "k:1"),)))).ref
        edit = Message("2 người", (Choice("Dừng", "k:1"),), edit=ref)
        assert (await channel.send("7", edit)).ref == ref
        assert (await channel.send("7", edit)).ref == ref
        assert (phone.messages[0].text, phone.messages[0].edits) == ("2 người", 1)
        await channel.send("7", Message("", edit=ref))
        assert (phone.messages[0].text, phone.messages[0].buttons) == ("2 người", [])
        with pytest.raises(Refused):
            await channel.send("7", Message("3 người", edit="999999"))
    assert len(phone.messages) == 1


async def test_a_picture_goes_with_its_caption_and_buttons(tg: TelegramStandIn, tmp_path: Path) -> None:
    (tmp_path / "cau.png").write_bytes(b"\x89PNG picture")
    phone = tg.phone(7)
    await phone.start()
    async with closing(channel_at(tg, photos=tmp_path)) as channel:
        sent = await channel.send("7", Message("Cầu gãy", (Choice("Xong", "k:1"),), photo="cau.png"))
        await channel.send("7", Message("Cầu đã sửa", photo="cau.png", edit=sent.ref))
    assert phone.messages[0].photo == b"\x89PNG picture"
    assert (phone.messages[0].text, phone.messages[0].buttons) == ("Cầu đã sửa", [])


async def test_a_document_is_uploaded_once_for_all(tg: TelegramStandIn, tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef.pdf").write_bytes(pdf())
    phones = [tg.phone(n) for n in range(1, 6)]
    for phone in phones:
        await phone.start()
    message = Message("Mời bác xem", (Choice("Đã xem", "v:1"),), file="0123456789abcdef.pdf", file_name="Thông báo.pdf")
    async with closing(channel_at(tg, documents=tmp_path)) as channel:
        await asyncio.gather(*(channel.send(str(phone.chat_id), message) for phone in phones[:4]))
        given = [parameters["document"] for method, parameters in tg.calls if method == "sendDocument"]
        assert [each for each in given if isinstance(each, bytes)] == [pdf()]
        # forgotten by Telegram: uploaded anew, and nobody gets it twice
        tg.documents.clear()
        sent = await channel.send("5", message)
        await channel.send("5", replace(message, text="Đã thu hồi", choices=(), edit=sent.ref))
        # of another name it is another document
        await channel.send("5", replace(message, file_name="Công văn.pdf"))
    assert [[(m.file_name, m.file) for m in phone.messages] for phone in phones[:4]] == [[("Thông báo.pdf", pdf())]] * 4
    assert [(m.file_name, m.file) for m in phones[4].messages] == [("Thông báo.pdf", pdf()), ("Công văn.pdf", pdf())]
    assert (phones[4].messages[0].text, phones[4].messages[0].buttons) == ("Đã thu hồi", [])


async def test_who_blocked_us_or_never_wrote_is_gone(tg: TelegramStandIn) -> None:
    await tg.phone(7).start()
    await tg.phone(7).block()
    tg.phone(8)
    async with closing(channel_at(tg)) as channel:
        for address in ("7", "8", "9"):
            with pytest.raises(Gone):
                await channel.send(address, Message("Chào bác"))


# ---------------------------------------------------------------------- receiving


async def test_what_people_do_becomes_events(tg: TelegramStandIn) -> None:
    phone, inbox = tg.phone(7, "Bảy", "Nguyễn"), Inbox()
    first = await phone.start("MA-2")
    await phone.say("/viec@nhipcau_thu_bot")
    await phone.say("/start MA-2@nhipcau_thu_bot")
    await phone.say(unicodedata.normalize("NFD", "đường hỏng, gửi a@b.vn"))
    await phone.send_photo(b"x" * 500, "cầu gãy")
    await phone.send_document(b"y" * 30, "image/png")
    await phone.send_document(b"z", "application/pdf", "kèm lời", unicodedata.normalize("NFD", "Thông báo 12.pdf"))
    await phone.voice()
    await phone.sticker()
    await phone.block()
    await phone.unblock()
    async with running(channel_at(tg), inbox):
        events = await inbox.next(11)
    assert [event.id for event in events] == [str(first + n) for n in range(11)]
    assert {event.channel for event in events} == {"telegram"}
    assert [(event.kind, event.text) for event in events] == [
        (EventKind.TEXT, "/start MA-2"),
        (EventKind.TEXT, "/viec"),
        (EventKind.TEXT, "/start MA-2"),
        (EventKind.TEXT, "đường hỏng, gửi a@b.vn"),
        (EventKind.PHOTO, "cầu gãy"),
        (EventKind.PHOTO, ""),
        (EventKind.FILE, "kèm lời"),
        (EventKind.VOICE, ""),
        (EventKind.OTHER, ""),
        (EventKind.BLOCKED, ""),
        (EventKind.RETURNED, ""),
    ]
    assert {event.address for event in events} == {"7"}
    assert [event.file.size for event in events if event.file] == [500, 30, 1]
    assert [event.file.title for event in events if event.file] == ["", "", "Thông báo 12.pdf"]
    assert events[0].name == "Bảy Nguyễn"
    assert len(inbox.batches) == 1


async def test_an_album_an_edit_and_odd_names_become_events(tg: TelegramStandIn) -> None:
    phone, inbox = tg.phone(7, "Bảy"), Inbox()
    await phone.send_album([b"1", b"2", b"3"], "cầu gãy")
    await phone.send_album([b"4", b"5"])
    await phone.say("đường hỏng")
    said = phone.own[-1]
    await phone.edit("đường hỏng nặng\x0bở Nà Han")
    await phone.send_document(b"y", "application/octet-stream", name="IMG_0012.HEIC")
    async with running(channel_at(tg), inbox):
        events = await inbox.next(8)
    assert [event.kind for event in events[:5]] == [EventKind.PHOTO] * 5
    assert [event.text for event in events[:3]] == ["cầu gãy", "", ""]
    albums = [event.album for event in events]
    assert albums[0] == albums[1] == albums[2] != albums[3] == albums[4] != ""
    assert albums[5:] == [""] * 3
    assert [(event.kind, event.text, event.ref) for event in events[5:7]] == [
        (EventKind.TEXT, "đường hỏng", str(said)),
        (EventKind.EDITED, "đường hỏng nặng\nở Nà Han", str(said)),
    ]
    assert events[7].kind is EventKind.PHOTO


async def test_what_is_nobodys_act_is_only_claimed(tg: TelegramStandIn) -> None:
    inbox = Inbox()
    group = {"id": -5, "type": "group", "title": "Xóm"}
    user = {"id": 7, "is_bot": False, "first_name": "Bảy"}
    message = {"message_id": 1, "date": 1_760_000_000, "text": SECRET_TEXT}
    private = {"id": 7, "type": "private", "first_name": "Bảy"}
    moving = {"message_id": 1, "date": 1_760_000_000, "location": {"latitude": 21.9, "longitude": 106.7}}
    of_the_app: list[dict[str, Any]] = [
        {"pinned_message": {**message, "chat": private}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}},
        {"write_access_allowed": {}},
        {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "x"}}},
        {"left_chat_member": user},
    ]
    notes = [{"message_id": 1, "date": 1_760_000_000, **note} for note in of_the_app]
    ids = [
        tg.push({"message": {**message, "chat": group, "from": user}}),
        tg.push({"channel_post": {**message, "chat": {"id": -6, "type": "channel", "title": "Tin"}}}),
        tg.push({"edited_message": {**message, "edit_date": 1_760_000_001, "chat": group, "from": user}}),
        # a place that moves is edited by itself
        tg.push({"edited_message": {**moving, "edit_date": 1_760_000_001, "chat": private, "from": user}}),
        *(tg.push({"message": {**note, "chat": private, "from": user}}) for note in notes),
        tg.push({"message": {**message, "chat": private, "from": {**user, "is_bot": True}}}),
        tg.push_raw({"message": {"message_id": 1, "text": SECRET_TEXT, "from": user}}),
        tg.push_raw({"message": "nonsense"}),
        tg.push_raw({"callback_query": {"id": "1", "from": user}}),
        tg.push_raw({}),
    ]
    last = await tg.phone(8).say("vẫn nghe được")
    async with running(channel_at(tg), inbox):
        await inbox.next(9)
        await inbox.until(lambda: tg.confirmed == last + 1)
    assert [(event.id, event.kind, event.address, event.text) for event in inbox.events[:-1]] == [
        (str(id), EventKind.IGNORED, "", "") for id in ids
    ]
    assert inbox.events[-1].text == "vẫn nghe được"


async def test_a_tap_is_acknowledged_once_and_its_buttons_go(tg: TelegramStandIn) -> None:
    phone, inbox, channel = tg.phone(7), Inbox(), channel_at(tg)
    await phone.start()
    async with running(channel, inbox):
        await inbox.next()
        ref = (await channel.send("7", Message("Thuận lợi?", (Choice("Có", "a:1"), Choice("Không", "a:2"))))).ref
        await phone.expect()
        await phone.tap("Có")
        await phone.until(lambda: phone.messages[0].buttons == [] and len(phone.acknowledged) == 1)
        tap = inbox.events[1]
        assert (tap.kind, tap.address, tap.data, tap.ref) == (EventKind.TAP, "7", "a:1", ref)
        assert tap.ack == phone.acknowledged[0]
        # the second as it was sent before choices could be marked
        for number, choice in enumerate((Choice("Đường", "k:1", stays=True), Choice("Đường", "s:1")), start=3):
            await channel.send("7", Message("Chọn nhiều", (choice,)))
            await phone.tap("Đường")
            await inbox.next(number)
        await phone.tap("Đường", inaccessible=True)
        await inbox.next(5)
        await phone.until(lambda: len(phone.acknowledged) == 4)
        tg.redeliver(int(tap.id))
        await inbox.next(6)
        await asyncio.sleep(0.05)
    assert (inbox.events[4].address, inbox.events[4].ref) == ("7", "")
    assert [event.data for event in inbox.events[2:4]] == ["k:1", "s:1"]
    assert [each.buttons for each in phone.messages] == [[], ["Đường"], ["Đường"]]
    assert tg.counts["answerCallbackQuery"] == 4
    assert tg.counts["editMessageReplyMarkup"] == 1


async def test_a_tap_is_acknowledged_right_after_its_commit_not_before(tg: TelegramStandIn) -> None:
    phone = tg.phone(7)
    begun, committed = asyncio.Event(), asyncio.Event()

    async def commit(events: Sequence[Event]) -> None:
        if any(event.kind is EventKind.TAP for event in events):
            begun.set()
            await committed.wait()

    await phone.start()
    channel = channel_at(tg)
    await channel.send("7", Message("Thuận lợi?", (Choice("Có", "a:1"),)))
    await phone.expect()
    # a call that hangs is another message's: no acknowledgement waits for what is being sent
    tg.fault("sendMessage", delay=60)
    task = asyncio.create_task(channel.start(commit))
    slow = asyncio.create_task(channel.send("8", Message("Thông báo")))
    try:
        await phone.tap("Có")
        await asyncio.wait_for(begun.wait(), 10)
        await asyncio.sleep(0.1)
        assert phone.acknowledged == []
        assert phone.messages[0].buttons == ["Có"]
        committed.set()
        await phone.until(lambda: len(phone.acknowledged) == 1)
        assert not slow.done()
    finally:
        for each in (task, slow):
            each.cancel()
        await asyncio.gather(task, slow, return_exceptions=True)
        await channel.close()


async def test_a_failing_acknowledgement_disturbs_nothing(tg: TelegramStandIn) -> None:
    phone, inbox, channel = tg.phone(7), Inbox(), channel_at(tg)
    await phone.start()
    tg.tap_seconds = -1
    tg.fault("editMessageReplyMarkup", status=500, body=PAGE)
    async with running(channel, inbox):
        await channel.send("7", Message("Thuận lợi?", (Choice("Có", "a:1"),)))
        await phone.tap("Có")
        await inbox.until(lambda: tg.counts["editMessageReplyMarkup"] == 1)
        await phone.say("tiếp")
        await inbox.next(3)
        assert channel.status().ok


async def test_the_offset_moves_only_after_the_commit(tg: TelegramStandIn) -> None:
    phone, inbox = tg.phone(7), Inbox()
    inbox.failures = 2
    first = await phone.say("một")
    second = await phone.say("hai")
    async with running(channel_at(tg), inbox):
        await inbox.until(lambda: inbox.tries >= 2)
        assert tg.confirmed == 0
        await inbox.next(2)
        await inbox.until(lambda: tg.confirmed == second + 1)
    assert tg.handed == [first, second] * 3
    assert [event.text for event in inbox.events] == ["một", "hai"]


async def test_an_unfinished_commit_at_the_end_is_delivered_again(tg: TelegramStandIn) -> None:
    update = await tg.phone(7).say("một")
    never = asyncio.Event()
    begun = asyncio.Event()

    async def stuck(_: Sequence[Event]) -> None:
        begun.set()
        await never.wait()

    channel = channel_at(tg)
    task = asyncio.create_task(channel.start(stuck))
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    inbox = Inbox()
    async with running(channel_at(tg), inbox):
        await inbox.next()
    assert tg.handed == [update, update]


async def test_a_redelivered_update_has_the_same_id_and_stops_nothing(tg: TelegramStandIn) -> None:
    phone, inbox = tg.phone(7), Inbox()
    old = await phone.say("một")
    async with running(channel_at(tg), inbox):
        await inbox.next()
        await inbox.until(lambda: tg.confirmed == old + 1)
        tg.redeliver(old)
        await inbox.next(2)
        new = await phone.say("hai")
        await inbox.next(3)
        await inbox.until(lambda: tg.confirmed == new + 1)
    assert [event.id for event in inbox.events] == [str(old), str(old), str(new)]


# ---------------------------------------------------------------------- states


async def test_a_webhook_left_over_is_dropped_and_the_name_learned(tg: TelegramStandIn) -> None:
    tg.webhook = "https://old.example/hook"
    inbox, channel = Inbox(), channel_at(tg, menus={"collaborator:vi": [("baocao", "Gửi báo cáo")]})
    await tg.phone(7).start()
    assert channel.link("MA") is None
    assert not channel.status().ok
    async with running(channel, inbox):
        await inbox.next()
        await inbox.until(lambda: bool(tg.menus))
        assert channel.link("MA") == "https://t.me/nhipcau_thu_bot?start=MA"
        assert (channel.status().ok, channel.status().detail) == (True, "đã kết nối @nhipcau_thu_bot")
    assert tg.menus == {(0, ""): [("baocao", "Gửi báo cáo")]}
    assert ("deleteWebhook", {"drop_pending_updates": False}) in tg.calls
    polls = [parameters for method, parameters in tg.calls if method == "getUpdates"]
    assert all(
        poll["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"] for poll in polls
    )
    assert "offset" not in polls[0]


async def test_every_language_has_its_menu_and_a_role_its_own_by_chat(tg: TelegramStandIn) -> None:
    menus = app_menus()
    inbox, channel = Inbox(), channel_at(tg, menus=menus)
    phones = [tg.phone(n) for n in (7, 8, 9)]
    for phone in phones:
        await phone.start()
    async with running(channel, inbox):
        await inbox.next(3)
        await inbox.until(lambda: (0, "en") in tg.menus)
        for menu in ("collaborator:vi", "coordinator:vi", "coordinator:vi", "", "collaborator:en", "unknown:vi"):
            await channel.send("7", Message("Chào bác", app_menu=menu))
            await channel.send("8", Message("Chào bác", app_menu="collaborator:vi"))
        await channel.send("9", Message("Chào bác", app_menu="leader:vi"))
        await inbox.until(lambda: tg.counts["setMyCommands"] == 2 + 3)
    assert tg.menus == {
        (0, ""): list(menus["collaborator:vi"]),
        (0, "en"): list(menus["collaborator:en"]),
        (7, ""): list(menus["collaborator:en"]),
        (9, ""): list(menus["leader:vi"]),
    }
    assert tg.violations == []
    assert {command for menu in menus.values() for command, _ in menu} <= {command.value for command in Command}


async def test_a_menu_refused_stops_nothing(tg: TelegramStandIn) -> None:
    inbox, channel = Inbox(), channel_at(tg, menus={"collaborator:vi": [("Bao-Cao", "x")], "leader:vi": [("x", "")]})
    await tg.phone(7).start()
    async with running(channel, inbox):
        await inbox.next()
        await inbox.until(lambda: tg.counts["setMyCommands"] == 1)
        await channel.send("7", Message("Chào bác", app_menu="leader:vi"))
        await inbox.until(lambda: tg.counts["setMyCommands"] == 2)
        await tg.phone(7).say("vẫn nghe được")
        await inbox.next()
    assert [message.text for message in tg.phone(7).messages] == ["Chào bác"]
    assert tg.menus == {}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        pytest.param(
            {"status": 409, "body": _error(409, "Conflict")},
            "một chương trình khác đang nhận tin của bot này (409)",
            marks=pytest.mark.slow,
        ),
        ({"status": 401, "body": _error(401, "Unauthorized")}, "token sai (NHIPCAU_TELEGRAM_TOKEN)"),
        ({"status": 502, "body": PAGE}, "Telegram đang trục trặc, đang thử lại"),
        ({"reset": True}, "không kết nối được Telegram, đang thử lại"),
    ],
)
async def test_a_state_is_named_logged_once_and_left(tg: TelegramStandIn, fault: dict[str, Any], sentence: str) -> None:
    inbox, channel = Inbox(), channel_at(tg)
    tg.fault("getUpdates", times=3, **fault)
    with structlog.testing.capture_logs() as logs:
        async with running(channel, inbox):
            await inbox.until(lambda: channel.status().detail == sentence)
            assert not channel.status().ok
            await inbox.until(lambda: channel.status().ok)
            await tg.phone(7).say("một")
            await inbox.next()
    states = [line["state"] for line in logs if line["event"] == "telegram_state"]
    assert len(states) == 2
    assert states[-1] == "ok"


async def test_a_malformed_token_is_named_although_every_method_is_unknown(tg: TelegramStandIn) -> None:
    inbox, channel = Inbox(), channel_at(tg, token="malformed")
    async with running(channel, inbox):
        await inbox.until(lambda: "token sai" in channel.status().detail)
        await asyncio.sleep(0.1)
        assert "token sai" in channel.status().detail


async def test_two_programs_polling_one_bot_both_say_so(tg: TelegramStandIn) -> None:
    one, other, inbox = channel_at(tg), channel_at(tg), Inbox()
    seen: set[int] = set()

    def both() -> bool:
        seen.update(n for n, each in enumerate((one, other)) if "(409)" in each.status().detail)
        return len(seen) == 2

    async with running(one, inbox), running(other, inbox):
        await inbox.until(both)


async def test_no_network_at_the_start_then_it_comes(tg: TelegramStandIn) -> None:
    await tg.phone(7).say("một")
    await tg.stop()
    inbox, channel = Inbox(), channel_at(tg)
    async with running(channel, inbox):
        await inbox.until(lambda: channel.status().detail == "không kết nối được Telegram, đang thử lại")
        await tg.start()
        await inbox.next()
        await inbox.until(lambda: channel.link("MA") is not None and channel.status().ok)
        await tg.stop()
        await inbox.until(lambda: not channel.status().ok)
        await tg.start()
        await tg.phone(7).say("hai")
        await inbox.next(2)
    assert [event.text for event in inbox.events] == ["một", "hai"]


# ---------------------------------------------------------------------- files


async def test_a_picture_is_fetched_and_a_large_one_is_not(
    tg: TelegramStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = tg.keep_file(b"picture" * 1000)
    async with closing(channel_at(tg)) as channel:
        assert await channel.fetch(File(handle)) == b"picture" * 1000
        monkeypatch.setattr(channel, "limits", Limits(4096, 1024, download=6999))
        with pytest.raises(FileTooBig):
            await channel.fetch(File(handle))
        assert tg.counts["file"] == 1
        with pytest.raises(FileTooBig):
            await channel.fetch(File(handle, size=7000))
        assert tg.counts["getFile"] == 2
        with pytest.raises(Refused):
            await channel.fetch(File("unknown"))


@pytest.mark.parametrize("declared", [True, False])
async def test_a_download_ends_where_the_limit_is_passed(
    tg: TelegramStandIn, monkeypatch: pytest.MonkeyPatch, declared: bool
) -> None:
    handle = tg.keep_file(b"x" * 900_000)
    answer = {"ok": True, "result": {"file_id": handle, "file_unique_id": handle, "file_path": f"photos/{handle}.jpg"}}
    tg.fault("getFile", status=200, body=answer)
    tg.chunked_files = not declared
    async with closing(channel_at(tg)) as channel:
        monkeypatch.setattr(channel, "limits", Limits(4096, 1024, download=1000))
        with pytest.raises(FileTooBig):
            await channel.fetch(File(handle))


async def test_a_file_that_is_gone_is_not_a_wrong_token(tg: TelegramStandIn) -> None:
    handle = tg.keep_file(b"x")
    tg.fault("file", status=404, body=_error(404, "Not Found"))
    async with closing(channel_at(tg)) as channel:
        with pytest.raises(Refused):
            await channel.fetch(File(handle))


# ---------------------------------------------------------------------- nothing leaks


class _Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


async def test_neither_token_nor_words_reach_a_log_or_an_error(tg: TelegramStandIn) -> None:
    everything = _Everything()
    loggers = [logging.getLogger(name) for name in (None, "telegram", "httpx", "aiohttp.access")]
    phone, inbox, channel = tg.phone(7), Inbox(), channel_at(tg, patience=0.2)
    before = loggers[0].level
    loggers[0].setLevel(logging.DEBUG)
    for logger in loggers:
        logger.addHandler(everything)
    errors: list[str] = []
    try:
        with structlog.testing.capture_logs() as logs:
            await phone.say(SECRET_TEXT)
            tg.push_raw({"message": {"message_id": 1, "text": [SECRET_TEXT], "from": phone.user, "chat": phone.chat}})
            inbox.failures = 1
            for fault in ({"status": 401}, {"status": 200, "body": SECRET_TEXT.encode()}, {"reset": True}):
                tg.fault("getUpdates", **fault)
            tg.fault("getMe", status=404, body=_error(404, "Not Found"))
            loggers[0].debug("heard")
            async with running(channel, inbox):
                await inbox.next(2)
                for _, fault, _, _ in TABLE:
                    tg.fault("sendMessage", **fault)
                    with pytest.raises(ChannelError) as caught:
                        await channel.send("7", Message(SECRET_TEXT))
                    errors += traceback.format_exception(caught.value)
                await tg.stop()
                with pytest.raises(NotSent) as not_sent:
                    await channel.send("7", Message(SECRET_TEXT))
                errors += traceback.format_exception(not_sent.value)
    finally:
        loggers[0].setLevel(before)
        for logger in loggers:
            logger.removeHandler(everything)
    assert any(line["event"] == "telegram_update_unreadable" for line in logs)
    assert any(line.get("state") == "not_saved" and line["kind"] == "OSError" for line in logs)
    assert "root heard" in everything.lines
    kept = "\n".join([*everything.lines, *map(str, logs), *errors])
    assert TOKEN not in kept
    assert TOKEN.partition(":")[2] not in kept
    assert SECRET_TEXT not in kept
    assert tg.url not in kept
