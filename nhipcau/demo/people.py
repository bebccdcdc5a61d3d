"""Simulated collaborators: a channel whose phones answer by themselves after a while, pressing what a person would."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence

from nhipcau.bot.messaging.channel import Limits, Refused, Status, Submit
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Choice, Message, Sent

NAME = "sim"
#: Seconds until a simulated person answers.
SLOWEST = 20.0
#: One in so many never answers a question, so that there is somebody to remind.
SILENT = 7
_WAYS_OUT = ("Hủy", "Lùi", "Bỏ qua", "Khác …", "Xem thêm", "Xong", "Không có gì", "Làm tiếp báo cáo")
#: Stands beside the topics only.
_REPHRASE = "Sửa câu vừa gõ"
#: Typed where a sentence was no answer.
_OTHER_ANSWERS = ("3", "15/11/2026")
_DETOURS = ("Sửa", "Thêm", "Trang")


class SimulatedPhones:
    """A channel without an app."""

    name = NAME
    limits = Limits(text=4096, caption=1024)
    rate = 0.0
    pull = False

    def __init__(self, sentences: Sequence[str], slowest: float = SLOWEST, seed: int = 5) -> None:
        self._sentences = sentences
        self._slowest = slowest
        self._random = random.Random(seed)
        self._ids = itertools.count(1)
        self._submit: Submit | None = None
        self._started = asyncio.Event()
        self._reports: dict[str, str] = {}
        #: What each typed an answer to last, and how often before.
        self._typed: dict[str, tuple[str, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, submit: Submit) -> None:
        self._submit = submit
        self._started.set()
        await asyncio.Event().wait()

    async def join(self, address: str, code: str, report: str = "") -> None:
        """This phone comes in with a card; later it files this report."""
        await self._started.wait()
        if report:
            self._reports[address] = report
        await self._act(address, EventKind.TEXT, text=f"/start {code}")

    async def send(self, address: str, message: Message) -> Sent:
        task = asyncio.create_task(self._react(address, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Sent(str(next(self._ids)))

    async def _react(self, address: str, message: Message) -> None:
        """What a person does on reading this."""
        data = [c.data for c in message.choices]
        if any(d.startswith("j:") for d in data):
            await self._act(address, EventKind.TAP, data="j:yes")
        elif any(d == "c:baocao" for d in data) and address in self._reports:
            await self._act(address, EventKind.TEXT, text=self._reports.pop(address))
        elif data and data[0] == "z:yes":
            await self._act(address, EventKind.TAP, data="z:yes")
        elif any(d.startswith(("q:", "s:", "r:")) for d in data):
            await self._answer(address, message)

    async def _answer(self, address: str, message: Message) -> None:
        pushed = any(c.data.startswith(("r:", "s:r:")) for c in message.choices)
        is_receipt = all(c.data.endswith((":edit", ":more", ":open")) for c in message.choices if c.data[0] == "r")
        if pushed and is_receipt:
            return
        if pushed:
            if hash((address, message.text)) % SILENT == 0:
                return
            await asyncio.sleep(self._random.uniform(0.15, 1.0) * self._slowest)
        else:
            await asyncio.sleep(0.05)
        await self._choose(address, message.text.split("\n")[-1], message.choices)

    async def _choose(self, address: str, question: str, choices: Sequence[Choice]) -> None:
        real = [c for c in choices if c.label not in _WAYS_OUT and not c.label.startswith(_DETOURS)]
        nothing = [c for c in choices if c.label == "Không có gì"]
        ended = [c for c in choices if c.label == "Xong"]
        if any(c.label.startswith("✓") for c in real) and ended:
            await self._act(address, EventKind.TAP, data=ended[0].data)
        elif real:
            # a topic is guessed from the words: the first is what a person would take
            guessed = any(c.label == _REPHRASE for c in choices)
            await self._act(address, EventKind.TAP, data=(real[0] if guessed else self._random.choice(real[:5])).data)
        elif nothing and self._random.random() < 0.6:
            await self._act(address, EventKind.TAP, data=nothing[0].data)
        else:
            await self._type(address, question)

    async def _type(self, address: str, question: str) -> None:
        """Words; where they were no answer a number, then a day; then this person puts the phone away."""
        before, tries = self._typed.get(address, ("", 0))
        tries = tries + 1 if before == question else 0
        self._typed[address] = (question, tries)
        words = [self._random.choice(list(self._sentences)), *_OTHER_ANSWERS]
        if tries < len(words):
            await self._act(address, EventKind.TEXT, text=words[tries])

    async def _act(self, address: str, kind: EventKind, *, text: str = "", data: str = "") -> None:
        assert self._submit is not None
        event = Event(NAME, f"{address}:{next(self._ids)}", address, kind, text=text, data=data)
        await self._submit([event])

    async def fetch(self, file: File) -> bytes:
        raise Refused(file.handle)

    def link(self, code: str) -> str | None:
        return None

    def status(self) -> Status:
        return Status(True, "simulated")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
