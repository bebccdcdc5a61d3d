"""Reads the day of a report as offices write it."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from nhipcau.bot.language.vietnamese import fold

_CLOCK = r"(?:[ t,]+\d{1,2}[:hg].*)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _CLOCK)
_DAY_FIRST = re.compile(r"(?:ngay )?(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d\d)" + _CLOCK)
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4})")
#: A day as spreadsheets keep it: how many days it is after this one.
_FIRST_DAY, _NUMBER = date(1899, 12, 30), re.compile(r"([3-7]\d{4})(?:[.,]\d+)?")


def read_day(written: str) -> date | None:
    """The day; None for what is none, or names no year."""
    folded = fold(written)
    if number := _NUMBER.fullmatch(folded):
        return _FIRST_DAY + timedelta(days=int(number[1]))
    if found := _YEAR_FIRST.fullmatch(folded):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.fullmatch(folded) or _IN_WORDS.fullmatch(folded):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
