"""Rules of repetition: read from words, counted against a walk through the days, moved off days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.recurrence.rules import (
    VIETNAM,
    Due,
    InvalidRule,
    RecurrenceRule,
    due_moments,
    parse_rule,
    period_of,
    rule_phrase,
)
from nhipcau.bot.recurrence.working_days import read_calendar

CALENDAR = read_calendar("")
BERLIN = ZoneInfo("Europe/Berlin")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str, zone: ZoneInfo = VIETNAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def as_text(moments: list[datetime]) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in moments]


def following(text: str, after: str, count: int, zone: ZoneInfo = VIETNAM) -> list[str]:
    rule, moment, found = parse_rule(text), at(after, zone), []
    for _ in range(count):
        moment = rule.next_after(moment, zone)
        found.append(moment)
    return as_text(found)


def dues(text: str, after: str, count: int, office: str = "", *, move: bool = True) -> list[str]:
    """Each as it is planned and when it is due."""
    found = due_moments(parse_rule(text), read_calendar(office), at(after), VIETNAM, count, move=move)
    return [f"{due.planned:%d/%m %H:%M} → {due.due:%d/%m %H:%M}" for due in found]


# ------------------------------------------------------------------ rules of all kinds

HOURS = st.times().map(lambda moment: f"{moment:%H:%M}")
SPOKEN = st.one_of(
    st.builds("day {}".format, HOURS),
    st.builds("week {} {}".format, st.sampled_from(DAYS), HOURS),
    st.builds("{} {} {}".format, st.sampled_from(("month", "quarter")), st.integers(1, 31) | st.just("last"), HOURS),
    st.builds("year {}/{} {}".format, st.integers(1, 28), st.integers(1, 12), HOURS),
)
MINUTE = st.integers(0, 59).map(str)
HOUR = st.integers(0, 23).map(str) | st.sampled_from(("*", "*/6", "8-17/3", "7,16"))
DAY = st.integers(1, 28).map(str) | st.sampled_from(("*", "*/10", "1-7", "5,25"))
MONTH = st.integers(1, 12).map(str) | st.sampled_from(("*", "*/3", "jan-jun/2", "feb,oct"))
WEEKDAY = st.integers(0, 7).map(str) | st.sampled_from((*DAYS, "*", "*/2", "mon-fri", "5-7", "0-2", "fri-sun", "1,sat"))
CRONTAB = st.builds("{} {} {} {} {}".format, MINUTE, HOUR, DAY, MONTH, WEEKDAY)
RULES = (SPOKEN | CRONTAB).map(parse_rule)


def moments(first: str, last: str, zone: ZoneInfo = VIETNAM) -> st.SearchStrategy[datetime]:
    begin = at(first, zone)
    return st.timedeltas(timedelta(0), at(last, zone) - begin).map(lambda passed: begin + passed)


YEARS = moments("2025-01-01", "2030-01-01")
THIS_YEAR = moments("2026-01-01", "2026-12-31")


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("week fri 16:00", "week fri 16:00"),
        ("tuần thứ sáu 16:00", "week fri 16:00"),
        ("thứ 6 16:00", "week fri 16:00"),
        ("THU SAU 16H", "week fri 16:00"),
        ("hằng tuần thứ 6 16h", "week fri 16:00"),
        ("16:00 thứ Sáu hằng tuần.", "week fri 16:00"),
        ("T6 lúc 16 giờ 30 phút", "week fri 16:30"),
        ("chủ nhật 7h30", "week sun 07:30"),
        ("CN 7g", "week sun 07:00"),
        ("thứ năm 8:00", "week thu 08:00"),
        ("week thu 08:00", "week thu 08:00"),
        ("thứ 7 hàng tuần 8:00", "week sat 08:00"),
        ("every week on monday at 9:00", "week mon 09:00"),
        ("month 25 16:00", "month 25 16:00"),
        ("tháng ngày 25 16:00", "month 25 16:00"),
        ("ngày 5 hằng tháng, 9h", "month 5 09:00"),
        ("hang thang ngay 1 luc 9:05", "month 1 09:05"),
        ("month last 16:00", "month last 16:00"),
        ("ngày cuối tháng 16:00", "month last 16:00"),
        ("month 31 16:00", "month last 16:00"),
        ("quarter 25 16:00", "quarter 25 16:00"),
        ("quý ngày 25 16:00", "quarter 25 16:00"),
        ("hàng quý ngày 25 16h", "quarter 25 16:00"),
        ("hằng quý, ngày 25 tháng cuối quý lúc 16:00", "quarter 25 16:00"),
        ("quarter last 16:00", "quarter last 16:00"),
        ("cuối quý 16:00", "quarter last 16:00"),
        ("year 20/12 16:00", "year 20/12 16:00"),
        ("hằng năm ngày 20/12 16:00", "year 20/12 16:00"),
        ("ngày 05 tháng 9 hàng năm, 7h", "year 5/9 07:00"),
        ("0 16 * * fri", "0 16 * * fri"),
        (" 0  16 * * FRI ", "0 16 * * fri"),
    ],
)
def test_what_people_write(typed: str, kept: str) -> None:
    assert str(parse_rule(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "unknown"),
        ("xin chào", "unknown"),
        ("16:00", "unknown"),
        ("week 25 16:00", "unknown"),
        ("month fri 16:00", "unknown"),
        # one time, not a rule
        ("20/12 16:00", "unknown"),
        ("ngày 25 16:00", "unknown"),
        # December, the fourth quarter: not a day of each
        ("tháng 12 16:00", "unknown"),
        ("quý 4 ngày 25 16:00", "unknown"),
        # the last Friday of a month
        ("thứ sáu cuối tháng 16:00", "unknown"),
        # the number is missing: not Thursday
        ("thứ 16:00", "unknown"),
        ("thứ 8 16:00", "unknown"),
        ("thứ hai thứ sáu 16:00", "unknown"),
        ("thứ sáu 8h 16h", "unknown"),
        ("week fri month 25 16:00", "unknown"),
        ("thứ sáu", "no_hour"),
        ("thứ sáu 25:00", "no_hour"),
        ("hằng tháng ngày 25", "no_hour"),
        ("month 32 16:00", "never"),
        ("month 0 16:00", "never"),
        ("year 30/2 16:00", "never"),
        ("year 31/4 16:00", "never"),
        ("year 1/13 16:00", "never"),
        ("0 9 30 2 *", "never"),
        ("0 9 31 4,6,9,11 *", "never"),
        ("* * * * *", "dense"),
        ("*/30 * * * *", "dense"),
        ("0,59 9 * * *", "dense"),
        ("0 9 * *", "unknown"),
        ("60 9 * * *", "unknown"),
        ("0 24 * * *", "unknown"),
        ("0 9 * * 8", "unknown"),
        ("0 9 * * monx", "unknown"),
        ("0 9 * xyz *", "unknown"),
        ("0 9 5-1 * *", "unknown"),
        ("0 9 * * */0", "unknown"),
        ("0 9 , * *", "unknown"),
    ],
)
def test_what_is_refused_and_why(typed: str, why: str) -> None:
    with pytest.raises(InvalidRule) as wrong:
        parse_rule(typed)
    assert wrong.value.why == why
    assert str(wrong.value) == texts("vi")(f"rule.{why}", text=typed)


def test_a_refusal_shows_the_beginning_of_a_long_line() -> None:
    with pytest.raises(InvalidRule) as wrong:
        parse_rule("a{b}" * 1000)
    assert len(wrong.value.say(texts("en"))) < 250
    assert "a{b}a{b}…" in str(wrong.value)


def test_once_an_hour_is_the_oftenest() -> None:
    assert following("7 * * * *", "2026-11-25 09:07", 2) == ["2026-11-25 10:07", "2026-11-25 11:07"]


@given(SPOKEN | CRONTAB)
def test_a_rule_is_read_back_as_it_was(typed: str) -> None:
    rule = parse_rule(typed)
    assert parse_rule(str(rule)) == rule
    assert str(rule) == typed or " 31 " in typed


@given(SPOKEN, st.sampled_from(LANGUAGES))
def test_what_is_said_of_a_rule_can_be_written_too(typed: str, language: str) -> None:
    rule = parse_rule(typed)
    assert parse_rule(rule_phrase(rule, texts(language))) == rule


@given(st.text(alphabet="0123456789*/-, :hthuquyngaycốisáumnf", max_size=30))
def test_any_line_is_a_rule_or_wrong(typed: str) -> None:
    assert attempt(typed) in {"kept", "unknown", "moon", "hour", "no_hour", "never", "dense"}


def attempt(typed: str) -> str:
    """Why a line is refused, or whether it is kept as it stands."""
    try:
        rule = parse_rule(typed)
    except InvalidRule as wrong:
        return wrong.why
    return "kept" if parse_rule(rule.text) == rule else "changed"


@pytest.mark.parametrize(
    ("typed", "vi", "en"),
    [
        ("week fri 16:00", "Hằng tuần, 16:00 thứ Sáu", "Every week, at 16:00 on Friday"),
        ("month 25 16:00", "Hằng tháng, ngày 25 lúc 16:00", "Every month, on day 25 at 16:00"),
        ("month last 16:00", "Hằng tháng, ngày cuối tháng lúc 16:00", "Every month, on its last day at 16:00"),
        (
            "quarter 25 16:00",
            "Hằng quý, ngày 25 tháng cuối quý lúc 16:00",
            "Every quarter, on day 25 of its last month at 16:00",
        ),
        ("quarter last 16:00", "Hằng quý, ngày cuối quý lúc 16:00", "Every quarter, on its last day at 16:00"),
        ("year 20/12 16:00", "Hằng năm, ngày 20/12 lúc 16:00", "Every year, on 20/12 at 16:00"),
        ("0 16 * * fri", "0 16 * * fri", "0 16 * * fri"),
    ],
)
def test_a_rule_in_words(typed: str, vi: str, en: str) -> None:
    rule = parse_rule(typed)
    assert (rule_phrase(rule, texts("vi")), rule_phrase(rule, texts("en"))) == (vi, en)


# ------------------------------------------------------------------ when it comes


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("week fri 16:00", ["2026-11-27 16:00", "2026-12-04 16:00", "2026-12-11 16:00"]),
        ("month 25 16:00", ["2026-12-25 16:00", "2027-01-25 16:00", "2027-02-25 16:00"]),
        ("month last 16:00", ["2026-11-30 16:00", "2026-12-31 16:00", "2027-01-31 16:00", "2027-02-28 16:00"]),
        # a day that a month lacks is its last: a monthly report never falls out
        ("month 30 16:00", ["2026-11-30 16:00", "2026-12-30 16:00", "2027-01-30 16:00", "2027-02-28 16:00"]),
        ("quarter 25 16:00", ["2026-12-25 16:00", "2027-03-25 16:00", "2027-06-25 16:00"]),
        ("quarter last 16:00", ["2026-12-31 16:00", "2027-03-31 16:00", "2027-06-30 16:00", "2027-09-30 16:00"]),
        ("year 20/12 16:00", ["2026-12-20 16:00", "2027-12-20 16:00"]),
        ("year 29/2 16:00", ["2027-02-28 16:00", "2028-02-29 16:00", "2029-02-28 16:00"]),
        ("0 16 29 2 *", ["2028-02-29 16:00", "2032-02-29 16:00"]),
    ],
)
def test_when_a_rule_comes(typed: str, found: list[str]) -> None:
    assert following(typed, "2026-11-25 16:00", len(found)) == found


@pytest.mark.parametrize(
    ("field", "days"),
    [
        *[(str(n), {DAYS[(n + 6) % 7]}) for n in range(8)],
        *[(day, {day}) for day in DAYS],
        ("1-5", set(DAYS[:5])),
        ("0-2", {"sun", "mon", "tue"}),
        ("5-7", {"fri", "sat", "sun"}),
        ("fri-sun", {"fri", "sat", "sun"}),
        ("sat-mon", {"sat", "sun", "mon"}),
        ("0,3", {"sun", "wed"}),
        ("*/2", {"sun", "tue", "thu", "sat"}),
        ("1-5/2", {"mon", "wed", "fri"}),
        ("0-7", set(DAYS)),
    ],
)
def test_weekdays_mean_what_crontab_means(field: str, days: set[str]) -> None:
    found = following(f"0 9 * * {field}", "2026-11-25 16:00", 7)
    assert {DAYS[date.fromisoformat(moment[:10]).weekday()] for moment in found} == days


def test_a_crontab_with_both_days_comes_on_either() -> None:
    assert following("0 9 1 * mon", "2026-11-25 16:00", 3) == [
        "2026-11-30 09:00",
        "2026-12-01 09:00",
        "2026-12-07 09:00",
    ]


def matches(value: int, field: str, low: int, high: int, names: dict[str, int]) -> bool:
    """Whether a crontab's field holds a value: a second reading of it, as the manual page words it."""
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        begin = low if span == "*" else names.get(first, -1) if first in names else int(first)
        end = high if span == "*" else (names[last] if last in names else int(last)) if last else begin
        if value in range(begin, (end if end >= begin else 7) + 1, int(step or 1)):
            return True
    return False


