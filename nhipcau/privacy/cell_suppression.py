"""Which options of a question may be shown with their number (rule R14): options that 1 to 4 people chose are hidden,
and as many others as it takes so that subtraction reveals none, not even to somebody who knows these rules. Pure.

Zero is hidden like 1 to 4 wherever anything of the question is hidden: "nobody chose it" narrows down who chose what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nhipcau.privacy.suppression import UNANIMOUS_BELOW, K

#: By how much the hidden numbers together stay below the most they could be: less, and the rules themselves tell them.
_SLACK = 3


@dataclass(frozen=True, slots=True)
class ShownCells:
    """What may be shown of the options of a question; each option is in one of these at most."""

    #: Option → people who chose it.
    numbers: Mapping[str, int]
    #: Shown only together: their sum is what the others leave of all answers.
    together: tuple[str, ...] = ()
    #: All but a few chose it; of `only one` questions the others are not mentioned.
    most: tuple[str, ...] = ()
    #: Few or none chose it.
    few: tuple[str, ...] = ()
    #: Nothing is said of it.
    untold: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Nothing is hidden."""
        return not (self.together or self.most or self.few or self.untold)


def shown_of_one(counts: Mapping[str, int], k: int = K) -> ShownCells:
    """Where each person chose one option. `counts`: option → people, with those nobody chose; `k`: the least number to
    be shown."""
    base = sum(counts.values())
    top = max(counts, key=lambda option: counts[option])
    rest = base - counts[top]
    # everybody, or nearly: told alike, so that "hầu hết" does not mean everybody
    if (rest or base < UNANIMOUS_BELOW) and rest < k and counts[top] > 2 * rest:
        return ShownCells({}, most=(top,))
    hidden = {option for option, number in counts.items() if number < k}
    if not any(counts[option] for option in hidden):
        return ShownCells(counts)
    while len(hidden) < len(counts):
        least = min(number for option, number in counts.items() if option not in hidden)
        people = sum(counts[option] for option in hidden)
        if len(hidden) > 1 and people >= k and len(hidden) * (least - 1) - people >= _SLACK:
            break
        # all of that number: which of two equals is hidden would depend on their order
        hidden |= {option for option, number in counts.items() if number == least}
    options = tuple(option for option in counts if option in hidden)
    numbers = {option: number for option, number in counts.items() if option not in hidden}
    return ShownCells(numbers, together=options) if numbers else ShownCells({}, untold=options)


def shown_of_several(counts: Mapping[str, int], base: int, k: int = K) -> ShownCells:
    """Where each of `base` people chose one option or more: those who did not choose an option are a cell too."""
    few = {option for option, number in counts.items() if _is_few(number, base, k)}
    most = {option for option, number in counts.items() if _is_few(base - number, base, k)}
    untold = {o for o, number in counts.items() if min(number, base - number) < k} - few - most
    numbers = {o: number for o, number in counts.items() if o not in few | most | untold}
    if base >= UNANIMOUS_BELOW and all(counts[option] in {0, base} for option in few | most):
        return ShownCells(counts)
    # everybody chose something, and somebody may have chosen only what few chose
    few_each = k - 1 if base >= 2 * k else (base - 1) // 3
    while few and _needs(base - _most_of(numbers, most, untold, base), few_each * len(few)):
        least = min(numbers.values(), default=0)
        untold |= few | {option for option, number in numbers.items() if number == least}
        few, numbers = set(), {option: number for option, number in numbers.items() if number != least}
    return ShownCells(
        numbers,
        most=tuple(o for o in counts if o in most),
        few=tuple(o for o in counts if o in few),
        untold=tuple(o for o in counts if o in untold),
    )


def _needs(others: int, room: int) -> bool:
    """Whether `others` people leave too little choice within this room."""
    return others > 0 and room - others < _SLACK


def _most_of(numbers: Mapping[str, int], most: set[str], untold: set[str], base: int) -> int:
    """How often these options may have been chosen, at most."""
    return sum(numbers.values()) + base * len(most) + (2 * base // 3) * len(untold)


def _is_few(number: int, base: int, k: int) -> bool:
    """Fewer than k people, and also few of all."""
    return number < k and (base >= 2 * k or base - number > 2 * number)
