"""Errors in people's input, as sentences of the catalogues, so that they can be shown in any language."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence

from nhipcau.bot.language.catalogue import Texts, texts


def filled(facts: Mapping[str, object], t: Texts) -> dict[str, object]:
    """Facts as they stand in a sentence of this language: one that is itself a fault becomes its sentence."""
    return {name: fact.say(t) if isinstance(fact, Fault) else fact for name, fact in facts.items()}


class Fault(Exception):
    """An error with the key of its sentence and the facts to fill in; `str` gives it in Vietnamese."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def say(self, t: Texts) -> str:
        return t(self.key, **filled(self.facts, t))

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


class Faults(Fault):
    """Several, a line each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("")
        self.faults = faults

    def say(self, t: Texts) -> str:
        return "\n".join(fault.say(t) for fault in self.faults)


#: What the system says most often when a file can't be used; anything else is told as the system puts it.
_REASONS = {
    errno.ENOENT: "missing",
    errno.EISDIR: "folder",
    errno.ENOTDIR: "no_folder",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.EROFS: "read_only",
    errno.ENOSPC: "full",
    errno.EFBIG: "full",
    errno.EDQUOT: "full",
    errno.EADDRINUSE: "taken",
    errno.EADDRNOTAVAIL: "no_address",
}


def reason(error: OSError) -> Fault:
    """Why the system did not do it, without a mark at its end."""
    if known := _REASONS.get(error.errno or 0):
        return Fault(f"os.{known}")
    return Fault("os.other", why=error.strerror or type(error).__name__)