MONTH_NAMES = dict(zip(MONTHS, range(1, 13), strict=True))
DAY_NAMES = dict(zip(("sun", *DAYS[:6]), range(7), strict=True))


def walked(text: str, after: datetime) -> Iterator[datetime]:
    """When a crontab comes, day by day and hour by hour."""
    minute, hour, day, month, weekday = text.split()
    for day_number in range(366 * 5):
        today = after.replace(hour=0, minute=int(minute), second=0, microsecond=0) + timedelta(days=day_number)
        in_month = matches(today.day, day, 1, 31, {})
        sunday = [0, 7] if today.weekday() == 6 else []
        in_week = any(matches(n, weekday, 0, 6, DAY_NAMES) for n in sunday or [today.isoweekday()])
        both = day.startswith("*") or weekday.startswith("*")
        right_day = (in_month and in_week) if both else (in_month or in_week)
        if right_day and matches(today.month, month, 1, 12, MONTH_NAMES):
            moments = [today + timedelta(hours=n) for n in range(24) if matches(n, hour, 0, 23, {})]
            yield from (moment for moment in moments if moment > after)


@settings(max_examples=60)
@given(CRONTAB, YEARS)
def test_a_crontab_comes_when_walking_through_the_days_says_so(text: str, after: datetime) -> None:
    assert parse_rule(text).next_after(after) == next(walked(text, after))


