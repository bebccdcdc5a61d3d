"""Early signals in simulated years: false alarms in calm ones, and how soon a rise is found.

Beside them what is published for the same task: EARS C2 and C3 (Hutwagner et al. 2003) and Farrington's method in the
form of Noufaily et al. (2013), each looked at on the same days. `python -m benchmarks.signals` takes some minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from nhipcau.insight.signals.expectation import LOOKED_AT, WEEK, WEEKS
from nhipcau.insight.signals.history import History
from nhipcau.insight.signals.rises import RiseDetector
from nhipcau.model.signals import Level

TOPICS, COMMUNES, CLUSTERS = 20, 65, 11
#: Reports a week in a calm province.
WEEKLY = 100
#: Reports on each day of a week, from Monday on, for a mean of one.
_DAYS = np.array([1.2, 1.2, 1.2, 1.1, 1.1, 0.7, 0.5])
#: Days before the first look.
BEFORE = WEEK * WEEKS + LOOKED_AT
TOPIC = 3

Rates = NDArray[np.float64]


def calm(rng: np.random.Generator, days: int, usual: float | None = None) -> Rates:
    """Reports to be expected by day, topic and commune: some topics and communes have many times as many as others.
    `usual`: so many a week of one topic (`TOPIC`)."""
    topics = np.arange(1, TOPICS + 1) ** -0.6
    communes = rng.gamma(2.0, 1.0, COMMUNES)
    rates = WEEKLY / WEEK * np.outer(topics / topics.sum(), communes / communes.sum())
    if usual is not None:
        rates[TOPIC] *= usual / (WEEK * rates[TOPIC].sum())
    of_day: Rates = (_DAYS / _DAYS.mean())[np.arange(days) % WEEK]
    return of_day[:, None, None] * rates


def detected(counts: NDArray[np.int64]) -> RiseDetector:
    """Looks at each day after the first half year."""
    detector = RiseDetector(history(counts))
    for row in range(BEFORE, len(counts)):
        detector.look(row)
    return detector


def history(counts: NDArray[np.int64]) -> History:
    names = [f"C{i:02}" for i in range(COMMUNES)]
    clusters = [f"cụm {i * CLUSTERS // COMMUNES}" for i in range(COMMUNES)]
    root = np.zeros((len(counts), TOPICS, 1), dtype=np.int32)
    all_counts = np.concatenate([counts.astype(np.int32), root], axis=2)
    topics = tuple(f"T{i:02}" for i in range(TOPICS))
    return History(date(2026, 11, 29), all_counts, topics, (*names, "P"), (*clusters, ""), "P")


def false_alarms(rng: np.random.Generator, years: int, scatter: float = 0.0) -> float:
    """A week, on average. `scatter`: variance of a factor by which each topic's weeks differ (0: pure Poisson)."""
    told = 0
    for _ in range(years):
        days = BEFORE + 52 * WEEK
        rates = calm(rng, days)
        if scatter:
            weeks = rng.gamma(1 / scatter, scatter, (days // WEEK + 1, TOPICS, 1))
            rates = rates * np.repeat(weeks, WEEK, axis=0)[:days]
        told += sum(map(len, detected(rng.poisson(rates)).told.values()))
    return told / years / 52


def weeks_until_found(rng: np.random.Generator, usual: float, grow: Callable[[float], float], most: int) -> float:
    """Weeks from the beginning of a rise in the whole province; infinite if it is not found within `most`. `grow`:
    the factor after so many weeks."""
    days = BEFORE + most * WEEK
    rates = calm(rng, days, usual)
    for row in range(BEFORE, days):
        rates[row, TOPIC] *= grow((row - BEFORE) / WEEK)
    told = detected(rng.poisson(rates)).told
    rows = [row for (_, topic, _), each in told.items() if topic == TOPIC for row, _ in each]
    return (min(rows) - BEFORE + 1) / WEEK if rows else float("inf")


def burst_is_found(rng: np.random.Generator, extra: int) -> bool:
    """Whether so many reports of one topic more on one day in one commune are told as that commune's, within a week."""
    counts = rng.poisson(calm(rng, BEFORE + 2 * WEEK))
    topic, commune, row = int(rng.integers(TOPICS)), int(rng.integers(COMMUNES)), BEFORE + 3
    counts[row, topic, commune] += extra
    told = detected(counts[: row + WEEK]).told
    return bool(told.get((Level.COMMUNE, topic, commune)))


def power(runs: int = 200, seed: int = 1) -> list[str]:
    """Lines of the table in docs/insight.md."""
    rng = np.random.default_rng(seed)
    lines = ["| reports a week | rise | found within 1 week | 2 weeks | 4 weeks | 10 weeks |", "|" + " --- |" * 6]
    for usual in (2, 4, 8, 16):
        for name, grow, most in (
            ("×1.5", lambda _: 1.5, 4),
            ("×2", lambda _: 2.0, 4),
            ("×3", lambda _: 3.0, 4),
            ("12 % a week", lambda week: 1.12**week, 10),
        ):
            found = np.array([weeks_until_found(rng, usual, grow, most) for _ in range(runs)])
            shares = [f"{np.mean(found <= w):.0%}" if w <= most else "–" for w in (1, 2, 4, 10)]
            lines.append(f"| {usual} | {name} | {' | '.join(shares)} |")
    return lines


if __name__ == "__main__":
    if "power" in sys.argv:
        print("\n".join(power(int(sys.argv[2]) if len(sys.argv) > 2 else 200)))
    else:
        generator = np.random.default_rng(1)
        print("false alarms a week, calm:", false_alarms(generator, 4))
        print("scattered:", false_alarms(generator, 2, 0.15))
        doubled = [weeks_until_found(generator, 8, lambda _: 2.0, 4) for _ in range(100)]
        print("8 to 16 within two weeks:", np.mean(np.array(doubled) <= 2))
        print("drift:", np.mean([weeks_until_found(generator, 8, lambda w: 1.12**w, 10) <= 10 for _ in range(50)]))
        print("burst:", np.mean([burst_is_found(generator, 5) for _ in range(100)]))
