"""How often each answer of a form was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form

#: Keys that count whole answers: all, those that are not empty, and, once closed, those of people who do not count for
#: k (storage/vouched.py); which of the answers these are is not known.
ALL, GIVEN, UNVOUCHED = ("", ""), ("", "given"), ("", "unvouched")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by (question, option); ("q1", "") counts all answers to q1."""

    counts: Mapping[tuple[str, str], int]
    #: Question id → some of the free texts.
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, question: str) -> dict[str, int]:
        """Option → count, without options nobody chose."""
        return {option: n for (q, option), n in self.counts.items() if q == question and option and n}

    def base(self, question: str) -> int:
        return self.counts.get((question, ""), 0)

    def vouched(self, key: tuple[str, str]) -> int:
        """Of the answers counted under this key, how many at least come from people who count for k (R14)."""
        return self.counts.get(key, 0) - self.unvouched

    @property
    def unvouched(self) -> int:
        """How many answers come from people who do not count for k."""
        return self.counts.get(UNVOUCHED, 0)


def counted_keys(form: Form, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that one answer increases by one. Of a free text only its presence is counted."""
    yield ALL
    if answers:
        yield GIVEN
    for question in form.questions:
        value = answers.get(question.id)
        if value is None:
            continue
        yield question.id, ""
        yield from ((question.id, key) for key in KINDS[question.kind].keys(value))


def tally_of(form: Form, answers: Sequence[Mapping[str, Any]]) -> Tally:
    """The tally of these answers, with all free texts."""
    words = {
        question.id: [a[question.id] for a in answers if a.get(question.id) is not None]
        for question in form.questions
        if KINDS[question.kind].own_words
    }
    return Tally(Counter(key for answer in answers for key in counted_keys(form, answer)), words)