@given(RULES, YEARS)
def test_the_next_time_is_later_and_nothing_lies_between(rule: RecurrenceRule, after: datetime) -> None:
    found = rule.next_after(after)
    assert found > after
    assert found.second == found.microsecond == 0
    between = after + (found - after) / 2
    assert rule.next_after(between) == found
    assert rule.next_after(found - timedelta(microseconds=1)) == found
    assert rule.at is None or found.time() == rule.at


@given(RULES, YEARS, YEARS)
def test_a_later_moment_has_no_earlier_next_time(rule: RecurrenceRule, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert rule.next_after(first) <= rule.next_after(second)


def test_moments_of_any_zone_are_taken() -> None:
    rule = parse_rule("week fri 16:00")
    assert rule.next_after(datetime(2026, 11, 27, 8, 59, tzinfo=UTC)) == at("2026-11-27 16:00")
    assert rule.next_after(datetime(2026, 11, 27, 9, 0, tzinfo=UTC)) == at("2026-12-04 16:00")


# ------------------------------------------------------------------ where clocks change


def test_an_hour_that_the_clock_leaves_out_comes_by_the_gap_later() -> None:
    found = following("30 2 * * *", "2026-03-28 02:00", 3, BERLIN)
    assert found == ["2026-03-28 02:30", "2026-03-29 03:30", "2026-03-30 02:30"]
    rule = parse_rule("30 2 * * *")
    # also asked in the hour that follows the gap
    assert rule.next_after(at("2026-03-29 03:10", BERLIN), BERLIN) == at("2026-03-29 03:30", BERLIN)
    assert rule.next_after(at("2026-03-29 03:30", BERLIN), BERLIN) == at("2026-03-30 02:30", BERLIN)


def test_an_hour_that_the_clock_shows_twice_counts_once() -> None:
    found = following("30 2 * * *", "2026-10-24 12:00", 2, BERLIN)
    assert found == ["2026-10-25 02:30", "2026-10-26 02:30"]
    rule = parse_rule("30 2 * * *")
    first = rule.next_after(at("2026-10-25 00:00", BERLIN), BERLIN)
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    between = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert rule.next_after(between, BERLIN).astimezone(UTC) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@given(RULES, moments("2026-03-28", "2026-03-30") | moments("2026-10-24", "2026-10-26"))
def test_it_goes_forward_through_any_change_of_clocks(rule: RecurrenceRule, after: datetime) -> None:
    moments = [after.astimezone(UTC)]
    for _ in range(3):
        moments.append(rule.next_after(moments[-1], BERLIN).astimezone(UTC))
    assert all(before < later for before, later in pairwise(moments))


# ------------------------------------------------------------------ dues


def test_what_falls_on_a_day_off_is_due_on_the_next_working_day() -> None:
    assert dues("month 25 16:00", "2026-03-20 00:00", 3) == [
        "25/03 16:00 → 25/03 16:00",
        "25/04 16:00 → 28/04 16:00",
        "25/05 16:00 → 25/05 16:00",
    ]
    assert dues("month 25 16:00", "2026-03-26 00:00", 1, move=False) == ["25/04 16:00 → 25/04 16:00"]


def test_what_waits_over_days_off_is_still_due() -> None:
    for after in ("2026-04-25 17:00", "2026-04-27 23:00", "2026-04-28 15:59"):
        assert dues("month 25 16:00", after, 1) == ["25/04 16:00 → 28/04 16:00"]
    assert dues("month 25 16:00", "2026-04-28 16:00", 1) == ["25/05 16:00 → 25/05 16:00"]


def test_a_daily_rule_gives_one_due_after_tet() -> None:
    assert dues("0 16 * * *", "2026-02-12 17:00", 3) == [
        "13/02 16:00 → 13/02 16:00",
        "23/02 16:00 → 23/02 16:00",
        "24/02 16:00 → 24/02 16:00",
    ]


def test_several_hours_moved_onto_one_day_stay_in_order() -> None:
    assert dues("0 9,16 * * sat,sun", "2026-11-25 00:00", 4) == [
        "29/11 09:00 → 30/11 09:00",
        "29/11 16:00 → 30/11 16:00",
        "06/12 09:00 → 07/12 09:00",
        "06/12 16:00 → 07/12 16:00",
    ]
    assert dues("0 9,16 * * sat,sun", "2026-11-25 00:00", 1) == ["29/11 09:00 → 30/11 09:00"]
    assert dues("0 9,16 * * sat,sun", "2026-11-30 10:00", 1) == ["29/11 16:00 → 30/11 16:00"]


def test_two_weeks_that_meet_after_tet_are_one_due_of_the_later() -> None:
    rule = parse_rule("week mon 16:00")
    found = due_moments(rule, CALENDAR, at("2026-02-10 00:00"), count=2)
    assert as_text([due.due for due in found]) == ["2026-02-23 16:00", "2026-03-02 16:00"]
    assert [period_of(rule, due.planned) for due in found] == ["2026-W09", "2026-W10"]


def test_the_period_is_that_of_the_plan() -> None:
    rule = parse_rule("month last 16:00")
    (found,) = due_moments(rule, CALENDAR, at("2026-04-29 00:00"))
    assert found == Due(at("2026-04-30 16:00"), at("2026-05-04 16:00"))
    assert period_of(rule, found.planned) == "2026-04"


def test_the_office_moves_a_due() -> None:
    assert dues("week tue 16:00", "2026-11-24 00:00", 1) == ["24/11 16:00 → 25/11 16:00"]
    assert dues("week tue 16:00", "2026-11-24 00:00", 1, "2026-11-24,work,") == ["24/11 16:00 → 24/11 16:00"]
    assert dues("week sat 8:00", "2026-11-25 00:00", 1, "2026-11-28,work,Làm bù") == ["28/11 08:00 → 28/11 08:00"]
    off = "2026-11-27,off,Hội nghị"
    assert dues("week fri 16:00", "2026-11-25 00:00", 1, off) == ["27/11 16:00 → 30/11 16:00"]


def test_a_moved_due_keeps_the_rules_hour_where_clocks_change() -> None:
    # Sunday 29 March has no 02:30 in Berlin; Monday has
    (found,) = due_moments(parse_rule("week sun 2:30"), CALENDAR, at("2026-03-28 00:00", BERLIN), BERLIN)
    assert as_text([found.planned, found.due]) == ["2026-03-29 03:30", "2026-03-30 02:30"]


LINES = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=30)


