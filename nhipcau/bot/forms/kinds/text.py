"""Free text; value: str, screened by whoever keeps it (`Kind.own_words`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import LONGEST, check_words
from nhipcau.bot.forms.kinds.kind import Counted, Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts


class Text(Kind):
    fields = ()
    number_answers = True
    needs_summary = True
    counted = Counted.WORDS

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        return check_words(text, int(question.maximum or LONGEST))

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return str(value)

    def middle(self, counts: Mapping[str, int]) -> str:
        return ""


KIND: Kind = Text()
