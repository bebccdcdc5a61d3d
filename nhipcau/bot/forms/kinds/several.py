"""Any of the options; value: list of keys, in the options' order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer, match_option
from nhipcau.bot.forms.kinds.choice import Choice
from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts

#: More parts than anybody chooses are not matched one by one.
_MOST_PARTS = 40


class Several(Choice):
    many = True

    def ask(self, question: Question, t: Texts) -> str:
        return question.text + " " + t("form.several_hint")

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        """`1 3`, `1, 3`, letters of lines `a c`, or labels divided by commas."""
        parts = [p for p in text.replace(";", ",").replace(" và ", ",").split(",") if p.strip()]
        if len(parts) == 1:
            each = [p.strip(".)") for p in text.split()]
            parts = text.split() if all(p.isdigit() or (len(p) == 1 and p.isalpha()) for p in each) else parts
        if len(parts) > _MOST_PARTS:
            raise InvalidAnswer("several")
        chosen = set()
        for part in parts:
            index = match_option(part.strip(), [o.label for o in options], numbers=True)
            if index is None:
                raise InvalidAnswer("several")
            chosen.add(options[index].key)
        if not chosen:
            raise InvalidAnswer("several")
        return [o.key for o in options if o.key in chosen]

    def words(self, question: Question, value: Any, options: Sequence[Option], t: Texts) -> str:
        return ", ".join(o.label for o in options if o.key in value)

    def alike(self, question: Question) -> tuple[object, ...]:
        return (question.kind,)


KIND: Kind = Several()
