"""Simulated collaborators: a channel whose phones answer by themselves after a while, as a person would.

They know only what a phone shows: a message's text and the labels below it. The data of a choice is sent back unread,
so nothing here breaks when its format changes.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence

from nhipcau.bot.forms.draft import TICK
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Limits, Refused, Status, Submit
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Choice, Message, Sent

NAME = "sim"
#: Seconds until a simulated person answers.
SLOWEST = 20.0
#: One person in this many does not answer a pushed question, so that there is somebody to remind.
SILENT = 7
#: Time from one step of a form to the next, as a share of `slowest`.
_NEXT_STEP = 0.0025
#: Labels that end or skip a question; pressed only where nothing else fits.
_NO_ANSWERS = ("form.nothing", "form.nothing_new", "form.done", "form.keep")
#: Labels that show a pushed message to be a question (unlike questions of a form, it can't be cancelled).
_PUSHED = ("form.skip", "form.nothing", "form.nothing_new", "notice.read")
#: Typed one after the other where a sentence was not accepted as an answer.
_OTHER_ANSWERS = ("3", "15/11/2026")


class SimulatedPhones:
    """The channel of the simulated people; `slowest`: seconds until the slowest answer."""

    name = NAME
    limits = Limits(text=4096, caption=1024)
    rate = 0.0
    recipients_fetch = False

    def __init__(self, t: Texts, sentences: Sequence[str], slowest: float = SLOWEST, seed: int = 5) -> None:
        self._texts = t
        self._sentences = sentences
        self._slowest = slowest
        self._random = random.Random(seed)
        self._ids = itertools.count(1)
        self._submit: Submit | None = None
        self._started = asyncio.Event()
        self._reports: dict[str, str] = {}
        #: By address: the label they choose when asked how people feel about it.
        self._mood_labels: dict[str, str] = {}
        #: Addresses that have typed their report and were not asked yet whether it is one.
        self._filing: set[str] = set()
        #: By address: the question a typed answer was for last, and how often it had been tried before.
        self._typed: dict[str, tuple[str, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, submit: Submit) -> None:
        self._submit = submit
        self._started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._started.clear()

    async def join(self, address: str, code: str, report: str = "", mood: str = "") -> None:
        """Join with a card's code; later file this report, with this mood (any, where it is "")."""
        await self._started.wait()
        if report:
            self._reports[address] = report
            if mood:
                self._mood_labels[address] = self._texts(f"report.mood.{mood}")
        await self._act(address, EventKind.TEXT, text=f"/start {code}")

    async def started(self) -> None:
        await self._started.wait()

    async def file(self, address: str, report: str, mood: str) -> None:
        """File this report now, with this mood."""
        self._filing.add(address)
        self._mood_labels[address] = self._texts(f"report.mood.{mood}")
        await self._act(address, EventKind.TEXT, text=report)

    def set_slowest(self, slowest: float) -> None:
        """From now on: seconds until the slowest answer."""
        self._slowest = slowest

    async def settled(self) -> None:
        """Return when nobody is about to do anything."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def send(self, address: str, message: Message) -> Sent:
        task = asyncio.create_task(self._react(address, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Sent(str(next(self._ids)))

    async def _react(self, address: str, message: Message) -> None:
        """Do what a person would on reading this message; most need no reaction."""
        t, shown = self._texts, {choice.label: choice for choice in message.choices}
        if t("join.yes") in shown:
            await self._press(address, shown[t("join.yes")])
        elif t("menu.baocao") in shown and address in self._reports:
            self._filing.add(address)
            await self._act(address, EventKind.TEXT, text=self._reports.pop(address))
        elif t("report.offer") in message.text:
            # asked about words meant as an answer to a question: they are no report
            meant = address in self._filing
            self._filing.discard(address)
            await self._press(address, shown[t("report.offer_yes" if meant else "report.offer_no")])
        elif t("form.cancel") in shown:
            await asyncio.sleep(_NEXT_STEP * self._slowest)
            await self._answer(address, message)
        elif any(t(key) in shown for key in _PUSHED) and self._random.random() > 1 / SILENT:
            await asyncio.sleep(self._random.uniform(0.15, 1.0) * self._slowest)
            await self._answer(address, message)

    async def _answer(self, address: str, message: Message) -> None:
        """Press an answer, or type one where there is none to press."""
        t, shown = self._texts, {choice.label: choice for choice in message.choices}
        kept_back = {t(key) for key in _NO_ANSWERS}
        real = [c for c in message.choices if not c.way and c.label not in kept_back]
        nothing = [c for c in message.choices if c.label in {t("form.nothing"), t("form.nothing_new")}]
        if t("form.send") in shown:
            await self._press(address, shown[t("form.send")])
        elif t("form.done") in shown and any(label.startswith(TICK) for label in shown):
            await self._press(address, shown[t("form.done")])
        elif real:
            fitting = [c for c in real if c.label == self._mood_labels.get(address)]
            likely = fitting or (real[:1] if self._is_first_best(message) else real[:5])
            await self._press(address, self._random.choice(likely))
        elif nothing and self._random.random() < 0.6:
            await self._press(address, nothing[0])
        else:
            await self._type(address, message.text.split("\n")[-1])

    def _is_first_best(self, message: Message) -> bool:
        """Whether the first choice is the likeliest: a topic guessed from the text, the person's own commune, or
        nothing urgent."""
        return any(self._texts(f"report.{id}.ask") in message.text for id in ("topic", "area", "urgency"))

    async def _type(self, address: str, question: str) -> None:
        """Type a sentence; where it is not accepted a number, then a date, then nothing more."""
        before, tries = self._typed.get(address, ("", 0))
        tries = tries + 1 if before == question else 0
        self._typed[address] = (question, tries)
        words = [self._random.choice(list(self._sentences)), *_OTHER_ANSWERS]
        if tries < len(words):
            await self._act(address, EventKind.TEXT, text=words[tries])

    async def _press(self, address: str, choice: Choice) -> None:
        await self._act(address, EventKind.TAP, data=choice.data)

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
