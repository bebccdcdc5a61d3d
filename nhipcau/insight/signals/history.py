"""Counts of reports by day, topic and area, added up for each level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nhipcau.model.signals import Level

#: Reports: (days, topics, places).
Cube = NDArray[np.float64]
#: One number for each topic and place.
Table = NDArray[np.float64]
Flags = NDArray[np.bool_]

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class History:
    """Reports of each day up to `last`, by topic and area."""

    last: date
    #: (days, topics, areas); the last row is of the day `last`.
    counts: NDArray[np.int32]
    topics: tuple[str, ...]
    #: Codes of units.
    areas: tuple[str, ...]
    #: The cluster of each area; "": none.
    clusters: tuple[str, ...]
    #: Code of the unit that stands for all: reports about it count for the province alone.
    root: str

    @property
    def days(self) -> int:
        return len(self.counts)

    def day(self, row: int) -> date:
        return self.last - (self.days - 1 - row) * _DAY

    @cached_property
    def communes(self) -> list[int]:
        """Columns of `counts` that are places of their own."""
        return [i for i, code in enumerate(self.areas) if code != self.root]

    @cached_property
    def cluster_names(self) -> list[str]:
        """Clusters of two areas or more: one area alone is its own place already."""
        names = [self.clusters[i] for i in self.communes]
        return sorted({name for name in names if name and names.count(name) > 1})

    @cached_property
    def cluster_of(self) -> NDArray[np.intp]:
        """Index of the cluster of each commune; -1: none."""
        index = {name: i for i, name in enumerate(self.cluster_names)}
        return np.array([index.get(self.clusters[i], -1) for i in self.communes], dtype=np.intp)

    def places(self, level: Level) -> list[str]:
        if level is Level.PROVINCE:
            return [self.root]
        return self.cluster_names if level is Level.CLUSTER else [self.areas[i] for i in self.communes]

    @cached_property
    def cubes(self) -> Mapping[Level, Cube]:
        communes = self.counts[:, :, self.communes].astype(float)
        belongs = (self.cluster_of[:, None] == np.arange(len(self.cluster_names))[None]).astype(float)
        return {
            Level.COMMUNE: communes,
            Level.CLUSTER: communes @ belongs,
            Level.PROVINCE: self.counts.sum(axis=2, keepdims=True, dtype=float),
        }

    @cached_property
    def reporting(self) -> Flags:
        """Whether each commune reported anything, by day: (days, communes)."""
        return np.asarray(self.counts[:, :, self.communes].any(axis=1))


def history_of(
    rows: Iterable[tuple[date, str, str, int]],
    first: date,
    last: date,
    topics: Iterable[str],
    areas: Mapping[str, str],
    root: str,
) -> History:
    """`rows`: day, topic, area's code, reports. `areas`: code → cluster, the root's among them."""
    topics, codes = tuple(topics), tuple(areas)
    counts = np.zeros(((last - first).days + 1, len(topics), len(codes)), dtype=np.int32)
    topic_at, area_at = ({name: i for i, name in enumerate(names)} for names in (topics, codes))
    for day, topic, area, number in rows:
        if first <= day <= last and topic in topic_at and area in area_at:
            counts[(day - first).days, topic_at[topic], area_at[area]] += number
    return History(last, counts, topics, codes, tuple(areas.values()), root)
