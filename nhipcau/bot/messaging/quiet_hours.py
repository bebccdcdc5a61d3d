"""Hours in which no reminder or broadcast goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, local time; over midnight where `end` is earlier. Equal: never quiet."""

    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        """Whether `local` (a local date and time) lies inside; the end itself is outside."""
        now = local.time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def next_open(self, local: datetime) -> datetime:
        """The first moment from `local` on that is not quiet."""
        if not self.holds(local):
            return local
        opening = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return opening if opening > local else opening + timedelta(days=1)