@given(RULES, LINES, THIS_YEAR, st.integers(0, 4))
def test_dues_are_worked_in_order_and_at_the_rules_hour(
    rule: RecurrenceRule, lines: dict[date, bool], after: datetime, count: int
) -> None:
    office = read_calendar("\n".join(f"{day},{'off' if off else 'work'}," for day, off in lines.items()))
    found = due_moments(rule, office, after, count=count)
    assert len(found) == count
    assert all(before.due < later.due for before, later in pairwise(found))
    assert all(before.planned < later.planned for before, later in pairwise(found) if rule.every != "cron")
    for due in found:
        assert due.due > after
        assert due.due.date() == office.next_working(due.planned.date())
        assert due.due.time() == due.planned.time() == (rule.at or due.planned.time())
        assert rule.next_after(due.planned - timedelta(microseconds=1)) == due.planned


@given(RULES, THIS_YEAR, st.integers(1, 4))
def test_asking_again_from_a_due_goes_on_where_it_stood(rule: RecurrenceRule, after: datetime, count: int) -> None:
    """One at a time, as a clock does that keeps only the next, gives what asking for all gives."""
    alone, moment = [], after
    for _ in range(count):
        (due,) = due_moments(rule, CALENDAR, moment)
        alone.append(due)
        moment = due.due
    assert alone == due_moments(rule, CALENDAR, after, count=count)


