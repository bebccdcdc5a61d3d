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
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PIL import Image
from sqlalchemy import func, select

from nhipcau.bot.language.label_numbers import line_marks
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from nhipcau.delivery.final_check import still_wanted
from nhipcau.delivery.outgoing_message import message_of
from nhipcau.delivery.sender import Sender
from nhipcau.handlers.buttons import AnswerForm, AnswerRequest
from nhipcau.intake.document_download import FileDownload
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage import outbox as outbox_store
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.tables import contacts, outbox
from tests.support.world import World

TAP, NUMBER, WORDS, BARE = "tap", "number", "words", "words without marks"


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


@runtime_checkable
class FetchingHand(Hand, Protocol):
    """Of an app whose people fetch what waits for them."""

    async def fetch(self) -> list[Message]: ...


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


def _typed_for(label: str, message: Message) -> str:
    """What is typed for a line of a list: the number or letter before it, else its words."""
    labels = [choice.label for choice in message.choices]
    ways = {n for n, choice in enumerate(message.choices) if choice.way}
    mark = line_marks(labels, ways)[labels.index(label)].strip(".")
    return mark if mark.isalnum() else label


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
                return await self.say(_typed_for(label, last))
            if self.world.way == WORDS and labels.count(label) == 1:
                return await self.say(label)
            if self.world.way == BARE and [fold(other) for other in labels].count(fold(label)) == 1:
                return await self.say(fold(label))
        try:
            return await self._do(self.hand.press(message, label))
        except NoWay:
            if message is not last or toggles:
                raise
        return await self.say(label if last.number_answers else _typed_for(label, last))

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
        self._commits = asyncio.Condition()
        self._numbers = itertools.count(1001)

    steady_ids = False

    async def open(self) -> None:
        world = self.world
        world.steady_ids = True
        settings = world.parts.settings
        channels = world.parts.channels
        files = FileDownload(channels, settings.photos, settings.documents, settings.zone)
        world.dispatch = Dispatcher(
            world.committing(forget_files=files.forget), prepare=files.prepare, identify=world.identify
        )
        await self.app.open(world, self.submit)
        channels[self.app.channel.name] = self.app.channel
        self.sender = _TakingDown(world.parts.database, world.parts.sealer, channels, settings, now=lambda: world.now)
        if self.app.channel.recipients_fetch:
            submit = world.dispatch.submit

            async def counted(events: Sequence[Event]) -> None:
                await submit(events)
                await self._has_committed(len(events))

            world.dispatch.submit = counted  # type: ignore[method-assign]

    async def submit(self, events: Sequence[Event]) -> None:
        await self.world.dispatch.submit(events)
        await self._has_committed(len(events))

    async def _has_committed(self, number: int) -> None:
        async with self._commits:
            self.committed += number
            self._commits.notify_all()

    async def until_committed(self, number: int) -> None:
        async with asyncio.timeout(20), self._commits:
            await self._commits.wait_for(lambda: self.committed >= number)

    async def said_to(self, phone: AppPhone) -> list[Message]:
        if isinstance(phone.hand, FetchingHand):
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
            .where(contacts.c.lookup == parts.sealer.lookup(self.app.channel.name, address), outbox.c.due_at <= now)
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


@asynccontextmanager
async def app_world(folder: Path, now: datetime, app: str, way: str) -> AsyncIterator[AppWorld]:
    from tests.support.channels import APPS
    from tests.support.world import open_world

    async with open_world(folder, now) as world:
        office = AppWorld(world, APPS[app](), way)
        await office.open()
        try:
            yield office
        finally:
            await office.app.close()
