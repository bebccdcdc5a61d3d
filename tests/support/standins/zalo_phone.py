"""A person's phone on Zalo: what they see, with lists read as a person reads them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_LISTED = re.compile(r"^• (.+)$", re.MULTILINE)


@dataclass(slots=True)
class Received:
    """One bubble on the phone."""

    id: str
    text: str
    #: A picture's bytes, empty for a text.
    photo: bytes = b""
    #: A document's bytes, and its name as the phone shows it.
    file: bytes = b""
    file_name: str = ""
    #: Labels of buttons and what each sends when pressed.
    buttons: dict[str, str] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, str]:
        """Label → the number to type, from the list in the text."""
        return {label: number for number, label in _NUMBERED.findall(self.text)}

    @property
    def choices(self) -> list[str]:
        """Every label that can be chosen, as it reads, in order."""
        return list(self.numbers) or list(self.buttons) or _LISTED.findall(self.text)


@dataclass(eq=False)
class Inbox:
    """What has arrived at one person's, oldest first; whoever waits for more is woken."""

    name: str
    messages: list[Received] = field(default_factory=list)
    #: The person does not let the office write to them any more.
    blocked: bool = False
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def take(self, message: Received) -> None:
        self.messages.append(message)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    @property
    def last(self) -> Received:
        return self.messages[-1]

    async def until(self, holds: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(waiting)
                await waiting

    async def next(self, since: int) -> Received:
        """The first message after the first `since`."""
        await self.until(lambda: len(self.messages) > since)
        return self.messages[since]
