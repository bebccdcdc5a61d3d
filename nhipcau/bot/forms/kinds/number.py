"""A number; value: int or float."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds.kind import Counted, InvalidQuestion, Kind, value_at
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.quantities import read_quantity

#: The largest number that counts as an answer.
_LARGEST = 10**15


class Number(Kind):
    fields: tuple[str, ...] = ("min", "max")
    number_answers = True
    needs_summary = False
    counted = Counted.VALUES
    is_number = True

    def check(self, question: Question) -> Question:
        low, high = question.minimum, question.maximum
        if low is not None and high is not None and low > high:
            raise InvalidQuestion("cli.written.min_max")
        return question

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        value = read_amount(text)
        if value is None:
            raise InvalidAnswer("number")
        low, high = question.minimum, question.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise InvalidAnswer("range", low=_plain(low), high=_plain(high))
        return value

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return _plain(value)

    def middle(self, counts: Mapping[str, int]) -> str:
        # no mean of two values, and of a large amount two digits: the rest would tell what one person wrote
        ordered = sorted((float(value), number) for value, number in counts.items())
        return _plain(float(f"{value_at(ordered, (sum(counts.values()) - 1) // 2):.2g}"))


def read_amount(text: str) -> float | int | None:
    """The amount; None where there is none, or an absurdly large one."""
    try:
        value = read_quantity(text)
    except OverflowError:
        return None
    return value if value is None or abs(value) <= _LARGEST else None


def _plain(number: float | int | None) -> str:
    if number is None:
        return "…"
    return str(int(number)) if number == int(number) else f"{number:g}".replace(".", ",")


KIND: Kind = Number()
