"""A stop while work is under way, and a database somebody else holds locked: nothing is lost, nothing said twice."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.broadcast import ask_all, copies, people_reached
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import (
    UNIT,
    again,
    begins_with_words,
    bring_in,
    let_leases_run_out,
    people,
    prepared,
    readiness,
    says,
    serving,
    stopped,
    until,
)

pytestmark = pytest.mark.slow


async def test_a_stop_under_load_finishes_its_work_and_exits_with_0(tmp_path: Path, tg: TelegramStandIn) -> None:
    lan, mui = people(tg, 2)
    async with prepared(tmp_path) as world:
        await bring_in(world, [lan, mui])
        code = await world.invite(UNIT)
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(tmp_path, tg) as service, aiohttp.ClientSession(service.url, cookie_jar=jar) as web:
        await says(lan, "trợ giúp", "Bác nhắn một câu là thành báo cáo")
        waiting = await _waits_for_news(web, code)
        await until(lambda: tg.waiting == 0)  # so what Telegram was asked last is open still
        tg.fault("sendMessage", delay=2.0)
        await mui.say("trợ giúp")
        await until(lambda: tg.counts["sendMessage"] >= 2)
        assert not waiting.done()
        began = time.monotonic()
        assert await stopped(service) == 0
        assert time.monotonic() - began < 30
        assert len(mui.messages) == 1
        assert (await waiting)["messages"] == [], "whoever waits is answered, not cut off"
        let_leases_run_out(tmp_path)
        await again(service)
        await says(mui, "việc", "Hiện không có việc nào")
        assert len(mui.messages) == 2, "what was sent while stopping is not sent again"
        assert (await readiness(service))["ok"]


async def _waits_for_news(web: aiohttp.ClientSession, code: str) -> asyncio.Task[Any]:
    """A web phone that has read what there is, and asks for more."""

    async def ask(got: list[str]) -> Any:
        async with web.post(f"/c/{code}/messages", json={"got": got}) as answer:
            return await answer.json()

    async with web.post(f"/c/{code}/start", json={}) as answer:
        assert answer.status == 204
    [first] = (await ask([]))["messages"]
    waiting = asyncio.create_task(ask([first["key"]]))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done
    return waiting


_HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
held.execute("COMMIT")
"""


async def test_a_lock_held_for_8_seconds_loses_and_doubles_nothing(tmp_path: Path, tg: TelegramStandIn) -> None:
    """While a broadcast runs: what was sent meanwhile is recorded late, and not sent again."""
    phones = people(tg, 25)
    writing = phones[-5:]
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    pipe = asyncio.subprocess.PIPE
    async with serving(tmp_path, tg, TELEGRAM_RATE="8") as service:
        await ask_all(tmp_path, len(phones))
        await until(lambda: len(people_reached(tmp_path)) >= 3)
        arguments = sys.executable, "-c", _HOLDER, str(tmp_path / "n.db")
        holder = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        written = [await phone.say("đường vào bản lầy lội") for phone in writing]
        await asyncio.sleep(8)
        assert copies(tg, "thành một phản ánh?") == {}, "nothing is said before it is kept"
        assert tg.confirmed <= written[0]
        await holder.communicate(b"\n")
        for phone in writing:
            await begins_with_words(phone)
        await until(lambda: len(people_reached(tmp_path)) == len(phones))
        assert copies(tg, "Giờ tiếp dân") == {phone.first_name: 1 for phone in phones}
        assert [len(phone.messages) for phone in writing] == [3] * len(writing)
        assert await stopped(service) == 0
