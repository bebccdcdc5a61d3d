"""What a channel's contract tests need of each app: people who do something, and a core that takes it or fails.

Each channel's class stands in tests/support/channels; test_channel_contract.py asks the rest of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from nhipcau.bot.messaging.channel import Channel, ChannelError
from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render

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


def signature(words: str) -> str:
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
