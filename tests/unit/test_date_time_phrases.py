"""Moments as people type them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.date_time_phrases import HoursOrClock, read_deadline, read_length, read_moment


def _at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


NOW = _at(2026, 11, 23, 9, 0)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("17:00 28/11", _at(2026, 11, 28, 17, 0)),
        ("17h 28/11", _at(2026, 11, 28, 17, 0)),
        ("17h 28 / 11", _at(2026, 11, 28, 17, 0)),
        ("17h30 28/11", _at(2026, 11, 28, 17, 30)),
        ("8:30 mai", _at(2026, 11, 24, 8, 30)),
        ("8h", _at(2026, 11, 24, 8, 0)),
        ("hôm qua", None),
    ],
)
def test_a_moment_is_read_as_it_is_meant(typed: str, meant: datetime | None) -> None:
    assert read_moment(typed, NOW) == meant


_CASES = Path(__file__).parents[1] / "support/data/moments_in_words.tsv"
_LINES = [line.split("\t") for line in _CASES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]


def _shown(moment: datetime | None) -> str:
    return f"{moment:%H:%M %d/%m}" if moment else "-"


def _deadline(typed: str, now: datetime) -> str:
    try:
        return _shown(read_deadline(typed, now))
    except HoursOrClock:
        return "?"


@pytest.mark.parametrize(("typed", "begin", "end"), _LINES)
def test_a_moment_is_read_in_words(typed: str, begin: str, end: str) -> None:
    assert _shown(read_moment(typed, NOW)) == begin
    assert _deadline(typed, NOW) == end


@pytest.mark.parametrize(
    ("hour", "typed", "end"),
    [
        (16, "trong hôm nay", "17:00 23/11"),
        (17, "trong hôm nay", "21:00 23/11"),
        (20, "hết ngày", "21:00 23/11"),
        # past: refused where it is asked
        (22, "hôm nay", "21:00 23/11"),
        (18, "chiều nay", "17:00 23/11"),
        (18, "thứ 2", "17:00 30/11"),
        (18, "17h", "17:00 24/11"),
    ],
)
def test_a_day_ends_with_the_office_or_the_evening(hour: int, typed: str, end: str) -> None:
    assert _deadline(typed, NOW.replace(hour=hour)) == end


@pytest.mark.parametrize(
    ("typed", "hours"),
    [("2 ngày", 48), ("24 giờ", 24), ("5h", 5), ("một tuần", 168), ("1 ngày 12 giờ", 36), ("5", None), ("mai", None)],
)
def test_a_length_is_read_in_words(typed: str, hours: int | None) -> None:
    assert read_length(typed) == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["deadline", "hours_or_clock"])
def test_every_deadline_given_as_an_example_is_read(language: str, key: str) -> None:
    examples = [each for each in re.findall(r'"([^"]*)"', texts(language)(f"wrong.{key}", text="")) if each]
    assert examples
    assert all(read_deadline(example, NOW) for example in examples)
    lengths = re.findall(r'"([^"]+)"', texts(language)("wrong.lead"))
    assert all(read_length(example) for example in lengths)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["wrong.moment", "wrong.past", "wrong.too_far"])
def test_every_moment_given_as_an_example_is_read(language: str, key: str) -> None:
    examples = re.findall(r'"([^"]+)"', texts(language)(key))
    assert examples
    assert all(read_moment(example, NOW) for example in examples)
