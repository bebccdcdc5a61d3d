"""A running installation with a coordinator, a leader and an admin who can sign in at the console in a real browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.people import id_of
from tests.support.processes import Running, free_port, nhipcau, running
from tests.support.world import World, open_world

#: Role → name and unit of whoever signs in.
STAFF = {
    "coordinator": ("Chị Hạnh", "X06040"),
    "leader": ("Ông Lực", "T20"),
    "admin": ("Cô An", "T20"),
}
Fill = Callable[[World], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class ConsoleOffice:
    service: Running
    #: Role → id of the person.
    staff: dict[str, str]
    #: Its public address.
    url: str

    def sign_in(self, page: Page, role: str = "coordinator") -> None:
        made = nhipcau(self.service.folder, "console-link", "--person", self.staff[role], "--json")
        link = json.loads(made)["link"]
        page.goto(self.url + link[link.index("/console") :])
        page.get_by_role("button", name="Vào trang làm việc").click()


@contextmanager
def open_console_office(folder: Path, fill: Fill, host: str = "127.0.0.1") -> Iterator[ConsoleOffice]:
    """`fill` plays what happened before, at the present day. `host`: a name of this machine."""
    staff, port = asyncio.run(_played(folder, fill)), free_port()
    url = f"http://{host}:{port}"
    with running(folder, PORT=str(port), PUBLIC_URL=url) as service:
        yield ConsoleOffice(service, staff, url)


async def _played(folder: Path, fill: Fill) -> dict[str, str]:
    async with open_world(folder, now=datetime.now(UTC), quiet_hours="off") as world:
        for role, (name, unit) in STAFF.items():
            await world.joined(name, unit, role)
        await fill(world)
        return {role: await id_of(world, name) for role, (name, _) in STAFF.items()}
