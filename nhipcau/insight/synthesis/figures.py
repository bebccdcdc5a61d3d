"""Figures of a synthesis: each has a reference ("I.3") and a query that names what it counts. Pure.

The query goes into the file beside the figure, so that whoever holds the file can have it counted anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.periods import is_period
from nhipcau.insight.poll_results import Bar, Result, publishable_result
from nhipcau.insight.synthesis.words import clean
from nhipcau.model.synthesis import MAX_TOPICS, ClosedPoll, IssueReports, PeriodFacts
from nhipcau.model.tally import ALL
from nhipcau.privacy.suppression import PERCENT_FROM

#: Sets of codes a figure adds up, by dimension.
Cut = tuple[tuple[str, tuple[str, ...]], ...]
#: Of the figures of a review: those a synthesis may hold (`key` of ACTIVITY).
ACTIVITIES = (
    *("duties_due", "duties_on_time", "duties_late", "duties_missed", "duties_open"),
    *("rapids", "rapids_on_time", "rapids_late"),
)
#: Parts of the base (`key` of UNITS).
BASES = ("units", "reported", "nothing_new", "silent")
#: Parts of the syntheses of units below (`key` of SYNTHESES).
SIGNED = ("awaited", "signed")
#: Of one issue (`key` of ISSUE).
OF_ISSUE = ("spread", "areas")
#: `key` of a change that stands in a sentence: "tăng 4", not "+4".
WORDS = "words"
_MAX_CODES = 100
_MAX_CHARS = 80


class Counts(StrEnum):
    """What a figure counts."""

    REPORTS = "reports"
    """Reports, by a cut; with `issue`, those merged into it ("": into none)."""
    UNITS = "units"
    """Communes and agencies: the base."""
    ISSUE = "issue"
    """Of one issue: how far it has spread at most, in words, or in how many places (`key` of OF_ISSUE)."""
    ISSUES = "issues"
    """Issues with a report in the period, by the unit that owns them and their present state."""
    OPENED = "opened"
    """Issues opened in the period, by their present state."""
    ACTIVITY = "activity"
    """A figure of the review of the period."""
    SYNTHESES = "syntheses"
    """Units below: those whose synthesis is awaited, or signed (`key` of SIGNED)."""
    POLLS = "polls"
    """Polls that closed in the period."""
    POLL = "poll"
    """A number or a sentence of the result of a closed poll, as it may be shown."""
    REVIEW = "review"
    """A figure of a review (`review_figures`)."""


class UnknownFigure(ValueError):
    """A query that no figure of a synthesis has."""


@dataclass(frozen=True, slots=True)
class FigureQuery:
    counts: Counts
    #: As in `Period.text`.
    period: str
    #: Code of the unit.
    unit: str
    cut: Cut = ()
    #: Which figure of several, or how it is written.
    key: str = ""
    #: An earlier period whose number is taken away: the figure is the change since then.
    less: str = ""
    #: Codes of the topics the document is about; none: all.
    topics: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"counts": self.counts.value, "period": self.period, "unit": self.unit}
        if self.cut:
            body["cut"] = {name: list(codes) for name, codes in self.cut}
        more = {"key": self.key, "less": self.less, "topics": list(self.topics)}
        return body | {name: value for name, value in more.items() if value}

    @staticmethod
    def from_json(body: Any) -> FigureQuery:
        """Raises UnknownFigure for anything a synthesis does not write."""
        try:
            cut = tuple((_text(name), tuple(_text(code) for code in codes)) for name, codes in body["cut"].items())
        except KeyError:
            cut = ()
        except (TypeError, AttributeError):
            raise UnknownFigure from None
        if len(cut) > 2 or any(len(set(codes)) != len(codes) or len(codes) > _MAX_CODES for _, codes in cut):
            raise UnknownFigure
        try:
            query = FigureQuery(
                counts=Counts(body["counts"]),
                period=_text(body["period"]),
                unit=_text(body["unit"]),
                cut=cut,
                key=_text(body.get("key", "")),
                less=_text(body.get("less", "")),
                topics=read_topics(body.get("topics", [])),
            )
        except (KeyError, ValueError, TypeError):
            raise UnknownFigure from None
        if not is_period(query.period) or (query.less and not is_period(query.less)):
            raise UnknownFigure
        return query

    @property
    def digest(self) -> str:
        """Names it in a bookmark: another query has another."""
        words = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(words.encode()).hexdigest()[:8]

    @property
    def periods(self) -> tuple[str, ...]:
        return (self.period, self.less) if self.less else (self.period,)


def read_topics(value: Any) -> tuple[str, ...]:
    """Raises UnknownFigure."""
    if not isinstance(value, list) or len(value) > MAX_TOPICS:
        raise UnknownFigure
    return tuple(_text(code) for code in value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_CHARS:
        raise UnknownFigure
    return value


@dataclass(frozen=True, slots=True)
class Figure:
    #: Part and number, "I.3"; of a table its row and column, "PL1.3b".
    reference: str
    query: FigureQuery
    #: As it stands in the document.
    text: str

    @property
    def short_reference(self) -> str:
        """What follows it in small letters: in a table without the table's name."""
        name, _, rest = self.reference.partition(".")
        return rest if name[2:].isdigit() else self.reference


def number_text(number: int, t: Texts) -> str:
    return f"{number:,}".replace(",", t("synthesis.thousands"))


