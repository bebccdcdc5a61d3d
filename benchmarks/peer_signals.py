"""Published ways to find a rise in weekly counts, looked at each day as ours are, in the same simulated years.

All of them need five reports in four weeks, and tell a rise once while it lasts. None knows that a province's rise is
its communes' too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, nbinom, poisson

from benchmarks.signals import BEFORE, TOPIC, calm, history
from benchmarks.table import Line
from nhipcau.insight.signals.expectation import WEEK, WEEKS, Past, tail
from nhipcau.insight.signals.history import History
from nhipcau.insight.signals.rises import LOOKS, rises
from nhipcau.model.signals import Level

Flags = NDArray[np.bool_]
#: Flags of one level on one day: (topics, places).
Method = Callable[[Past, Level, int], Flags]
_LEVELS = tuple(Level)


def _weeks(past: Past, level: Level, row: int, number: int, lag: int) -> NDArray[np.float64]:
    return np.asarray(past.sums[level].weeks(row - lag, number))


def _week(past: Past, level: Level, row: int) -> NDArray[np.float64]:
    return np.asarray(past.sums[level].between(row - WEEK + 1, row))


def ears_c2(past: Past, level: Level, row: int) -> Flags:
    """Above the mean of seven weeks, two weeks back, by three standard deviations (Hutwagner et al. 2003)."""
    return np.asarray(_c2(past, level, row) > 3)


def _c2(past: Past, level: Level, row: int) -> NDArray[np.float64]:
    before = _weeks(past, level, row, 7, 2 * WEEK)
    return np.asarray((_week(past, level, row) - before.mean(axis=0)) / np.maximum(before.std(axis=0, ddof=1), 0.5))


def ears_c3(past: Past, level: Level, row: int) -> Flags:
    """The same over three weeks: what each exceeds one standard deviation by, above two."""
    exceeding = [np.maximum(0, _c2(past, level, row - WEEK * i) - 1) for i in range(3)]
    return np.asarray(np.sum(exceeding, axis=0) > 2)


def farrington(past: Past, level: Level, row: int) -> Flags:
    """Above the quantile 0.995 of a negative binomial with the mean and the scatter of its own half year (Noufaily et
    al. 2013, without trend and season, which these years do not have)."""
    before = _weeks(past, level, row, WEEKS, 2 * WEEK)
    mean = np.maximum(before.mean(axis=0), 1 / WEEKS)
    scatter = np.maximum(1.001, before.var(axis=0, ddof=1) / mean)
    return np.asarray(_week(past, level, row) > nbinom.ppf(0.995, mean / (scatter - 1), 1 / scatter))


def benjamini_hochberg(past: Past, level: Level, row: int) -> Flags:
    """Our own p-values, those kept of which 5 % would be false (Benjamini and Hochberg 1995)."""
    all_of_them = []
    for each in _LEVELS:
        one, two = past.expected(each, row)
        counts = _week(past, each, row), past.sums[each].between(row - 2 * WEEK + 1, row)
        p = np.minimum(tail(counts[0], one), tail(counts[1], two))
        all_of_them.append(np.where(past.sums[each].between(row - 27, row) >= 5, p, 1.0))
    adjusted = false_discovery_control(np.concatenate([p.ravel() for p in all_of_them]))
    parts = np.split(adjusted, np.cumsum([p.size for p in all_of_them])[:-1])
    place = _LEVELS.index(level)
    return np.asarray(parts[place].reshape(all_of_them[place].shape) <= 0.05)


METHODS: dict[str, Method] = {
    "EARS C2": ears_c2,
    "EARS C3": ears_c3,
    "Farrington, 0.995": farrington,
    "ours with Benjamini–Hochberg, 5 %": benjamini_hochberg,
}


def tellings(method: Method, counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Row and topic of each rise that is told."""
    past = Past(history(counts))
    active: dict[Level, Flags] = {}
    for row in range(BEFORE, len(counts)):
        for level in _LEVELS:
            enough = past.sums[level].between(row - 27, row) >= 5
            flags = method(past, level, row) & enough
            lasts = tail(_week(past, level, row), past.expected(level, row)[0]) <= 0.2
            was = active.get(level, np.zeros_like(flags))
            yield from ((row, int(topic)) for topic, _ in np.argwhere(flags & ~was))
            active[level] = flags | (was & lasts)


def compare(years: int = 2, runs: int = 50) -> list[str]:
    """Lines of the table in docs/insight.md: false alarms a week, and doublings from 8 a week found in two weeks."""
    lines = []
    for name, method in METHODS.items():
        rng = np.random.default_rng(1)
        told = sum(len(list(tellings(method, rng.poisson(calm(rng, BEFORE + 52 * WEEK))))) for _ in range(years))
        found = 0
        for _ in range(runs):
            rates = calm(rng, BEFORE + 2 * WEEK, 8)
            rates[BEFORE:, TOPIC] *= 2
            found += any(topic == TOPIC for _, topic in tellings(method, rng.poisson(rates)))
        lines.append(f"| {name} | {told / years / 52:.1f} | {found / runs:.0%} |")
    return lines


# ------------------------------------------------------------------ what a look costs


#: Days the plain loop looks at: each takes it a second or more.
_LOOKS_OF_LOOP = 3


async def looks() -> list[Line]:
    """Half a year of daily looks, as a command or a night has it, beside a plain loop over the same counts."""
    rng = np.random.default_rng(2)
    past = history(rng.poisson(calm(rng, BEFORE + LOOKS)))
    begun = time.perf_counter()
    rises(past)
    ours = (time.perf_counter() - begun) / LOOKS
    begun = time.perf_counter()
    for row in range(past.days - _LOOKS_OF_LOOP, past.days):
        plain_loop(past, row)
    peer = (time.perf_counter() - begun) / _LOOKS_OF_LOOP
    what = "early signals: a day's look at 1,540 counts of a week, two weeks in ours, and what explains them"
    return [Line(what, f"{1000 * ours:.1f} ms", f"{1000 * peer:,.0f} ms", f"{ours / peer:.3f}x", "")]


def plain_loop(past: History, row: int) -> list[tuple[Level, int, int]]:
    """What a first script would do: each count of the week by itself, against the mean and the scatter of its own half
    year by scipy, then Benjamini–Hochberg."""
    sums = Past(past).sums
    keys, chances = [], []
    for level in _LEVELS:
        week, before = sums[level].between(row - WEEK + 1, row), sums[level].weeks(row - WEEK, WEEKS)
        for topic, place in np.ndindex(week.shape):
            own = before[:, topic, place]
            mean, variance = max(own.mean(), 1 / WEEKS), own.var(ddof=1)
            count = week[topic, place]
            if variance > mean:
                chance = nbinom.sf(count - 1, mean**2 / (variance - mean), mean / variance)
            else:
                chance = poisson.sf(count - 1, mean)
            keys.append((level, topic, place))
            chances.append(chance)
    adjusted = false_discovery_control(chances)
    return [key for key, q in zip(keys, adjusted, strict=True) if q <= 0.05]


if __name__ == "__main__":
    print("\n".join(compare()))
