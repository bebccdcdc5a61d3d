"""One of the options; value: its key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer, match_option
from nhipcau.bot.forms.kinds.kind import Counted, Kind
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import nfc


class Choice(Kind):
    fields: tuple[str, ...] = ("choices",)
    number_answers = False
    needs_summary = False
    counted = Counted.OPTIONS

    def names(self, question: Question) -> Mapping[str, Collection[str]] | None:
        return {option.key: {nfc(option.label).casefold()} for option in question.options}

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        index = match_option(text, [o.label for o in options], numbers=numbers)
        if index is None:
            raise InvalidAnswer("choice")
        return options[index].key

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return next((o.label for o in options if o.key == value), str(value))

    def middle(self, counts: Mapping[str, int]) -> str:
        return ""

    def alike(self, question: Question) -> tuple[object, ...]:
        # for yes-no questions too: "Có" and "Không" as choices make the same question
        return (QuestionKind.CHOICE,)


KIND: Kind = Choice()
