"""`nhipcau run` against the stand-ins of Zalo's two platforms, and what people do there."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from tests.support.installation import Installation
from tests.support.processes import QuicklyRunning, Running, free_port
from tests.support.standins.zalo_bot import TOKEN, ZaloBotStandIn
from tests.support.standins.zalo_bot import Phone as BotPhone
from tests.support.standins.zalo_oa import APP_ID, APP_SECRET, OA_ID, OA_SECRET, ZaloOAStandIn
from tests.support.standins.zalo_oa import Phone as OAPhone
from tests.support.standins.zalo_phone import Received
from tests.support.world import open_world

Phone = BotPhone | OAPhone
#: What no log may hold.
SECRETS = (TOKEN, TOKEN.partition(":")[2], APP_SECRET, OA_SECRET, "access-canary", "refresh-canary", "Traceback")


def bot_settings(standin: ZaloBotStandIn) -> dict[str, str]:
    return {"ZALO_BOT_TOKEN": TOKEN, "ZALO_BOT_API": standin.url}


def oa_settings(standin: ZaloOAStandIn) -> dict[str, str]:
    return {
        "ZALO_OA_ID": OA_ID,
        "ZALO_OA_APP_ID": APP_ID,
        "ZALO_OA_APP_SECRET": APP_SECRET,
        "ZALO_OA_OA_SECRET": OA_SECRET,
        "ZALO_OA_REFRESH_TOKEN": "refresh-canary-0",
        "ZALO_OA_API": standin.url,
        "ZALO_OA_AUTH": standin.url,
    }


@asynccontextmanager
async def serving(place: Installation, **settings: str) -> AsyncIterator[Running]:
    """The service; afterwards its log holds no secret and no traceback."""
    async with _serving(Running, place, settings) as service:
        yield service


@asynccontextmanager
async def serving_quickly(place: Installation, **settings: str) -> AsyncIterator[Running]:
    """The same, where the pause between two polls does not matter."""
    async with _serving(QuicklyRunning, place, settings) as service:
        yield service


@asynccontextmanager
async def _serving(kind: type[Running], place: Installation, settings: dict[str, str]) -> AsyncIterator[Running]:
    service = kind(place.folder, "run", **{"PORT": str(free_port()), **place.settings, **settings})
    try:
        await asyncio.to_thread(service.wait_ready)
        yield service
    finally:
        if service.process.poll() is None:
            service.kill()
    log = service.log.read_text()
    for word in SECRETS:
        assert word not in log, log


async def all_recorded(place: Installation) -> None:
    """Until nothing is held by a sender: what is comes 45 seconds later when it dies."""
    async with asyncio.timeout(20):
        while await asyncio.to_thread(place.leases_left):
            await asyncio.sleep(0.05)


async def channels(service: Running) -> Any:
    """What /readyz says of the channels."""

    def read() -> Any:
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=10) as answer:
            return json.load(answer)["channels"]

    return await asyncio.to_thread(read)


async def joins(phone: Phone, code: str) -> None:
    """Type the code alone, agree."""
    await says(phone, code, "18 tuổi")
    await chooses(phone, "Đồng ý", "Đã tham gia")


async def cards(place: Installation, *names: str, role: str = "collaborator") -> list[str]:
    """A card for each of these people, made before the service starts."""
    async with open_world(place.folder, datetime.now(UTC), database_url=place.url) as world:
        return [(await world.card(name, "X06184", role))[1] for name in names]


async def says(phone: Phone, typed: str, expected: str) -> Received:
    since = len(phone.messages)
    await phone.say(typed)
    return await arrives(phone, expected, since)


async def chooses(phone: Phone, label: str, expected: str) -> Received:
    since = len(phone.messages)
    await phone.choose(label)
    return await arrives(phone, expected, since)


async def arrives(phone: Phone, words: str, since: int, seconds: float = 50.0) -> Received:
    def found() -> list[Received]:
        return [message for message in phone.messages[since:] if words in message.text]

    try:
        await phone.until(lambda: bool(found()), seconds)
    except TimeoutError:
        raise AssertionError(f"waits for {words!r}, got {[m.text for m in phone.messages[since:]]}") from None
    return found()[0]


async def reports(phone: Phone, words: str) -> str:
    """Begin a report, write a sentence, take the first choice at every step; the receipt's words."""
    await says(phone, "báo cáo", "kể giúp")
    message = await says(phone, words, "(1/5)")
    for expected in (*(f"({n}/5)" for n in range(2, 6)), words, "Đã ghi nhận báo cáo"):
        message = await chooses(phone, message.choices[0], expected)
    return message.text
