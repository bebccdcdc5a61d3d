"""What waits for the office today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nhipcau.bot.language.periods import month_of
from nhipcau.bot.recurrence.working_days import Calendar
from nhipcau.model.queries import OfficeQuery
from nhipcau.model.reports import ReportState
from nhipcau.model.request_kinds import RequestKind

#: Working days within which reporters were promised that somebody reads what they sent.
_READ_WITHIN = 2


def late_days(calendar: Calendar, today: date, follow_up_days: int) -> tuple[date, date]:
    """First and last day of whose new reports the promise is broken. Of earlier ones nobody waits any more: the key
    with which their reporter could be found is destroyed."""
    return month_of(today - timedelta(days=follow_up_days)).first, calendar.working_before(today, _READ_WITHIN)


@dataclass(frozen=True, slots=True)
class WaitingReports:
    """How many reports wait for an office, by why."""

    #: In each state, without zeros.
    by_state: Mapping[ReportState, int] = field(default_factory=dict)
    #: New and urgent.
    urgent: int = 0
    #: New, and of a day so long ago that the promise to read it is broken.
    late: int = 0
    #: With a reply since the office last acted.
    replied: int = 0
    #: With a day by which something was to be done: before today, and today.
    due_late: int = 0
    due_today: int = 0
    #: Assigned to the sections that were asked for, and not settled.
    assigned: int = 0


@dataclass(frozen=True, slots=True)
class ReportsWaiting(OfficeQuery[WaitingReports]):
    """Reports that wait for coordinators. `first`, `last`: a new report of these days is late; `sections`: ids of those
    whose reports are counted."""

    first: date
    last: date
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndingRequest:
    """A request that ends today, or an official one that ended lately without an answer of every unit."""

    id: str
    kind: RequestKind
    title: str
    closes_at: datetime
    is_over: bool
    #: Units asked that have not answered; of a poll always 0, since it is nobody's duty to answer it.
    missing: int


@dataclass(frozen=True, slots=True)
class RequestsWaiting(OfficeQuery[Sequence[EndingRequest]]):
    """Requests of units of this scope, and official ones that asked people of it, the first to end first: open ones
    that end before `until`, and those that ended after `since` and still lack answers."""

    since: datetime
    until: datetime
