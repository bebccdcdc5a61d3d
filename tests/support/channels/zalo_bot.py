"""Zalo Bot: the Bot Platform's stand-in, polled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from nhipcau.bot.channels.zalo_bot.channel import ZaloBot
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.web.documents import DOCUMENT, document_address, document_routes
from nhipcau.web.pictures import PICTURE, picture_routes, public_address
from tests.support.apps import Hand, NoWay, picture
from tests.support.channel_harnesses import CODE, TOKEN, Arrived, Harness, Inbox, Served, arrived, deliver, signature
from tests.support.standins.zalo_bot import ZaloBotStandIn
from tests.support.world import World


class ZaloBotHarness:
    """The Bot Platform's stand-in, polled."""

    def __init__(self) -> None:
        self._standin = ZaloBotStandIn(TOKEN)
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name)
        self._ours = Served(document_routes(self.documents, signature, str))

    async def __aenter__(self) -> Harness:
        await self._standin.start()
        base = await self._ours.__aenter__()
        self.channel: Channel = ZaloBot(
            TOKEN,
            self._standin.url,
            chat="https://zalo.me/b",
            document=partial(document_address, base, signature),
            long_poll=1,
            between_polls=0.01,
            pause=0.02,
        )
        self.inbox = Inbox(self.channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await self._ours.__aexit__()
        await self._standin.stop()
        self._folder.cleanup()
        assert self._standin.violations == []

    async def begin(self, person: int) -> None:
        await self.say(person, f"/start {CODE}")

    async def say(self, person: int, text: str) -> None:
        await self._standin.phone(person).say(text)

    async def press(self, person: int, choice: Choice) -> None:
        raise AssertionError("there are no buttons")

    async def show(self, person: int, picture: bytes) -> bool:
        await self._standin.phone(person).show(picture)
        return True

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        phone = self._standin.phone(person)
        self._standin.push(phone, "message.unsupported.received", {})
        return False

    async def tell(self, person: int, message: Message) -> Arrived:
        phone = self._standin.phone(person)
        since = len(phone.messages)
        await deliver(self.channel, phone.id, message)
        for received in phone.messages[since:]:
            if "/d/" in received.text:
                await phone.open_link(received)
        return arrived([(m.text, m.choices, m.file_name, m.file) for m in phone.messages[since:]])

    async def shut_out(self, person: int) -> str:
        self._standin.phone(person).blocked = True
        return self._standin.phone(person).id


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
        documents = document_routes(settings.documents, sign_document, texts(settings.language))
        self._ours = Served([*picture_routes(settings.photos, sign), *documents])
        base = await self._ours.__aenter__()
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
        await self._ours.__aexit__()
        await self.standin.stop()
        assert self.standin.violations == []

    def hand(self, number: int, name: str) -> Hand:
        return _ZaloBotHand(self.standin, number, name)


HARNESS = ZaloBotHarness
APP = ZaloBotApp
