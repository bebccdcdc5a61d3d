"""A one-question poll to thousands: as fast as it goes, beside a bare loop; and at Telegram's limit.

The stand-in is a process of its own; messages a second are counted there, from the first to the last.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bots import ROOT
from benchmarks.far import Far, ask, far_standin, pushed, served
from benchmarks.people import ASKED, WRITING, mixed, office, settle
from benchmarks.table import Line, rates
from benchmarks.writing import writing

PEOPLE = 3000
REPEATS = 3
#: The peer's calls under way at once; more made it no faster.
WORKERS = 100
#: With a limit: people asked, people who write meanwhile, and the seconds between two acts of one of them.
LIMITED, WRITERS, BREATH = 900, 10, 5.0
#: Messages a second that Telegram takes from one bot.
LIMIT = 30
_FIRST = 100_001


async def without_limit() -> list[Line]:
    ours, peer = [], []
    for _ in range(REPEATS):
        mine, theirs = await _both()
        ours.append(mine)
        peer.append(theirs)
    what = f"broadcast to {PEOPLE:,} without a limit (messages/s; the peer a bare aiohttp loop)"
    return [rates(what, ours, peer, "at least 0.4x, aim 0.8x")]


async def _both() -> tuple[float, float]:
    """Messages a second of ours and of the peer, at one stand-in."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with office(folder) as parts:
            await settle(parts, range(_FIRST, _FIRST + PEOPLE))
            await mixed(parts)
        async with far_standin() as far:
            async with served(folder, far):
                assert await ask(folder, ASKED) == PEOPLE
                ours = _rate(await far.until_taken(PEOPLE))
            body = await _body(far)
            await far.forget()
            await _post(far, body)
            return ours, _rate(await far.until_taken(PEOPLE))


def _rate(found: dict[str, Any]) -> float:
    return float(found["taken"]) / float(found["seconds"])


async def _body(far: Far) -> str:
    """The parameters of a message that was sent, all but its chat."""
    [(_, message)] = await far.control("last", [_FIRST])
    said = {"text": message["text"], "reply_markup": message["reply_markup"]}
    return json.dumps({**said, "link_preview_options": {"is_disabled": True}}, ensure_ascii=False)


async def _post(far: Far, body: str) -> None:
    numbers = [str(n) for n in (_FIRST, PEOPLE, WORKERS)]
    command = [sys.executable, "-m", "benchmarks.peer_loop", far.url, far.token, body, *numbers]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await process.wait() == 0


async def with_limit() -> list[Line]:
    """At the service's own default rate, the stand-in refusing what is over the limit (replies counted too)."""
    with TemporaryDirectory() as name:
        folder, writers = Path(name), range(1001, 1001 + WRITERS)
        async with office(folder) as parts:
            await settle(parts, range(_FIRST, _FIRST + LIMITED))
            await settle(parts, writers, WRITING)
            await mixed(parts)
        async with far_standin() as far, served(folder, far, paced=True), writing(far, writers, BREATH):
            await far.control("limit", {"rate": LIMIT})
            assert await ask(folder, ASKED) == LIMITED
            # the first of it is out: what was said before does not count
            await far.until_taken(1, replies=False)
            begun = pushed(await far.forget())
            found = await far.until_taken(LIMITED - begun, replies=False)
    refused = 1000 * found["refused"] / (found["taken"] + found["refused"])
    what = f"broadcast to {LIMITED} at a limit of {LIMIT}/s, {WRITERS} people writing meanwhile"
    return [
        Line(f"{what} (messages/s, replies included)", f"{_rate(found):.1f}", "–", "", "at least 27/s"),
        Line("  refused (429) of 1,000", f"{refused:.1f}", "–", "", "at most 1"),
    ]
