"""`make bench`: every benchmark beside its peer, one table."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bots import Bot, office, resident
from benchmarks.phones import join, updates_per_second
from tests.standins.telegram import TelegramStandIn

PHONES = range(1001, 1051)
#: Reports of each phone in one measurement, after one to warm up.
REPORTS = 6
REPEATS = 3
#: Seconds until a process counts as idle.
SETTLE = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    ours: str
    peer: str
    #: Ours to the peer's.
    ratio: str
    bound: str


async def report_dialogue() -> list[Line]:
    """Updates a second through the report dialogue with 50 phones at once."""
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(REPEATS):
        for who in ("ours", "peer"):
            rates[who].append(await _rate(who))
    mine, theirs = (statistics.median(rates[who]) for who in ("ours", "peer"))
    spread = ", ".join(f"{a / b:.1f}" for a, b in zip(rates["ours"], rates["peer"], strict=True))
    what = "report dialogue, 50 phones (updates/s; ours durable, aiogram's FSM in memory)"
    return [Line(what, f"{mine:,.0f}", f"{theirs:,.0f}", f"{mine / theirs:.1f}x ({spread})", "at least 2x, aim 4x")]


async def _rate(who: str) -> float:
    async with _bot(who) as (bot, standin, code):
        await bot.polling()
        if code:
            await asyncio.gather(*(join(standin.phone(chat), code) for chat in PHONES))
        return await _measure(standin)


@asynccontextmanager
async def _bot(who: str) -> AsyncIterator[tuple[Bot, TelegramStandIn, str]]:
    """A bot just started at a stand-in of its own, in a folder of its own, and the invite's code of ours."""
    with tempfile.TemporaryDirectory() as name:
        code = await asyncio.to_thread(office, Path(name)) if who == "ours" else ""
        async with TelegramStandIn(strict=False) as standin:
            bot = Bot(who, Path(name), standin)
            try:
                yield bot, standin, code
            finally:
                await bot.stop()


async def _measure(standin: TelegramStandIn) -> float:
    await updates_per_second(standin, PHONES, 1)
    return await updates_per_second(standin, PHONES, REPORTS)


async def start_and_memory() -> list[Line]:
    """From the process's start to its first request for updates, and what it holds when idle."""
    found: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": []}
    for _ in range(REPEATS):
        for who in ("ours", "peer"):
            found[who].append(await _start(who))
    seconds = {who: statistics.median(s for s, _ in rows) for who, rows in found.items()}
    memory = {who: statistics.median(m for _, m in rows) for who, rows in found.items()}

    def line(what: str, values: dict[str, float], unit: str, bound: str) -> Line:
        shown = {who: f"{value:.1f} {unit}" for who, value in values.items()}
        return Line(what, shown["ours"], shown["peer"], f"{values['ours'] / values['peer']:.1f}x", bound)

    return [
        line("start, Telegram on, to the first getUpdates", seconds, "s", "aim under 2 s"),
        line("idle memory, Telegram on", memory, "MB", "aim under 120 MB"),
    ]


async def _start(who: str) -> tuple[float, float]:
    async with _bot(who) as (bot, _, _):
        seconds = await bot.polling()
        await asyncio.sleep(SETTLE)
        return seconds, resident(bot.process.pid)


def _print(lines: list[Line]) -> None:
    cpu = next((row.split(":")[1].strip() for row in _cpu() if row.startswith("model name")), platform.machine())
    print(f"{os.cpu_count()} × {cpu}, Python {platform.python_version()}, {platform.system()} {platform.release()}")
    head = Line("what", "ours", "peer", "ratio", "bound")
    rows = [head, *lines]
    widths = [max(len(getattr(row, name)) for row in rows) for name in Line.__slots__]
    for row in rows:
        print("  ".join(getattr(row, name).ljust(width) for name, width in zip(Line.__slots__, widths, strict=True)))


def _cpu() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


async def main(only: list[str]) -> None:
    every = {"dialogue": report_dialogue, "start": start_and_memory}
    lines: list[Line] = []
    for name, measure in every.items():
        if not only or name in only:
            lines += await measure()
    _print(lines)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
