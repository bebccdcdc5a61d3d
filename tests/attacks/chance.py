"""How much better than chance an attack guessed: one formula for all of them.

An attack lays many things side by side (pairs of tables, each by every order their rows can be put in) and keeps the
best. With `tries` of them, the best of which comes about by chance with probability p, it does better than chance by as
many standard deviations σ as a normal deviate of two-sided probability min(1, p · tries) has (Bonferroni). The bound is
chance + 3 σ, and p of one thing is:

- order: of Spearman's rank correlation of n pairs (person's mark, mark of what they said), by Student's t;
- guesses: of k right ones where `expected` are by chance, by Poisson;
- sets: of k authors or more among s persons who differ from the others, hypergeometric.

A link that lies on the disk lies there in each copy; what came about by chance does not come back in a copy mixed anew.
So an attack has succeeded when it succeeds on each of three such copies.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import gammaln

BOUND = 3.0
#: What can't be mixed again, an evening or a backup, has one copy: chance + 4 σ.
ONE_COPY = 4.0
#: Below this a sum of squares is rounding, and above this a logarithm is many enough.
_NOTHING, _MANY = 1e-6, 600.0


@dataclass(frozen=True)
class Outcome:
    """The best of what an attack laid side by side."""

    sigmas: float = 0.0
    best: str = "nothing to lay side by side"
    #: The most right guesses of one way to guess everybody, of how many.
    right: int = 0
    of: int = 0
    tries: int = 0

    @property
    def succeeds(self) -> bool:
        return self.sigmas > BOUND

    def __str__(self) -> str:
        return f"{self.right}/{self.of} right, {self.sigmas:.1f} σ, best of {self.tries}: {self.best}"


@dataclass(frozen=True)
class Finding:
    p: float
    what: str
    right: int = 0
    of: int = 0


def outcome(findings: Iterable[Finding], tries: int) -> Outcome:
    """Of the best of so many tries."""
    kept = sorted(findings, key=lambda f: f.p)
    if not kept or not tries:
        return Outcome(tries=tries)
    best = kept[0]
    guessed = max(kept, key=lambda f: f.right)
    sigmas = float(stats.norm.isf(min(1.0, max(best.p, 1e-300) * tries) / 2))
    return Outcome(max(0.0, sigmas), best.what, guessed.right, guessed.of, tries)


def by_order(
    mine: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any], groups: Sequence[Hashable] = ()
) -> np.ndarray[Any, Any]:
    """Probability of each pair of columns to be so much in one order (or its reverse) by chance; `groups`: what each
    pair openly shares, taken out on both sides."""
    n = len(mine)
    ranks = [stats.rankdata(side, axis=0) for side in (mine, theirs)]
    members = [[i for i, g in enumerate(groups) if g == group] for group in dict.fromkeys(groups)] or [list(range(n))]
    for side in ranks:
        for member in members:
            side[member] -= side[member].mean(0)
    length = [np.sqrt((side**2).sum(0)) for side in ranks]
    freedom = n - 1 - len(members)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.clip(ranks[0].T @ ranks[1] / np.outer(*length), -1, 1)
        t = np.abs(r) * np.sqrt(freedom / (1 - r * r))
    found: np.ndarray[Any, Any] = 2 * stats.t.sf(t, freedom)
    # what hardly varies is in the best order by chance more often than the distribution says
    found = np.maximum(found, 1 / np.minimum.outer(*map(_arrangements, (mine, theirs))))
    found[~(np.outer(*length) > _NOTHING)] = 1.0
    return found


def _arrangements(columns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """In how many ways each column's values can be put in order."""
    ties = [np.unique(column, return_counts=True)[1] for column in columns.T]
    logs = [gammaln(len(columns) + 1) - gammaln(tie + 1).sum() for tie in ties]
    return np.exp(np.minimum(logs, _MANY))


def by_guesses(right: int, expected: float) -> float:
    return float(stats.poisson.sf(right - 1, expected))


def by_set(right: int, people: int, chosen: int, authors: int) -> float:
    """So many authors among the chosen, or more."""
    return float(stats.hypergeom.sf(right - 1, people, chosen, authors))


def on_each_copy(attack: Callable[[int], Outcome], attempts: int = 3) -> Outcome:
    """The weakest outcome of an attack on copies that were mixed one by one; later ones only where earlier succeed."""
    found = attack(0)
    for attempt in range(1, attempts):
        if not found.succeeds:
            break
        found = min(found, attack(attempt), key=lambda o: o.sigmas)
    return found
