"""A day; value: ISO date string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds.kind import Counted, Kind, value_at
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import read_date


class Date(Kind):
    fields = ()
    number_answers = True
    needs_summary = False
    counted = Counted.VALUES

    def ask(self, question: Question, t: Texts) -> str:
        return question.text + " " + t("form.date_hint")

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        day = read_date(text, today) if today else None
        if day is None:
            raise InvalidAnswer("date")
        return day.isoformat()

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return f"{date.fromisoformat(value):%d/%m/%Y}"

    def middle(self, counts: Mapping[str, int]) -> str:
        return f"{date.fromisoformat(value_at(sorted(counts.items()), sum(counts.values()) // 2)):%d/%m/%Y}"


KIND: Kind = Date()
