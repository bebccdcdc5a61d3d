"""What is wrong with what somebody gave, as a sentence of the catalogues: whoever shows it says in which language."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts, texts


class Fault(Exception):
    """A key of the catalogues and the facts of its sentence; in Vietnamese unless asked otherwise."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def say(self, t: Texts) -> str:
        return t(self.key, **self.facts)

    def __str__(self) -> str:
        return self.say(texts("vi"))


class RowFault(Fault):
    """What is wrong with one row of a table; `row`: as the spreadsheet or editor numbers it."""

    def __init__(self, row: int, *faults: Fault) -> None:
        super().__init__("file.row", row=row)
        self.row = row
        self.faults = faults

    def say(self, t: Texts) -> str:
        return t(self.key, row=self.row, why=" ".join(fault.say(t) for fault in self.faults))
