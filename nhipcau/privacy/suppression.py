"""What may be shown of people's answers (rules R14, R15): at least k = 5 people per question, no unanimity, no
percentages of small bases. Of the options of one question: cell_suppression.py."""

from __future__ import annotations

from collections.abc import Sequence

#: Answers needed before anything of a question is shown.
K = 5
#: A unanimous result of fewer people than this reads "hầu hết".
UNANIMOUS_BELOW = 20
#: Percentages need a base of at least this.
PERCENT_FROM = 30


def may_show(answered: int) -> bool:
    """Whether a question that `answered` people answered may be shown at all."""
    return answered >= K


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
