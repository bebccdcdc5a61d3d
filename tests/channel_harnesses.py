"""What a channel's contract tests need of each app: people who do something, and a core that takes it or fails.

A later channel adds a class with these methods to `HARNESSES`; tests/test_channel_contract.py asks the rest of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import json
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import uvicorn
from aiohttp import ClientSession
from starlette.applications import Starlette

from nhipcau.bot.channel import Channel, ChannelError
from nhipcau.bot.channels.telegram import Telegram
from nhipcau.bot.channels.webchat import WebChat
from nhipcau.bot.channels.zalo_bot import ZaloBot
from nhipcau.bot.channels.zalo_oa import ZaloOA
from nhipcau.bot.channels.zalo_oa_tokens import Tokens
from nhipcau.bot.events import Event
from nhipcau.bot.messages import Choice, Message
from nhipcau.web.chat import chat_routes
from nhipcau.web.hooks import hook_routes
from tests.standins.telegram import TelegramStandIn
from tests.standins.zalo_bot import ZaloBotStandIn
from tests.standins.zalo_oa import APP_ID, APP_SECRET, OA_SECRET, ZaloOAStandIn
from tests.visitors import JSON, with_picture

TOKEN = "123456:AAcanary-TOKEN_of_the_bot"
CODE = "MATHU234"


async def stopped(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    """End it at once: uvicorn by itself looks every tenth of a second, and then waits for connections to close."""
    for listening in server.servers:
        listening.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    for connection in list(server.server_state.connections):
        connection.shutdown()


class Inbox:
    """The core: takes events and fetches their pictures at once, or fails as when the database is away."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        #: What a picture's handle gave, by the event's id.
        self.pictures: dict[str, bytes | ChannelError] = {}
        #: How many batches fail from now on, and what was in them.
        self.failures = 0
        self.failed: list[Event] = []

    async def submit(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            self.failed += events
            raise OSError("no database")
        for event in events:
            if event.file is not None:
                try:
                    self.pictures[event.id] = await self._channel.fetch(event.file)
                except ChannelError as error:
                    self.pictures[event.id] = error
            self._events.put_nowait(event)

    async def next(self) -> Event:
        """The next event nobody has looked at."""
        async with asyncio.timeout(10):
            return await self._events.get()

    @property
    def is_empty(self) -> bool:
        return self._events.empty()


class Harness(Protocol):
    """One app with its people, who are known by numbers. Each act returns when the app has it."""

    channel: Channel
    inbox: Inbox

    async def __aenter__(self) -> Harness: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def begin(self, person: int) -> None:
        """Open the link with CODE."""

    async def say(self, person: int, text: str) -> None: ...

    async def press(self, person: int, choice: Choice) -> None:
        """Have this choice on the screen and press it."""

    async def show(self, person: int, picture: bytes) -> bool:
        """Send a picture; False where the app's own door says that it is too large."""

    async def shut_out(self, person: int) -> str:
        """Make them unreachable; where a message to them would have gone. Only where messages are pushed."""


class TelegramHarness:
    """The Bot API's stand-in over real sockets."""

    def __init__(self) -> None:
        self._standin = TelegramStandIn(TOKEN)

    async def __aenter__(self) -> Harness:
        await self._standin.start()
        self.channel: Channel = Telegram(TOKEN, self._standin.url, long_poll=1, pause=0.02)
        self.inbox = Inbox(self.channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await self._standin.stop()
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

    async def shut_out(self, person: int) -> str:
        await self._standin.phone(person).block()
        return str(person)


class _Desk:
    """Hands over what the web chat receives; nothing ever waits here."""

    language = "vi"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def submit(self, events: Sequence[Event]) -> None:
        await self._inbox.submit(events)

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        return []

    async def wait(self, address: str, seconds: float) -> None:
        return

    async def read_photo(self, address: str, name: str) -> bytes | None:
        return None

    def sentence(self, key: str) -> str:
        return key

    closing = False

    def sign(self, token: str) -> str:
        return token[::-1]


class WebHarness:
    """The routes of the web chat on a server of this process, asked over HTTP as its page asks them."""

    def __init__(self) -> None:
        self.channel: Channel = (webchat := WebChat("http://127.0.0.1"))
        self.inbox = Inbox(webchat)
        app = Starlette(routes=chat_routes(_Desk(self.inbox), webchat, secure=False))
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._cookies: dict[int, str] = {}
        self._ids = itertools.count(1)

    async def __aenter__(self) -> Harness:
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self._browser = ClientSession(f"http://127.0.0.1:{port}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        await stopped(self._server, self._serving)
        await self.channel.close()

    async def begin(self, person: int) -> None:
        async with self._browser.post(f"/c/{CODE}/start", json={}) as answer:
            assert answer.status == 204
            self._cookies[person] = answer.cookies["nc"].value

    async def say(self, person: int, text: str) -> None:
        await self._send(person, "send", json.dumps({"id": self._id(), "text": text}).encode(), JSON)

    async def press(self, person: int, choice: Choice) -> None:
        act = {"id": self._id(), "data": choice.data, "ref": "0123456789abcdef"}
        await self._send(person, "send", json.dumps(act).encode(), JSON)

    async def show(self, person: int, picture: bytes) -> bool:
        body, headers = with_picture(picture, self._id())
        return await self._send(person, "photo", body, headers) != 413

    async def shut_out(self, person: int) -> str:
        raise AssertionError("nobody is written to")

    def _id(self) -> str:
        return f"page-{next(self._ids)}"

    async def _send(self, person: int, what: str, body: bytes, headers: dict[str, str]) -> int:
        """Post it, the same again while the answer is that it was not kept."""
        sent = {"Cookie": f"nc={self._cookies[person]}", **headers}
        for _ in range(5):
            async with self._browser.post(f"/c/{CODE}/{what}", headers=sent, data=io.BytesIO(body)) as answer:
                if answer.status != 503:
                    assert answer.status in (204, 413)
                    return answer.status
        raise AssertionError("not kept in five tries")


class Hooks:
    """Our webhooks on a server of this process."""

    def __init__(self, channel: Channel) -> None:
        app = Starlette(routes=hook_routes({channel.name: channel}))
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off"))

    async def __aenter__(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.005)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}/hooks"

    async def __aexit__(self, *_: object) -> None:
        await stopped(self._server, self._serving)


class ZaloBotHarness:
    """The Bot Platform's stand-in, polled."""

    def __init__(self) -> None:
        self._standin = ZaloBotStandIn(TOKEN)

    async def __aenter__(self) -> Harness:
        await self._standin.start()
        self.channel: Channel = ZaloBot(
            TOKEN, self._standin.url, chat="https://zalo.me/b", long_poll=1, between_polls=0.01, pause=0.02
        )
        self.inbox = Inbox(self.channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await self._standin.stop()
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

    async def shut_out(self, person: int) -> str:
        self._standin.phone(person).blocked = True
        return self._standin.phone(person).id


def _mark(words: str) -> str:
    return hashlib.sha256(f"only here|{words}".encode()).hexdigest()


class ZaloOAHarness:
    """The Official Account's stand-in, which posts to our webhook."""

    def __init__(self) -> None:
        self._standin = ZaloOAStandIn()
        self._folder = TemporaryDirectory()

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
            pause=0.02,
        )
        self.inbox = Inbox(self.channel)
        self._hooks = Hooks(self.channel)
        standin.webhook = await self._hooks.__aenter__() + "/zalo-oa"
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


HARNESSES: dict[str, Callable[[], Harness]] = {
    "telegram": TelegramHarness,
    "web": WebHarness,
    "zalo_bot": ZaloBotHarness,
    "zalo_oa": ZaloOAHarness,
}
