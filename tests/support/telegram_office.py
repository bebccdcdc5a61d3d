"""A whole installation on Telegram: `nhipcau run` as a process, people's phones at the stand-in, its database beside.

The stand-in lives in the test's own loop, so whatever waits for a process here waits in a thread.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.installation import Installation
from tests.support.processes import Running, nhipcau
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone, Received
from tests.support.world import World, open_world

TOKEN = "123456:AAcanary-TOKEN_of_the_bot"
UNIT, UNIT_NAME = "X06184", "Xã Đồng Đăng"
#: Generous: the machine may be busy, and what a killed sender held is free after 45 seconds.
PATIENCE = 60.0
#: An installation, or the folder of one on SQLite.
Place = Path | Installation


def _at(place: Place) -> Installation:
    return Installation(place) if isinstance(place, Path) else place


def prepared(place: Place) -> Any:
    """The installation's database and keys, as long as no process serves it."""
    at = _at(place)
    return open_world(at.folder, datetime.now(UTC), database_url=at.url)


def people(tg: TelegramStandIn, number: int) -> list[Phone]:
    return [tg.phone(1000 + n, f"Người {n}") for n in range(number)]


async def bring_in(world: World, phones: Sequence[Phone], role: str = "collaborator") -> None:
    """These people joined earlier, with their cards."""
    for phone in phones:
        _, code = await world.card(phone.first_name, UNIT, role)
        door = world.phone(str(phone.chat_id), "telegram", phone.first_name)
        await door.say(f"/start {code}")
        await door.tap("Đồng ý")
        phone.opened = True


@asynccontextmanager
async def serving(place: Place, tg: TelegramStandIn, *secrets: str, **settings: str) -> AsyncIterator[Running]:
    """`nhipcau run` against the stand-in; afterwards nothing unreadable was said, and the log holds no secret."""
    at = _at(place)
    given = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": tg.url, "TELEGRAM_RATE": "0", **at.settings, **settings}
    service = Running(at.folder, "run", **given)
    try:
        await asyncio.to_thread(service.wait_ready)
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()
    assert tg.violations == []
    log = service.log.read_text()
    for word in ("Traceback", "event failed", TOKEN.partition(":")[2], *secrets):
        assert word not in log, log


async def again(service: Running) -> None:
    """Start once more after a kill or a stop."""
    await asyncio.to_thread(service.start_again)


async def stopped(service: Running) -> int:
    """SIGTERM, while the stand-in goes on answering; the exit status."""
    return await asyncio.to_thread(service.stop)


async def command(place: Place, *arguments: str) -> str:
    at = _at(place)
    return await asyncio.to_thread(nhipcau, at.folder, *arguments, **at.settings)


async def readiness(service: Running) -> Any:
    """What /readyz says of the Telegram channel."""

    def read() -> Any:
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=10) as answer:
            return json.load(answer)["channels"]["telegram"]

    return await asyncio.to_thread(read)


async def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for what nobody tells us of."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.002)


def rows(place: Place, statement: str) -> list[Any]:
    """Read the installation's database as anybody on the machine could."""
    return _at(place).rows(statement)


def leases_left(place: Place) -> list[float]:
    """Seconds for which each message under way is still held for its sender."""
    return _at(place).leases_left()


def let_leases_run_out(place: Place) -> None:
    """As if the time a dead sender's messages are held for had passed already."""
    _at(place).let_leases_run_out()


# ------------------------------------------------------------------ what people do


async def arrives(phone: Phone, words: str, since: int = 0, seconds: float = PATIENCE) -> Received:
    """The first message from number `since` on that holds these words."""

    def found() -> list[Received]:
        return [message for message in phone.messages[since:] if words in message.text]

    try:
        await phone.until(lambda: bool(found()), seconds)
    except TimeoutError:
        said = [message.text for message in phone.messages[since:]]
        raise AssertionError(f"{phone.first_name} waits for {words!r}, got {said}") from None
    return found()[0]


async def says(phone: Phone, typed: str, expected: str) -> Received:
    since = len(phone.messages)
    await phone.say(typed)
    return await arrives(phone, expected, since)


async def taps(phone: Phone, label: str, expected: str) -> Received:
    """Press the newest button of this label."""
    since = len(phone.messages)
    holding = [message for message in phone.messages if label in message.buttons]
    assert holding, f"{phone.first_name} sees no {label!r} in {[message.buttons for message in phone.messages]}"
    await phone.tap(label, holding[-1])
    return await arrives(phone, expected, since)


async def begins_with_words(phone: Phone, since: int = 0) -> Received:
    """Say that the words sent are a report; below a question pushed meanwhile they are asked about in another way."""
    offers = {"Gửi thành phản ánh", "Việc khác, gửi thành phản ánh"}

    def offered() -> list[str]:
        return [label for message in phone.messages[since:] for label in message.buttons if label in offers]

    await phone.until(lambda: bool(offered()), PATIENCE)
    return await taps(phone, offered()[0], "(1/5)")


async def reports(phone: Phone, words: str) -> str:
    """Write a sentence, say that it is a report, take the first choice at every step; the receipt's words."""
    since = len(phone.messages)
    await phone.say(words)
    message = await begins_with_words(phone, since)
    for expected in (*(f"({n}/5)" for n in range(2, 6)), words, "Đã ghi nhận báo cáo"):
        message = await taps(phone, message.buttons[0], expected)
    return message.text
