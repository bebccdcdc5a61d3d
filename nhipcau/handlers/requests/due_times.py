"""When a rule's times come, in this office: its calendar and time zone."""

from __future__ import annotations

from datetime import datetime

from nhipcau.bot.recurrence.rules import Due, due_moments, parse_rule
from nhipcau.handlers.situation import Office

#: Times said before anything is laid down.
DATES_SHOWN = 3


def times(rule: str, working_days: bool, after: datetime, office: Office, count: int = DATES_SHOWN) -> list[Due]:
    """The next times that are due after a moment. Raises RuleWrong."""
    return due_moments(parse_rule(rule), office.calendar, after, office.zone, count, move=working_days)
