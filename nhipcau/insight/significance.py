"""Whether two groups of answers differ by more than chance: tests on a table of two rows. Pure.

Chi-square where counts are large enough (Cochran's rule), else the exact test of Fisher, Freeman and Halton, counting
every table with the same sums in whole numbers. Nothing is sampled at random, so the same polls give the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

#: Cochran: no expected count below 1, and at most one in five below this (none of them in a table of two columns).
_EXPECTED = 5
#: Bound of the exact test: tables to count, times the people in each (which sets the digits of their coefficients):
#: about 0.1 s. Larger sparse tables have rare options beside common ones, and the rare ones are pooled.
_EFFORT = 1_000_000
#: Relative change below which a series or continued fraction stops.
_CLOSE = 1e-15
_TERMS = 10_000


class Method(StrEnum):
    #: Nothing to test: fewer than two options were chosen at all, or one group is empty.
    NONE = "none"
    CHI_SQUARE = "chi_square"
    EXACT = "exact"
    #: Rare options pooled into one, then one of the two above.
    POOLED = "pooled"


@dataclass(frozen=True, slots=True)
class Significance:
    """How likely a difference at least as large is if nothing had changed (0 to 1), and by which test."""

    p: float
    method: Method


def independence(before: Sequence[int], after: Sequence[int]) -> Significance:
    """Tests whether two groups differ. Each row counts how many chose each option, in the same order; each person
    counts once in their row."""
    columns = [(a, b) for a, b in zip(before, after, strict=True) if a + b]
    if len(columns) < 2 or not any(a for a, _ in columns) or not any(b for _, b in columns):
        return Significance(1.0, Method.NONE)
    if _dense(columns):
        return Significance(_chi_square(columns), Method.CHI_SQUARE)
    if len(columns) == 2 or _effort(columns) <= _EFFORT:
        return Significance(_exact(columns), Method.EXACT)
    return Significance(independence(*zip(*_pooled(columns), strict=True)).p, Method.POOLED)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for several tests at once (Holm 1979), in the order given."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def chi_square_tail(x: float, freedom: int) -> float:
    """The probability that chi-square with `freedom` degrees of freedom is at least x."""
    return _upper_gamma(freedom / 2, x / 2)


# ------------------------------------------------------------------ tables of two rows


def _expected(columns: Sequence[tuple[int, int]]) -> Iterator[float]:
    rows = [sum(column[row] for column in columns) for row in (0, 1)]
    for column in columns:
        yield from (row * sum(column) / sum(rows) for row in rows)


def _dense(columns: Sequence[tuple[int, int]]) -> bool:
    expected = list(_expected(columns))
    small = sum(1 for e in expected if e < _EXPECTED)
    if len(columns) == 2:
        return not small
    return min(expected) >= 1 and 5 * small <= len(expected)


def _chi_square(columns: Sequence[tuple[int, int]]) -> float:
    """Pearson's test, without a continuity correction."""
    seen = (count for column in columns for count in column)
    x = sum((o - e) ** 2 / e for o, e in zip(seen, _expected(columns), strict=True))
    return chi_square_tail(x, len(columns) - 1)


def _effort(columns: Sequence[tuple[int, int]]) -> int:
    """An upper bound of the tables with the same sums (the last column follows from the others), times the people."""
    rows = [sum(column[row] for column in columns) for row in (0, 1)]
    sizes = sorted(min(*rows, a + b) + 1 for a, b in columns)
    return math.prod(sizes[:-1]) * sum(rows)


def _exact(columns: Sequence[tuple[int, int]]) -> float:
    """The share of tables with the same sums that are at most as likely as this one; for two columns Fisher's."""
    sums = sorted(a + b for a, b in columns)
    row = sum(a for a, _ in columns)
    # cached: with large sums a coefficient has thousands of digits, and few different ones are needed
    choose = cache(math.comb)
    here = math.prod(choose(a + b, a) for a, b in columns)
    return sum(ways for ways in _ways(sums, row, choose) if ways <= here) / choose(sum(sums), row)


def _ways(sums: Sequence[int], row: int, choose: Callable[[int, int], int]) -> Iterator[int]:
    """For every table with these column sums and this first row's sum: in how many ways people can form it."""
    if len(sums) == 1:
        yield choose(sums[0], row)
        return
    for count in range(max(0, row - sum(sums[1:])), min(sums[0], row) + 1):
        ways = choose(sums[0], count)
        yield from (ways * other for other in _ways(sums[1:], row - count, choose))


def _pooled(columns: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The two rarest options as one; chosen by the sums of both rows, so independently of their difference."""
    first, second, *others = sorted(columns, key=sum)
    return [(first[0] + second[0], first[1] + second[1]), *others]


# ------------------------------------------------------------------ the incomplete gamma function


def _upper_gamma(a: float, x: float) -> float:
    """Regularised Q(a, x): by its series for x below a + 1, else by Lentz's continued fraction; each is fast there."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return max(0.0, 1 - scale * _series(a, x))
    return min(1.0, scale * _fraction(a, x))


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _TERMS):
        term *= x / (a + n)
        total += term
        if term < total * _CLOSE:
            break
    return total


def _fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c = math.inf
    d = value = 1 / b
    for n in range(1, _TERMS):
        part = n * (a - n)
        b += 2
        d = 1 / (part * d + b)
        c = b + part / c
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value
