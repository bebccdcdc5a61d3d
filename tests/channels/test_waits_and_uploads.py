"""Requests for news that wait, and files on their way: how many there may be at once (R36)."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from starlette.requests import Request

from nhipcau.web.uploads import AT_ONCE, NoRoom, UploadRoom
from nhipcau.web.waits import OF_A_SESSION, OF_AN_ADDRESS, Waits


def visitor(address: str) -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": []})


def test_a_session_and_an_address_wait_so_many_times() -> None:
    waits = Waits(most=30)
    with ExitStack() as held:
        turns = [held.enter_context(waits.turn(visitor("192.0.2.1"), "one")) for _ in range(5)]
        assert turns == [True] * OF_A_SESSION + [False] * 2
        turns = [held.enter_context(waits.turn(visitor("192.0.2.1"), f"s{n}")) for n in range(30)]
        assert turns.count(True) == OF_AN_ADDRESS - OF_A_SESSION
        turns = [held.enter_context(waits.turn(visitor(f"198.51.100.{n}"), f"t{n}")) for n in range(30)]
        assert turns.count(True) == 30 - OF_AN_ADDRESS
    with waits.turn(visitor("192.0.2.1"), "one") as may:
        assert may


async def test_files_on_their_way_have_a_bound_in_memory() -> None:
    room = UploadRoom(wait=0.2)
    async with room.taken(AT_ONCE // 2, "one"), room.taken(AT_ONCE // 2, "two"):
        with pytest.raises(NoRoom):
            async with room.taken(1_000_000, "three"):
                raise AssertionError
    async with room.taken(100, "one"):
        with pytest.raises(NoRoom):
            async with room.taken(100, "one"):
                raise AssertionError

    async def later() -> str:
        async with UploadRoom.taken(room, AT_ONCE, "four"):
            return "came in"

    async with room.taken(100, "one"):
        waiting = asyncio.create_task(later())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    assert await waiting == "came in"
