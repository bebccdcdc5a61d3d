"""The office with one app's real channel over real sockets: the same phones as in world.py, in somebody's hand.

What the core says is taken down as it is handed to the channel, and the phone at the other end of the sockets must
show just that, as the app can: so a dialogue's text is one for all apps. `way`: how a choice is taken.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from aiohttp import ClientSession, FormData
from PIL import Image
from sqlalchemy import func, select
from starlette.applications import Starlette

from nhipcau.bot.channels.telegram.channel import Telegram
from nhipcau.bot.channels.webchat.channel import WebChat
from nhipcau.bot.channels.zalo_bot.channel import ZaloBot
from nhipcau.bot.channels.zalo_oa.channel import ZaloOA
from nhipcau.bot.channels.zalo_oa.tokens import Tokens
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.delivery.last_look import still_wanted
from nhipcau.delivery.outgoing_message import message_of
from nhipcau.delivery.sender import Sender
from nhipcau.handlers.buttons import AnswerForm, AnswerRequest
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.intake.document_download import Files
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage import outbox as outbox_store
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.tables import contacts, outbox
from nhipcau.web import chat
from nhipcau.web.chat_backend import ChatBackend
from nhipcau.web.documents import DOCUMENT, document_address, document_routes
from nhipcau.web.pictures import PICTURE, picture_routes, public_address
from nhipcau.web.webhooks import hook_routes
from tests.support.channel_harnesses import stopped
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.zalo_bot import ZaloBotStandIn
from tests.support.standins.zalo_oa import APP_ID, APP_SECRET, OA_SECRET, ZaloOAStandIn
from tests.support.world import World

TAP, NUMBER, WORDS, BARE = "tap", "number", "words", "words without marks"
WAYS = (TAP, NUMBER, WORDS, BARE)
APPS = ("telegram", "web", "zalo_bot", "zalo_oa")


class NoWay(Exception):
    """This app has nothing to take this choice with: the button of an older message, where there are no buttons."""


class Hand(Protocol):
    """Somebody's hand and eye at one app."""

    async def type(self, text: str) -> None: ...

    async def press(self, message: Message, label: str) -> None:
        """Press the button of this label under this message."""

    async def send(self, kind: EventKind) -> None: ...

    def seen(self) -> list[tuple[str, list[str]]]:
        """Text and button labels of every bubble, oldest first; of an edited one as it is now."""

    address: str


class App(Protocol):
    channel: Channel
    #: Whether the app says what a person is called.
    tells_names: bool

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None: ...

    async def close(self) -> None: ...

    def hand(self, number: int, name: str) -> Hand: ...


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


class _Server:
    """Routes of ours on a port of this machine."""

    async def start(self, routes: list[Any]) -> str:
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.002)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        await stopped(self._server, self._serving)


# ------------------------------------------------------------------ Telegram


class _TelegramHand:
    def __init__(self, standin: TelegramStandIn, number: int, name: str) -> None:
        self.device = standin.phone(number, name)
        self.address = str(number)

    async def type(self, text: str) -> None:
        await self.device.say(text)

    async def press(self, message: Message, label: str) -> None:
        data = next(choice.data for choice in message.choices if choice.label == label)
        shown = [m for m in self.device.messages if label in m.buttons and m.data(label) == data]
        # the buttons of an answered question are gone: an old screen still shows them
        await self._tap(data, shown[-1] if shown else self.device.messages[-1])

    async def _tap(self, data: str, message: Any) -> None:
        self.device.tap_data(data, message)

    async def send(self, kind: EventKind) -> None:
        act = {EventKind.PHOTO: lambda: self.device.send_photo(picture()), EventKind.VOICE: self.device.voice}
        await act.get(kind, self.device.sticker)()

    def seen(self) -> list[tuple[str, list[str]]]:
        return [(m.text, m.buttons) for m in self.device.messages]


class TelegramApp:
    tells_names = True

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None:
        self.standin = TelegramStandIn()
        await self.standin.start()
        settings = world.parts.settings
        self.channel: Channel = Telegram(
            self.standin.token,
            self.standin.url,
            photos=settings.photos,
            documents=settings.documents,
            long_poll=5,
            pause=0.02,
        )
        self._task = asyncio.create_task(self.channel.start(submit))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.channel.close()
        await self.standin.stop()
        assert self.standin.violations == []

    def hand(self, number: int, name: str) -> Hand:
        return _TelegramHand(self.standin, number, name)


