"""Periods: `2026-W47`, `2026-11`, `2026-Q4`, `2026`, or in words ("tháng 11", "quý này"). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.vietnamese import fold, nfc, read_number

_DAY = timedelta(days=1)
_YEARS = range(2000, 2101)
_WEEKS = 53
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_ARABIC = {roman.lower(): number for number, roman in _ROMAN.items()}

_CODE = re.compile(r"(\d{4})(?:-(w|q)?(\d{1,2}))?")
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})/(\d{4})")
#: Folded names of each kind of period.
_KINDS: Mapping[str, str] = {
    **{"tuan": "w", "week": "w", "thang": "m", "month": "m"},
    **{"quy": "q", "quarter": "q", "nam": "y", "year": "y"},
}
_NOW = {"nay", "this"}
_BEFORE = {"truoc", "ngoai", "last"}
_NUMBERED = re.compile(r"(?:so )?(\d{1,4}|iv|i{1,3})(?:\s*(?:/|-|,|nam|of|year|\s)\s*(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day to its last, both included."""

    first: date
    last: date
    #: "2026-W47", "2026-11", "2026-Q4" or "2026".
    text: str


def read_period(text: str, today: date) -> Period | None:
    """The period a whole text means; None for anything else.

    A week, month or quarter without a year is the last one that has begun, since people ask about the past.
    """
    written = " ".join(fold(nfc(text)).strip(" .!?…").split())
    try:
        return _coded(written) or _called(written, today)
    except ValueError:
        return None


def is_period(text: str) -> bool:
    """Whether a whole text means a period, whichever day it is."""
    return read_period(text, date(2026, 1, 1)) is not None


def looks_like_period(text: str) -> bool:
    """Whether a text of at most two words begins like a period, even an impossible one ("tháng 13")."""
    words = fold(nfc(text)).split()
    return 0 < len(words) <= 2 and words[0] in _KINDS


def period_words(period: str, t: Texts) -> str:
    """ "tuần 48/2026", "tháng 11/2026", "quý IV/2026", "năm 2026", or the day."""
    year, _, part = period.partition("-")
    if not part:
        return t("period.year", year=year)
    if part.startswith("W"):
        return t("period.week", n=int(part[1:]), year=year)
    if part.startswith("Q"):
        return t("period.quarter", n=_ROMAN[part[1:]], year=year)
    month, _, day = part.partition("-")
    return f"{day}/{month}/{year}" if day else t("period.month", n=int(month), year=year)


# ------------------------------------------------------------------ each kind


def week_of(day: date) -> Period:
    """The ISO week that holds a day."""
    week = day.isocalendar()
    first = day - (week.weekday - 1) * _DAY
    return Period(first, first + 6 * _DAY, f"{week.year}-W{week.week:02d}")


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, _before_next(first, 1), f"{day:%Y-%m}")


def quarter_of(day: date) -> Period:
    number = (day.month + 2) // 3
    first = date(day.year, 3 * number - 2, 1)
    return Period(first, _before_next(first, 3), f"{day.year}-Q{number}")


def year_of(day: date) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, 12, 31), str(day.year))


_OF = {"w": week_of, "m": month_of, "q": quarter_of, "y": year_of}


def period_containing(kind: str, day: date) -> Period:
    """The week, month, quarter or year (`kind`) that holds a day."""
    return _OF[_KINDS[kind]](day)


def before(period: Period) -> Period:
    """The period of the same kind before this one."""
    kind = {"W": "w", "Q": "q"}.get(period.text[5:6], "m" if "-" in period.text else "y")
    return _OF[kind](period.first - _DAY)


def period_of_days(first: date, last: date) -> Period:
    """From one day to another: the week, month, quarter or year these are, else "2026-11-02..2026-11-15"."""
    for containing in _OF.values():
        found = containing(first)
        if (found.first, found.last) == (first, last):
            return found
    return Period(first, last, f"{first.isoformat()}..{last.isoformat()}")


def _before_next(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1) - _DAY


def _numbered(kind: str, number: int, year: int) -> Period:
    """Raises ValueError where there is no such period: week 53 of most years, month 13."""
    if year not in _YEARS:
        raise ValueError(year)
    if kind == "w":
        return week_of(date.fromisocalendar(year, number, 1))
    if kind == "q":
        return quarter_of(date(year, 3 * number, 1))
    return month_of(date(year, number, 1))


# ------------------------------------------------------------------ reading


def _coded(written: str) -> Period | None:
    if (found := _MONTH_OF_YEAR.fullmatch(written)) is not None:
        return _numbered("m", int(found[1]), int(found[2]))
    found = _CODE.fullmatch(written)
    if found is None:
        return None
    year, kind, number = int(found[1]), found[2] or "m", found[3]
    if number is None:
        return year_of(date(year, 1, 1)) if year in _YEARS else None
    return _numbered(kind, int(number), year)


def _called(written: str, today: date) -> Period | None:
    """ "tháng 11", "quý IV/2026", "tuần này", "last month", "năm 2026"."""
    words = written.split()
    if len(words) == 2:
        named = [word for word in words if word in _KINDS]
        others = set(words) - set(named)
        if len(named) == 1 and others & (_NOW | _BEFORE):
            current = _OF[_KINDS[named[0]]](today)
            return current if others & _NOW else before(current)
    if len(words) < 2 or words[0] not in _KINDS:
        return None
    kind, rest = _KINDS[words[0]], " ".join(words[1:])
    found = _NUMBERED.fullmatch(rest) or _NUMBERED.fullmatch(str(read_number(rest, _WEEKS)))
    if found is None:
        return None
    number = int(_ARABIC.get(found[1], found[1]))
    if kind == "y":
        return year_of(date(number, 1, 1)) if number in _YEARS and not found[2] else None
    if found[2]:
        return _numbered(kind, number, int(found[2]))
    year = today.isocalendar().year if kind == "w" else today.year
    return _begun(kind, number, year, today)


def _begun(kind: str, number: int, year: int, today: date) -> Period:
    """The period of this year, or where it has not begun, of the last year that had it."""
    for back in range(8):
        try:
            found = _numbered(kind, number, year - back)
        except ValueError:
            # a week 53 that this year lacks
            continue
        if found.first <= today:
            return found
    raise ValueError(number)
