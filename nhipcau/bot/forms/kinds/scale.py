"""A whole number from `minimum` to `maximum`, pressed or typed; value: int."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer, exact_label
from nhipcau.bot.forms.kinds.kind import Counted, InvalidQuestion, Kind, same_words
from nhipcau.bot.forms.kinds.number import Number, read_amount
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import read_number

_STEPS = 10


class Scale(Number):
    fields = ("min", "max", "low", "high")
    counted = Counted.OPTIONS

    def check(self, question: Question) -> Question:
        low = 1.0 if question.minimum is None else question.minimum
        high = 5.0 if question.maximum is None else question.maximum
        if low != int(low) or high != int(high) or not low < high <= low + _STEPS - 1:
            raise InvalidQuestion("cli.written.scale", most=_STEPS)
        return replace(question, minimum=low, maximum=high)

    def options(self, question: Question, t: Texts) -> list[Option]:
        """Its steps; the two ends carry their words."""
        low, high = _ends(question)
        words = {low: question.low, high: question.high}
        return [Option(str(n), f"{n} – {words[n]}" if words.get(n) else str(n)) for n in range(low, high + 1)]

    def press(self, key: str) -> Any:
        return int(key)

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        low, high = _ends(question)
        ends = [label for label in (question.low, question.high) if label]
        if ends and (end := exact_label(text, ends)) is not None:
            return low if ends[end] == question.low else high
        value = read_amount(text)
        if value is None and (number := read_number(text, high)) is not None:
            value = number
        if value is None or value != int(value) or not low <= value <= high:
            raise InvalidAnswer("range", low=low, high=high)
        return int(value)

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        labels = {option.key: option.label for option in self.options(question, t)}
        return labels.get(str(value), str(value))

    def alike(self, question: Question) -> tuple[object, ...]:
        return (question.kind, *_ends(question), same_words(question.low), same_words(question.high))


def _ends(question: Question) -> tuple[int, int]:
    """The lowest and highest step, by default 1 and 5."""
    low = 1 if question.minimum is None else int(question.minimum)
    high = 5 if question.maximum is None else int(question.maximum)
    return low, high


KIND: Kind = Scale()