# ------------------------------------------------------------------ Zalo Bot


class _ZaloBotHand:
    def __init__(self, standin: ZaloBotStandIn, number: int, name: str) -> None:
        self.device = standin.phone(number, name)
        self.address = self.device.id

    async def type(self, text: str) -> None:
        await self.device.say(text)

    async def press(self, message: Message, label: str) -> None:
        raise NoWay(label)

    async def send(self, kind: EventKind) -> None:
        if kind is EventKind.PHOTO:
            await self.device.show(picture())
        elif kind is EventKind.VOICE:
            await self.device.speak()
        else:
            self.device.standin.push(self.device, "message.sticker.received", {"sticker": "x"})

    def seen(self) -> list[tuple[str, list[str]]]:
        return [(m.text, list(m.buttons)) for m in self.device.messages]


class ZaloBotApp:
    tells_names = True

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None:
        self.standin = ZaloBotStandIn()
        await self.standin.start()
        sign = partial(world.parts.sign, PICTURE)
        sign_document = partial(world.parts.sign, DOCUMENT)
        settings = world.parts.settings
        self._server = _Server()
        base = await self._server.start(
            [
                *picture_routes(settings.photos, sign),
                *document_routes(settings.documents, sign_document, texts(settings.language)),
            ]
        )
        bot = ZaloBot(
            self.standin.token,
            self.standin.url,
            picture=partial(public_address, base, sign),
            document=partial(document_address, base, sign_document),
            long_poll=5,
            between_polls=0.0,
            pause=0.02,
        )
        bot.rate = 0.0
        self.channel: Channel = bot
        self._task = asyncio.create_task(bot.start(submit))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.channel.close()
        await self._server.stop()
        await self.standin.stop()
        assert self.standin.violations == []

    def hand(self, number: int, name: str) -> Hand:
        return _ZaloBotHand(self.standin, number, name)


# ------------------------------------------------------------------ Zalo Official Account


class _ZaloOAHand:
    def __init__(self, standin: ZaloOAStandIn, number: int, name: str) -> None:
        self.device = standin.phone(number, name)
        self.address = self.device.id
        self._sign: Callable[[str], str]

    async def type(self, text: str) -> None:
        await self.device.say(text)

    async def press(self, message: Message, label: str) -> None:
        data = next(choice.data for choice in message.choices if choice.label == label)
        for shown in reversed(self.device.messages):
            carried = shown.buttons.get(label, "")
            if carried.removeprefix("#nc:").rpartition("#")[0] == data:
                await self.device.press(carried)
                return
        raise NoWay(label)

    async def send(self, kind: EventKind) -> None:
        if kind is EventKind.PHOTO:
            await self.device.show(picture())
        elif kind is EventKind.VOICE:
            await self.device.show(b"sound", kind="audio")
        else:
            await self.device.show(b"film", kind="video")

    def seen(self) -> list[tuple[str, list[str]]]:
        return [(m.text, list(m.buttons)) for m in self.device.messages]


class ZaloOAApp:
    tells_names = False

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None:
        self.standin = standin = ZaloOAStandIn()
        await standin.__aenter__()
        settings = world.parts.settings
        tokens = Tokens(settings.keys, APP_ID, APP_SECRET, standin.refresh, standin.url)
        account = ZaloOA(
            APP_ID,
            OA_SECRET,
            tokens,
            lambda words: world.parts.sign("zalo-oa-button", words),
            standin.url,
            photos=settings.photos,
            documents=settings.documents,
            pause=0.02,
        )
        account.rate = 0.0
        self.channel: Channel = account
        self._server = _Server()
        standin.webhook = await self._server.start(hook_routes({"zalo_oa": account})) + "/hooks/zalo-oa"
        self._world = world
        self._began = world.now
        self._task = asyncio.create_task(account.start(submit))
        await asyncio.sleep(0)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._server.stop()
        await self.channel.close()
        await self.standin.__aexit__()
        assert self.standin.violations == []
        assert set(self.standin.statuses) <= {200}

    def hand(self, number: int, name: str) -> Hand:
        # the stand-in's clock goes with the office's
        world, began, real = self._world, self._began, __import__("time").time
        self.standin.now = lambda: real() + (world.now - began).total_seconds()  # type: ignore[method-assign]
        return _ZaloOAHand(self.standin, number, name)


