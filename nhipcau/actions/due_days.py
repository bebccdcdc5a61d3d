"""The day by which the office wants something done about a report."""

from __future__ import annotations

from datetime import date, timedelta

from nhipcau.actions.decision import Refusal
from nhipcau.bot.recurrence.working_days import Calendar

#: Later ones are slips of the year.
_FURTHEST = timedelta(days=366)


def refuse_due(day: date, today: date, calendar: Calendar) -> Refusal | None:
    """Why nothing can be due on this day; None: it can."""
    facts = {"day": f"{day:%d/%m/%Y}"}
    if day < today:
        return Refusal("due.past", facts)
    if day - today > _FURTHEST:
        return Refusal("due.far", facts)
    if why := calendar.is_off(day):
        return Refusal("due.off", {**facts, "why": why, "next": f"{calendar.next_working(day):%d/%m/%Y}"})
    return None
