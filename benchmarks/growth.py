"""What things cost once a thousand, a hundred thousand, a million reports lie in the database (SQLite).

Each size is a folder of its own, measured in turns; the least of the repeats counts, since what else the machine does
only ever adds to it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bots import OURS, bot_at
from benchmarks.filled import fill, fill_outbox, fill_request
from benchmarks.people import mixed, office, settle
from benchmarks.phones import updates_per_second
from benchmarks.start import start_of
from benchmarks.table import Line
from nhipcau.context import AppContext
from nhipcau.model.queries import Board
from nhipcau.model.scope import Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import outbox, requests, run_queries
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.units import load_tree
from tests.support.standins.telegram import TelegramStandIn

SIZES = (1_000, 100_000, 1_000_000)
REPEATS = 3
PHONES = range(1001, 1051)
#: Reports of each phone in one measurement, after one to warm up.
REPORTS = 3
#: Rows that wait in the outbox and how many one claim takes; people asked by the request of the board.
WAITING, TAKEN, ASKED = 300, 100, 1000
#: Calls of one measurement.
CALLS = 20
_UPDATE, _CLAIM, _BOARD, _START, _MEMORY = NAMES = ("update", "claim", "board", "start", "memory")
_WHAT = {
    _UPDATE: "an update of the report dialogue, 50 phones",
    _CLAIM: f"an outbox claim of {TAKEN} from {WAITING} waiting",
    _BOARD: f"a board of {ASKED:,} asked",
    _START: "start to the first getUpdates",
    _MEMORY: "idle memory",
}
_BOUND = "no growth beyond noise, at most 1.25x"


async def stored_reports() -> list[Line]:
    found: dict[str, dict[int, list[float]]] = {name: {size: [] for size in SIZES} for name in NAMES}
    async with AsyncExitStack() as stack:
        offices = {size: await _filled(stack, size) for size in SIZES}
        for _ in range(REPEATS):
            for size, (folder, standin) in offices.items():
                for what, value in (await _costs(folder, standin)).items():
                    found[what][size].append(value)
    return [_line(what, values) for what, values in found.items()]


async def _filled(stack: AsyncExitStack, size: int) -> tuple[Path, TelegramStandIn]:
    """An office with so many reports, and its stand-in: kept, since no two updates may have the same number."""
    folder = Path(stack.enter_context(TemporaryDirectory()))
    async with office(folder) as parts:
        await settle(parts, PHONES)
        await settle(parts, range(100_001, 100_001 + WAITING))
        await fill(parts, size)
        await mixed(parts)
    return folder, await stack.enter_async_context(TelegramStandIn(strict=False))


def _line(what: str, values: dict[int, list[float]]) -> Line:
    least = [min(values[size]) for size in SIZES]
    sizes = ", ".join(f"{size:,}" for size in SIZES)
    unit = {_START: "s", _MEMORY: "MB"}.get(what, "ms")
    shown = ", ".join(f"{value:.0f}" if value >= 50 else f"{value:.2f}" for value in least)
    return Line(f"{_WHAT[what]}, at {sizes} reports", f"{shown} {unit}", "–", f"{least[-1] / least[0]:.2f}x", _BOUND)


async def _costs(folder: Path, standin: TelegramStandIn) -> dict[str, float]:
    """One measurement of everything in this folder."""
    found: dict[str, float] = {}
    async with office(folder) as parts:
        found[_CLAIM], found[_BOARD] = await _queries(parts)
    async with bot_at(standin, OURS, folder) as bot:
        found[_START], found[_MEMORY] = await start_of(bot)
        await updates_per_second(standin, PHONES, 1)
        found[_UPDATE] = 1000 / await updates_per_second(standin, PHONES, REPORTS)
    return found


class _Undone(Exception):
    """What was measured is taken back."""


async def _queries(parts: AppContext) -> tuple[float, float]:
    """Milliseconds of a claim and of a board, in a transaction that is rolled back."""
    try:
        async with parts.database.writing() as connection:
            tree = await load_tree(connection)
            id = await fill_request(connection, tree, [new_id("id") for _ in range(ASKED)])
            board = Board(Scope.office(), (await requests.read_requests(connection, tree, [id]))[id])
            await fill_outbox(connection, parts, WAITING)
            now = datetime.now(UTC)
            moments = iter(now + timedelta(minutes=2 * n) for n in range(CALLS))  # each claim finds the leases run out

            async def claim() -> None:
                taken = await outbox.claim(connection, parts.sealer, "telegram", next(moments), quiet=False, most=TAKEN)
                assert len(taken) == TAKEN

            at = QueryContext(connection, parts.sealer, tree, now, {}, parts.settings.zone)

            async def look() -> None:
                [rows] = (await run_queries.answer(at, [board])).values()
                assert sum(row.asked for row in rows) == ASKED

            found = await _median(claim), await _median(look)
            raise _Undone
    except _Undone:
        return found


async def _median(act: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        await act()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)