# ------------------------------------------------------------------ the web chat


class _WebHand:
    def __init__(self, app: WebApp, number: int) -> None:
        self._app = app
        self._ids = itertools.count(1)
        self._name = f"page{number}"
        self._cookie = ""
        self._code = "MATHU234"
        self._got: list[str] = []
        self.address = f"nobody yet {number}"
        self.bubbles: list[tuple[str, str, list[str]]] = []

    async def type(self, text: str) -> None:
        if not self._cookie:
            if not text.startswith(("/start ", "tham gia ")):
                # nobody is here without having opened a link
                raise NoWay(text)
            self._code = text.split()[-1]
            async with self._app.browser.post(f"{self._app.base}/c/{self._code}/start", json={}) as answer:
                assert answer.status == 204
                self._cookie = answer.cookies["nc"].value
            self.address = chat.address_of(self._cookie)
            return
        await self._post("send", {"text": text})

    async def press(self, message: Message, label: str) -> None:
        data = next(choice.data for choice in message.choices if choice.label == label)
        ref = next((key for key, text, _ in reversed(self.bubbles) if text == message.text), "")
        await self._post("send", {"data": data, "ref": ref})

    async def send(self, kind: EventKind) -> None:
        if kind is not EventKind.PHOTO:
            # the page has no such button
            raise NoWay(kind)
        form = FormData({"id": self._id()})
        form.add_field("file", picture(), filename="a.jpg", content_type="image/jpeg")
        body = form()
        raw = io.BytesIO()

        class _Into:
            async def write(self, chunk: bytes) -> None:
                raw.write(chunk)

        await body.write(_Into())  # type: ignore[arg-type]  # all it needs of a stream
        headers = {"Cookie": f"nc={self._cookie}", "Content-Type": body.content_type}
        url = f"{self._app.base}/c/{self._code}/photo"
        async with self._app.browser.post(url, data=raw.getvalue(), headers=headers) as answer:
            assert answer.status == 204

    def _id(self) -> str:
        return f"{self._name}-{next(self._ids)}"

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        url = f"{self._app.base}/c/{self._code}/{what}"
        async with self._app.browser.post(
            url, json={"id": self._id(), **body}, headers={"Cookie": f"nc={self._cookie}"}
        ) as answer:
            assert answer.status == 204, await answer.text()

    async def fetch(self) -> list[Message]:
        """What waits, as the page asks for it."""
        url, headers = f"{self._app.base}/c/{self._code}/messages", {"Cookie": f"nc={self._cookie}"}
        async with self._app.browser.post(url, json={"got": self._got}, headers=headers) as answer:
            found = (await answer.json())["messages"]
        self._got = [message["key"] for message in found]
        said = []
        for message in found:
            labels = [choice["label"] for choice in message["choices"]]
            self.bubbles.append((message["key"], message["text"], labels))
            choices = tuple(Choice(c["label"], c["data"]) for c in message["choices"])
            picture_name = message["photo"].rpartition("/")[2]
            # the page shows no numbers, and where all choices are asides nobody would type one
            only_asides = all(label in _ASIDES or label.isdecimal() for label in labels)
            said.append(Message(message["text"], choices, message["edit"], picture_name, only_asides))
        return said

    def seen(self) -> list[tuple[str, list[str]]]:
        return [(text, labels) for _, text, labels in self.bubbles]


_ASIDES = {"Hủy", "Làm tiếp báo cáo", "Lùi", "Bỏ qua", "Không có gì", "Không có gì mới", "Giữ như cũ", "Để trống"}


class _Frames(ChartPictureCache):
    """Every picture that a message asks for, as if it were drawn."""

    def __init__(self) -> None:
        super().__init__(ChartRenderer(), Path())

    async def with_picture(self, message: Message) -> Message:
        return replace(message, photo="0" * 16 + ".jpg") if message.draw else message


