"""The pace: so many a second, and replies before whatever was waiting."""

from __future__ import annotations

import asyncio
import time

from nhipcau.scheduler.pace import Pace
from nhipcau.storage.outbox import BROADCAST, REPLY


async def test_a_reply_goes_before_a_broadcast_that_waits() -> None:
    pace, gone = Pace(50, time.monotonic), list[str]()

    async def send(lane: int, name: str) -> None:
        await pace.turn(lane)
        gone.append(name)

    broadcast = [asyncio.create_task(send(BROADCAST, f"b{n}")) for n in range(6)]
    await asyncio.sleep(0)
    reply = asyncio.create_task(send(REPLY, "reply"))
    await asyncio.gather(*broadcast, reply)
    assert gone == ["b0", "reply", "b1", "b2", "b3", "b4", "b5"]


async def test_so_many_a_second_and_who_is_cancelled_takes_no_place() -> None:
    pace, begun = Pace(100, time.monotonic), time.monotonic()
    waiting = [asyncio.create_task(pace.turn(BROADCAST)) for _ in range(31)]
    await asyncio.sleep(0)
    for task in waiting[1:11]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert time.monotonic() - begun >= 0.19


async def test_without_a_rate_nobody_waits() -> None:
    pace = Pace(0, time.monotonic)
    await asyncio.wait_for(asyncio.gather(*(pace.turn(REPLY) for _ in range(1000))), 5)
