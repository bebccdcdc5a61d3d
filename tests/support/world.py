"""A whole office in a temporary folder: real database, keys, dispatch and clock; phones that read their own outbox."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nhipcau.bot.messaging.button import Button
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Message
from nhipcau.context import AppContext, build
from nhipcau.delivery.outgoing_message import message_of
from nhipcau.intake.transaction import Dispatcher
from nhipcau.model.changes import MakeInvite
from nhipcau.model.people import Role
from nhipcau.operations.commit import Committer
from nhipcau.privacy.identifiers import new_id
from nhipcau.scheduler.due_work import DueWork
from nhipcau.settings import Settings
from nhipcau.storage import invites, outbox, schema, weekly_budget
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.tables import contacts, units
from nhipcau.storage.units import add_units, load_tree
from tests.support.running_counts import current_counts, recount

#: Monday 23 November 2026, 09:00 in Lạng Sơn.
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UNITS = [
    ("T20", "Tỉnh Lạng Sơn", "tỉnh", ""),
    ("X06001", "Xã Đoàn Kết", "xã", "T20"),
    ("X06040", "Xã Thất Khê", "xã", "T20"),
    ("X06043", "Xã Tràng Định", "xã", "T20"),
    ("X06184", "Xã Đồng Đăng", "xã", "T20"),
    ("X05977", "Phường Đông Kinh", "phường", "T20"),
    ("X06100", "Xã Na Sầm", "xã", "T20"),
    ("X06101", "Xã Văn Lãng", "xã", "T20"),
]


@dataclass
class Phone:
    """One door. `last` is the newest message; choices are pressed by their label."""

    world: World
    address: str
    channel: str = "web"
    name: str = ""
    messages: list[Message] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    async def say(self, text: str) -> list[Message]:
        return await self._do(EventKind.TEXT, text=text)

    async def tap(self, label: str) -> list[Message]:
        """Press the first choice of the newest message that holds one of this label."""
        for message, id in zip(reversed(self.messages), reversed(self.ids), strict=True):
            for choice in message.choices:
                if choice.label == label:
                    return await self.press(choice.data, id)
        raise AssertionError(f"no choice {label!r} in {[c.label for c in self.last.choices]}: {self.last.text}")

    async def press(self, pressed: Button | str, ref: str = "") -> list[Message]:
        """Press a button, of this message or of any: one from a screen, or one somebody came by."""
        data = pressed.pack() if isinstance(pressed, Button) else pressed
        return await self._do(EventKind.TAP, data=data, ref=ref)

    async def photo(self, handle: str = "aaaabbbbccccdddd.jpg", caption: str = "") -> list[Message]:
        return await self._do(EventKind.PHOTO, text=caption, file=File(handle))

    async def document(self, handle: str = "aaaabbbbccccdddd.pdf", title: str = "Thông báo 12.pdf") -> list[Message]:
        return await self._do(EventKind.FILE, file=File(handle, title=title))

    async def send(self, kind: EventKind, text: str = "", **more: Any) -> list[Message]:
        return await self._do(kind, text=text, **more)

    async def _do(self, kind: EventKind, **what: Any) -> list[Message]:
        event = Event(self.channel, self.world.next_event(), self.address, kind, name=self.name, **what)
        await self.world.dispatch.submit([event])
        return await self.read()

    async def read(self) -> list[Message]:
        """Fetch what waits, as the web chat does; returns what is new."""
        fetched = await self.world.fetch(self.channel, self.address)
        self.messages += [message for _, message in fetched]
        self.ids += [id for id, _ in fetched]
        return [message for _, message in fetched]

    @property
    def last(self) -> Message:
        return self.messages[-1]

    def labels(self) -> list[str]:
        return [choice.label for choice in self.last.choices]


class World:
    def __init__(self, parts: AppContext, now: datetime) -> None:
        self.parts = parts
        self.now = now
        self.events = itertools.count(1)
        self._ids: dict[str, itertools.count[int]] = {}
        self.steady_ids = False
        self.committer = self.committing()
        self.dispatch = Dispatcher(self.committer, identify=self.identify)
        self.clock = DueWork(self.committer, parts.settings)

    def committing(self, **more: Any) -> Committer:
        """What opens this office's transactions, at the moment the test says it is."""
        parts = self.parts
        return Committer(parts.database, parts.sealer, parts.office, now=lambda: self.now, **more)

    def identify(self, kind: str) -> str:
        """Random, or counted where a transcript must read the same each time."""
        if not self.steady_ids:
            return new_id(kind)
        number = next(self._ids.setdefault(kind, itertools.count(1)))
        if kind in {"code", "issue"}:
            return f"{'PA' if kind == 'code' else 'VD'}-{number:07d}"
        return f"{kind[0]}{number:05d}"

    def next_event(self) -> str:
        return f"e{next(self.events)}"

    async def wait(self, **length: float) -> None:
        """Let time pass, and the clock do what is due."""
        self.now += timedelta(**length)
        await self.clock.tick()

    async def fetch(self, channel: str, address: str) -> list[tuple[str, Message]]:
        parts = self.parts
        lookup = parts.sealer.lookup(channel, address)
        quiet = parts.settings.quiet_hours.holds(self.now.astimezone(parts.settings.zone))
        today = self.now.astimezone(parts.settings.zone).date()
        async with parts.database.writing() as connection:
            id = await connection.scalar(contacts.select().with_only_columns(contacts.c.id).filter_by(lookup=lookup))
            if id is None:
                return []
            rows, _ = await outbox.waiting(connection, parts.sealer, id, self.now, quiet=quiet)
            useless = await outbox.unwanted(connection, rows, self.now)
            wanted = [row for row in rows if row not in useless]
            rows = await weekly_budget.admit(connection, wanted, today, parts.settings.zone, parts.settings.push_budget)
            done = DeliveryResults(delivered=rows, dropped=[(r, "expired") for r in useless])
            await record_outcomes(connection, parts.sealer, done, self.now, today)
        return [(row.key, message_of(row)) for row in rows]

    async def invite(self, unit: str = "X06040", role: str = "collaborator", uses: int = 100, days: int = 30) -> str:
        async with self.parts.database.writing() as connection:
            tree = await load_tree(connection)
            code = new_id("invite")
            row = MakeInvite(
                code, tree.by_code[unit].id, Role(role), None, uses, self.now + timedelta(days=days), "office"
            )
            await invites.make_invites(connection, [row], self.now.date())
        return code

    async def card(self, name: str, unit: str = "X06040", role: str = "collaborator") -> tuple[str, str]:
        """A roster person and their card: (person id, code)."""
        async with self.parts.database.writing() as connection:
            tree = await load_tree(connection)
            id, code = new_id("id"), new_id("invite")
            values = {
                "id": id,
                "tag_secret": new_id("id"),
                "name": name,
                "unit_id": tree.by_code[unit].id,
                "role": role,
                "state": "invited",
            }
            await add_people(connection, self.parts.sealer, [{**values, "language": "vi"}])
            row = MakeInvite(code, tree.by_code[unit].id, Role(role), id, 1, self.now + timedelta(days=30), "office")
            await invites.make_invites(connection, [row], self.now.date())
        return id, code

    def phone(self, address: str, channel: str = "web", name: str = "") -> Phone:
        return Phone(self, address, channel, name)

    async def joined(self, name: str, unit: str = "X06040", role: str = "collaborator") -> Phone:
        """Somebody of the roster who has joined with their card."""
        _, code = await self.card(name, unit, role)
        phone = self.phone(name)
        await phone.say(f"/start {code}")
        await phone.tap("Đồng ý")
        return phone

    async def rows(self, statement: Any) -> list[Any]:
        async with self.parts.database.reading() as connection:
            return list((await connection.execute(statement)).all())


