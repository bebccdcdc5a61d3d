"""A running installation with the web chat: its invitations, its devices, and what lies in its database and folders."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from nhipcau.bot.messaging.messages import Message
from nhipcau.context import build
from nhipcau.settings import Settings
from nhipcau.storage import outbox
from nhipcau.storage.outbox import NewDelivery
from nhipcau.storage.tables import contacts
from tests.support.mixing import mixed
from tests.support.processes import Running, running
from tests.support.web_client import Visitor
from tests.support.world import open_world

#: Everything that a first contact or an answer would write.
TABLES = ("contacts", "conversations", "events", "invites", "outbox", "people", "reports", "report_photos", "audit")


@dataclass(frozen=True)
class WebOffice:
    service: Running
    #: A unit's code, good for everybody.
    code: str
    #: The same for coordinators.
    coordinator: str
    #: Personal cards; each test takes a fresh one.
    cards: Iterator[str]

    @property
    def port(self) -> int:
        return self.service.port

    @property
    def pictures(self) -> set[Path]:
        return set((self.service.folder / "photos").glob("*"))

    @property
    def log(self) -> str:
        return self.service.log.read_text()

    def device(self, code: str = "") -> Visitor:
        return Visitor(self.port, code or self.code)

    def started(self) -> Visitor:
        """Somebody who pressed "Bắt đầu" and was asked for consent."""
        device = self.device()
        device.start()
        device.read()
        return device

    def joined(self) -> Visitor:
        device = self.device()
        device.join()
        return device

    def used_card(self) -> str:
        """The code of a card with which somebody has joined."""
        device = self.device(next(self.cards))
        device.start()
        device.read()
        device.tap("Đồng ý")
        device.read()
        return device.code

    def at_the_summary(self) -> Visitor:
        """Somebody whose report could be sent."""
        device = self.joined()
        device.say("báo cáo")
        device.read()
        device.say("đường liên thôn hỏng nặng, mưa là không đi được")
        device.read()
        for label in ("Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
            device.tap(label)
            device.read()
        return device

    def tell_the_newest(self, message: Message) -> None:
        """Say this to whoever opened a session last, as a push written by another process."""
        folder = self.service.folder

        async def put() -> None:
            given: dict[str, Any] = {"data_dir": folder, "database_url": f"sqlite+aiosqlite:///{folder}/n.db"}
            parts, now = build(Settings(_env_file=None, **given)), datetime.now(UTC)
            async with parts.database.writing() as connection:
                contact = await connection.scalar(select(func.max(contacts.c.id)))
                assert contact is not None
                row = NewDelivery(contact, message, outbox.BROADCAST, now, now + timedelta(days=1), "notice")
                await outbox.put(connection, parts.sealer, now.date(), [row])
            await parts.database.close()

        # a browser's own loop may run in this thread
        with ThreadPoolExecutor(1) as beside:
            beside.submit(asyncio.run, put()).result()

    def rows(self) -> dict[str, list[Any]]:
        with closing(sqlite3.connect(f"file:{self.service.folder}/n.db?mode=ro", uri=True)) as connection:
            return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


async def invitations(folder: Path) -> tuple[str, str, list[str]]:
    async with open_world(folder, now=datetime.now(UTC), quiet_hours="off") as world:
        unit = await world.invite("X06184", uses=1000)
        coordinator = await world.invite("X06184", role="coordinator")
        cards = [(await world.card(f"Hoàng Thị Lan {n}", "X06184"))[1] for n in range(5)]
        # else the night's mix writes rows anew while tests compare them
        await mixed(world)
        return unit, coordinator, cards


@contextmanager
def open_web_office(folder: Path) -> Iterator[WebOffice]:
    """Run it; at the end it has to stop in good order, and never to have met anything it did not expect."""
    unit, coordinator, cards = asyncio.run(invitations(folder))
    with running(folder) as service:
        office = WebOffice(service, unit, coordinator, iter(cards))
        yield office
        assert service.stop() == 0
        assert "Traceback" not in office.log
