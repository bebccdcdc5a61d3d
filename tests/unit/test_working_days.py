"""Working days of Vietnam: Tết against the sky, the office's lines over everything else, faults of its file."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from math import floor, pi, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.recurrence.working_days import InvalidCalendar, read_calendar
from scripts.public_holidays import FILE as HOLIDAYS
from scripts.public_holidays import computed

STANDARD = read_calendar("")
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


# ------------------------------------------------------------------ Tết from the sky
#
# New moons and the sun's longitude after Jean Meeus, "Astronomical Algorithms" (1998), chapters 25 and 49, cut to the
# terms that Hồ Ngọc Đức's rules of the Vietnamese calendar use: www.informatik.uni-leipzig.de/~duc/amlich/calrules.html

HANOI = 7 / 24
SYNODIC = 29.530588853
EPOCH = 2415021.076998695  # the first new moon of 1900


def new_moon(k: int) -> int:
    """The day at Hanoi, as a Julian day number, of the k-th new moon since 1900."""
    t = k / 1236.85
    r = pi / 180
    at = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    at += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * r)
    sun = (359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3) * r
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3) * r
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3) * r
    at += (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun)
    at += -0.4068 * sin(moon) + 0.0161 * sin(2 * moon) - 0.0004 * sin(3 * moon)
    at += 0.0104 * sin(2 * node) - 0.0051 * sin(sun + moon) - 0.0074 * sin(sun - moon)
    at += 0.0004 * sin(2 * node + sun) - 0.0004 * sin(2 * node - sun) - 0.0006 * sin(2 * node + moon)
    at += 0.0010 * sin(2 * node - moon) + 0.0005 * sin(2 * moon + sun)
    delta_t = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return floor(at - delta_t + 0.5 + HANOI)


def sun_sector(day: int) -> int:
    """Which twelfth of its way (from the spring equinox) the sun is in when `day` begins at Hanoi."""
    t = (day - 2451545.5 - HANOI) / 36525
    r = pi / 180
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3) * r
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
    longitude += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    return floor((longitude % 360) / 30)


def julian(day: date) -> int:
    return day.toordinal() + 1721425


def solstice_month(year: int) -> int:
    """Which new moon begins the eleventh month, that of the winter solstice."""
    k = floor((julian(date(year, 12, 31)) - 2415021) / SYNODIC)
    return k - 1 if sun_sector(new_moon(k)) >= 9 else k


def lunar_day(year: int, month: int, day: int) -> date:
    """The day of month 1..10 of the lunar year that begins in `year`."""
    begin, end = solstice_month(year - 1), solstice_month(year)
    months = [11, 12, *range(1, 11)]
    if end - begin == 13:
        # the first month in which the sun enters no new sector is leap and repeats the number before it
        leap = next(n for n in range(1, 13) if sun_sector(new_moon(begin + n)) == sun_sector(new_moon(begin + n + 1)))
        months.insert(leap, 0)
    return date.fromordinal(new_moon(begin + months.index(month)) + day - 1 - 1721425)


@pytest.mark.parametrize("year", range(2024, 2036))
def test_tet_is_when_the_moon_is_new_at_hanoi(year: int) -> None:
    assert STANDARD.is_off(lunar_day(year, 1, 1)) == "Tết Nguyên Đán"
    named = [day for n in range(366) if STANDARD.is_off(day := date(year, 1, 1) + timedelta(n)) == "Tết Nguyên Đán"]
    assert named == [lunar_day(year, 1, 1)]


@pytest.mark.parametrize("year", range(2024, 2036))
def test_hung_kings_day_is_the_tenth_of_the_third_month(year: int) -> None:
    assert STANDARD.is_off(lunar_day(year, 3, 10)) == "Ngày Giỗ Tổ Hùng Vương"


def test_the_moon_agrees_with_days_known_otherwise() -> None:
    known = {2007: "2007-02-17", 2026: "2026-02-17", 2027: "2027-02-06", 2028: "2028-01-26", 2030: "2030-02-02"}
    assert {year: str(lunar_day(year, 1, 1)) for year in known} == known
    hung = {2026: "2026-04-26", 2027: "2027-04-16", 2028: "2028-04-04"}
    assert {year: str(lunar_day(year, 3, 10)) for year in hung} == hung


# ------------------------------------------------------------------ days off


def test_tet_2026_is_off_for_nine_days() -> None:
    spring = [d("2026-02-12") + timedelta(n) for n in range(13)]
    assert [day.day for day in spring if STANDARD.is_off(day)] == list(range(14, 23))
    assert STANDARD.next_working(d("2026-02-14")) == d("2026-02-23")


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-25", ""),
        ("2026-11-28", "Thứ Bảy"),
        ("2026-11-29", "Chủ nhật"),
        ("2026-11-24", "Ngày Văn hóa Việt Nam"),
        ("2026-04-27", "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"),
        ("2026-08-31", "Ngày nghỉ (thay cho ngày 22/08/2026)"),
        # shipped: what the package lacks
        ("2026-08-22", ""),
        ("2026-01-02", "Ngày nghỉ (thay cho ngày 10/01/2026)"),
        ("2026-01-10", ""),
        # more telling than the weekend it falls on
        ("2027-05-01", "Ngày Quốc tế Lao động"),
    ],
)
def test_why_a_day_is_off(day: str, why: str) -> None:
    assert STANDARD.is_off(d(day)) == why


def test_the_office_has_the_last_word() -> None:
    office = read_calendar(
        "day,kind,name\n"
        "2026-11-24,work,Bình thường\n"
        "28/11/2026,WORK\n"
        "# sáng thứ Năm họp cả cơ quan\n"
        "\n"
        "26-11-2026,off,Hội nghị, tổng kết\n"
        "2026-11-27,off\n"
        "2026-01-10,off,Không làm bù\n"
    )
    assert [office.is_off(d(f"2026-11-{n}")) for n in (24, 25, 28)] == ["", "", ""]
    assert office.is_off(d("2026-11-26")) == "Hội nghị, tổng kết"
    assert office.is_off(d("2026-11-27")) == "Ngày nghỉ của cơ quan"
    assert office.is_off(d("2026-01-10")) == "Không làm bù"
    assert office.next_working(d("2026-11-26")) == d("2026-11-28")
    assert STANDARD.is_off(d("2026-11-26")) == ""


def test_a_file_saved_by_a_spreadsheet() -> None:
    office = read_calendar("\ufeffday;kind;name\r\n26/11/2026;off;Nghỉ\r\n;;\r\n")
    assert office.is_off(d("2026-11-26")) == "Nghỉ"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day,kind,name\n2026-02-30,off,x", "Dòng 2: ngày '2026-02-30' không có thật; viết như 2026-11-24."),
        ("\n\n24/11,work,x", "Dòng 3: ngày '24/11' không có thật; viết như 2026-11-24."),
        ("hôm nay,off", "Dòng 1: ngày 'hôm nay' không có thật; viết như 2026-11-24."),
        ("2026-11-24,free,x", "Dòng 1: loại 'free' không có; ghi off (nghỉ) hoặc work (làm việc)."),
        ("2026-11-24", "Dòng 1: loại '' không có; ghi off (nghỉ) hoặc work (làm việc)."),
        (
            "2026-11-24,off\n\n24/11/2026,work",
            "Dòng 3: ngày 24/11/2026 đã có ở dòng 1; hãy để lại một dòng.",
        ),
        ("2026-11-24,off," + "x" * 200_000, "Dòng 1: không đọc được; viết như 2026-11-24,off,Tên ngày nghỉ."),
    ],
)
def test_what_is_wrong_with_a_line(text: str, told: str) -> None:
    with pytest.raises(InvalidCalendar) as wrong:
        read_calendar(text)
    assert str(wrong.value) == wrong.value.say(texts("vi")) == told
    assert wrong.value.say(texts("en")).startswith(f"Row {wrong.value.row}: ")


# ------------------------------------------------------------------ counting


@given(DAYS)
def test_the_next_working_day_has_only_days_off_before_it(day: date) -> None:
    working = STANDARD.next_working(day)
    assert not STANDARD.is_off(working)
    assert all(STANDARD.is_off(day + timedelta(n)) for n in range((working - day).days))


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.booleans(), max_size=20), DAYS)
def test_lines_change_their_own_days_only(lines: dict[date, bool], other: date) -> None:
    office = read_calendar("\n".join(f"{day},{'off' if off else 'work'},Nghỉ" for day, off in lines.items()))
    assert {day: bool(office.is_off(day)) for day in lines} == lines
    assert other in lines or office.is_off(other) == STANDARD.is_off(other)


def test_what_is_dear_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys, nhipcau.bot.recurrence.rules, nhipcau.bot.recurrence.working_days;"
        "print([name for name in ('holidays', 'apscheduler') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_doctor_says_what_is_wrong_in_the_offices_file(tmp_path: Path) -> None:
    from nhipcau.cli.doctor import examine
    from nhipcau.settings import Settings

    settings = Settings(_env_file=None, data_dir=tmp_path)

    async def checked() -> tuple[str, bool, str]:
        return next(check for check in await examine(settings, texts("vi")) if check[0] == "calendar")

    assert (await checked())[1]
    settings.calendar.write_text("day,kind,name\n2026-11-27,maybe,\n", encoding="utf-8")
    name, fine, said = await checked()
    assert (name, fine) == ("calendar", False)
    assert "Dòng 2" in said
    settings.calendar.write_text("2026-11-27,off,Ngày hội xã\n", encoding="utf-8")
    assert (await checked())[1]


def test_holidays_are_those_the_library_computes() -> None:
    lines = HOLIDAYS.read_text(encoding="utf-8").splitlines()
    assert lines == ["day,name", *(f"{day.isoformat()},{name}" for day, name in computed())]
