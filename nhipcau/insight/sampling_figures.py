"""Figures of samples: the margin of error of a share, and shares weighted by the size of each cluster. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nhipcau.model.poll_groups import OTHERS, GroupCount

#: Of the normal distribution, at 95 %.
_Z = 1.959964


def margin_of_error(answered: int, frame: int | None) -> float:
    """Half the width of the 95 % interval of a share of one half, the widest there is, as of a simple random sample.
    `frame`: how many people it was drawn from (the part of them that was asked errs less); None: unknown."""
    margin = _Z * math.sqrt(0.25 / answered)
    if frame is None or frame <= 1:
        return margin
    return margin * math.sqrt(max(0, frame - answered) / (frame - 1))


def weighted_shares(groups: Sequence[GroupCount], asked: Mapping[str, int], total: int) -> dict[tuple[str, str], float]:
    """(question, option) → its share where each cluster counts as many as were asked there (`asked`; `total`: of all).

    Made of numbers that are shown and of nothing else: an option has a share only where every cluster shows it. Empty
    where clusters are not those of the poll any more.
    """
    numbers = {(count.group, count.question, count.option): count.number for count in groups}
    names = [group for group, question, option in numbers if not question and not option]
    sizes = {name: asked.get(name, 0) for name in names if name != OTHERS}
    if OTHERS in names:
        sizes[OTHERS] = total - sum(sizes.values())
    if not sizes or sum(sizes.values()) != total:
        return {}
    if any(sizes[name] < numbers[name, "", ""] for name in names):
        return {}
    shares = {}
    for question, option in {(count.question, count.option) for count in groups if count.option}:
        cells = [(numbers.get((name, question, option)), numbers.get((name, question, ""))) for name in names]
        if all(number is not None and base for number, base in cells):
            parts = (sizes[name] * number / base for name, (number, base) in zip(names, cells, strict=True))  # type: ignore[operator]
            shares[question, option] = sum(parts) / total
    return shares
