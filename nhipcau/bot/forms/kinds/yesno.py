"""Có / Không; value: "yes" or "no"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.kinds.choice import Choice
from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.natural_answers import done_or_not


class YesNo(Choice):
    fields = ()

    def names(self, question: Question) -> Mapping[str, Collection[str]] | None:
        return {"yes": {"có", "yes"}, "no": {"không", "no"}}

    def options(self, question: Question, t: Texts) -> list[Option]:
        return [Option("yes", t("form.yes")), Option("no", t("form.no"))]

    def read(
        self, question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool
    ) -> Any:
        done = done_or_not(question.text, text)
        return super().read(question, text, options, today, numbers=numbers) if done is None else _KEYS[done]


_KEYS = {True: "yes", False: "no"}
KIND: Kind = YesNo()
