"""Due moments of a rule by the office's calendar and time zone."""

from __future__ import annotations

from datetime import datetime

from nhipcau.bot.recurrence.rules import Due, due_moments, parse_rule
from nhipcau.handlers.situation import Office

#: Dates displayed before a rule is created.
DATES_SHOWN = 3


def next_dues(rule: str, working_days: bool, after: datetime, office: Office, count: int = DATES_SHOWN) -> list[Due]:
    """The next due moments after `after`. Raises InvalidRule."""
    return due_moments(parse_rule(rule), office.calendar, after, office.zone, count, move=working_days)
