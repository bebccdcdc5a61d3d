"""Reads moments as people type them: "17h", "17:00 28/11", "8h sáng thứ 2", "chiều thứ 6", "5 giờ nữa", "hôm nay"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from nhipcau.bot.language.times_of_day import NoSuchHour, plain, take_clock
from nhipcau.bot.language.vietnamese import read_date, small_number

#: Where only a part of the day is named: when to begin, and by when to end.
_BEGINS = {"sang": time(8), "trua": time(11), "chieu": time(14), "toi": time(19)}
_ENDS = {"sang": time(11), "trua": time(12), "chieu": time(17), "toi": time(21)}
#: Where only a day is named, it ends with the office's hours; after them with the evening.
_OFFICE_ENDS, _EVENING_ENDS = time(17), time(21)

_MINUTES = {
    **dict.fromkeys(("p", "phut", "min", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "g", "gio", "tieng", "hour", "hours"), 60),
    **dict.fromkeys(("ngay", "hom", "day", "days"), 24 * 60),
    **dict.fromkeys(("tuan", "week", "weeks"), 7 * 24 * 60),
}
#: These count the hours of a clock too: "5 giờ" alone is no length.
_CLOCK_UNITS = {"h", "g", "gio"}
_LEAD = re.compile(r"(?:sau|trong(?: vong)?|in|within) ")
_TAIL = re.compile(r" (?:nua|sau|from now|later)$")
_AMOUNT = re.compile(rf"((?:[a-z]+ ){{1,3}}?|[0-9]{{1,4}} ?)({'|'.join(sorted(_MINUTES, key=len, reverse=True))})\b")
_HOURS_ALONE = re.compile(r"([0-9]{1,4}) ?(?:h|g|gio)")
_MOST_MINUTES = 10 * 366 * 24 * 60

_AROUND_DAY = re.compile(r"^(?:(?:den|by|until|till|on|at|han|cham nhat|muon nhat|trong|het|cuoi) )+")
_BEFORE = re.compile(r"^(?:truoc|before)\b ?")
_TODAY = {"nay", "hom nay", "today", "bua nay", "ngay hom nay"}
_WHOLE_TODAY = {"ngay", "ngay nay"}
_DAYS_AHEAD = {
    **dict.fromkeys(("mai", "ngay mai", "hom sau", "tomorrow"), 1),
    **dict.fromkeys(("kia", "ngay kia", "mot", "ngay mot"), 2),
}
_WEEKDAY = re.compile(
    r"(?:ngay )?(?:thu (hai|ba|tu|nam|sau|bay|[2-7])|t([2-7])|(chu nhat|cn)|(mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day))"
    r"(?: (nay|tuan nay|tuan sau))?"
)
_NUMBERS = {word: n for n, word in enumerate(("hai", "ba", "tu", "nam", "sau", "bay"))}
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHDAY = re.compile(r"ngay ([0-9]{1,2})(?: thang nay)?")


class HoursOrClock(ValueError):
    """ "5 giờ" may be five o'clock or five hours from now."""


def read_moment(text: str, now: datetime) -> datetime | None:
    """The local moment meant; None where it isn't clear. Without a day: the next time the clock shows it."""
    length = _length(plain(text))
    if length is not None:
        return now + length
    return _moment(plain(text), now, ends=False)


def read_deadline(text: str, now: datetime) -> datetime | None:
    """The local moment until which something is open; None where it isn't clear. A day alone lasts until the office
    closes. Raises HoursOrClock."""
    words = plain(text)
    length = _length(words)
    if length is None and (alone := _HOURS_ALONE.fullmatch(words)):
        if int(alone[1]) <= 12:
            raise HoursOrClock(text)
        # no clock shows "48h"
        length = timedelta(hours=int(alone[1])) if int(alone[1]) > 23 else None
    return now + length if length is not None else _moment(words, now, ends=True)


def read_length(text: str) -> timedelta | None:
    """A length of time ("2 ngày", "nửa tiếng", "1 tiếng rưỡi", "24h"); None for anything else."""
    return _length(plain(text), clock=True)


