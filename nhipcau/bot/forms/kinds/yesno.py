"""Có / Không; value: "yes" or "no"."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nhipcau.bot.forms.kinds.choice import Choice
from nhipcau.bot.forms.kinds.kind import Kind
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.language.catalogue import Texts


class YesNo(Choice):
    fields = ()

    def names(self, question: Question) -> Mapping[str, Collection[str]] | None:
        return {"yes": {"có", "yes"}, "no": {"không", "no"}}

    def options(self, question: Question, t: Texts) -> list[Option]:
        return [Option("yes", t("form.yes")), Option("no", t("form.no"))]


KIND: Kind = YesNo()
