"""Ten thousand answer within a minute: how long each waits, and whether memory stays where it was.

At TELEGRAM_RATE=0: a tap and its reply are two calls, and Telegram's own limit would stretch that minute to six.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bots import resident
from benchmarks.far import Far, ask, far_standin, served
from benchmarks.people import ASKED, mixed, office, settle
from benchmarks.table import Line, percentile

TAPS = 10_000
SECONDS = 60.0
#: Seconds after which a process counts as idle, as in start.py.
_SETTLE = 3.0
#: Seconds between two handfuls of taps.
_STEP = 0.02
_FIRST = 100_001
_ANSWER = "Có"


async def many_taps() -> list[Line]:
    chats = range(_FIRST, _FIRST + TAPS)
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with office(folder) as parts:
            await settle(parts, chats)
            await mixed(parts)
        async with far_standin() as far, served(folder, far) as service:
            assert await ask(folder, ASKED) == TAPS
            await far.until_taken(TAPS)
            await asyncio.sleep(_SETTLE)
            before = resident(service.process.pid)
            await far.forget()
            await _tap(far, chats)
            found = await far.until_taken(TAPS)
            await asyncio.sleep(_SETTLE)
            after = resident(service.process.pid)
    waits = [1000 * percentile(found["replies"], share) for share in (0.5, 0.99, 1.0)]
    what = f"{TAPS:,} taps within {SECONDS:.0f} s, TELEGRAM_RATE=0"
    shown = ", ".join(f"{wait:.0f}" for wait in waits)
    return [
        Line(f"{what} (reply p50, p99, longest)", f"{shown} ms", "–", "", "p99 under 1 s"),
        Line("  memory before and after", f"{before:.0f}, {after:.0f} MB", "–", f"{after / before:.2f}x", "flat"),
    ]


async def _tap(far: Far, chats: range) -> None:
    """Spread evenly; behind time, as many at once as are due."""
    begun, done = time.monotonic(), 0
    while done < len(chats):
        due = min(len(chats), int((time.monotonic() - begun) / SECONDS * len(chats)) + 1)
        await far.control("tap", [[chat, _ANSWER] for chat in chats[done:due]])
        done = due
        await asyncio.sleep(_STEP)
