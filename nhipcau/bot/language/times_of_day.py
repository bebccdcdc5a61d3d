"""Reads an hour as people say it: "4 giờ chiều", "8 rưỡi sáng", "9h kém 15", "4 pm"; and what counts by the moon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from nhipcau.bot.language.vietnamese import fold, nfc, without_politeness

_LONGEST = 200
_WORDS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi", "muoi mot", "muoi hai")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
#: "bốn giờ", but not the "ba" of "thứ ba giờ".
_HOUR_IN_WORDS = re.compile(
    rf"(?<!thu )(?<!muoi )\b({'|'.join(sorted(_NUMBERS, key=len, reverse=True))}) (?=(?:gio|ruoi)\b)"
)
#: Two digits before a slash are a day's, not minutes.
_CLOCK = re.compile(
    r"(?<![\d:/])([01]?\d|2[0-3])"
    r"(?: ?: ?([0-5]\d)| ?(?:h|g|gio) ?([0-5]\d)(?!\d| ?[/.-] ?\d)(?: ?(?:p|phut)\b)?"
    r"| ?(?:h|g|gio)\b(?: (ruoi)\b| kem (\d{1,2})(?: ?(?:p|phut)\b)?)?| (ruoi)\b| ?(?=[ap]m\b))"
    r"(?!\d)(?: ?([ap]m)\b)?"
)
_PART = re.compile(r"\b(?:buoi )?(sang|trua|chieu|toi|dem)\b")
#: The hours of each part of a day.
_PARTS = {
    "sang": range(1, 12),
    "trua": range(10, 15),
    "chieu": range(12, 20),
    "toi": range(17, 24),
    "dem": (*range(0, 5), *range(18, 24)),
}
_MOON = re.compile(
    r"\b(?:mung|mong) ?(?=\d|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)|\b(?:ram|chap|gieng|am lich|lunar)\b"
)


class NoSuchHour(ValueError):
    """An hour that a part of the day lacks, as "9 giờ chiều"; or one that two days could hold: "12 giờ đêm"."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a text says of the time of day."""

    #: None: only a part of the day, or nothing.
    at: time | None = None
    #: "sang", "trua", "chieu", "toi", "dem" or "".
    part: str = ""
    #: "5 giờ", "5h" alone, which may also mean a length of five hours.
    is_bare: bool = False


def plain(text: str) -> str:
    """The text folded for reading times: without politeness, hours in digits, "tới" (until) apart from "tối". "" for a
    text that is too long to be a time."""
    if len(text) > _LONGEST:
        return ""
    words = " ".join(without_politeness(nfc(text).lower().replace(",", " ").split()))
    words = re.sub(r"\b(giờ|tiếng|phút|ngày|tuần) tới$", r"\1 sau", words)
    # "now" folds to "seven o'clock"
    words = words.replace("bây giờ", "now")
    folded = fold(re.sub(r"\btới\b", "", words)).strip(" .!?;,\"'")
    folded = re.sub(r"(?<=\w)[;.!]+(?= |$)", " ", folded)
    folded = re.sub(r"(?: (?:nhe|nha|a|em|bac|giup|gium))+$", "", folded)
    return " ".join(_HOUR_IN_WORDS.sub(lambda m: f"{_NUMBERS[m[1]]} ", folded).split())


def counts_by_moon(text: str) -> bool:
    """Whether a day is named as the lunar calendar counts it: "mùng 1", "rằm", "tháng Chạp"."""
    return _MOON.search(fold(nfc(text))) is not None


def take_clock(text: str) -> tuple[str, Clock]:
    """The rest of a text that `plain` made, and its time of day. Raises NoSuchHour."""
    found = _CLOCK.search(text)
    rest = f"{text[: found.start()]} {text[found.end() :]}" if found else text
    said = _PART.search(rest)
    part = said[1] if said else ""
    rest = f"{rest[: said.start()]} {rest[said.end() :]}" if said else rest
    rest = " ".join(rest.split())
    if found is None:
        return rest, Clock(part=part)
    half = found[4] or found[6]
    hour, minute = int(found[1]), 30 if half else int(found[2] or found[3] or 0)
    hour = _hour(hour, part) if part else _hour(hour, found[7]) if found[7] else hour
    if found[5]:
        total = hour * 60 - int(found[5])
        if total < 0 or int(found[5]) > 59:
            raise NoSuchHour(text)
        hour, minute = divmod(total, 60)
    written = found[0].strip()
    bare = not part and not found[7] and re.fullmatch(r"\d+ ?(?:h|g|gio)", written) is not None
    return rest, Clock(time(hour, minute), part, bare)


def _hour(hour: int, part: str) -> int:
    """The hour of 24 that an hour of 12 means in a part of the day."""
    if part in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise NoSuchHour(part)
        return hour % 12 + (12 if part == "pm" else 0)
    if part == "dem" and hour == 12:
        raise NoSuchHour(part)
    for each in (hour, hour + 12):
        if each in _PARTS[part]:
            return each
    raise NoSuchHour(part)
