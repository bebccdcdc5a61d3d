"""When a rule's times come, in this office: its calendar and time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from nhipcau.bot.recurrence.rules import Due, due_moments, parse_rule
from nhipcau.handlers.situation import Office

#: Times said before anything is laid down.
SAID = 3


def fits(dues: Sequence[datetime], length: timedelta) -> bool:
    """Whether what is asked so long before it is due is over before the next one is asked."""
    return all(later - due >= length for due, later in pairwise(dues))


def times(rule: str, working_days: bool, after: datetime, office: Office, count: int = SAID) -> list[Due]:
    """The next times that are due after a moment. Raises RuleWrong."""
    return due_moments(parse_rule(rule), office.calendar, after, office.zone, count, move=working_days)
