"""Converts crontabs of five fields to APScheduler's fields.

APScheduler differs from crontab: it counts weekdays from Monday, accepts names followed by anything, and where day and
weekday are both given it requires both, while in crontab either is enough.
"""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LOOKS_LIKE = re.compile(r"[0-9*][0-9*,/-]*(?: [0-9*][0-9*,/-]*){2}(?: [0-9a-z*,/-]+){2}")
_ITEM = re.compile(r"(?:\*|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,2}))?")


def read_crontab(text: str) -> str:
    """`text` normalised, where it looks like a crontab's five fields (which may be invalid), else ""."""
    lowered = " ".join(text.lower().split())
    return lowered if _LOOKS_LIKE.fullmatch(lowered) else ""


def crontab_fields(text: str) -> list[dict[str, str]]:
    """APScheduler's fields, one mapping for each trigger; due when any of them is. Raises ValueError."""
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
    """The weekdays of a field by name, which both understand alike."""
    days: set[int] = set()
    for item in field.split(","):
        found = _ITEM.fullmatch(item)
        assert found is not None
        first = _weekday(found[1]) if found[1] else 0
        last = _weekday(found[2]) if found[2] else 6 if found[3] or not found[1] else first
        # a range such as Friday to Sunday passes the end of the week, where 0 and 7 are the same day
        last += 7 if last < first else 0
        days |= {n % 7 for n in range(first, last + 1, int(found[3] or 1))}
    return "*" if len(days) == 7 else ",".join(_WEEKDAYS[n] for n in sorted(days))


def _weekday(name: str) -> int:
    number = int(name) if name.isdigit() else _WEEKDAYS.index(name)
    if number > 7:
        raise ValueError(name)
    return number
