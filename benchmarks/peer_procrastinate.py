"""The peer of the outbox: procrastinate defers trivial tasks in one batch and one worker runs them all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from procrastinate import App, PsycopgConnector
from procrastinate.types import JSONDict

#: Jobs of one worker under way at once; of 1, 2, 4, 10 and 30, and of four workers, this was the fastest.
CONCURRENCY = 4
_WORDS = "Họp thôn tối thứ Bảy: bác có tiện không?"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[App]:
    """Its schema in this (SQLAlchemy's) database."""
    parts = urlsplit(url)
    conninfo = f"dbname={parts.path.strip('/')} host={parse_qs(parts.query)['host'][0]} user=postgres"
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=CONCURRENCY, max_size=CONCURRENCY + 2))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield app


async def rows_per_second(app: App, number: int) -> float:
    """Defer so many and run them; done jobs are deleted, as delivered messages are."""
    said = []

    @app.task(name=f"say{time.monotonic_ns()}")
    async def say(door: int, text: str) -> None:
        said.append(door)

    begun = time.perf_counter()
    jobs: list[JSONDict] = [{"door": door, "text": _WORDS} for door in range(number)]
    await say.batch_defer_async(*jobs)
    await app.run_worker_async(
        wait=False, concurrency=CONCURRENCY, delete_jobs="successful", install_signal_handlers=False
    )
    assert len(said) == number
    return number / (time.perf_counter() - begun)
