"""A synthesis as data: parts I to V, tables, figures, and what waits for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.synthesis.figures import Figure
from nhipcau.model.synthesis import IssueReports

#: Sections of part II, by the moods they hold, in the order of the document; an issue stands in the section of most of
#: its reports, with equal numbers in the graver one.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "pleased": ("phan_khoi", "dong_tinh"),
    "uneasy": ("quan_tam", "ban_khoan"),
    "aggrieved": ("buc_xuc",),
    "untold": ("",),
}
_GRAVER = ("untold", "pleased", "uneasy", "aggrieved")
MOODS = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc", "")


class LineKind(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    STRAND = "strand"
    """An opinion about the issue above it."""
    OPEN = "open"
    """Waits for a person."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: LineKind
    text: str
    #: Of what waits for a person, and of what a person wrote: where (`own_words.py`).
    place: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    #: I to V.
    number: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: what it is about, and a figure a column."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Texts hold a figure as its place in `figures` (`words.figure_places`)."""

    unit: Unit
    above: Unit | None
    period: Period
    reports: int
    parts: tuple[Part, ...]
    #: Topic by mood, and unit by section of part II; each with its sum.
    topics: tuple[Row, ...]
    topics_sum: Row
    areas: tuple[Row, ...]
    areas_sum: Row
    #: The sentence about the base, for below the tables.
    base: str
    figures: tuple[Figure, ...]
    open_parts: tuple[str, ...]
    #: Codes of the topics it is about; none: all.
    topics_chosen: tuple[str, ...] = ()


def section_of(row: IssueReports) -> str:
    """The section of most of its reports; of equal ones the graver."""
    moods = row.by(0)
    numbers = {section: sum(moods.get(mood, 0) for mood in of) for section, of in SECTIONS.items()}
    return max(_GRAVER, key=lambda section: (numbers[section], _GRAVER.index(section)))


def topic_name(code: str, t: Texts) -> str:
    """The code itself where a version before had a topic that this one lacks."""
    return t(f"topic.{code}") if t.has(f"topic.{code}") else code or t("synthesis.not_told")


def topic_names(codes: Sequence[str], t: Texts) -> str:
    return "; ".join(topic_name(code, t) for code in codes)


def period_title(period: Period, t: Texts) -> str:
    """ "tháng 11 năm 2026"; a week with its days."""
    year, _, part = period.text.partition("-")
    if not part:
        return t("synthesis.period.year", year=year)
    if part.startswith("W"):
        days = {"first": f"{period.first:%d/%m}", "last": f"{period.last:%d/%m/%Y}"}
        return t("synthesis.period.week", n=int(part[1:]), year=year, **days)
    if part.startswith("Q"):
        return t("synthesis.period.quarter", n=("I", "II", "III", "IV")[int(part[1:]) - 1], year=year)
    return t("synthesis.period.month", n=int(part), year=year)
