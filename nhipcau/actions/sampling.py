"""Draws a random sample of people, simple or stratified. The same seed over the same people draws the same sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from random import Random

#: Seeds are below this: nine digits are copied from paper without a slip.
MOST_SEED = 10**9


def draw_sample(strata: Mapping[str, str], size: int, seed: int) -> list[str]:
    """Ids of the people drawn. `strata`: id of everybody in the frame → the stratum they belong to, all the same for a
    simple sample. Only `Random.random` is used, which gives the same numbers in every version of Python."""
    chance = Random(seed)
    members: dict[str, list[str]] = defaultdict(list)
    for id in sorted(strata):
        members[strata[id]].append(id)
    drawn: list[str] = []
    for name, number in sorted(allocate({name: len(ids) for name, ids in members.items()}, size, chance).items()):
        ordered = sorted((chance.random(), id) for id in members[name])
        drawn += [id for _, id in ordered[:number]]
    return drawn


def allocate(sizes: Mapping[str, int], size: int, chance: Random) -> dict[str, int]:
    """How many of each stratum: in proportion to its size, what is left over by the largest remainders; of equal ones
    chance decides, or the same strata would always go without."""
    total = sum(sizes.values())
    if not total:
        return {}
    found = {name: size * number // total for name, number in sorted(sizes.items())}
    rest = sorted((-(size * sizes[name] % total), chance.random(), name) for name in found)
    for _, _, name in rest[: size - sum(found.values())]:
        found[name] += 1
    return found
