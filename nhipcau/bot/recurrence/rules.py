"""Recurrence rules ("week fri 16:00"): when they are due, on working days, and for which period.

Rules are computed in local time without a zone, then converted: an hour that a change of clocks skips is moved on by
the length of the gap; an hour that comes twice counts the first time. Changes of more than an hour are not supported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.periods import period_containing
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.recurrence.crontab import crontab_fields, read_crontab
from nhipcau.bot.recurrence.phrases import Every, read_words
from nhipcau.bot.recurrence.working_days import Calendar

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)
_CLOCK_CHANGE = timedelta(hours=1)
#: A rule that is never due in these years is refused; they include a 29 February.
_TRIED_FROM, _TRIED_UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
_MIN_INTERVAL = timedelta(hours=1)
_LONGEST_SHOWN = 60


class InvalidRule(Fault):
    """The rule is not accepted: the sentence says why and gives an example."""

    def __init__(self, why: str, written: str) -> None:
        """`why`: the end of a key in the catalogues."""
        shown = written if len(written) <= _LONGEST_SHOWN else written[:_LONGEST_SHOWN] + "…"
        super().__init__(f"rule.{why}", text=shown)
        self.why = why


@dataclass(frozen=True, slots=True)
class RecurrenceRule:
    """When something is repeated; made by `parse_rule`."""

    #: The rule in one line, as stored in the database.
    text: str
    every: Every
    #: "fri"; "25" or "last", of the month or the quarter's last month; "20/12"; "" for each day and for a crontab.
    day: str = ""
    #: None for a crontab.
    at: time | None = None

    def __str__(self) -> str:
        return self.text

    def next_after(self, moment: datetime, zone: tzinfo = VIETNAM) -> datetime:
        """The next time it is due, strictly later than `moment` (aware), in `zone`."""
        begin = moment.astimezone(zone).replace(tzinfo=None) - _CLOCK_CHANGE - _TICK
        # compared on the real clock: moments of one zone compare by what their clocks show
        return next(
            real for wall in _local_moments(self, begin) if (real := _in_zone(wall, zone)).astimezone(UTC) > moment
        )


@dataclass(frozen=True, slots=True)
class Due:
    """One time a rule is due; both moments in local time."""

    #: The moment by the rule, which determines the period.
    planned: datetime
    #: The moment after it was moved to a working day.
    due: datetime


def parse_rule(text: str) -> RecurrenceRule:
    """The rule that a line means. Raises InvalidRule.

    Lines: `day 16:00`, `week fri 16:00`, `month 25 16:00`, `month last 16:00`, `quarter 25 16:00` (of the quarter's
    last month), `quarter last 16:00`, `year 20/12 16:00`, or a crontab of five fields; the former also in Vietnamese,
    in any order ("thứ 6 16h", "hằng quý ngày 25 lúc 16:00"). A day that a month lacks is that month's last, so no month
    is left out.
    """
    written = " ".join(nfc(text).split())
    crontab = read_crontab(written)
    rule = RecurrenceRule(crontab, "cron") if crontab else _spoken(written)
    try:
        triggers = [_trigger(fields, _TRIED_UNTIL) for fields in _fields(rule)]
    except ValueError:
        raise InvalidRule("unknown" if crontab else "never", written) from None
    first = _earliest(triggers, _TRIED_FROM)
    if first is None:
        raise InvalidRule("never", written)
    second = _earliest(triggers, first + _TICK)
    if second is not None and second - first < _MIN_INTERVAL:
        raise InvalidRule("dense", written)
    return rule


def _spoken(written: str) -> RecurrenceRule:
    found = read_words(written)
    if isinstance(found, str):
        raise InvalidRule(found, written)
    every, day, at = found
    if day == "31" and every in ("month", "quarter"):
        day = "last"
    return RecurrenceRule(" ".join(part for part in (every, day, f"{at:%H:%M}") if part), every, day, at)


def due_moments(
    rule: RecurrenceRule,
    calendar: Calendar,
    after: datetime,
    zone: tzinfo = VIETNAM,
    count: int = 1,
    *,
    move: bool = True,
) -> list[Due]:
    """The next `count` dues later than `after` (aware), in order, no two at the same moment.

    With `move`, what is planned on a day off is due on the next working day at the same hour, even where it was planned
    before `after`. Dues moved to the same moment become one, for the last of their periods: so after Tết one report is
    requested, not nine.
    """
    begin = after.astimezone(zone).date()
    # begin with the days off just before, whose dues are moved past them
    while move and calendar.is_off(begin - _DAY):
        begin -= _DAY
    found: dict[datetime, Due] = {}
    last_day = date.min
    for wall in _local_moments(rule, datetime.combine(begin, time()) - _CLOCK_CHANGE - _TICK):
        day = calendar.next_working(wall.date()) if move else wall.date()
        # all dues of a day are known once a later day comes
        if day > last_day and len(found) >= count:
            break
        due = _in_zone(datetime.combine(day, wall.time()), zone)
        last_day = day
        if due.astimezone(UTC) > after:
            found[due.astimezone(UTC)] = Due(_in_zone(wall, zone), due)
    return [found[at] for at in sorted(found)][:count]


def period_of(rule: RecurrenceRule, planned: datetime, zone: tzinfo = VIETNAM) -> str:
    """The period that holds `planned`: "2026-W48" (ISO), "2026-11", "2026-Q4", "2026"; else the day."""
    day = planned.astimezone(zone).date()
    return day.isoformat() if rule.every in ("cron", "day") else period_containing(rule.every, day).text


def rule_phrase(rule: RecurrenceRule, texts: Texts) -> str:
    """The rule in words ("Hằng tuần, 16:00 thứ Sáu"); a crontab as it is written."""
    if rule.every == "cron":
        return rule.text
    key = f"rule.{rule.every}" + ("_last" if rule.day == "last" else "")
    day = texts(f"time.{rule.day}") if rule.every == "week" else rule.day
    return texts(key, day=day, time=f"{rule.at:%H:%M}")


# ------------------------------------------------------------------ the trigger


def _fields(rule: RecurrenceRule) -> list[dict[str, str]]:
    """The fields of the triggers, one mapping each; the rule is due when any of them is."""
    if rule.every == "cron":
        return crontab_fields(rule.text)
    assert rule.at is not None
    hour = {"hour": str(rule.at.hour), "minute": str(rule.at.minute)}
    match rule.every:
        case "day":
            days = [{"day": "*"}]
        case "week":
            days = [{"day_of_week": rule.day}]
        case "month" if rule.day in ("29", "30"):
            days = [{"month": "1,3-12", "day": rule.day}, {"month": "2", "day": "last"}]
        case "month":
            days = [{"day": rule.day}]
        case "quarter":
            days = [{"month": "3,6,9,12", "day": rule.day}]
        case _:
            day, month = rule.day.split("/")
            days = [{"month": month, "day": "last" if rule.day == "29/2" else day}]
    return [{**which, **hour} for which in days]


def _trigger(fields: dict[str, str], end: datetime | None = None) -> Any:
    # imported on first use: it takes a tenth of a second
    from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]

    return CronTrigger(**fields, timezone=UTC, end_date=end)


@lru_cache(maxsize=256)
def _triggers(rule: RecurrenceRule) -> list[Any]:
    return [_trigger(fields) for fields in _fields(rule)]


def _earliest(triggers: list[Any], begin: datetime) -> datetime | None:
    moments = (trigger.get_next_fire_time(None, begin) for trigger in triggers)
    return min((moment for moment in moments if moment is not None), default=None)


def _local_moments(rule: RecurrenceRule, begin: datetime) -> Iterator[datetime]:
    """The local times, later than `begin`, at which the rule is due; all without a zone."""
    triggers = _triggers(rule)
    # local time is passed as if it were UTC, which has no changes of clocks
    moment = _earliest(triggers, begin.replace(tzinfo=UTC) + _TICK)
    while moment is not None:
        yield moment.replace(tzinfo=None)
        moment = _earliest(triggers, moment + _TICK)


def _in_zone(wall: datetime, zone: tzinfo) -> datetime:
    """The first moment at which local clocks show `wall`; moved on by the length of the gap where they skip it."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
