"""What an office keeps for its own work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.model.queries import OfficeQuery
from nhipcau.model.saved_replies import SavedReply
from nhipcau.model.sections import Section


@dataclass(frozen=True, slots=True)
class Sections(OfficeQuery[Sequence[Section]]):
    """Sections of the scope's own unit by name, closed ones last."""


@dataclass(frozen=True, slots=True)
class SavedReplies(OfficeQuery[Sequence[SavedReply]]):
    """Replies of the scope's own unit, then of those above it, the nearest first; by title."""
