"""Telegram: the Bot API's stand-in over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nhipcau.bot.channels.telegram.channel import Telegram
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from tests.support.apps import Hand, picture
from tests.support.channel_harnesses import CODE, TOKEN, Arrived, Harness, Inbox, arrived, deliver
from tests.support.standins.telegram import TelegramStandIn
from tests.support.world import World


class TelegramHarness:
    """The Bot API's stand-in over real sockets."""

    def __init__(self) -> None:
        self._standin = TelegramStandIn(TOKEN)
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name)

    async def __aenter__(self) -> Harness:
        await self._standin.start()
        self.channel: Channel = Telegram(TOKEN, self._standin.url, documents=self.documents, long_poll=1, pause=0.02)
        self.inbox = Inbox(self.channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await self._standin.stop()
        self._folder.cleanup()
        assert self._standin.violations == []

    async def begin(self, person: int) -> None:
        await self._standin.phone(person).start(CODE)

    async def say(self, person: int, text: str) -> None:
        await self._standin.phone(person).say(text)

    async def press(self, person: int, choice: Choice) -> None:
        await self.channel.send(str(person), Message("Bác chọn giúp:", (choice,)))
        await self._standin.phone(person).tap(choice.label)

    async def show(self, person: int, picture: bytes) -> bool:
        await self._standin.phone(person).send_photo(picture)
        return True

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        await self._standin.phone(person).send_document(document, "application/pdf", name=name)
        return True

    async def tell(self, person: int, message: Message) -> Arrived:
        phone = self._standin.phone(person)
        since = len(phone.messages)
        await deliver(self.channel, str(person), message)
        return arrived([(m.text, m.buttons, m.file_name, m.file) for m in phone.messages[since:]])

    async def shut_out(self, person: int) -> str:
        await self._standin.phone(person).block()
        return str(person)


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


HARNESS = TelegramHarness
APP = TelegramApp
