"""Updates a second through the report dialogue with 50 phones at once, beside the same dialogue in three frameworks."""

from __future__ import annotations

import statistics

from benchmarks.bots import OURS, PEERS, fresh_bot
from benchmarks.phones import updates_per_second
from benchmarks.table import Line, rates

PHONES = range(1001, 1051)
#: Reports of each phone in one measurement, after one to warm up.
REPORTS = 6
REPEATS = 3


_BOUND = "at least 2x of the fastest, aim 4x"
_HOW = {
    "aiogram": "aiogram, its FSM in memory",
    "aiogram-dialog": "aiogram-dialog, in memory",
    "python-telegram-bot": "python-telegram-bot, ConversationHandler, PicklePersistence",
}


async def report_dialogue() -> list[Line]:
    found: dict[str, list[float]] = {who: [] for who in (OURS, *PEERS)}
    for _ in range(REPEATS):
        for who, each in found.items():
            each.append(await _rate(who))
    fastest = max(PEERS, key=lambda who: statistics.median(found[who]))
    what = f"report dialogue, {len(PHONES)} phones (updates/s; ours durable)"
    lines = [rates(f"{what} beside the fastest: {fastest}", found[OURS], found[fastest], _BOUND)]
    return lines + [rates(f"  beside {_HOW[who]}", found[OURS], found[who], "") for who in PEERS]


async def _rate(who: str) -> float:
    async with fresh_bot(who, PHONES) as (bot, standin):
        await bot.polling()
        await updates_per_second(standin, PHONES, 1)
        return await updates_per_second(standin, PHONES, REPORTS)
