"""Crontabs of five fields with the meaning crontab gives them, told to APScheduler in its own terms.

APScheduler counts weekdays from Monday, reads a name with anything behind it, and wants both days where a crontab that
names both means either.
"""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LOOKS_LIKE = re.compile(r"[0-9*][0-9*,/-]*(?: [0-9*][0-9*,/-]*){2}(?: [0-9a-z*,/-]+){2}")
_ITEM = re.compile(r"(?:\*|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,2}))?")


def read_crontab(text: str) -> str:
    """`text` as a crontab's five fields are kept, "" where it isn't meant to be one; it may still be wrong."""
    lowered = " ".join(text.lower().split())
    return lowered if _LOOKS_LIKE.fullmatch(lowered) else ""


def crontab_fields(text: str) -> list[dict[str, str]]:
    """APScheduler's fields, one mapping a trigger; it comes when any of them does. Raises ValueError."""
    minute, hour, day, month, weekday = text.split()
    if not all(_ITEM.fullmatch(item) for field in text.split() for item in field.split(",")):
        raise ValueError(text)
    common = {"minute": minute, "hour": hour, "month": _month_numbers(month)}
    weekdays = _weekday_names(weekday)
    if day.startswith("*") or weekday.startswith("*"):
        return [{**common, "day": day, "day_of_week": weekdays}]
    return [{**common, "day": day}, {**common, "day_of_week": weekdays}]


def _month_numbers(field: str) -> str:
    return re.sub(r"[a-z]+", lambda name: str(_MONTHS.index(name[0]) + 1), field)


def _weekday_names(field: str) -> str:
    """Every weekday of a field by its name, which means the same to both."""
    days: set[int] = set()
    for item in field.split(","):
        found = _ITEM.fullmatch(item)
        assert found is not None
        first = _weekday(found[1]) if found[1] else 0
        last = _weekday(found[2]) if found[2] else 6 if found[3] or not found[1] else first
        # Friday to Sunday goes over the week's end, where 0 and 7 meet
        last += 7 if last < first else 0
        days |= {n % 7 for n in range(first, last + 1, int(found[3] or 1))}
    return "*" if len(days) == 7 else ",".join(_WEEKDAYS[n] for n in sorted(days))


def _weekday(name: str) -> int:
    number = int(name) if name.isdigit() else _WEEKDAYS.index(name)
    if number > 7:
        raise ValueError(name)
    return number
