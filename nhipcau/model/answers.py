"""An official answer by itself, and what was asked and said about it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nhipcau.bot.units.tree import Unit
from nhipcau.model.requests import Request


@dataclass(frozen=True, slots=True)
class AnswerNote:
    """A question back, or what was added; by which side, never by whom."""

    day: date
    #: office, unit
    side: str
    #: question, reply
    kind: str
    text: str
    #: The unit that asks, or that replies.
    unit: Unit


@dataclass(frozen=True, slots=True)
class OfficialAnswer:
    id: str
    request: Request
    #: For which it was given.
    unit: Unit
    day: date
    #: As the query Answers gives it: question id → value, and facts with an underscore.
    answer: Mapping[str, object]
    #: Oldest first.
    notes: tuple[AnswerNote, ...] = ()
    #: How many people a question about it would reach now.
    askable: int = 0

    @property
    def question(self) -> AnswerNote | None:
        """The last question of the office."""
        return next((note for note in reversed(self.notes) if note.kind == "question"), None)
