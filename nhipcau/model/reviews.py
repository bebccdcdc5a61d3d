"""Figures of a review (sơ kết, tổng kết) by unit and period, and what grew: counts of things, never of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit

#: What came from a unit in the last weeks: something new, only "không có gì mới", or nothing at all.
NEWS, NOTHING_NEW, SILENT = "news", "nothing_new", "silent"
#: Weeks without a sign after which a unit counts as silent.
SILENT_WEEKS = 4
#: Fewer reports of a topic in a week, or fewer areas, and nothing is said to grow; nor below this many times the mean.
LEAST_REPORTS, LEAST_AREAS, TIMES = 3, 2, 2
#: Weeks before, whose mean a week is compared with.
WEEKS_BEFORE = 4


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Of one unit with all below it, or of the whole scope. Reports and issues are those that came in the period, as
    they stand now."""

    #: Periodic reports that were due in the period: units × periods. due = on_time + late + missed + open.
    duties_due: int = 0
    duties_answered: int = 0
    duties_on_time: int = 0
    duties_late: int = 0
    #: Closed without an answer.
    duties_missed: int = 0
    #: Not closed yet, nor answered.
    duties_open: int = 0
    #: Of the answered ones: "không có gì mới".
    duties_nothing: int = 0
    #: Polls that opened in the period and asked somebody here; people asked, and how many of them answered.
    polls: int = 0
    polls_asked: int = 0
    polls_answered: int = 0
    #: How much of the time allowed the answers took: see `participation.band`.
    polls_quarter: int = 0
    polls_half: int = 0
    polls_in_time: int = 0
    polls_late: int = 0
    #: Rapid requests that opened in the period, people asked and answered; answers on time and late.
    rapids: int = 0
    rapids_asked: int = 0
    rapids_answered: int = 0
    rapids_on_time: int = 0
    rapids_late: int = 0
    #: Reports whose area lies here, without those written to practise and those withdrawn.
    reports: int = 0
    reports_withdrawn: int = 0
    #: The office has said something that is no question, or it has come to an end.
    reports_answered: int = 0
    reports_done: int = 0
    #: Of the done ones: their reporter said so too.
    reports_confirmed: int = 0
    reports_not_possible: int = 0
    reports_passed_on: int = 0
    #: Issues that units here own.
    issues: int = 0
    issues_answered: int = 0
    issues_done: int = 0
    #: Today: collaborators of the roster who have not left, and those of them who have joined.
    collaborators: int = 0
    joined: int = 0

    @property
    def reports_waiting(self) -> int:
        return self.reports - self.reports_answered

    @property
    def is_blank(self) -> bool:
        """Nothing was asked, reported or opened; how many people there are is no deed."""
        return not any((self.duties_due, self.polls, self.rapids, self.reports, self.reports_withdrawn, self.issues))


#: Columns of people who answered polls within a time: told apart only where enough of them did (rule R14).
BANDS = ("polls_quarter", "polls_half", "polls_in_time", "polls_late")


@dataclass(frozen=True, slots=True)
class UnitReview:
    unit: Unit
    figures: ReviewFigures
    #: NEWS, NOTHING_NEW or SILENT. "": nobody collaborates; or nothing can be heard from there, as reports are about
    #: communes and nobody asked; or it stands for what lies above the other rows.
    sign: str = ""
    #: Nobody of the roster collaborates here.
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    unit: Unit
    period: Period
    #: The last day that is counted: the period's, or today.
    until: date
    total: ReviewFigures
    #: Each unit right below with all below it, by code; first what belongs to the unit itself, where anything does.
    rows: tuple[UnitReview, ...]

    @property
    def is_over(self) -> bool:
        return self.until == self.period.last


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """Reports of one topic in the last seven days, and in the four weeks before."""

    topic: str
    week: int
    areas: int
    before: int

    @property
    def grows(self) -> bool:
        enough = self.week >= LEAST_REPORTS and self.areas >= LEAST_AREAS
        return enough and self.week * WEEKS_BEFORE >= TIMES * self.before


@dataclass(frozen=True, slots=True)
class Trend:
    """The last seven days of a scope: what grows first, then what was reported most."""

    first: date
    last: date
    topics: tuple[TopicTrend, ...]
