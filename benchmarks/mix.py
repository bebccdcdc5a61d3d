"""The nightly mix once a thousand and a hundred thousand reports lie in the database (SQLite), and who waits for it.

`python -m benchmarks.mix 1000000` measures other sizes.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.filled import fill
from benchmarks.people import office, settle
from benchmarks.table import Line, show
from nhipcau.context import AppContext
from nhipcau.storage.mix import Folders, Mixed, mix
from nhipcau.storage.shared_values import set_fact

SIZES = (1_000, 100_000)
PEOPLE = range(100_001, 100_301)
#: Seconds between two acts of somebody who writes meanwhile.
_BREATH = 0.01


async def nightly(sizes: Sequence[int] = SIZES) -> list[Line]:
    lines = []
    for size in sizes:
        with TemporaryDirectory() as name:
            async with office(Path(name)) as parts:
                await settle(parts, PEOPLE)
                await fill(parts, size)
                for what, days in (("the first, of everything", 0), ("a night's", 1)):
                    lines.append(_line(f"{what}, at {size:,} reports", *await _measured(parts, days)))
    return lines


def _line(what: str, found: Mixed, seconds: float, waited: float) -> Line:
    ours = f"{found.rows:,} rows in {seconds:.1f} s; longest wait {1000 * waited:.0f} ms"
    return Line(f"the mix: {what}", ours, "–", "", "nobody waits longer than 1 s")


async def _measured(parts: AppContext, days: int) -> tuple[Mixed, float, float]:
    """What a mix did so many days from now, its seconds, and the longest wait of somebody who writes meanwhile."""
    waits = [0.0]
    writing = asyncio.create_task(_write(parts, waits))
    begun = time.perf_counter()
    folders = Folders(parts.settings.photos, parts.settings.documents)
    found = await mix(
        parts.database, parts.sealer, datetime.now(UTC) + timedelta(days=days), parts.settings.zone, folders
    )
    seconds = time.perf_counter() - begun
    writing.cancel()
    return found, seconds, max(waits)


async def _write(parts: AppContext, waits: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        async with parts.database.writing() as connection:
            await set_fact(connection, "bench", "")
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(_BREATH)


if __name__ == "__main__":
    show(asyncio.run(nightly([int(size) for size in sys.argv[1:]] or SIZES)))
