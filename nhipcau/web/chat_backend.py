"""Connects the web chat to the service: submits events, fetches waiting messages and pictures."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
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
from nhipcau.storage import contacts, invites, outbox, requests, weekly_budget
from nhipcau.storage.database import Connection
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery
from nhipcau.storage.reports import picture_in
from nhipcau.web.chat_acts import Entry
from nhipcau.web.chat_shell import EntryState
from nhipcau.web.documents import DOCUMENT, document_address
from nhipcau.web.pictures import PICTURE, chart_address

WEB = "web"
#: Seconds between two looks for messages that another process wrote.
POLL_INTERVAL = 1.0
_MOST_REMEMBERED = 10_000


class ChatBackend:
    """The `Backend` of the web chat. Messages a phone has fetched count as delivered when its next request confirms
    them."""

    def __init__(
        self,
        parts: AppContext,
        dispatch: Dispatcher,
        picture_cache: ChartPictureCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._picture_cache = picture_cache
        self._now = now
        self._parts = parts
        self._dispatch = dispatch
        self._wake_up = asyncio.Event()
        #: The service is stopping: long polls end at once.
        self.closing = False
        #: Sessions known to have taken over the one before them.
        self._taken_over: set[str] = set()
        self._woken_at = 0.0
        self._looked_at = 0.0
        self._looking: asyncio.Task[set[bytes]] | None = None

    def wake(self) -> None:
        """New messages were written: let long polls look at once."""
        self._woken_at = time.monotonic()
        before, self._wake_up = self._wake_up, asyncio.Event()
        before.set()

    def close(self) -> None:
        """End all long polls."""
        self.closing = True
        self.wake()

    async def wait(self, address: str, seconds: float) -> None:
        """Return when messages wait for this address, or after this long."""
        mine = self._parts.sealer.lookup(WEB, address)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.closing:
            # taken before the look, so that no wake-up in between is missed
            wake_up = self._wake_up
            if mine in await self._contacts_with_messages():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(wake_up.wait(), min(POLL_INTERVAL, left))

    async def _contacts_with_messages(self) -> set[bytes]:
        """Lookup digests of contacts with waiting messages: one query shared by all long polls."""
        fresh = self._looked_at > self._woken_at and time.monotonic() - self._looked_at < POLL_INTERVAL / 2
        if self._looking is None or (self._looking.done() and not fresh):
            self._looked_at = time.monotonic()
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> set[bytes]:
        now = self._now()
        quiet = self._parts.settings.quiet_hours.holds(now.astimezone(self._parts.settings.zone))
        async with self._parts.database.reading() as connection:
            return await outbox.contacts_with_messages(connection, WEB, now, quiet=quiet)

    async def submit(self, events: Sequence[Event]) -> None:
        await self._dispatch.submit(events)

    def may_try_codes(self, origin: str) -> bool:
        """Whether a code from this internet address is looked up at all."""
        return self._dispatch.limits.codes.may_try("", origin)

    async def find_entry(self, code: str, address: str, origin: str) -> Entry:
        """What this code opens for the contact of this address; "": for somebody without a session. `origin`: the
        internet address that asks."""
        async with self._parts.database.reading() as connection:
            tree = (await self._parts.office(connection)).tree
            lookup = self._parts.sealer.lookup(WEB, address)
            is_open = bool(address) and await contacts.find_contact(connection, lookup) is not None
            scope = await contacts.scope_of_contact(connection, lookup) if is_open else None
            may_try = is_open or self.may_try_codes(origin)
            found = await invites.state_of_code(connection, code, self._now()) if may_try else None
        unit = tree.by_path.get(scope.path) if scope else tree.by_id.get(found.unit_id) if found else None
        name = tree.commune_of(unit).name if unit else ""
        if is_open:
            return Entry(EntryState.OPEN, name)
        if not may_try:
            return Entry(EntryState.WAIT)
        if found is None:
            self._dispatch.limits.codes.note_wrong("", origin)
        if found is None or not (found.good or found.used):
            return Entry(EntryState.UNKNOWN)
        return Entry(EntryState.NEW if found.good else EntryState.USED, name)

    async def leave(self, address: str) -> None:
        """Close this contact and drop what waits for it."""
        async with self._parts.database.writing() as connection:
            if (contact_id := await self._contact(connection, address)) is not None:
                await contacts.delete_contact(connection, contact_id)

    async def has_joined(self, address: str) -> bool:
        """Whether somebody who agreed to take part uses this address."""
        async with self._parts.database.reading() as connection:
            return await contacts.has_joined(connection, self._parts.sealer.lookup(WEB, address))

    async def take_over(self, old: str, new: str) -> None:
        """Give the contact of the old address the new one, unless that has a contact already."""
        if new in self._taken_over:
            return
        async with self._parts.database.reading() as connection:
            done = await self._contact(connection, new) is not None
        if not done:
            async with self._parts.database.writing() as connection:
                await contacts.change_address(connection, self._parts.sealer, WEB, old, new)
        if len(self._taken_over) >= _MOST_REMEMBERED:
            self._taken_over.clear()
        self._taken_over.add(new)

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """Messages waiting for this address, oldest first, each with its key; those in `got` are recorded as
        delivered."""
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
        messages = [(r.key, message_of(r)) for r in fresh]
        if not self._picture_cache:
            return messages
        return [(key, await self._picture_cache.with_picture(message)) for key, message in messages]

    async def _admit(self, rows: Sequence[ClaimedDelivery], now: datetime) -> Sequence[ClaimedDelivery]:
        """The rows within the person's weekly limit."""
        settings = self._parts.settings
        if not settings.push_budget or all(row.counted or not weekly_budget.is_counted(row) for row in rows):
            return rows
        today = now.astimezone(settings.zone).date()
        async with self._parts.database.writing() as connection:
            return await weekly_budget.admit(connection, rows, today, settings.zone, settings.push_budget)

    async def _record(self, results: DeliveryResults, now: datetime) -> None:
        today = now.astimezone(self._parts.settings.zone).date()
        async with self._parts.database.writing() as connection:
            await record_outcomes(connection, self._parts.sealer, results, now, today)

    async def _contact(self, connection: Connection, address: str) -> int | None:
        return await contacts.find_contact(connection, self._parts.sealer.lookup(WEB, address))

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """The picture, if this person may see it: of a report for a coordinator whose scope it is in, of a lesson or a
        notice for anybody who has joined. Else None."""
        async with self._parts.database.reading() as connection:
            scope = await contacts.scope_of_contact(connection, self._parts.sealer.lookup(WEB, address))
            if scope is None:
                return None
            may_see = name in self._parts.lessons.current.pictures
            may_see = may_see or await requests.is_picture_of_notice(connection, name)
            may_see = may_see or await picture_in(connection, scope, name)
            if not may_see:
                return None
        file = self._parts.settings.photos / name
        return await asyncio.to_thread(file.read_bytes) if file.is_file() else None

    def chart_url(self, name: str) -> str:
        """The URL of a chart, good for as long as the chart is kept."""
        return chart_address(self._parts.settings.url, partial(self._parts.sign, PICTURE), name)

    def file_address(self, message: Message) -> str:
        """Where its document is fetched, for a week; one made for this person alone is its own address. "": none."""
        if message.file_text:
            content = b64encode(message.file_text.encode("utf-8-sig")).decode()
            return f"data:text/plain;charset=utf-8;base64,{content}"
        if not message.file:
            return ""
        return document_address("", partial(self._parts.sign, DOCUMENT), message.file, message.file_name)

    @property
    def language(self) -> str:
        return self._parts.settings.language

    def sign(self, token: str) -> str:
        return self._parts.sign("session", token)

    def sentence(self, key: str, **facts: object) -> str:
        return texts(self._parts.settings.language)(key, **facts)
