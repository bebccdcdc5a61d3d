"""Tests on tables of two rows against published values, a count by hand, and what must hold for any table."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nhipcau.insight.significance import Method, chi_square_tail, holm, independence

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6)
FEW = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=4)


def p_of(columns: list[tuple[int, int]]) -> float:
    return independence([a for a, _ in columns], [b for _, b in columns]).p


@pytest.mark.parametrize(
    ("freedom", "critical", "chance"),
    [  # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4, upper critical values of chi-square
        (1, 2.706, 0.10),
        (1, 3.841, 0.05),
        (1, 10.828, 0.001),
        (4, 13.277, 0.01),
        (9, 16.919, 0.05),
        (10, 18.307, 0.05),
        (30, 43.773, 0.05),
        (100, 124.342, 0.05),
        (100, 149.449, 0.001),
    ],
)
def test_the_tail_of_chi_square_is_that_of_the_tables(freedom: int, critical: float, chance: float) -> None:
    assert chi_square_tail(critical, freedom) == pytest.approx(chance, rel=1e-3)


@pytest.mark.parametrize(
    ("before", "after", "method", "p"),
    [
        # Agresti, An Introduction to Categorical Data Analysis (2007), p. 39: party by gender, X² = 30.07; the example
        # of R's chisq.test prints p-value = 2.954e-07
        ((762, 327, 468), (484, 239, 477), Method.CHI_SQUARE, 2.954e-07),
        # Fisher's tea: three of four cups told right; one-sided 17/70, two-sided 34/70 (R's fisher.test: 0.4857)
        ((3, 1), (1, 3), Method.EXACT, 34 / 70),
        ((4, 0), (0, 4), Method.EXACT, 2 / 70),
        # the example of scipy.stats.fisher_exact prints 0.0349…
        ((8, 2), (1, 5), Method.EXACT, 0.03496503496503495),
    ],
)
def test_published_examples(before: tuple[int, ...], after: tuple[int, ...], method: Method, p: float) -> None:
    found = independence(before, after)
    assert found.method is method
    assert found.p == pytest.approx(p, rel=2e-4)


@given(FEW)
def test_the_exact_test_equals_counting_every_division_of_people(columns: list[tuple[int, int]]) -> None:
    found = independence([a for a, _ in columns], [b for _, b in columns])
    assume(found.method is Method.EXACT)
    people = [n for n, (a, b) in enumerate(columns) for _ in range(a + b)]
    size = sum(a for a, _ in columns)
    assume(comb(len(people), size) <= 5000)
    drawn = Counter(
        tuple(sorted(Counter(people[i] for i in chosen).items())) for chosen in combinations(range(len(people)), size)
    )
    here = drawn[tuple((n, a) for n, (a, _) in enumerate(columns) if a)]
    assert found.p == pytest.approx(sum(n for n in drawn.values() if n <= here) / drawn.total())


@given(COUNTS, st.randoms(use_true_random=False))
def test_neither_the_order_of_polls_nor_of_options_matters(columns: list[tuple[int, int]], chance: object) -> None:
    shuffled = sorted(columns, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert p_of(shuffled) == pytest.approx(p_of(columns), rel=1e-6, abs=1e-12)
    assert p_of([(b, a) for a, b in columns]) == pytest.approx(p_of(columns), rel=1e-6, abs=1e-12)


@given(st.lists(st.integers(0, 80), min_size=2, max_size=6))
def test_the_same_answers_twice_are_no_difference(counts: list[int]) -> None:
    assert independence(counts, counts).p == 1


@given(COUNTS)
def test_a_chance_is_between_none_and_certain(columns: list[tuple[int, int]]) -> None:
    found = independence([a for a, _ in columns], [b for _, b in columns])
    assert 0 <= found.p <= 1
    assert (found.method is Method.NONE) <= (found.p == 1)


@pytest.mark.parametrize("size", [6, 60])
def test_the_further_apart_the_less_by_chance(size: int) -> None:
    chances = [independence((half, size - half), (size - half, half)).p for half in range(size // 2, size + 1)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1
    assert chances[-1] < 0.01


@pytest.mark.parametrize(("rare", "row"), [((3, 4, 5), 6), ((2, 8), 5), ((1, 1, 2, 9), 4)])
def test_the_exact_test_cries_wolf_no_more_often_than_it_says(rare: tuple[int, ...], row: int) -> None:
    """Over all tables with these sums, weighted by how often chance makes them, p ≤ 0.05 comes at most in one of 20."""
    people = [n for n, size in enumerate(rare) for _ in range(size)]
    wrong = total = 0
    for chosen in combinations(range(len(people)), row):
        first = Counter(people[i] for i in chosen)
        before = [first[n] for n in range(len(rare))]
        total += 1
        wrong += independence(before, [size - a for size, a in zip(rare, before, strict=True)]).p <= 0.05
    assert wrong / total <= 0.05


def test_rare_options_beside_common_ones_are_put_together() -> None:
    before, after = [500, 300, 200, 400, 100, 3, 2, 1], [450, 350, 210, 390, 100, 0, 1, 3]
    found = independence(before, after)
    assert found.method is Method.POOLED
    assert found.p == pytest.approx(
        independence([500, 300, 200, 400, 100, 6], [450, 350, 210, 390, 100, 4]).p, abs=0.05
    )


def test_holm_makes_the_smallest_pay_for_all() -> None:
    # the steps of Holm (1979): 4 × 0.005, 3 × 0.01, 2 × 0.03, then never below the one before
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
