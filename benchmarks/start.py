"""From a process's start to its first request for updates, and what it holds when idle, beside plain aiogram."""

from __future__ import annotations

import asyncio
import statistics

from benchmarks.bots import OURS, Bot, fresh_bot, resident
from benchmarks.table import Line

_PEER = "aiogram"
REPEATS = 3
#: Seconds until a process counts as idle.
SETTLE = 3.0


async def start_and_memory() -> list[Line]:
    found: dict[str, list[tuple[float, float]]] = {OURS: [], _PEER: []}
    for _ in range(REPEATS):
        for who, rows in found.items():
            async with fresh_bot(who, range(0)) as (bot, _):
                rows.append(await start_of(bot))
    seconds = {who: statistics.median(s for s, _ in rows) for who, rows in found.items()}
    memory = {who: statistics.median(m for _, m in rows) for who, rows in found.items()}
    return [
        _line("start, Telegram on, to the first getUpdates", seconds, "s", "aim under 2 s"),
        _line("idle memory, Telegram on", memory, "MB", "aim under 120 MB"),
    ]


async def start_of(bot: Bot) -> tuple[float, float]:
    """Seconds to its first request for updates, and megabytes once it has settled."""
    seconds = await bot.polling()
    await asyncio.sleep(SETTLE)
    return seconds, resident(bot.process.pid)


def _line(what: str, values: dict[str, float], unit: str, bound: str) -> Line:
    shown = {who: f"{value:.1f} {unit}" for who, value in values.items()}
    return Line(what, shown[OURS], shown[_PEER], f"{values[OURS] / values[_PEER]:.1f}x", bound)
