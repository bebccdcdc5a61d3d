"""Counts of reports by what they say, their area and their day, with the units they are counted among."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit


class Dimension(StrEnum):
    """What reports may be counted by."""

    TOPIC = "topic"
    AREA = "area"
    """The commune or agency, by its code; a cell counts for its commune."""
    MOOD = "mood"
    SPREAD = "spread"
    URGENCY = "urgency"
    GROUPS = "groups"
    """Each group of people a report names: a report that names two is counted twice."""
    STATE = "state"
    SOURCE = "source"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Heard(StrEnum):
    """What was heard of a commune or an agency in a period."""

    REPORTED = "reported"
    NOTHING_NEW = "nothing_new"
    """No report, but an official answer "nothing to report"."""
    SILENT = "silent"
    """Of these nothing is known: no report is not the same as nothing to report."""


@dataclass(frozen=True, slots=True)
class Base:
    """Communes and agencies of the scope, by whether anything came from them in the period."""

    units: int
    #: With a report.
    reported: int
    #: Without one, but with an official answer "nothing to report".
    nothing_new: int

    @property
    def silent(self) -> int:
        """Of these nothing is known: no report is not the same as nothing to report."""
        return self.units - self.reported - self.nothing_new


@dataclass(frozen=True, slots=True)
class ReportTally:
    """Counts of a period. Withdrawn reports are counted nowhere."""

    period: Period
    unit: Unit
    reports: int
    base: Base
    by: tuple[Dimension, ...]
    #: Codes in the order of `by` → number, in no order, without zeros; "" and "0" where a report does not tell.
    rows: Mapping[tuple[str, ...], int]
