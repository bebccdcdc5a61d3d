"""How long a person waits for a reply: while nothing else happens, and while thousands are being asked.

From the moment an update is available at the stand-in to the sendMessage that answers it, at the default pace.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.far import Far, ask, far_standin, served
from benchmarks.people import ASKED, WRITING, mixed, office, settle
from benchmarks.table import Line, percentile
from benchmarks.writing import writing

PEOPLE = 10_000
#: People of another commune who write, the seconds between two acts of one of them, and the seconds measured.
WRITERS, BREATH, MEASURED = 30, 3.0, 60.0
#: Seconds until what has just begun is under way.
_BEGUN = 3.0
_FIRST = 100_001


async def during_broadcast() -> list[Line]:
    with TemporaryDirectory() as name:
        folder, writers = Path(name), range(1001, 1001 + WRITERS)
        async with office(folder) as parts:
            await settle(parts, range(_FIRST, _FIRST + PEOPLE))
            await settle(parts, writers, WRITING)
            await mixed(parts)
        async with far_standin() as far, served(folder, far, paced=True), writing(far, writers, BREATH):
            await asyncio.sleep(_BEGUN)
            idle = await _replies(far)
            assert await ask(folder, ASKED) == PEOPLE
            busy = await _replies(far)
    each = [[percentile(found, share) for share in (0.5, 0.99)] for found in (busy, idle)]
    (busy_50, busy_99), (idle_50, idle_99) = each
    what = f"reply while {PEOPLE:,} are asked (p50, p99 of {len(busy)}; beside it: idle, of {len(idle)})"
    shown = [f"{1000 * p50:.0f}, {1000 * p99:.0f} ms" for p50, p99 in each]
    ratio = f"{busy_50 / idle_50:.1f}x, {busy_99 / idle_99:.1f}x"
    return [Line(what, shown[0], shown[1], ratio, "p99 at most 2x idle")]


async def _replies(far: Far) -> list[float]:
    """Seconds until each reply of a while that begins a little later."""
    await asyncio.sleep(_BEGUN)
    await far.forget()
    await asyncio.sleep(MEASURED)
    found: list[float] = (await far.times())["replies"]
    return found
