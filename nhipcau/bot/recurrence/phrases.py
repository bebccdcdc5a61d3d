"""Reads recurrence rules in words, Vietnamese or English, with or without diacritics, in any order."""

from __future__ import annotations

import re
from datetime import time
from typing import Literal

from nhipcau.bot.language.times_of_day import NoSuchHour, counts_by_moon, plain, take_clock

Every = Literal["day", "week", "month", "quarter", "year", "cron"]
Spoken = Literal["day", "week", "month", "quarter", "year"]

_EVERY: dict[str, Spoken] = {
    **dict.fromkeys(("tuan", "week", "weekly"), "week"),
    **dict.fromkeys(("thang", "month", "monthly"), "month"),
    **dict.fromkeys(("quy", "quarter", "quarterly"), "quarter"),
    **dict.fromkeys(("nam", "year", "yearly"), "year"),
}
_LAST = frozenset({"cuoi", "last"})
#: Words that are ignored.
_FILLING = frozenset(
    {"hang", "moi", "every", "each", "ngay", "day", "luc", "vao", "cua", "cu", "la", "han", "nao", "cung"}
)
_FILLING |= {"on", "at", "of", "the", "its", "by"}

#: "4 giờ" without "sáng" or "chiều" may be meant for the afternoon; "04:00" is not.
_EITHER_HALF = range(1, 6)
_QUARTERS_MONTH = re.compile(r"\bthang cuoi (?:cua )?quy\b|(?<=\bquarter) last month\b|\bof its last month\b")
#: Each day; "mỗi ngày 25" and "mỗi ngày cuối tháng" are days of a month.
_DAILY = re.compile(
    r"\b(?:hang|moi|tung|every|each) (?:ngay|day)\b(?! \d| cuoi)|\b(?:ngay|hom) nao cung\b|\bdaily\b|^day(?= *$)"
    # "mỗi sáng", "sáng nào cũng": the part of the day was taken before
    r"|^(?:moi|hang)(?= *(?:luc|vao)? *$)|^nao cung\b"
)
_WEEKDAY = re.compile(
    r"\b(?:thu (hai|ba|tu|nam|sau|bay|[2-7])|t([2-7])|(chu nhat|cn)"
    # "thu" alone is "thứ" with its number missing as often as Thursday
    r"|(mon|tue|wed|thu(?=rs)|(?<=\bweek )thu|fri|sat|sun)(?:[a-z]*day)?)\b"
)
_WEEKDAYS = {
    **dict(zip(("hai", "ba", "tu", "nam", "sau", "bay"), ("mon", "tue", "wed", "thu", "fri", "sat"), strict=True)),
    **dict(zip("234567", ("mon", "tue", "wed", "thu", "fri", "sat"), strict=True)),
    **dict.fromkeys(("chu nhat", "cn"), "sun"),
}
_DATE = re.compile(r"\b(?:ngay )?([0-9]{1,2})(?: ?[/.-] ?| thang )([0-9]{1,2})\b")
# in Vietnamese a number right after "tháng", "quý" names one month or quarter, not a day of each
_MONTHDAY = re.compile(
    r"\b(?:ngay |day |(?<=\bmonth )|(?<=\bquarter ))([0-9]{1,2})(?:st|nd|rd|th)?\b"
    r"|\b([0-9]{1,2})(?:st|nd|rd|th)?(?= (?:hang|moi|of (?:every|each|the)) (?:thang|month|quy|quarter)\b)"
)


def read_words(text: str) -> tuple[Spoken, str, time] | str:
    """The period, the day as in a rule's text, the hour; or why not ("moon", "hour", "no_hour", "unknown")."""
    if counts_by_moon(text):
        return "moon"
    try:
        rest, clock = take_clock(_QUARTERS_MONTH.sub(lambda m: "quy" if "quy" in m[0] else "", plain(text)))
    except NoSuchHour:
        return "hour"
    if clock.is_bare and clock.at is not None and clock.at.hour in _EITHER_HALF:
        return "hour"
    rest, daily = _take(_DAILY, rest)
    if clock.at is None:
        named = daily or any(word in _EVERY for word in rest.split()) or _WEEKDAY.search(rest)
        return "no_hour" if named else "unknown"
    rest, weekday = _take(_WEEKDAY, rest)
    rest, date = _take(_DATE, rest)
    rest, monthday = _take(_MONTHDAY, rest)
    words = rest.split()
    every: set[Spoken] = {_EVERY[word] for word in words if word in _EVERY}
    if daily:
        every.add("day")
    days = [
        *(["last"] if _LAST & set(words) else []),
        *([str(int(monthday[1] or monthday[2]))] if monthday else []),
    ]
    if [word for word in words if word not in _EVERY and word not in _LAST and word not in _FILLING]:
        return "unknown"
    return _put_together(every, _weekday(weekday), date, days, clock.at) or "unknown"


def _put_together(
    every: set[Spoken], weekday: str, date: re.Match[str] | None, days: list[str], at: time
) -> tuple[Spoken, str, time] | None:
    """The rule, if exactly one kind of day is named and it fits the period."""
    if every == {"day"} and not (weekday or date or days):
        return "day", "", at
    if len(every) > 1 or "day" in every or len(days) + bool(weekday) + bool(date) != 1:
        return None
    period = next(iter(every), "week" if weekday else None)
    if period == "week" and weekday:
        return period, weekday, at
    if period == "year" and date:
        return period, f"{int(date[1])}/{int(date[2])}", at
    if (period == "month" or period == "quarter") and days:
        return period, days[0], at
    return None


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, re.Match[str] | None]:
    """The text without the first match, and the match."""
    found = pattern.search(text)
    return (f"{text[: found.start()]} {text[found.end() :]}", found) if found else (text, None)


def _weekday(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    named = found[1] or found[2] or found[3]
    return _WEEKDAYS[named] if named else found[4]
