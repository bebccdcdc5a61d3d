"""Periods of a review: as the contract writes them, and as people type them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.command_words import read_command
from nhipcau.bot.language.periods import (
    Period,
    before,
    is_period,
    looks_like_period,
    month_of,
    period_words,
    quarter_of,
    read_period,
    week_of,
    year_of,
)

#: A Wednesday.
TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)
_KINDS = (week_of, month_of, quarter_of, year_of)
_DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


@given(_DAYS, st.sampled_from(_KINDS))
def test_every_day_lies_in_one_period_of_each_kind(day: date, of: Callable[[date], Period]) -> None:
    found = of(day)
    assert found.first <= day <= found.last
    assert of(found.first) == of(found.last) == found
    assert of(found.last + DAY).first == found.last + DAY
    assert before(of(found.last + DAY)) == found


@given(_DAYS, st.sampled_from(_KINDS), _DAYS)
def test_what_the_contract_writes_is_read_back_whatever_day_it_is(
    day: date, of: Callable[[date], Period], today: date
) -> None:
    found = of(day)
    assert read_period(found.text, today) == read_period(f" {found.text.lower()}. ", today) == found
    for language in LANGUAGES:
        # also the words we say it with
        assert read_period(period_words(found.text, texts(language)), today) == found


@given(_DAYS, st.integers(1, 53), st.sampled_from(["tuần", "tháng", "quý"]))
def test_without_a_year_it_is_the_last_one_that_has_begun(today: date, number: int, kind: str) -> None:
    found = read_period(f"{kind} {number}", today)
    if found is None:
        assert (kind, number) not in {(kind, n) for n in range(1, {"tuần": 52, "tháng": 12, "quý": 4}[kind] + 1)}
        return
    assert found.first <= today
    years = 8 if number == 53 else 2
    assert today - found.first < timedelta(days=366 * years)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tháng 11", "2026-11"),
        ("thang 12", "2025-12"),
        ("Tháng mười một", "2026-11"),
        ("tháng 2 năm 2025", "2025-02"),
        ("tháng 02/2025", "2025-02"),
        ("11/2026", "2026-11"),
        ("tháng này", "2026-11"),
        ("thang truoc", "2026-10"),
        ("quý 4", "2026-Q4"),
        ("QUÝ IV", "2026-Q4"),
        ("quý iii/2025", "2025-Q3"),
        ("quý trước", "2026-Q3"),
        ("tuần này", "2026-W48"),
        ("tuần trước.", "2026-W47"),
        ("tuần 1", "2026-W01"),
        ("tuần 53", "2020-W53"),
        ("năm 2026", "2026"),
        ("năm nay", "2026"),
        ("năm ngoái", "2025"),
        ("last week", "2026-W47"),
        ("this quarter", "2026-Q4"),
        ("month 10", "2026-10"),
        ("year 2025", "2025"),
    ],
)
def test_as_people_type_it(typed: str, meant: str) -> None:
    found = read_period(typed, TODAY)
    assert found is not None
    assert found.text == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("", "tháng", "năm", "tháng 13", "tháng 0", "quý 5", "quý 0", "tuần 54", "tuần tới", "tháng mười một này"),
        *("2026-13", "2026-W54", "2025-W53", "2026-Q5", "1999", "2101", "26", "2026-11-25", "tháng 9/25"),
        *("năm hộ thiếu gạo", "tuần này mất điện", "năm 5", "hôm nay"),
    ],
)
def test_what_is_no_period(typed: str) -> None:
    assert read_period(typed, TODAY) is None
    assert not is_period(typed)


def test_a_slip_looks_like_a_period_and_a_sentence_does_not() -> None:
    assert [looks_like_period(t) for t in ("tháng 13", "quý", "tuần tới")] == [True] * 3
    assert [looks_like_period(t) for t in ("năm hộ thiếu gạo", "đường hỏng", "")] == [False] * 3


def test_the_word_takes_a_period_along() -> None:
    assert read_command("tổng hợp") == ("tonghop", "")
    assert read_command("Tong hop quy 3.") == ("tonghop", "quy 3")
    assert read_command("/tonghop 2026-W47") == ("tonghop", "2026-W47")
    assert read_command("review 2026") == ("tonghop", "2026")
    assert read_command("tổng hợp ý kiến bà con") == (None, "")
    assert read_command("thăm dò tháng 11") == (None, "")
    assert read_command("XU HƯỚNG") == read_command("trends") == ("xuhuong", "")
