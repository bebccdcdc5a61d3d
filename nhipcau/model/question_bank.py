"""The question bank: questions an office keeps to ask them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nhipcau.bot.units.tree import Unit


@dataclass(frozen=True, slots=True)
class BankQuestion:
    id: str
    #: The unit that keeps it; those below it may ask it too.
    unit: Unit
    #: In the shape of a question of a request file.
    described: Mapping[str, Any]

    @property
    def text(self) -> str:
        return str(self.described["text"])
