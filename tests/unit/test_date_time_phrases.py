"""Moments as people type them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.date_time_phrases import read_moment


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["wrong.moment", "wrong.past", "wrong.too_far"])
def test_every_moment_given_as_an_example_is_read(language: str, key: str) -> None:
    examples = re.findall(r'"([^"]+)"', texts(language)(key))
    assert examples
    assert all(read_moment(example, NOW) for example in examples)
