"""Words that reports say more often than before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RisingWord:
    """`key`: its syllables without diacritics. `shown`: as most reports write it. `codes`: the reports."""

    key: str
    shown: str
    codes: tuple[str, ...]