@asynccontextmanager
async def open_world(folder: Path, now: datetime = MORNING, **settings: Any) -> AsyncIterator[World]:
    """A fresh office of eight units on SQLite (or `database_url=`)."""
    given = {"data_dir": folder, "database_url": f"sqlite+aiosqlite:///{folder}/n.db", **settings}
    fresh = "database_url" not in settings and not (folder / "n.db").exists()
    if fresh:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "n.db").write_bytes(await _office_of_units())
    parts = build(Settings(_env_file=None, **given))
    if not fresh:
        await _found(parts)
    try:
        yield World(parts, now)
        async with parts.database.reading() as connection:
            # whatever the test did, the running counts are what the rows say
            assert await current_counts(connection) == await recount(connection)
    finally:
        await parts.database.close()


async def _found(parts: AppContext) -> None:
    await schema.prepare(parts.database)
    async with parts.database.writing() as connection:
        await add_units(connection, [dict(zip(("code", "name", "kind", "parent"), u, strict=True)) for u in UNITS])


_founded: bytes = b""


async def _office_of_units() -> bytes:
    """The database of a fresh office, made once: making it anew took half the time of a short test."""
    global _founded
    if not _founded:
        with TemporaryDirectory() as name:
            parts = build(
                Settings(_env_file=None, data_dir=Path(name), database_url=f"sqlite+aiosqlite:///{name}/n.db")
            )
            await _found(parts)
            await parts.database.close()
            _founded = (Path(name) / "n.db").read_bytes()
    return _founded


__all__ = ["MORNING", "Phone", "World", "open_world", "units"]
