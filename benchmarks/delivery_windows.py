"""A month of 1,000 people on an Official Account: whom can be told, at what price, with and without a weekly question.

Chances are ours, not measured: people write by themselves on some days, and answer "Không có gì mới" in one tap with a
chance of their own. The window is the app's (its channel's traits). Nobody can be asked behind a closed
window.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nhipcau.bot.channels.registry import WINDOWS
from nhipcau.bot.messaging.delivery_windows import WindowState, hour_of

PEOPLE, DAYS = 1000, 30
#: Share of people, chance to write by themselves on a day, chance to answer a one-tap question.
KINDS = ((0.2, 0.35, 0.95), (0.5, 0.08, 0.8), (0.3, 0.02, 0.5))
_WINDOW = WINDOWS["zalo_oa"]
_BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Day:
    """How many could be told at nine in the morning, before anybody wrote."""

    free: int
    paid: int
    closed: int


def month(chance: random.Random, *, weekly: bool) -> list[Day]:
    """Thirty days from a Monday on which everybody has just joined. `weekly`: one question each Friday."""
    kinds = chance.choices([kind[1:] for kind in KINDS], [kind[0] for kind in KINDS], k=PEOPLE)
    heard = [_BEGIN] * PEOPLE
    days = []
    for number in range(1, DAYS + 1):
        now = _BEGIN + timedelta(days=number)
        states = [_WINDOW.state(hour_of(since), now) for since in heard]
        found = Counter(states)
        days.append(Day(found[WindowState.FREE], found[WindowState.PAID], found[WindowState.CLOSED]))
        asks = weekly and now.weekday() == 0
        # a day before the window closes, so that it still is open
        asked = [asks or ((weekly and number % 7 == 6) and state is not WindowState.CLOSED) for state in states]
        for person, (writes, answers) in enumerate(kinds):
            answered = asked[person] and states[person] is not WindowState.CLOSED and chance.random() < answers
            if answered or chance.random() < writes:
                heard[person] = now + timedelta(hours=chance.uniform(0, 10))
    return days


def table() -> str:
    """As docs/reference/channels.md shows it."""
    lines = ["| day | free, without | paid | out of reach | free, with a weekly question | paid | out of reach |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    pairs = list(zip(*(month(random.Random(1), weekly=weekly) for weekly in (False, True)), strict=True))
    for number in (7, 14, 21, 28, 30):
        without, with_question = pairs[number - 1]
        cells = (
            without.free,
            without.paid,
            without.closed,
            with_question.free,
            with_question.paid,
            with_question.closed,
        )
        lines.append(f"| {number} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
