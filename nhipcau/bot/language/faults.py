"""Errors in people's input, as sentences of the catalogues, so that they can be shown in any language."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts, texts


class Fault(Exception):
    """An error with the key of its sentence and the facts to fill in; `str` gives it in Vietnamese."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def say(self, t: Texts) -> str:
        return t(self.key, **self.facts)

    def __str__(self) -> str:
        return self.say(texts("vi"))


class RowFault(Fault):
    """The faults of one row of a table; `row`: its number in the spreadsheet or editor."""

    def __init__(self, row: int, *faults: Fault) -> None:
        super().__init__("file.row", row=row)
        self.row = row
        self.faults = faults

    def say(self, t: Texts) -> str:
        return t(self.key, row=self.row, why=" ".join(fault.say(t) for fault in self.faults))
