"""What the web chat needs of the core: events in, what waits out, pictures for those who may see them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Message
from nhipcau.context import AppContext
from nhipcau.delivery.outgoing_message import message_of
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage import contacts, outbox, requests, weekly_budget
from nhipcau.storage.database import Connection
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.reports import picture_in
from nhipcau.web.documents import DOCUMENT, document_address
from nhipcau.web.pictures import PICTURE, lasting_address

WEB = "web"
#: Seconds between looks for rows another process wrote.
LOOK = 1.0


class ChatBackend:
    """Fetching confirms: what a phone has fetched is delivered the moment it asks for more."""

    def __init__(
        self,
        parts: AppContext,
        dispatch: Dispatcher,
        gallery: ChartPictureCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gallery = gallery
        self._now = now
        self._parts = parts
        self._dispatch = dispatch
        self._news = asyncio.Event()
        #: The service is about to stop: nobody is to wait any more.
        self.closing = False
        self._rung = 0.0
        self._looked = 0.0
        self._looking: asyncio.Task[set[bytes]] | None = None

    def wake(self) -> None:
        """Something was said to somebody."""
        self._rung = time.monotonic()
        news, self._news = self._news, asyncio.Event()
        news.set()

    def close(self) -> None:
        """Send away whoever waits."""
        self.closing = True
        self.wake()

    async def wait(self, address: str, seconds: float) -> None:
        """Return when something lies there, or after this long."""
        mine = self._parts.sealer.lookup(WEB, address)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.closing:
            # looked first: what was said since the last fetch has rung already
            news = self._news
            if mine in await self._doors_with_news():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), min(LOOK, left))

    async def _doors_with_news(self) -> set[bytes]:
        """One look for all phones that wait, however many there are."""
        fresh = self._looked > self._rung and time.monotonic() - self._looked < LOOK / 2
        if self._looking is None or (self._looking.done() and not fresh):
            self._looked = time.monotonic()
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> set[bytes]:
        now = self._now()
        quiet = self._parts.settings.quiet_hours.holds(now.astimezone(self._parts.settings.zone))
        async with self._parts.database.reading() as connection:
            return await outbox.contacts_with_messages(connection, WEB, now, quiet=quiet)

    async def submit(self, events: Sequence[Event]) -> None:
        await self._dispatch.submit(events)

    async def leave(self, address: str) -> None:
        """This door is gone with what waits there."""
        async with self._parts.database.writing() as connection:
            if (contact_id := await self._contact(connection, address)) is not None:
                await contacts.delete_contact(connection, contact_id)

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """What waits for this door, oldest first, each with its key; those in `got` are delivered and gone."""
        now = self._now()
        settings = self._parts.settings
        quiet = settings.quiet_hours.holds(now.astimezone(settings.zone))
        async with self._parts.database.reading() as connection:
            contact_id = await self._contact(connection, address)
            if contact_id is None:
                return []
            rows, unreadable = await outbox.waiting(connection, self._parts.sealer, contact_id, now, quiet=quiet)
            useless = await outbox.unwanted(connection, rows, now)
        fetched = [row for row in rows if row.key in got and row not in useless]
        if unreadable:
            async with self._parts.database.writing() as writing:
                await outbox.give_up(writing, unreadable)
        if fetched or useless:
            await self._record(DeliveryResults(delivered=fetched, dropped=[(row, "expired") for row in useless]), now)
        fresh = await self._admit([r for r in rows if r.key not in got and r not in useless], now)
        said = [(r.key, message_of(r)) for r in fresh]
        return [(key, await self._gallery.with_picture(message)) for key, message in said] if self._gallery else said

    async def _admit(self, rows: Sequence[ClaimedDelivery], now: datetime) -> Sequence[ClaimedDelivery]:
        """Those the person may be shown this week."""
        settings = self._parts.settings
        if not settings.push_budget or all(row.counted or not weekly_budget.is_counted(row) for row in rows):
            return rows
        today = now.astimezone(settings.zone).date()
        async with self._parts.database.writing() as connection:
            return await weekly_budget.admit(connection, rows, today, settings.zone, settings.push_budget)

    async def _record(self, outcomes: DeliveryResults, now: datetime) -> None:
        today = now.astimezone(self._parts.settings.zone).date()
        async with self._parts.database.writing() as connection:
            await record_outcomes(connection, self._parts.sealer, outcomes, now, today)

    async def _contact(self, connection: Connection, address: str) -> int | None:
        return await contacts.find_contact(connection, self._parts.sealer.lookup(WEB, address))

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """A picture of a report in the scope of the coordinator behind this door, or of a lesson or official
        information for whoever has joined; None for everybody else."""
        async with self._parts.database.reading() as connection:
            scope = await contacts.scope_of_contact(connection, self._parts.sealer.lookup(WEB, address))
            if scope is None:
                return None
            may_see = name in self._parts.lessons.shelf.pictures
            may_see = may_see or await requests.is_picture_of_notice(connection, name)
            may_see = may_see or await picture_in(connection, scope, name)
            if not may_see:
                return None
        file = self._parts.settings.photos / name
        return await asyncio.to_thread(file.read_bytes) if file.is_file() else None

    def drawn(self, name: str) -> str:
        """An address of a picture that was drawn for a message, for as long as it is kept."""
        return lasting_address(self._parts.settings.url, partial(self._parts.sign, PICTURE), name)

    def document(self, name: str, shown: str) -> str:
        """Where this device fetches a document, for a week."""
        return document_address("", partial(self._parts.sign, DOCUMENT), name, shown)

    @property
    def language(self) -> str:
        return self._parts.settings.language

    def sign(self, token: str) -> str:
        return self._parts.sign("session", token)

    def sentence(self, key: str) -> str:
        return texts(self._parts.settings.language)(key)
