"""What may be shown of people's answers (rules R14, R15): k = 5 people per question, unanimity, small bases."""

from __future__ import annotations

from collections.abc import Sequence

#: People who must have answered before anything of a poll is shown.
K = 5
#: A unanimous result of fewer than this reads "hầu hết", and has no row export.
UNANIMOUS = 20
#: Percentages need a base of at least this.
PERCENT = 30
#: Choice columns stay together in an exported row from this many rows on.
TOGETHER = 20


def may_show(answered: int) -> bool:
    """Whether a question that `answered` people answered may be shown at all."""
    return answered >= K


def is_unanimous(counts: Sequence[int], base: int) -> bool:
    """Whether everybody of a small group chose the same: shown as "hầu hết", never as a count."""
    return 0 < base < UNANIMOUS and base in counts


def hidden_among(numbers: Sequence[int]) -> set[int]:
    """Places of groups of people that are not told apart where their total stands beside: those of fewer than k, and
    the next smallest, until what is hidden is two groups at least, together of k people. A group of nobody hides none.
    """
    ordered = sorted((place for place, number in enumerate(numbers) if number), key=lambda place: numbers[place])
    hidden = {place for place in ordered if not may_show(numbers[place])}
    for place in ordered:
        if hidden and (len(hidden) < 2 or sum(numbers[p] for p in hidden) < K):
            hidden.add(place)
    return hidden


def band_of(number: int) -> str:
    """How many stand behind an issue, never exactly below five (rule R32): "0", "1", "2–4" or "5+"."""
    if number >= K:
        return "5+"
    return "2–4" if number > 1 else str(number)
