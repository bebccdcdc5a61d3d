"""What a calm week brings: the number of reports of each topic at each place, from the half year before.

Counts are taken as Poisson with a rate that is known only from past weeks. With a gamma prior the next count is then
negative binomial, which is how the uncertainty of a short past enters (as in the method `bayes` of Riebler 2004 and
Höhle 2007). The prior says that topics have the same shares everywhere: so a commune that has not yet reported a topic
borrows from its other reports and from other communes. Three things correct it:

- reporting units: with twice as many units that report, twice as many reports are usual;
- scatter: where weeks scatter more than Poisson, the variance is larger by the pooled factor (Noufaily et al. 2013);
- season: where the same weeks of a year ago stood out too, more is expected; never less, which would raise alarms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from nhipcau.insight.signals.history import Cube, History, Table
from nhipcau.model.signals import Level

#: Weeks of the past that are used at most, and at least; the two weeks that are looked at come after them.
WEEKS, LEAST_WEEKS = 26, 4
WEEK, LOOKED_AT = 7, 14
#: Weight of the prior, in reports.
_PRIOR = 1.0
#: A province's topic has a long past of its own.
_PRIOR_PROVINCE = 0.5
#: Bounds of the correction by reporting units.
_LEAST_UNITS, _MOST_UNITS = 0.5, 3.0
#: Weeks on either side that count as the same season, and reports by which its factor is drawn towards 1.
_SEASON_WEEKS, _SEASON_WEIGHT = 2, 20.0
_YEAR = 364
_TINY = 1e-4


@dataclass(frozen=True)
class Expected:
    """A negative binomial for each topic and place: its mean, and its size (variance = mean + mean² / size)."""

    mean: Table
    size: Table

    def scaled(self, factor: float | Table) -> Expected:
        """The same with another mean."""
        return Expected(self.mean * factor, self.size)


def tail(count: Table, expected: Expected) -> Table:
    """How likely at least so many are."""
    at_least = np.maximum(count, 1)
    found = betainc(at_least, expected.size, expected.mean / (expected.mean + expected.size))
    return np.where(count >= 1, found, 1.0)


class Sums:
    """Sums of one level's counts over any days."""

    def __init__(self, cube: Cube) -> None:
        self._running = np.concatenate([np.zeros((1, *cube.shape[1:])), cube.cumsum(axis=0)])

    def between(self, first: int, last: int) -> Table:
        """Reports from row `first` to row `last`, both included; rows before the first count nothing."""
        found: Table = self._running[max(0, last + 1)] - self._running[max(0, first)]
        return found

    def weeks(self, last: int, number: int) -> Cube:
        """Reports of so many weeks, the latest first: (weeks, topics, places)."""
        return np.stack([self.between(last - WEEK * (i + 1) + 1, last - WEEK * i) for i in range(number)])


class Past:
    """What is usual on each day of a history."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.sums = {level: Sums(cube) for level, cube in history.cubes.items()}
        reported = np.nonzero(history.counts.any(axis=(1, 2)))[0]
        self._first = int(reported[0]) if len(reported) else history.days
        self._scatter: dict[tuple[Level, int], float] = {}

    def weeks(self, row: int) -> int:
        """Whole weeks of the past that serve a look on this day."""
        return min(WEEKS, (row - LOOKED_AT - self._first + 1) // WEEK)

    def expected(self, level: Level, row: int) -> tuple[Expected, Expected]:
        """For the week and for the two weeks that end on this day."""
        weeks, last = self.weeks(row), row - LOOKED_AT
        past = self.sums[level].between(last - WEEK * weeks + 1, last)
        by_topic = self.sums[Level.PROVINCE].between(last - WEEK * weeks + 1, last)[:, 0]
        if level is Level.PROVINCE:
            shape, rate = past + _PRIOR_PROVINCE, np.full_like(past, float(weeks))
        else:
            usual = np.outer(by_topic, past.sum(axis=0)) / max(by_topic.sum(), 1.0) / weeks
            shape, rate = past + _PRIOR, _PRIOR / np.maximum(usual, _TINY) + weeks
        weekly = shape / rate * self._season(row, weeks)[:, None]
        one, two = self._units(row, weeks)
        scatter = self._scatter_of(level, row, weeks)
        return _predicted(weekly * one, shape, scatter), _predicted(2 * weekly * two, shape, scatter)

    def _units(self, row: int, weeks: int) -> tuple[float, float]:
        """How many units reported in this week, and in these two weeks, for one that did in an earlier week."""
        of_week = [self._reported(row - WEEK * i) for i in range(2 + weeks)]
        usual = float(np.mean(of_week[2:])) or 1.0
        one, two = np.clip([of_week[0] / usual, (of_week[0] + of_week[1]) / 2 / usual], _LEAST_UNITS, _MOST_UNITS)
        return float(one), float(two)

    def _reported(self, row: int) -> int:
        return int(self._history.reporting[max(0, row - WEEK + 1) : row + 1].any(axis=0).sum())

    def _scatter_of(self, level: Level, row: int, weeks: int) -> float:
        """Variance of weekly counts by their mean, of all topics and places together; at least 1. Anew each week."""
        key = level, row // WEEK
        if key not in self._scatter:
            each = self.sums[level].weeks(row - LOOKED_AT, weeks)
            squares = ((each - each.mean(axis=0)) ** 2).sum() / (weeks - 1)
            self._scatter[key] = max(1.0, float(squares / max(each.mean(axis=0).sum(), _TINY)))
        return self._scatter[key]

    def _season(self, row: int, weeks: int) -> NDArray[np.float64]:
        """By topic: how far the same weeks of a year ago stood out of the half year before them."""
        then = row - _YEAR
        around = WEEK * _SEASON_WEEKS
        before = then - LOOKED_AT - WEEK * weeks + 1
        if before < self._first:
            return np.ones(len(self._history.topics))
        province = self.sums[Level.PROVINCE]
        found = province.between(then - WEEK - around + 1, then + around)[:, 0]
        usual = province.between(before, then - LOOKED_AT)[:, 0] * (WEEK + 2 * around) / (WEEK * weeks)
        return np.maximum(1.0, (found + _SEASON_WEIGHT) / (usual + _SEASON_WEIGHT))


def _predicted(mean: Table, shape: Table, scatter: float) -> Expected:
    return Expected(mean, mean / ((scatter - 1) + mean / shape))
