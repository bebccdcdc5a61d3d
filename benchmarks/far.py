"""The Telegram stand-in as a process of its own, and the service at it: whoever drives a benchmark shares neither."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.bots import ROOT, serve
from tests.support.processes import Running, nhipcau

_TOKEN = "123456:A-stand-in-token"
#: Seconds the rest of a broadcast may take to arrive, since the last message that did.
_PATIENCE = 20.0
_LOOK = 0.2


class Far:
    """What `tests/support/standins/telegram_control.py` can do, from another process."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.token = _TOKEN
        self._session = session

    async def control(self, what: str, body: object = None) -> Any:
        async with self._session.post(f"{self.url}/control/{what}", data=json.dumps(body).encode()) as answer:
            return json.loads(await answer.read())

    async def times(self) -> dict[str, Any]:
        """What was counted and timed since the last `forget`."""
        found: dict[str, Any] = await self.control("times")
        return found

    async def forget(self) -> dict[str, Any]:
        """Count and time from here on; what was counted before."""
        found: dict[str, Any] = await self.control("forget")
        return found

    async def until_taken(self, number: int, *, replies: bool = True) -> dict[str, Any]:
        """Wait for so many messages since the last `forget`, replies among them or besides; the numbers then.

        Raises TimeoutError when no more come.
        """
        before, waited = -1, 0.0
        while True:
            found = await self.times()
            taken: int = found["taken"] if replies else pushed(found)
            if taken >= number:
                return found
            waited = waited + _LOOK if taken == before else 0.0
            before = taken
            if waited > _PATIENCE:
                raise TimeoutError(f"{taken} of {number} messages")
            await asyncio.sleep(_LOOK)


def pushed(times: dict[str, Any]) -> int:
    """Messages that nobody's update called for."""
    return int(times["taken"]) - len(times["replies"])


@asynccontextmanager
async def far_standin() -> AsyncIterator[Far]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.standins.telegram",
        "--token",
        _TOKEN,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        url = (await process.stdout.readline()).decode().split()[-1]
        async with aiohttp.ClientSession() as session:
            yield Far(url, session)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def served(folder: Path, far: Far, *, paced: bool = False) -> AsyncIterator[Running]:
    """`nhipcau run` from ready until told to stop."""
    service = serve(folder, far.url, far.token, paced=paced)
    try:
        await asyncio.to_thread(service.wait_ready)
        yield service
    finally:
        await asyncio.to_thread(service.stop)


async def ask(folder: Path, unit: str) -> int:
    """The office asks this unit's people one question; how many."""
    file = folder / "poll.yaml"
    file.write_text(
        "title: Họp thôn tối thứ Bảy\nquestions:\n  - text: Tối thứ Bảy bác họp được không?\n    kind: yesno\n",
        encoding="utf-8",
    )
    said = await asyncio.to_thread(nhipcau, folder, "poll", str(file), "--unit", unit, "--open", "now", "--json")
    return int(json.loads(said)["people"])
