"""Zalo Official Account: its stand-in, which posts to our webhook."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nhipcau.bot.channels.zalo_oa.channel import ZaloOA
from nhipcau.bot.channels.zalo_oa.tokens import Tokens
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.web.webhooks import hook_routes
from tests.support.apps import Hand, NoWay, picture
from tests.support.channel_harnesses import CODE, Arrived, Harness, Inbox, Served, arrived, deliver
from tests.support.standins.zalo_oa import APP_ID, APP_SECRET, OA_SECRET, ZaloOAStandIn
from tests.support.world import World


class ZaloOAHarness:
    """The Official Account's stand-in, which posts to our webhook."""

    def __init__(self) -> None:
        self._standin = ZaloOAStandIn()
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name) / "documents"
        self.documents.mkdir()

    async def __aenter__(self) -> Harness:
        standin = self._standin
        await standin.__aenter__()
        tokens = Tokens(Path(self._folder.name), APP_ID, APP_SECRET, standin.refresh, standin.url)
        self.channel: Channel = ZaloOA(
            APP_ID,
            OA_SECRET,
            tokens,
            lambda words: words[::-1].encode().hex()[:32],
            standin.url,
            oa_id="388",
            documents=self.documents,
            pause=0.02,
            now=standin.now,
        )
        self.inbox = Inbox(self.channel)
        self._hooks = Served(hook_routes({self.channel.name: self.channel}))
        standin.webhook = await self._hooks.__aenter__() + "/hooks/zalo-oa"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hooks.__aexit__()
        await self.channel.close()
        await self._standin.__aexit__()
        self._folder.cleanup()
        assert self._standin.violations == []

    async def begin(self, person: int) -> None:
        await self.say(person, f"/start {CODE}")

    async def say(self, person: int, text: str) -> None:
        await self._post(self._standin.phone(person).say(text))

    async def press(self, person: int, choice: Choice) -> None:
        phone = self._standin.phone(person)
        await self.channel.send(phone.id, Message("Bác chọn giúp:", (choice,)))
        await self._post(phone.choose(choice.label))

    async def show(self, person: int, picture: bytes) -> bool:
        await self._post(self._standin.phone(person).show(picture))
        return True

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        await self._post(self._standin.phone(person).send_file(document, name))
        return True

    async def tell(self, person: int, message: Message) -> Arrived:
        phone = self._standin.phone(person)
        since = len(phone.messages)
        await deliver(self.channel, phone.id, message)
        return arrived([(m.text, m.choices, m.file_name, m.file) for m in phone.messages[since:]])

    async def _post(self, act: Coroutine[Any, Any, dict[str, Any]]) -> None:
        """Posted again, the same bytes, while it is not kept: the spool in front does so in the service."""
        body = await act
        raw = json.dumps(body, ensure_ascii=False).encode()
        for _ in range(5):
            if self._standin.statuses[-1] == 200:
                return
            await self._standin.post_raw(raw, self._standin.sign(raw, body))

    async def shut_out(self, person: int) -> str:
        phone = self._standin.phone(person)
        phone.acted, phone.blocked = self._standin.now(), True
        return phone.id


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
            now=lambda: standin.now(),
        )
        account.rate = 0.0
        self.channel: Channel = account
        self._hooks = Served(hook_routes({"zalo_oa": account}))
        standin.webhook = await self._hooks.__aenter__() + "/hooks/zalo-oa"
        self._world = world
        self._began = world.now
        self._task = asyncio.create_task(account.start(submit))
        await asyncio.sleep(0)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._hooks.__aexit__()
        await self.channel.close()
        await self.standin.__aexit__()
        assert self.standin.violations == []
        assert set(self.standin.statuses) <= {200}

    def hand(self, number: int, name: str) -> Hand:
        # the stand-in's clock goes with the office's
        world, began, real = self._world, self._began, __import__("time").time
        self.standin.now = lambda: real() + (world.now - began).total_seconds()  # type: ignore[method-assign]
        return _ZaloOAHand(self.standin, number, name)


HARNESS = ZaloOAHarness
APP = ZaloOAApp
