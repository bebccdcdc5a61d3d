"""What every operation needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from nhipcau.handlers.situation import Office
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import Connection


@dataclass(frozen=True, slots=True)
class OperationContext:
    """One transaction at one moment."""

    connection: Connection
    sealer: Sealer
    office: Office
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.office.zone).date()
