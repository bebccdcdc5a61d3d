"""What a channel's contract tests need of each app: people who do something, and a core that takes it or fails.

A later channel adds a class with these methods to `HARNESSES`; test_channel_contract.py asks the rest of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import json
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import uvicorn
from aiohttp import ClientSession
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from yarl import URL

from nhipcau.bot.channels.telegram.channel import Telegram
from nhipcau.bot.channels.webchat.channel import WebChat
from nhipcau.bot.channels.zalo_bot.channel import ZaloBot
from nhipcau.bot.channels.zalo_oa.channel import ZaloOA
from nhipcau.bot.channels.zalo_oa.tokens import Tokens
from nhipcau.bot.messaging.channel import Channel, ChannelError
from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.web.chat import chat_routes
from nhipcau.web.documents import document_address, document_routes
from nhipcau.web.webhooks import hook_routes
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.zalo_bot import ZaloBotStandIn, download_name
from tests.support.standins.zalo_oa import APP_ID, APP_SECRET, OA_SECRET, ZaloOAStandIn
from tests.support.web_client import JSON, with_picture

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


@dataclass(frozen=True)
class Arrived:
    """What a person has after something was said to them: words and choices as they read, and a document."""

    text: str
    choices: list[str]
    file_name: str
    file: bytes
    #: How many bubbles held a document.
    files: int


class Harness(Protocol):
    """One app with its people, who are known by numbers. Each act returns when the app has it."""

    channel: Channel
    inbox: Inbox
    #: Where our documents lie.
    documents: Path

    async def __aenter__(self) -> Harness: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def begin(self, person: int) -> None:
        """Open the link with CODE."""

    async def say(self, person: int, text: str) -> None: ...

    async def press(self, person: int, choice: Choice) -> None:
        """Have this choice on the screen and press it."""

    async def show(self, person: int, picture: bytes) -> bool:
        """Send a picture; False where the app's own door says that it is too large."""

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        """Send a document; False where the app has no such thing."""

    async def tell(self, person: int, message: Message) -> Arrived:
        """Say it to them, bubble by bubble as it is delivered, and see what has arrived."""

    async def shut_out(self, person: int) -> str:
        """Make them unreachable; where a message to them would have gone. Only where messages are pushed."""


def _mark(words: str) -> str:
    return hashlib.sha256(f"only here|{words}".encode()).hexdigest()


async def deliver(channel: Channel, address: str, message: Message) -> None:
    """As the sender does."""
    for piece in render(message, channel.limits):
        await channel.send(address, piece)


def arrived(bubbles: Sequence[tuple[str, list[str], str, bytes]]) -> Arrived:
    """Of bubbles: text, labels that can be chosen, name and bytes of a document."""
    text = "\n".join(text for text, *_ in bubbles if text)
    choices = [label for _, labels, *_ in bubbles for label in labels]
    files = [(name, content) for _, _, name, content in bubbles if content]
    name, content = files[0] if files else ("", b"")
    return Arrived(text, choices, name, content, len(files))


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


class _Backend:
    """Hands over what the web chat receives; what waits here is for whoever asks."""

    language = "vi"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.waiting: list[Message] = []

    async def submit(self, events: Sequence[Event]) -> None:
        await self._inbox.submit(events)

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        found, self.waiting = self.waiting, []
        return [(f"key {number}", message) for number, message in enumerate(found)]

    async def wait(self, address: str, seconds: float) -> None:
        return

    async def leave(self, address: str) -> None:
        self.waiting = []

    async def read_photo(self, address: str, name: str) -> bytes | None:
        return None

    def chart_url(self, name: str) -> str:
        return f"/p/{name}"

    def document_url(self, name: str, shown: str) -> str:
        return document_address("", _mark, name, shown)

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
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name)
        self._backend = _Backend(self.inbox)
        documents = document_routes(self.documents, _mark, self._backend.sentence)
        app = Starlette(routes=[*chat_routes(self._backend, {"web": webchat}, secure=False), *documents])
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
        self._folder.cleanup()

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

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        body, headers = with_picture(document, self._id(), name)
        return await self._send(person, "file", body, headers) != 413

    async def tell(self, person: int, message: Message) -> Arrived:
        self._backend.waiting.append(message)
        headers = {"Cookie": f"nc={self._cookies[person]}"}
        async with self._browser.post(f"/c/{CODE}/messages", json={"got": []}, headers=headers) as answer:
            [shown] = (await answer.json())["messages"]
        name, content = "", b""
        if shown["file"]:
            # whoever has the address needs no session
            async with self._browser.get(URL(shown["file"], encoded=True)) as found:
                assert found.status == 200
                name, content = download_name(found.headers["Content-Disposition"]), await found.read()
            assert name == shown["file_name"]
        return arrived([(shown["text"], [choice["label"] for choice in shown["choices"]], name, content)])

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


class Served:
    """Routes of ours on a server of this process."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        app = Starlette(routes=list(routes))
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off"))

    async def __aenter__(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.005)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        await stopped(self._server, self._serving)


class ZaloBotHarness:
    """The Bot Platform's stand-in, polled."""

    def __init__(self) -> None:
        self._standin = ZaloBotStandIn(TOKEN)
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name)
        self._ours = Served(document_routes(self.documents, _mark, str))

    async def __aenter__(self) -> Harness:
        await self._standin.start()
        base = await self._ours.__aenter__()
        self.channel: Channel = ZaloBot(
            TOKEN,
            self._standin.url,
            chat="https://zalo.me/b",
            document=partial(document_address, base, _mark),
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


HARNESSES: dict[str, Callable[[], Harness]] = {
    "telegram": TelegramHarness,
    "web": WebHarness,
    "zalo_bot": ZaloBotHarness,
    "zalo_oa": ZaloOAHarness,
}
