"""`make bench`: every benchmark beside its peer, one table. `python -m benchmarks.run NAME …` runs only these."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from benchmarks import (
    broadcast,
    console,
    counts,
    dialogue,
    growth,
    latency,
    masking,
    mix,
    outbox,
    peer_signals,
    search,
    similar,
    start,
    synthesis,
    tallies,
    taps,
)
from benchmarks.table import Line, show

#: In the order of the table.
EVERY: dict[str, Callable[[], Awaitable[list[Line]]]] = {
    "dialogue": dialogue.report_dialogue,
    "start": start.start_and_memory,
    "broadcast": broadcast.without_limit,
    "limit": broadcast.with_limit,
    "latency": latency.during_broadcast,
    "taps": taps.many_taps,
    "counts": counts.million,
    "growth": growth.stored_reports,
    "outbox": outbox.claim_and_mark,
    "masking": masking.masking,
    "mix": mix.nightly,
    "search": search.first_page,
    "similar": similar.million,
    "signals": peer_signals.looks,
    "tallies": tallies.tallies,
    "synthesis": synthesis.month,
    "console": console.every_page,
}


async def main(names: list[str]) -> None:
    lines: list[Line] = []
    for name, measure in EVERY.items():
        if not names or name in names:
            print(f"{name} …", flush=True)
            lines += await measure()
    show(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Benchmarks beside their peers, one table")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(EVERY)}")
    asked: list[str] = parser.parse_args().names
    if unknown := sorted(set(asked) - set(EVERY)):
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(EVERY)}")
    asyncio.run(main(asked))