@given(RULES, THIS_YEAR)
def test_nothing_is_moved_where_nobody_asks_for_it(rule: RecurrenceRule, after: datetime) -> None:
    found = due_moments(rule, CALENDAR, after, count=3, move=False)
    moments = [after, *(due.due for due in found)]
    assert [due.planned for due in found] == moments[1:] == [rule.next_after(moment) for moment in moments[:-1]]


# ------------------------------------------------------------------ periods


@pytest.mark.parametrize(
    ("typed", "planned", "period"),
    [
        ("week fri 16:00", "2026-11-27 16:00", "2026-W48"),
        ("week fri 16:00", "2027-01-01 16:00", "2026-W53"),
        ("month 25 16:00", "2026-11-25 16:00", "2026-11"),
        ("month 1 16:00", "2026-12-01 16:00", "2026-12"),
        ("month 1 01:00", "2026-12-01 01:00", "2026-12"),
        ("quarter last 16:00", "2026-12-31 16:00", "2026-Q4"),
        ("quarter 1 16:00", "2026-03-01 16:00", "2026-Q1"),
        ("year 20/12 16:00", "2026-12-20 16:00", "2026"),
        ("0 16 * * *", "2026-11-25 16:00", "2026-11-25"),
    ],
)
def test_the_period_holds_the_plan(typed: str, planned: str, period: str) -> None:
    rule = parse_rule(typed)
    assert period_of(rule, at(planned)) == period
    # as the database gives it back
    assert period_of(rule, at(planned).astimezone(UTC)) == period


@given(SPOKEN, THIS_YEAR)
def test_no_period_is_left_out_or_asked_for_twice(typed: str, after: datetime) -> None:
    """Plans of a rule and the periods they are for go one to one."""
    rule, planned = parse_rule(typed), [after]
    for _ in range(5):
        planned.append(rule.next_after(planned[-1]))
    periods = [period_of(rule, moment) for moment in planned[1:]]
    step = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[rule.every]
    assert len(set(periods)) == 5
    assert all(later - before <= timedelta(days=step + 3) for before, later in pairwise(planned[1:]))
    assert all(moment.time() == (rule.at or time()) for moment in planned[1:])
