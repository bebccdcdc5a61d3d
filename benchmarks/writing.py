"""People who write while something else goes on: reports, one act at a time, each person at moments of their own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from benchmarks.far import Far
from benchmarks.phones import BEGIN, RECEIPT, SENTENCE, onward
from tests.support.standins.telegram_phone import Received


@asynccontextmanager
async def writing(far: Far, chats: Iterable[int], breath: float) -> AsyncIterator[None]:
    """Meanwhile each of these acts every `breath` seconds or so (who has no answer yet waits for it)."""
    everybody = asyncio.gather(*(_write(far, chat, breath) for chat in chats))
    try:
        yield
    finally:
        everybody.cancel()
        with suppress(asyncio.CancelledError):
            await everybody


async def _write(far: Far, chat: int, breath: float) -> None:
    moments = random.Random(chat)  # the same people at the same moments in every run
    await asyncio.sleep(breath * moments.random())
    seen = -1
    while True:
        [(count, raw)] = await far.control("last", [chat])
        if count != seen:
            seen = count
            await _act(far, chat, Received(raw))
        await asyncio.sleep(breath * (0.5 + moments.random()))


async def _act(far: Far, chat: int, last: Received) -> None:
    label = onward(last.buttons)
    if not last.raw or last.text.startswith(RECEIPT):
        await far.control("say", [[chat, BEGIN]])
    elif label:
        await far.control("tap", [[chat, label]])
    else:
        await far.control("say", [[chat, SENTENCE]])
