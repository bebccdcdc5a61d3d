"""An earlier report as a file of the office tells it, masked and with codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nhipcau.model.reports import ReportState


@dataclass(frozen=True, slots=True)
class ImportedReport:
    day: date
    area_id: int
    topic: str
    #: "" and 0: not told.
    mood: str
    spread: int
    urgency: str
    text: str
    #: What may be added to a report: question id → the column.
    added: Mapping[str, str]
    state: ReportState
    #: Its code in the office it was exported from; "" where the file has none.
    code: str = ""

    @property
    def key(self) -> tuple[date, int, str]:
        """By which it is recognised when it comes again: day, area and words as they are stored."""
        return self.day, self.area_id, self.text
