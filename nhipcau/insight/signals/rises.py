"""Which topics grow where: looked at each day, told once, at the level that explains it.

A rise stands out when its count of one week or of two is unlikely enough (threshold.py). It lasts until a week is
ordinary again. Small places come first: what the rise of a commune explains is not called the province's. What the rise
of a province explains is not repeated for each commune.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrc
from scipy.stats import false_discovery_control, nbinom

from nhipcau.insight.signals.expectation import LEAST_WEEKS, WEEK, Expected, Past, tail
from nhipcau.insight.signals.history import Flags, History, Table
from nhipcau.insight.signals.threshold import LEAST_REPORTS, LEAST_REPORTS_DAYS, threshold
from nhipcau.model.signals import Level, Rise

#: Days that are looked at again to know since when a rise lasts.
LOOKS = 26 * WEEK
#: A rise lasts while a week with so many reports is at most this likely.
_LASTS = 0.2
#: Above this, what is left of a count is ordinary.
_ORDINARY = 0.05
#: A rise has clearly grown when a week with as many as when it was told is at most this likely to bring so many.
_GROWN = 0.01
_SMALL_FIRST = (Level.COMMUNE, Level.CLUSTER, Level.PROVINCE)


def rises(history: History, looks: int = LOOKS) -> list[Rise]:
    """What grows at the end of the history's last day, as each of the last `looks` days was seen. In a calm time, or
    with less than `LEAST_WEEKS` of a past, nothing."""
    detector = RiseDetector(history)
    for row in range(max(0, history.days - looks), history.days):
        detector.look(row)
    return detector.standing()


@dataclass
class _Seen:
    """One level on one day: for each topic and place."""

    #: Reports of one week and of two, and what was to be expected.
    counts: tuple[Table, Table]
    expected: tuple[Expected, Expected]
    #: How likely, the smaller of both; 1 where there are too few reports.
    p: Table
    #: Places with enough reports in four weeks.
    enough: Flags
    stands_out: Flags

    def _both(self) -> Iterator[tuple[Table, Expected]]:
        return zip(self.counts, self.expected, strict=True)

    def left(self, topic: int, place: int, taken: Sequence[float]) -> float:
        """How likely the count is without so many reports of one week and of two."""
        return min(
            float(tail(count[topic, place] - less, _at(each, topic, place)))
            for count, each, less in zip(self.counts, self.expected, taken, strict=True)
        )

    def excess(self, topic: int, place: int) -> tuple[float, float]:
        one, two = (float(c[topic, place] - e.mean[topic, place]) for c, e in self._both())
        return one, two

    def growth(self, topic: int, place: int) -> tuple[float, float]:
        """Count by expectation, at least 1."""
        one, two = (max(1.0, float(c[topic, place] / e.mean[topic, place])) for c, e in self._both())
        return one, two

    def within(self, topic: int, place: int, growth: Sequence[float]) -> float:
        """How likely the count is where all around has grown so."""
        return min(
            float(tail(count[topic, place], _at(each, topic, place).scaled(factor)))
            for count, each, factor in zip(self.counts, self.expected, growth, strict=True)
        )


def _at(expected: Expected, topic: int, place: int) -> Expected:
    return Expected(expected.mean[topic, place], expected.size[topic, place])


class RiseDetector:
    """Looks at one day after the other, and remembers what stands."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._past = Past(history)
        self._levels = [level for level in _SMALL_FIRST if history.places(level)]
        self._cluster_of = history.cluster_of
        shapes = {level: (len(history.topics), len(history.places(level))) for level in _SMALL_FIRST}
        self._active: dict[Level, Flags] = {level: np.zeros(shape, bool) for level, shape in shapes.items()}
        self._since: dict[tuple[Level, int, int], int] = {}
        #: By level, topic and place: rows on which a rise was told, and its count then.
        self.told: dict[tuple[Level, int, int], list[tuple[int, float]]] = defaultdict(list)
        self._threshold: dict[Level, float] = {}
        self._seen: dict[Level, _Seen] = {}
        self._row = -1

    def look(self, row: int) -> None:
        self._row, self._seen = row, {}
        if self._past.weeks(row) < LEAST_WEEKS:
            return
        for level in self._levels:
            self._seen[level] = self._see(level, row)
        self._leave_to_small_places()
        self._leave_to_large_places()
        for level, seen in self._seen.items():
            unusual = seen.enough & (tail(seen.counts[0], seen.expected[0]) <= _LASTS)
            lasting = seen.stands_out | (self._active[level] & unusual)
            self._note(level, lasting, seen)
            self._active[level] = lasting

    def _see(self, level: Level, row: int) -> _Seen:
        sums = self._past.sums[level]
        expected = self._past.expected(level, row)
        counts = sums.between(row - WEEK + 1, row), sums.between(row - 2 * WEEK + 1, row)
        # four weeks later the past is another one
        if level not in self._threshold or row % (4 * WEEK) == 0:
            self._threshold[level] = threshold(level, expected)
        enough = sums.between(row - LEAST_REPORTS_DAYS + 1, row) >= LEAST_REPORTS
        p = np.where(enough, np.minimum(*(tail(c, e) for c, e in zip(counts, expected, strict=True))), 1.0)
        return _Seen(counts, expected, p, enough, p <= self._threshold[level])

    # ------------------------------------------------------------------ the level that explains it

    def _leave_to_small_places(self) -> None:
        """A larger place does not stand out where it is ordinary without the excess of the small ones that do."""
        clusters, communes = self._seen.get(Level.CLUSTER), self._seen.get(Level.COMMUNE)
        if communes is None:
            return
        if clusters is not None:
            for topic, cluster in np.argwhere(clusters.stands_out):
                inside = [c for c in _chosen(communes.stands_out[topic]) if self._cluster_of[c] == cluster]
                self._unless_explained(clusters, topic, cluster, [communes.excess(topic, c) for c in inside])
        province = self._seen[Level.PROVINCE]
        for topic, _ in np.argwhere(province.stands_out):
            large = _chosen(clusters.stands_out[topic]) if clusters is not None else []
            taken = [clusters.excess(topic, c) for c in large] if clusters is not None else []
            alone = [c for c in _chosen(communes.stands_out[topic]) if self._cluster_of[c] not in large]
            self._unless_explained(province, topic, 0, [*taken, *(communes.excess(topic, c) for c in alone)])

    @staticmethod
    def _unless_explained(seen: _Seen, topic: int, place: int, taken: Sequence[tuple[float, float]]) -> None:
        if taken and seen.left(topic, place, np.sum(taken, axis=0).tolist()) > _ORDINARY:
            seen.stands_out[topic, place] = False

    def _leave_to_large_places(self) -> None:
        """A small place does not stand out where it has grown no more than all around it."""
        for wide, narrow in (
            (Level.PROVINCE, Level.CLUSTER),
            (Level.PROVINCE, Level.COMMUNE),
            (Level.CLUSTER, Level.COMMUNE),
        ):
            if wide not in self._seen or narrow not in self._seen:
                continue
            around, here = self._seen[wide], self._seen[narrow]
            for topic, place in np.argwhere(here.stands_out):
                larger = 0 if wide is Level.PROVINCE else int(self._cluster_of[place])
                if larger < 0 or not (around.stands_out | self._active[wide])[topic, larger]:
                    continue
                if here.within(topic, place, around.growth(topic, larger)) > self._threshold[narrow]:
                    here.stands_out[topic, place] = False

    # ------------------------------------------------------------------ what is told

    def _note(self, level: Level, lasting: Flags, seen: _Seen) -> None:
        for topic, place in np.argwhere(lasting):
            key, count = (level, int(topic), int(place)), float(seen.counts[0][topic, place])
            if not self._active[level][topic, place]:
                self._since[key] = self._row
            elif not _clearly_more(count, self.told[key][-1][1]):
                continue
            self.told[key].append((self._row, count))

    def standing(self) -> list[Rise]:
        """What stands out on the last day that was seen, small places first, the least likely first."""
        found = []
        adjusted = self._adjusted()
        for level, seen in self._seen.items():
            unusual = seen.enough & (tail(seen.counts[0], seen.expected[0]) <= _ORDINARY)
            shown = self._active[level] & (seen.stands_out | unusual)
            for topic, place in np.argwhere(shown):
                found.append(self._rise(level, int(topic), int(place), seen, adjusted[level]))
        order = {level: i for i, level in enumerate(_SMALL_FIRST)}
        return sorted(found, key=lambda rise: (order[rise.level], rise.p, rise.topic, rise.place))

    def _adjusted(self) -> Mapping[Level, Table]:
        if not self._seen:
            return {}
        each = [seen.p.ravel() for seen in self._seen.values()]
        adjusted: NDArray[np.float64] = false_discovery_control(np.concatenate(each))
        parts = np.split(adjusted, np.cumsum([len(p) for p in each])[:-1])
        return {level: part.reshape(self._seen[level].p.shape) for level, part in zip(self._seen, parts, strict=True)}

    def _rise(self, level: Level, topic: int, place: int, seen: _Seen, adjusted: Table) -> Rise:
        history, expected, key = self._history, _at(seen.expected[0], topic, place), (level, topic, place)
        chance = expected.size / (expected.size + expected.mean)
        low, high = (int(nbinom.ppf(share, expected.size, chance)) for share in (0.025, 0.975))
        return Rise(
            topic=history.topics[topic],
            level=level,
            place=history.places(level)[place],
            since=history.day(self._since[key]),
            day=history.day(self._row),
            count=int(seen.counts[0][topic, place]),
            expected=round(float(expected.mean), 2),
            low=low,
            high=high,
            p=float(seen.p[topic, place]),
            q=float(adjusted[topic, place]),
            units=self._units(level, topic, place),
            told=tuple(history.day(row) for row, _ in self.told[key] if row >= self._since[key]),
        )

    def _units(self, level: Level, topic: int, place: int) -> tuple[str, ...]:
        week = self._past.sums[Level.COMMUNE].between(self._row - WEEK + 1, self._row)[topic]
        codes = self._history.places(Level.COMMUNE)
        if level is Level.COMMUNE:
            return (codes[place],)
        inside = [i for i in _chosen(week > 0) if level is Level.PROVINCE or self._cluster_of[i] == place]
        return tuple(codes[i] for i in sorted(inside, key=lambda i: (-week[i], codes[i])))


def _chosen(flags: Flags) -> list[int]:
    return [int(i) for i in np.nonzero(flags)[0]]


def _clearly_more(count: float, than: float) -> bool:
    return count >= than + LEAST_REPORTS and float(pdtrc(count - 1, than)) <= _GROWN
