"""Numbers the figures of one document while it is composed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.synthesis.figures import WORDS, Counts, Cut, Figure, FigureQuery, figure_text, number_of
from nhipcau.insight.synthesis.words import placeholder
from nhipcau.model.synthesis import PeriodFacts


@dataclass(slots=True)
class FigureList:
    #: Code of the unit, and texts of the period and of the one before.
    unit: str
    period: str
    before: str
    #: What a query gives.
    text_of: Callable[[FigureQuery], str]
    topics: tuple[str, ...] = ()
    figures: list[Figure] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def query(
        self, counts: Counts, cut: Cut = (), key: str = "", *, earlier: bool = False, change: bool = False
    ) -> FigureQuery:
        period = self.before if earlier else self.period
        return FigureQuery(counts, period, self.unit, cut, key, self.before if change else "", self.topics)

    def put(self, reference: str, query: FigureQuery) -> str:
        """Add a figure; returns what stands for it in a text."""
        self.figures.append(Figure(reference, query, self.text_of(query)))
        return placeholder(len(self.figures) - 1)

    def number(
        self, part: str, counts: Counts, cut: Cut = (), key: str = "", *, earlier: bool = False, change: bool = False
    ) -> str:
        """Add the next figure of this part."""
        self._numbers[part] = self._numbers.get(part, 0) + 1
        query = self.query(counts, cut, key, earlier=earlier, change=change)
        return self.put(f"{part}.{self._numbers[part]}", query)


class ReportFigures(FigureList):
    """Figures about reports of a synthesis."""

    def __init__(self, facts: PeriodFacts, before: PeriodFacts, t: Texts) -> None:
        known = {each.period.text: each for each in (before, facts)}
        texts = (facts.unit.code, facts.period.text, before.period.text)
        super().__init__(*texts, lambda query: figure_text(query, known, t), facts.topics)
        self._facts = facts

    def compared(self, part: str, cut: Cut = ()) -> dict[str, str]:
        """A number of reports, the one of the period before, and the change."""
        return {
            "n": self.number(part, Counts.REPORTS, cut),
            "before": self.number(part, Counts.REPORTS, cut, earlier=True),
            "change": self.number(part, Counts.REPORTS, cut, WORDS, change=True),
        }

    def count(self, cut: Cut) -> int:
        """How many reports, without a figure."""
        return number_of(self.query(Counts.REPORTS, cut), self._facts)

    def cells(self, table: str, row: int, cuts: Sequence[Cut], whole: Cut) -> tuple[str, ...]:
        """A row of a table: a figure a cut, then their sum, that of the period before, and the change."""
        queries = [self.query(Counts.REPORTS, cut) for cut in (*cuts, whole)]
        queries.append(self.query(Counts.REPORTS, whole, earlier=True))
        queries.append(self.query(Counts.REPORTS, whole, change=True))
        return tuple(self.put(f"{table}.{row}{chr(ord('a') + column)}", query) for column, query in enumerate(queries))


def cut_of(dimension: str, code: str, moods: Sequence[str] = ()) -> Cut:
    """Reports with this code, and with one of these moods."""
    return ((dimension, (code,)), ("mood", tuple(moods))) if moods else ((dimension, (code,)),)
