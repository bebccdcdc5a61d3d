"""What an office keeps for its own work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.model.queries import OfficeQuery
from nhipcau.model.sections import Section


@dataclass(frozen=True, slots=True)
class Sections(OfficeQuery[Sequence[Section]]):
    """Sections of the scope's own unit by name, closed ones last."""