class WebApp:
    tells_names = False

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None:
        webchat = WebChat("http://127.0.0.1")
        self.channel: Channel = webchat
        self.chat_backend = ChatBackend(world.parts, world.dispatch, _Frames(), now=lambda: world.now)
        self._server = _Server()
        sign = partial(world.parts.sign, DOCUMENT)
        documents = document_routes(world.parts.settings.documents, sign, self.chat_backend.sentence)
        # nobody waits for news here: what lies there is asked for
        pages = chat.chat_routes(self.chat_backend, {"web": webchat}, secure=False, long_poll=0.0)
        self.base = await self._server.start([*pages, *documents])
        self.browser = ClientSession()

    async def close(self) -> None:
        self.chat_backend.close()
        await self.browser.close()
        await self._server.stop()

    def hand(self, number: int, name: str) -> Hand:
        return _WebHand(self, number)


# ------------------------------------------------------------------ the office around it


class _TakingDown(Sender):
    """Delivers for real, round by round, and keeps what it was given to say."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.said: dict[str, list[Message]] = defaultdict(list)

    async def _deliver(self, row: ClaimedDelivery) -> None:
        self.said[row.address].append(message_of(row))
        await super()._deliver(row)

    async def deliver_to(self, contact_id: int) -> None:
        """What lies ready for one door, in order: a phone that is looked at."""
        now = self._now()
        quiet = self._settings.quiet_hours.holds(now.astimezone(self._settings.zone))
        async with self._recording() as connection:
            rows, _ = await outbox_store.waiting(connection, self._sealer, contact_id, now, quiet=quiet)
            rows = await still_wanted(connection, self._sealer, self._settings, rows, self._now())
        for row in rows:
            await self._deliver(row)
        async with self._recording():
            pass


@dataclass(eq=False)
class AppPhone:
    """The same as tests.world.Phone, with a real app in between."""

    world: AppWorld
    hand: Hand
    name: str
    messages: list[Message] = field(default_factory=list)
    _bubbles: int = 0

    async def say(self, text: str) -> list[Message]:
        return await self._do(self.hand.type(text))

    async def tap(self, label: str) -> list[Message]:
        """Take a choice: pressed, or by its number or words where it stands last."""
        last = self.messages[-1]
        message = next((m for m in reversed(self.messages) if label in [c.label for c in m.choices]), None)
        if message is None and label.startswith("Dùng tên: "):
            raise NoWay(label)
        if message is None:
            raise AssertionError(f"no choice {label!r} in {[c.label for c in last.choices]}: {last.text}")
        labels = [choice.label for choice in last.choices]
        # of several, a typed number is the whole answer: one alone is pressed
        pressed = next(c for c in message.choices if c.label == label)
        toggles = pressed.stays and isinstance(unpack(pressed.data), AnswerForm | AnswerRequest)
        if message is last and not toggles:
            if self.world.way == NUMBER and not last.number_answers:
                return await self.say(str(labels.index(label) + 1))
            if self.world.way == WORDS and labels.count(label) == 1:
                return await self.say(label)
            if self.world.way == BARE and [fold(other) for other in labels].count(fold(label)) == 1:
                return await self.say(fold(label))
        try:
            return await self._do(self.hand.press(message, label))
        except NoWay:
            if message is not last or toggles:
                raise
        return await self.say(label if last.number_answers else str(labels.index(label) + 1))

    async def photo(self) -> list[Message]:
        return await self._do(self.hand.send(EventKind.PHOTO))

    async def send(self, kind: EventKind) -> list[Message]:
        return await self._do(self.hand.send(kind))

    async def _do(self, act: Awaitable[None]) -> list[Message]:
        before = self.world.committed
        await act
        await self.world.until_committed(before + 1)
        return await self.read()

    async def read(self) -> list[Message]:
        """What has come since, and that the app shows just that."""
        fresh = await self.world.said_to(self)
        self.messages += fresh
        limits = self.world.app.channel.limits
        expected = [
            (nfc(piece.text), [c.label for c in piece.choices])
            for message in fresh
            for piece in render(message, limits)
            if not piece.edit and piece.text
        ]
        shown = [(nfc(text), labels) for text, labels in self.hand.seen()[self._bubbles :] if text]
        self._bubbles = len(self.hand.seen())
        for text, labels in expected:
            # an answered question has lost its buttons already
            assert any(text == found and (labels == have or not have) for found, have in shown), (text, labels, shown)
        return fresh

    @property
    def last(self) -> Message:
        return self.messages[-1]


class AppWorld:
    """`World` with phones at one app. What tests.test_dialogues.Player asks of a world is here."""

    def __init__(self, world: World, app: App, way: str) -> None:
        self.world = world
        self.app = app
        self.way = way
        #: Events that have been committed.
        self.committed = 0
        self._numbers = itertools.count(1001)

    steady_ids = False

    async def open(self) -> None:
        world = self.world
        world.steady_ids = True
        settings = world.parts.settings
        channels = world.parts.channels
        files = Files(channels, settings.photos, settings.documents, settings.zone)
        world.dispatch = Dispatcher(
            world.committing(forget_files=files.forget), prepare=files.prepare, identify=world.identify
        )
        await self.app.open(world, self.submit)
        channels[self.app.channel.name] = self.app.channel
        self.sender = _TakingDown(world.parts.database, world.parts.sealer, channels, settings, now=lambda: world.now)
        if isinstance(self.app, WebApp):
            submit = world.dispatch.submit

            async def counted(events: Sequence[Event]) -> None:
                await submit(events)
                self.committed += len(events)

            world.dispatch.submit = counted  # type: ignore[method-assign]

    async def submit(self, events: Sequence[Event]) -> None:
        await self.world.dispatch.submit(events)
        self.committed += len(events)

    async def until_committed(self, number: int) -> None:
        async with asyncio.timeout(20):
            while self.committed < number:
                await asyncio.sleep(0.001)

    async def said_to(self, phone: AppPhone) -> list[Message]:
        if isinstance(phone.hand, _WebHand):
            said: list[Message] = []
            while await self._waits_for(phone.hand.address):
                said += await phone.hand.fetch()
            return said
        if (contact := await self.contact_of(phone.hand.address)) is not None:
            await self.sender.deliver_to(contact)
        fresh, self.sender.said[phone.hand.address] = self.sender.said[phone.hand.address], []
        return fresh

    async def contact_of(self, address: str) -> int | None:
        parts = self.world.parts
        lookup = parts.sealer.lookup(self.app.channel.name, address)
        async with parts.database.reading() as connection:
            found: int | None = await connection.scalar(select(contacts.c.id).where(contacts.c.lookup == lookup))
        return found

    async def _waits_for(self, address: str) -> bool:
        """Whether something lies there that may be fetched now."""
        parts, now = self.world.parts, self.world.now
        quiet = parts.settings.quiet_hours.holds(now.astimezone(parts.settings.zone))
        waiting = (
            select(func.count())
            .select_from(outbox.join(contacts, contacts.c.id == outbox.c.contact_id))
            .where(contacts.c.lookup == parts.sealer.lookup("web", address), outbox.c.due_at <= now)
        )
        if quiet:
            waiting = waiting.where(outbox.c.held.is_(False))
        async with parts.database.reading() as connection:
            return bool(await connection.scalar(waiting))

    # ------------------------------------------------------------------ as the player asks

    async def wait(self, **length: float) -> None:
        await self.world.wait(**length)

    async def invite(self, unit: str) -> str:
        return await self.world.invite(unit)

    def phone(self, address: str, name: str = "") -> AppPhone:
        return AppPhone(self, self.app.hand(next(self._numbers), name or address), name or address)

    async def joined(self, name: str, unit: str, role: str) -> AppPhone:
        _, code = await self.world.card(name, unit, role)
        phone = self.phone(name, name)
        await phone.say(f"/start {code}")
        way, self.way = self.way, NUMBER
        await phone.tap("Đồng ý")
        self.way = way
        return phone


_APPS: dict[str, Callable[[], App]] = {
    "telegram": TelegramApp,
    "web": WebApp,
    "zalo_bot": ZaloBotApp,
    "zalo_oa": ZaloOAApp,
}


@asynccontextmanager
async def app_world(folder: Path, now: datetime, app: str, way: str) -> AsyncIterator[AppWorld]:
    from tests.support.world import open_world

    async with open_world(folder, now) as world:
        office = AppWorld(world, _APPS[app](), way)
        await office.open()
        try:
            yield office
        finally:
            await office.app.close()
