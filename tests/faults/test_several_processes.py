"""Several processes on one PostgreSQL: woken at once, one sender, another when it is killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from nhipcau.storage import wakeups
from nhipcau.storage.database import Database
from nhipcau.storage.process_locks import ProcessLock
from tests.support.postgres import new_database
from tests.support.processes import Running, nhipcau
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import TOKEN, UNIT, arrives, bring_in, people, reports, until
from tests.support.world import open_world

pytestmark = pytest.mark.slow


@asynccontextmanager
async def beside(folder: Path, tg: TelegramStandIn, url: str, *parts: str, **more: str) -> AsyncIterator[list[Running]]:
    """One process a part, all on one database."""
    given = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": tg.url, "TELEGRAM_RATE": "0", "DATABASE_URL": url, **more}
    started = [Running(folder, "run", "--only", *part.split(), **given) for part in parts]
    try:
        await asyncio.gather(*(asyncio.to_thread(process.wait_ready) for process in started))
        yield started
    finally:
        for process in started:
            if process.process.poll() is None:
                process.kill()
    assert tg.violations == []
    log = started[0].log.read_text()
    for word in ("Traceback", "event failed", TOKEN.partition(":")[2]):
        assert word not in log, log


async def test_each_part_in_a_process_of_its_own_serves_as_one(tmp_path: Path) -> None:
    url = new_database()
    async with TelegramStandIn(TOKEN) as tg:
        phones = people(tg, 6)
        async with open_world(tmp_path, datetime.now(UTC), database_url=url) as world:
            await bring_in(world, phones)
        async with beside(tmp_path, tg, url, "intake", "sender", "clock", "web") as processes:
            await reports(phones[0], "đường vào bản lầy lội")
            file = tmp_path / "hoi.yaml"
            file.write_text("title: Giờ tiếp dân\nquestions:\n  - {text: 'Thuận không?', kind: yesno}\n", "utf-8")
            made = await asyncio.to_thread(
                nhipcau, tmp_path, "poll", str(file), "--unit", UNIT, "--json", DATABASE_URL=url
            )
            assert json.loads(made)["people"] == 6
            for phone in phones:
                await arrives(phone, "Thuận không?")
            for process in processes:
                assert await asyncio.to_thread(process.stop) == 0


async def test_when_one_of_two_senders_is_killed_the_other_takes_over(tmp_path: Path) -> None:
    url = new_database()
    async with TelegramStandIn(TOKEN) as tg:
        phones = people(tg, 2)
        async with open_world(tmp_path, datetime.now(UTC), database_url=url) as world:
            await bring_in(world, phones)
        async with beside(tmp_path, tg, url, "intake clock", "sender", "sender") as processes:
            database = Database(url)
            holder = (
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :low AND classid = :high"
            )
            key = ProcessLock(database, f"sender:telegram:{TOKEN.partition(':')[0]}").key
            parts = {"low": key & 0xFFFFFFFF, "high": key >> 32}

            async def holders() -> list[int]:
                async with database.reading() as connection:
                    return list(await connection.scalars(text(holder), parts))

            first = await holders()
            assert len(first) == 1
            await reports(phones[0], "đường vào bản lầy lội")
            for sender in processes[1:]:
                sender.kill()
                await asyncio.sleep(1)
                if await holders() != first:
                    break
                # that was the one who waited
                await asyncio.to_thread(sender.start_again)
            # whichever of the two is left delivers
            await reports(phones[1], "nước giếng có mùi lạ")
            assert len(await holders()) == 1
            await database.close()


async def test_a_wake_up_reaches_another_connection_after_the_commit() -> None:
    database = Database(new_database())
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(wakeups.listen(database, heard.put_nowait))
    assert {await heard.get(), await heard.get()} == {wakeups.OUTBOX, wakeups.REQUESTS}
    async with database.writing() as connection:
        await wakeups.notify_processes(connection, wakeups.REQUESTS)
        await asyncio.sleep(0.1)
        assert heard.empty(), "only what has committed is heard"
    assert await asyncio.wait_for(heard.get(), 5) == wakeups.REQUESTS
    async with database.writing() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
    # after a break whoever listens is rung for whatever may have been missed
    assert {await asyncio.wait_for(heard.get(), 20), await asyncio.wait_for(heard.get(), 20)} == {
        wakeups.OUTBOX,
        wakeups.REQUESTS,
    }
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await database.close()


async def test_a_post_is_filled_by_one_and_passes_on(tmp_path: Path) -> None:
    url = new_database()
    databases = [Database(url), Database(url)]
    posts = [ProcessLock(database, "sender:x:1") for database in databases]
    working = [asyncio.Event(), asyncio.Event()]

    async def fill(number: int) -> None:
        async def work() -> None:
            working[number].set()
            await asyncio.Event().wait()

        await posts[number].run(work)

    tasks = [asyncio.create_task(fill(0))]
    await working[0].wait()
    tasks.append(asyncio.create_task(fill(1)))
    await asyncio.sleep(1.5)
    assert (posts[0].is_held, posts[1].is_held) == (True, False)
    tasks[0].cancel()
    await asyncio.wait_for(working[1].wait(), 10)
    assert (posts[0].is_held, posts[1].is_held) == (False, True)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for database in databases:
        await database.close()


async def test_a_second_run_on_one_sqlite_file_refuses_with_a_clear_line(tmp_path: Path) -> None:
    first = Running(tmp_path, "run")
    try:
        await asyncio.to_thread(first.wait_ready)
        said = await asyncio.to_thread(nhipcau, tmp_path, "run", status=1)
        assert said == "Đã có một `nhipcau run` khác dùng cơ sở dữ liệu này. Hãy dừng nó trước.\n"
        first.kill()
        # a killed one leaves nothing that would keep the next from starting
        await asyncio.to_thread(first.start_again)
        said = await asyncio.to_thread(nhipcau, tmp_path, "run", "--only", "sender", status=2)
        assert "PostgreSQL" in said
        assert await asyncio.to_thread(first.stop) == 0
    finally:
        first.process.kill()
        first.process.wait(10)
    said = await asyncio.to_thread(nhipcau, tmp_path, "run", "--only", "sendre", status=2)
    assert "sendre" in said


async def test_while_two_intakes_run_only_one_polls(tmp_path: Path) -> None:
    url = new_database()
    async with TelegramStandIn(TOKEN) as tg:
        [phone] = people(tg, 1)
        async with open_world(tmp_path, datetime.now(UTC), database_url=url) as world:
            await bring_in(world, [phone])
        async with beside(tmp_path, tg, url, "intake,sender,clock", "intake"):
            await reports(phone, "đường vào bản lầy lội")
            await until(lambda: tg.counts["getUpdates"] >= 1)
    # two pollers would have cut each other off with 409
    assert tg.counts["deleteWebhook"] == 1
