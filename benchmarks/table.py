"""The one table of `make bench`, and how measurements become a line of it."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    ours: str
    peer: str
    #: Ours to the peer's.
    ratio: str
    bound: str


def rates(what: str, ours: Sequence[float], peer: Sequence[float], bound: str) -> Line:
    """Two rates measured in turns; the ratio of each turn too: how far these lie apart shows the machine's noise."""
    mine, theirs = statistics.median(ours), statistics.median(peer)
    each = ", ".join(f"{a / b:.1f}" for a, b in zip(ours, peer, strict=True))
    return Line(what, f"{mine:,.0f}", f"{theirs:,.0f}", f"{mine / theirs:.1f}x ({each})", bound)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def show(lines: Sequence[Line]) -> None:
    print(machine())
    rows = [Line("what", "ours", "peer", "ratio", "bound"), *lines]
    widths = [max(len(getattr(row, name)) for row in rows) for name in Line.__slots__]
    for row in rows:
        print("  ".join(getattr(row, name).ljust(width) for name, width in zip(Line.__slots__, widths, strict=True)))


def machine() -> str:
    cpu = next((row.split(":")[1].strip() for row in _cpu() if row.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {cpu}, Python {platform.python_version()}, {platform.system()} {platform.release()}"


def _cpu() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
