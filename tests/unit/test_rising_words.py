"""Which words rise: those that grew beyond chance, in their longest form, and never a number, a name or a place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nhipcau.insight.rising_words import MIN_REPORTS, ReportText, growth, rising_words
from nhipcau.privacy.screening_places import EVERYWHERE, KnownPlaces

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 23)
PAIRS = Path(__file__).parent.parent / "data" / "similar_pairs.tsv"


def everyday() -> list[str]:
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return sorted({text for row in rows for text in row[3:]})


EVERYDAY = everyday()


def texts_of(chance: random.Random, number: int, age: int, days: int) -> list[ReportText]:
    def day() -> date:
        return TODAY - timedelta(age + chance.randrange(days))

    return [ReportText(f"PA-{age}-{n}", day(), chance.randrange(60), chance.choice(EVERYDAY)) for n in range(number)]


def year(seed: int, planted: Sequence[str] = (), areas: int = 60) -> tuple[list[ReportText], list[ReportText]]:
    """This week and the four before, of everyday reports; the planted ones this week."""
    chance = random.Random(seed)
    more = [
        ReportText(f"PA-x{n}", TODAY - timedelta(n % 7 if areas > 1 else 0), n % areas, text)
        for n, text in enumerate(planted)
    ]
    return [*texts_of(chance, 100, 0, 7), *more], texts_of(chance, 400, 7, 28)


def words_told(planted: Sequence[str], places: KnownPlaces = EVERYWHERE, **how: int) -> list[str]:
    return [word.shown for word in rising_words(*year(1, planted, **how), places)]


def test_calm_weeks_tell_hardly_anything() -> None:
    looks = [rising_words(*year(seed), EVERYWHERE) for seed in range(30)]
    assert sum(bool(found) for found in looks) <= 4


def test_a_word_is_told_in_its_longest_form_as_it_is_written_properly() -> None:
    planted = [
        *("sương muối làm hỏng rau", "suong muoi hai rau qua", "sương muối trắng đồng", "suwowng muoosi lạnh"),
        *("đêm qua sương muối dày", "Sương muối, trâu bò rét", "suong muoi nang", "có sương muối ở đây"),
    ]
    assert words_told(planted) == ["sương muối"]


def test_reports_that_hold_it_are_named_latest_first() -> None:
    now, before = year(1, [f"sương muối dày lần {n}" for n in range(8)])
    [word] = rising_words(now, before, EVERYWHERE)
    days = {each.code: each.day for each in now}
    assert set(word.codes) == {f"PA-x{n}" for n in range(8)}
    assert sorted(word.codes, key=lambda code: days[code], reverse=True) == sorted(
        word.codes, key=lambda code: (days[code], code), reverse=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "hỏi 0912 345 678",
        "gọi anh [HỌ TÊN] gấp",
        "gặp Lường Thị Sẩu",
        "gap luong thi sau",
        "ở thôn Slam Khuổi",
        "o thon slam khuổi",
        "tại đồng đăng",
        "tai DONG DANG",
        "mất 30tr",
        "đường ĐT.239",
        "ngày 12/11",
    ],
)
def test_numbers_names_places_and_masks_are_never_words(text: str) -> None:
    found = words_told([text] * 12, KnownPlaces(["Xã Đồng Đăng"]))
    named = ("luong", "lường", "sau", "sẩu", "slam", "khuổi", "dong dang", "đồng đăng", "họ", "tên")
    assert not [word for word in found if any(char.isdigit() or char in "[]" for char in word)]
    assert not [word for word in found if any(name in word.split() or name == word for name in named)]


def test_one_area_on_one_day_is_no_rise() -> None:
    assert words_told(["sương muối dày"] * 12, areas=1) == []


def test_too_few_reports_tell_nothing() -> None:
    assert words_told(["sương muối dày"] * (MIN_REPORTS - 1)) == []
    now, _ = year(1, ["sương muối dày"] * 12)
    assert rising_words(now, [], EVERYWHERE) == []


_SAYING = st.lists(
    st.sampled_from(["đường", "nước", "hỏng", "đục", "Hùng", "An", "[SĐT]", "12", ",", ".", "ko", "dduwowngf", "của"]),
    max_size=8,
)
_TEXTS = st.lists(_SAYING.map(" ".join), max_size=60)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(_TEXTS, _TEXTS)
def test_every_word_has_enough_reports_from_several_places(now: list[str], before: list[str]) -> None:
    week = [ReportText(f"n{n}", TODAY - timedelta(n % 7), n % 5, text) for n, text in enumerate(now)]
    past = [ReportText(f"b{n}", TODAY - timedelta(7 + n % 28), n % 5, text) for n, text in enumerate(before)]
    by_code = {each.code: each for each in week}
    for word in rising_words(week, past, EVERYWHERE):
        assert len(set(word.codes)) == len(word.codes) >= MIN_REPORTS
        holders = [by_code[code] for code in word.codes]
        assert max(len({each.area for each in holders}), len({each.day for each in holders})) >= 2
        assert not any(char.isdigit() or char in "[]," for char in word.shown)
        assert 1 <= len(word.key.split()) <= 4


@given(st.integers(0, 50), st.integers(0, 200), st.integers(51, 400), st.integers(201, 900))
def test_growth_is_dunnings_ratio_and_zero_without_a_doubling(n: int, past: int, now: int, before: int) -> None:
    score = growth(n, past, now, before)
    assert score >= 0
    assert score == 0 or n / now >= 2 * past / before
    assert growth(8, 0, 108, 400) == pytest.approx(25.2, abs=0.5)
