"""How small a p-value has to be: so small that an office is alarmed for nothing once in two weeks at most.

With p-values of counts, most topics and places can't reach a small one at all (a place with one report a year needs
five at once). So the p-values that each could reach are added up, not their number times the level (after Tarone 1990,
"A modified Bonferroni method for discrete data"). That spends the allowed false alarms where they buy something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nhipcau.insight.signals.expectation import Expected, tail
from nhipcau.model.signals import Level

#: False alarms allowed in a week, by level. Nearly all true rises are a topic's in the whole province or one place's,
#: and a place's needs little of it.
ALLOWED: Mapping[Level, float] = {Level.PROVINCE: 0.60, Level.CLUSTER: 0.15, Level.COMMUNE: 0.15}
#: Looks of a week that count as separate: sums over one and two weeks, seen each day, overlap. By simulation, see
#: docs/insight.md.
_LOOKS = 2.5
#: Fewer reports than this in four weeks are no signal.
LEAST_REPORTS, LEAST_REPORTS_DAYS = 5, 28
#: None above 1 %: a small office could afford more, but would be told of single reports.
_LEVELS: NDArray[np.float64] = 10.0 ** np.arange(-7.0, -1.9, 0.125)


def threshold(level: Level, expected: Sequence[Expected]) -> float:
    """The largest p-value that is a signal at this level. `expected`: for one week and for two."""
    spent = np.zeros(len(_LEVELS))
    for each in expected:
        mean, size = each.mean.ravel(), each.size.ravel()
        most = int(mean.max(initial=0.0) * 2 + 12 * np.sqrt(mean.max(initial=0.0)) + 12)
        counts = np.arange(LEAST_REPORTS, LEAST_REPORTS + most, dtype=float)[:, None]
        reachable = tail(counts, Expected(mean[None], size[None]))
        for place, wanted in enumerate(_LEVELS):
            small = reachable <= wanted
            first = small.argmax(axis=0)
            spent[place] += np.where(small.any(axis=0), reachable[first, np.arange(len(mean))], 0.0).sum()
    affordable = np.nonzero(spent <= ALLOWED[level] / _LOOKS)[0]
    return float(_LEVELS[affordable[-1]]) if len(affordable) else float(_LEVELS[0])