def _length(words: str, *, clock: bool = False) -> timedelta | None:
    """`clock`: also hours that may be those of a clock."""
    lead, tail = _LEAD.match(words), _TAIL.search(words)
    rest = words[lead.end() if lead else 0 : tail.start() if tail else len(words)]
    # "sau 17h" is later than 17:00
    is_sure = tail is not None or (lead is not None and not lead[0].startswith("sau"))
    half = rest.endswith(" ruoi")
    rest = rest.removesuffix(" ruoi").removesuffix(" dong ho")
    minutes, at, unit = 0.0, 0, ""
    for found in _AMOUNT.finditer(rest):
        amount = _amount(found[1].strip())
        if amount is None or rest[at : found.start()].strip():
            return None
        minutes, at, unit = minutes + amount * _MINUTES[found[2]], found.end(), found[2]
    if not unit or rest[at:].strip() or not 0 < minutes < _MOST_MINUTES:
        return None
    if unit in _CLOCK_UNITS and not (is_sure or clock):
        return None
    return timedelta(minutes=minutes + (_MINUTES[unit] / 2 if half else 0))


def _amount(words: str) -> float | None:
    if words.isdecimal():
        return int(words)
    return 0.5 if words == "nua" else 1 if words in {"a", "an", "one"} else small_number(words.split())


# ------------------------------------------------------------------ by the clock and the calendar


def _moment(words: str, now: datetime, *, ends: bool) -> datetime | None:
    try:
        rest, clock = take_clock(words)
    except NoSuchHour:
        return None
    at = clock.at or (_ENDS if ends else _BEGINS).get(clock.part)
    before = _BEFORE.match(rest)
    # "trước thứ 6" may leave out that day
    if before and clock.at is None:
        return None
    rest = " ".join(re.sub(r"\b(?:luc|vao)\b", "", rest[before.end() if before else 0 :]).split())
    rest = _AROUND_DAY.sub("", f"{rest} ").strip()
    if not rest or rest in _TODAY | _WHOLE_TODAY:
        if at is None:
            at = _day_ends(rest, now) if ends else None
        if at is None or (not rest and clock.at is None):
            return None
        moment = datetime.combine(now, at, now.tzinfo)
        return moment if moment > now or rest else moment + timedelta(days=1)
    if at is None and not ends:
        return None
    at = at or _OFFICE_ENDS
    day = _day(rest, now, at)
    return datetime.combine(day, at, now.tzinfo) if day else None


def _day_ends(rest: str, now: datetime) -> time | None:
    return None if not rest else _OFFICE_ENDS if now.time() < _OFFICE_ENDS else _EVENING_ENDS


def _day(rest: str, now: datetime, at: time) -> date | None:
    today = now.date()
    if rest in _DAYS_AHEAD:
        return today + timedelta(days=_DAYS_AHEAD[rest])
    if found := _WEEKDAY.fullmatch(rest):
        return _next_weekday(found, now, at)
    if found := _MONTHDAY.fullmatch(rest):
        return _next_monthday(int(found[1]), today)
    return read_date(rest, today)


def _next_weekday(found: re.Match[str], now: datetime, at: time) -> date:
    """The next such day that is still to come, or that of the week named."""
    named = found[1] or found[2]
    number = 6 if found[3] else _ENGLISH.index(found[4]) if found[4] else _NUMBERS.get(named, -1)
    if number < 0:
        number = int(named) - 2
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    if found[5]:
        return monday + timedelta(days=number + (7 if found[5] == "tuan sau" else 0))
    day = monday + timedelta(days=number)
    return day if datetime.combine(day, at, now.tzinfo) > now else day + timedelta(days=7)


def _next_monthday(number: int, today: date) -> date | None:
    """The next day of this number, today included; None where neither this month nor the next has it."""
    following = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    for first in (today.replace(day=1), following):
        try:
            day = first.replace(day=number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None
