"""What may be shown of people's answers (rules R14, R15): at least k = 5 people per question, no unanimity, no
percentages of small bases."""

from __future__ import annotations

from collections.abc import Sequence

#: Answers needed before anything of a question is shown.
K = 5
#: A unanimous result of fewer people than this reads "hầu hết", and is not exported as rows.
UNANIMOUS_BELOW = 20
#: Percentages need a base of at least this.
PERCENT_FROM = 30
#: From this many rows on, choices of one person stay in one exported row; below it each column is shuffled.
KEEP_ROWS_FROM = 20


def may_show(answered: int) -> bool:
    """Whether a question that `answered` people answered may be shown at all."""
    return answered >= K


def is_unanimous(counts: Sequence[int], base: int) -> bool:
    """Whether everybody in a small group chose the same: shown as "hầu hết", never as a count."""
    return 0 < base < UNANIMOUS_BELOW and base in counts


def hidden_among(numbers: Sequence[int]) -> set[int]:
    """Indexes of the groups to hide where their total is shown: those of fewer than k people, then the next smallest
    until at least two groups and k people are hidden, so that subtraction reveals none. Empty groups are not hidden."""
    ordered = sorted((place for place, number in enumerate(numbers) if number), key=lambda place: numbers[place])
    hidden = {place for place in ordered if not may_show(numbers[place])}
    for place in ordered:
        if hidden and (len(hidden) < 2 or sum(numbers[p] for p in hidden) < K):
            hidden.add(place)
    return hidden


def band_of(number: int) -> str:
    """How many people stand behind an issue, as a band (rule R32): "0", "1", "2–4" or "5+"."""
    if number >= K:
        return "5+"
    return "2–4" if number > 1 else str(number)
