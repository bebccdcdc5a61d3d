"""Random samples: the same seed draws the same people, everybody has the same chance, strata get their share."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from nhipcau.actions.sampling import allocate, draw_sample

FRAME = {f"{n:032x}": "" for n in range(60)}


def test_the_same_seed_draws_the_same_people() -> None:
    drawn = draw_sample(FRAME, 20, 7)
    assert len(set(drawn)) == 20
    # whatever order the people come in
    assert draw_sample(dict(reversed(FRAME.items())), 20, 7) == drawn
    assert draw_sample(FRAME, 20, 8) != drawn
    assert set(draw_sample(FRAME, 60, 7)) == set(FRAME)


def test_everybody_is_drawn_equally_often() -> None:
    times = Counter(id for seed in range(3000) for id in draw_sample(FRAME, 12, seed))
    # 600 times each, give or take five standard deviations of 22
    assert min(times.values()) > 490
    assert max(times.values()) < 710


@pytest.mark.parametrize(
    ("sizes", "size", "expected"),
    [
        ({"a": 50, "b": 30, "c": 20}, 10, {"a": 5, "b": 3, "c": 2}),
        ({"a": 6, "b": 3, "c": 1}, 4, {"a": 3, "b": 1, "c": 0}),
        ({"a": 3, "b": 2}, 5, {"a": 3, "b": 2}),
        ({"a": 1, "b": 99}, 1, {"a": 0, "b": 1}),
        ({}, 0, {}),
    ],
)
def test_shares_go_by_the_largest_remainder(sizes: dict[str, int], size: int, expected: dict[str, int]) -> None:
    assert allocate(sizes, size, Random(1)) == expected


def test_of_equal_remainders_chance_decides() -> None:
    won = Counter(name for seed in range(300) for name, n in allocate({"a": 5, "b": 5}, 1, Random(seed)).items() if n)
    assert min(won["a"], won["b"]) > 100


def test_a_stratified_sample_gives_every_stratum_its_share() -> None:
    strata = {f"{n:032x}": "ab"[n % 4 == 0] for n in range(40)}
    for seed in range(20):
        assert Counter(strata[id] for id in draw_sample(strata, 8, seed)) == {"a": 6, "b": 2}
