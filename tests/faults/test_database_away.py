"""The database gone and back while people write and a broadcast runs: what nobody kept was never acknowledged."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broadcast import ask_all, copies, people_reached, said_to
from tests.support.installation import Installation
from tests.support.postgres import OwnServer
from tests.support.processes import Running
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone
from tests.support.telegram_office import arrives, bring_in, people, prepared, reports, serving, stopped, until

pytestmark = pytest.mark.slow

#: Seconds the server is away.
AWAY = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    own = OwnServer()
    yield own
    own.remove()


@pytest.fixture
def place(server: OwnServer, tmp_path: Path) -> Installation:
    return Installation(tmp_path, server.new_database())


async def nothing_moves(tg: TelegramStandIn, seconds: float) -> None:
    """Until this long nothing was said."""
    said = -1
    while said != tg.counts["sendMessage"]:
        said = tg.counts["sendMessage"]
        await asyncio.sleep(seconds)


async def goes_on(tg: TelegramStandIn, place: Installation, work: asyncio.Future[list[str]]) -> list[str]:
    """What people did comes to its end.

    A commit whose answer the crash swallowed may stand all the same: what it gave to a sender that never heard of it is
    free after 45 seconds, which we need not wait for once nobody sends any more.
    """
    while not work.done():
        await nothing_moves(tg, 2.5)
        if not work.done():
            place.let_leases_run_out()
    return await work


async def check(
    tg: TelegramStandIn, place: Installation, service: Running, phones: list[Phone], done: list[str]
) -> None:
    """Nothing lost, nothing twice, nobody left out, by the phones and by the database; and it was one process."""
    await until(lambda: place.rows("SELECT count(*) FROM outbox") == [(0,)])
    codes = [re.findall(r"PA-\w{7}", receipt)[0] for receipt in done]
    assert Counter(code for (code,) in place.rows("SELECT code FROM reports")) == Counter(codes)
    everybody = {phone.first_name for phone in phones}
    assert copies(tg, "Giờ tiếp dân") == dict.fromkeys(everybody, 1)
    assert people_reached(place) == everybody
    for said in said_to(tg).values():
        assert len(said) == len(set(said)), "said twice, though the process that said it lived on"
    assert tg.waiting == 0
    assert service.process.poll() is None
    assert await stopped(service) == 0


async def test_postgresql_killed_and_restarted_loses_and_doubles_nothing(
    server: OwnServer, place: Installation, tg: TelegramStandIn
) -> None:
    phones = people(tg, 30)
    async with prepared(place) as world:
        await bring_in(world, phones)
    async with serving(place, tg, TELEGRAM_RATE="25") as service:
        await ask_all(place, len(phones))
        await until(lambda: len(people_reached(place)) >= 3)
        reporting = asyncio.gather(*(reports(phone, "đường vào bản lầy lội") for phone in phones[-8:]))
        for sent, words in ((25, "trợ giúp"), (45, "của tôi")):
            await until(lambda sent=sent: tg.counts["sendMessage"] >= sent)  # type: ignore[misc]
            await asyncio.to_thread(server.kill)
            assert not reporting.done()
            await nothing_moves(tg, 1)
            written = [await phone.say(words) for phone in phones[:4]]
            await asyncio.sleep(AWAY)
            assert tg.confirmed <= written[0], "acknowledged, and nobody could have kept it"
            assert service.process.poll() is None
            await asyncio.to_thread(server.start)
        done = await goes_on(tg, place, reporting)
        for phone in phones[:4]:
            await phone.until(lambda phone=phone: len(phone.messages) == 3, 70)  # type: ignore[misc]
        await check(tg, place, service, phones, done)


async def test_a_postgresql_that_takes_no_writes_for_a_while_is_waited_for(
    server: OwnServer, place: Installation, tg: TelegramStandIn
) -> None:
    """A failover leaves clients on a server that only reads; whoever writes meanwhile is answered afterwards, and not
    with a word about trouble."""
    phones = people(tg, 12)
    async with prepared(place) as world:
        await bring_in(world, phones)
    async with serving(place, tg, TELEGRAM_RATE="10") as service:
        await ask_all(place, len(phones))
        await until(lambda: len(people_reached(place)) >= 3)
        server.be_read_only(True)
        try:
            await asyncio.sleep(0.5)
            written = [await phone.say("trợ giúp") for phone in phones]
            await asyncio.sleep(AWAY)
            assert tg.confirmed <= written[0], "acknowledged, and nobody could have kept it"
            assert copies(tg, "Bác nhắn một câu là thành báo cáo") == {}
            assert service.process.poll() is None
        finally:
            server.be_read_only(False)
        for phone in phones:
            await arrives(phone, "Bác nhắn một câu là thành báo cáo")
        await check(tg, place, service, phones, [])
