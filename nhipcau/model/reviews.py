"""Figures by unit and period (sơ kết, tổng kết), and topics that grow: counts, never of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit

#: What came from a unit in the last weeks: news, only "không có gì mới", or nothing.
NEWS, NOTHING_NEW, SILENT = "news", "nothing_new", "silent"
#: Weeks without any answer or report after which a unit counts as silent.
SILENT_WEEKS = 4
#: Earlier weeks whose mean is compared with the last seven days.
WEEKS_BEFORE = 4


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Figures of one unit with all below it, or of the whole scope. Reports and issues: those that came in the period,
    by their present state."""

    #: Duties due in the period, one a unit and period. due = on_time + late + missed + open.
    duties_due: int = 0
    duties_answered: int = 0
    duties_on_time: int = 0
    duties_late: int = 0
    #: Closed without an answer.
    duties_missed: int = 0
    #: Not closed yet, nor answered.
    duties_open: int = 0
    #: Of the answered ones: those with "không có gì mới".
    duties_nothing: int = 0
    #: Polls that opened in the period and asked somebody of these units; people asked and answered.
    polls: int = 0
    polls_asked: int = 0
    polls_answered: int = 0
    #: Answers by the share of the time allowed that they took: see `participation.band`.
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
    #: Reports about areas of these units, without withdrawn ones.
    reports: int = 0
    reports_withdrawn: int = 0
    #: Those the office has answered (a question is no answer) or ended.
    reports_answered: int = 0
    reports_done: int = 0
    #: Of the done ones: those the reporter confirmed.
    reports_confirmed: int = 0
    reports_not_possible: int = 0
    reports_passed_on: int = 0
    #: Issues these units own.
    issues: int = 0
    issues_answered: int = 0
    issues_done: int = 0
    #: As of today: collaborators who have not left, and how many of them have joined.
    collaborators: int = 0
    joined: int = 0

    @property
    def reports_waiting(self) -> int:
        return self.reports - self.reports_answered

    @property
    def is_blank(self) -> bool:
        """Nothing was asked, reported or opened; numbers of people don't count."""
        return not any((self.duties_due, self.polls, self.rapids, self.reports, self.reports_withdrawn, self.issues))


#: Fields of `polls_answered` by time taken: shown only where enough people answered (rule R14).
BANDS = ("polls_quarter", "polls_half", "polls_in_time", "polls_late")


@dataclass(frozen=True, slots=True)
class UnitReview:
    unit: Unit
    figures: ReviewFigures
    #: NEWS, NOTHING_NEW or SILENT. "": there are no collaborators, or nothing is expected (a unit below the communes
    #: that was not asked), or this row is of the review's own unit.
    sign: str = ""
    #: It has no collaborators.
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    unit: Unit
    period: Period
    #: The last day counted: the period's last, or today.
    until: date
    total: ReviewFigures
    #: Each unit directly below with all below it, by code; before them the unit's own figures, if there are any.
    rows: tuple[UnitReview, ...]

    @property
    def is_over(self) -> bool:
        return self.until == self.period.last


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """Numbers of reports of one topic: `week` in the last seven days, `before` in the four weeks before."""

    topic: str
    week: int
    areas: int
    before: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The last seven days of a scope: the most reported topic first."""

    first: date
    last: date
    topics: tuple[TopicTrend, ...]
