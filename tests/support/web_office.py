"""A running installation with the web chat: its invitations, its devices, and what lies in its database and folders."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

    def rows(self) -> dict[str, list[Any]]:
        with closing(sqlite3.connect(f"file:{self.service.folder}/n.db?mode=ro", uri=True)) as connection:
            return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


async def _invitations(folder: Path) -> tuple[str, str, list[str]]:
    async with open_world(folder, now=datetime.now(UTC)) as world:
        unit = await world.invite("X06184", uses=1000)
        coordinator = await world.invite("X06184", role="coordinator")
        return unit, coordinator, [(await world.card(f"Hoàng Thị Lan {n}", "X06184"))[1] for n in range(5)]


@contextmanager
def open_web_office(folder: Path) -> Iterator[WebOffice]:
    """Run it; at the end it has to stop in good order, and never to have met anything it did not expect."""
    unit, coordinator, cards = asyncio.run(_invitations(folder))
    with running(folder) as service:
        office = WebOffice(service, unit, coordinator, iter(cards))
        yield office
        assert service.stop() == 0
        assert "Traceback" not in office.log
