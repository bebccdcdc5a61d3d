"""Reads moments as people type them: "17h", "8:30 mai", "17:00 28/11"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nhipcau.bot.language.vietnamese import fold, read_date

#: Two digits before a slash are a day's, not minutes.
_TIME = re.compile(r"\b(\d{1,2})\s*(?:[:hg]|gio)\s*(\d{2}(?!\s*/))?(?:\s*(sang|trua|chieu|toi))?(?!\d)")
_TOMORROW = {"mai", "ngay mai", "sang mai", "tomorrow"}
_TODAY = {"", "nay", "hom nay", "today"}


def read_moment(text: str, now: datetime) -> datetime | None:
    """The local moment meant; None where it isn't clear. Without a day: the next time the clock shows it."""
    folded = fold(text).strip(" .!")
    match = _TIME.search(folded)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in {"chieu", "toi"} and hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        return None
    rest = " ".join((folded[: match.start()] + " " + folded[match.end() :]).replace(",", " ").split())
    rest = rest.removeprefix("luc ").removeprefix("ngay ") if rest not in _TOMORROW else rest
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if rest in _TOMORROW:
        return at + timedelta(days=1)
    if rest in _TODAY:
        return at if at > now or rest else at + timedelta(days=1)
    day = read_date(rest, now.date())
    if day is None:
        return None
    return at.replace(year=day.year, month=day.month, day=day.day)