def signed_text(number: int, t: Texts) -> str:
    sign = "+" if number > 0 else "\u2212" if number < 0 else ""
    return f"{sign}{number_text(abs(number), t)}"


def change_text(number: int, t: Texts, *, in_words: bool) -> str:
    return _change_in_words(number, t) if in_words else signed_text(number, t)


def _change_in_words(number: int, t: Texts) -> str:
    key = "up" if number > 0 else "down" if number < 0 else "same"
    return t(f"synthesis.change.{key}", n=number_text(abs(number), t))


def read_number(text: str) -> int | str:
    """The number a figure is; a sentence or a share as it stands."""
    plain = text.strip().replace("\u2212", "-")
    digits = plain.replace(".", "").replace(",", "").lstrip("+-")
    if not digits.isascii() or not digits.isdigit():
        return plain
    return -int(digits) if plain.startswith("-") else int(digits)


def figure_text(query: FigureQuery, facts: Mapping[str, PeriodFacts], t: Texts) -> str:
    """What the query gives now. `facts`: by period. Raises UnknownFigure."""
    try:
        if query.topics != facts[query.period].topics:
            raise UnknownFigure
        if query.counts is Counts.POLL:
            return _poll_text(query, facts[query.period], t)
        if query.counts is Counts.ISSUE:
            return _issue_text(query, facts[query.period], t)
        number = number_of(query, facts[query.period])
        if not query.less:
            return number_text(number, t)
        change = number - number_of(query, facts[query.less])
        return change_text(change, t, in_words=query.key == WORDS)
    except (KeyError, IndexError, ValueError, StopIteration):
        raise UnknownFigure from None


def number_of(query: FigureQuery, facts: PeriodFacts) -> int:
    cut = dict(query.cut)
    match query.counts:
        case Counts.REPORTS if "issue" in cut:
            return _in_issue(cut, facts)
        case Counts.REPORTS:
            return _reports(cut, facts)
        case Counts.UNITS if query.key in BASES:
            return int(getattr(facts.base, query.key))
        case Counts.ISSUES:
            return sum(_holds(cut, owner=row.issue.owner.code, state=row.issue.state) for row in facts.issues)
        case Counts.OPENED:
            return sum(_holds(cut, state=issue.state) for issue in facts.opened)
        case Counts.ACTIVITY if query.key in ACTIVITIES:
            return int(getattr(facts.review, query.key))
        case Counts.SYNTHESES if query.key in SIGNED:
            return len(facts.signed if query.key == "signed" else facts.awaited)
        case Counts.POLLS:
            return len(facts.polls)
    raise UnknownFigure


def _holds(cut: Mapping[str, tuple[str, ...]], **codes: str) -> bool:
    if set(cut) - set(codes):
        raise UnknownFigure
    return all(codes[name] in wanted for name, wanted in cut.items())


def _reports(cut: Mapping[str, tuple[str, ...]], facts: PeriodFacts) -> int:
    if not cut:
        return facts.reports
    names = next(each for each in facts.cuts if set(each) == set(cut))
    cells = facts.cuts[names]
    return sum(cells.get(codes, 0) for codes in product(*(cut[name] for name in names)))


def _in_issue(cut: Mapping[str, tuple[str, ...]], facts: PeriodFacts) -> int:
    moods = cut.get("mood")
    if set(cut) - {"issue", "mood"}:
        raise UnknownFigure
    if cut["issue"] == ("",):
        rest = {"mood": moods} if moods is not None else {}
        return _reports(rest, facts) - sum(_of_moods(row, moods) for row in facts.issues)
    return sum(_of_moods(row, moods) for row in facts.issues if row.issue.code in cut["issue"])


def _of_moods(row: IssueReports, moods: tuple[str, ...] | None) -> int:
    return sum(number for mood, number in row.by(0).items() if moods is None or mood in moods)


def _issue_text(query: FigureQuery, facts: PeriodFacts, t: Texts) -> str:
    ((_, (code,)),) = query.cut
    row = next(each for each in facts.issues if each.issue.code == code)
    if query.key == "areas":
        return number_text(len(row.by(2)), t)
    if query.key != "spread":
        raise UnknownFigure
    widest = max(row.by(1))
    return t("synthesis.not_told") if widest == "0" else t(f"report.spread.{widest}").lower()


# ------------------------------------------------------------------ polls


def _poll_text(query: FigureQuery, facts: PeriodFacts, t: Texts) -> str:
    cut = dict(query.cut)
    (id,) = cut["poll"]
    poll = next(each for each in facts.polls if each.request.id == id)
    asked, answered = poll.request.asked, poll.tally.counts.get(ALL, 0)
    match query.key:
        case "asked":
            return number_text(asked, t)
        case "answered":
            return number_text(answered, t)
        case "rate" if asked >= PERCENT_FROM:
            return f"{round(100 * answered / asked)} %"
    (question,) = cut["question"]
    shown = next(each for each in poll_result_of(poll, t).questions if each.question.id == question)
    line = shown.lines[int(query.key)]
    return line.value if isinstance(line, Bar) else clean(line)


def poll_result_of(poll: ClosedPoll, t: Texts) -> Result:
    """What may be shown of it (rules R14, R15), without free texts."""
    request = poll.request
    return publishable_result(request.title, request.form, poll.tally, request.asked, t, withheld=request.withheld)
