"""Composes a review (sơ kết, tổng kết) as a document: figures are filled in, what they mean a person writes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.insight.synthesis.figures import Counts, Figure
from nhipcau.insight.synthesis.parts import Line, LineKind, Part, Row
from nhipcau.insight.synthesis.review_figures import EMPTY, UNITS, ReviewFigureList, with_sign
from nhipcau.insight.synthesis.words import clean
from nhipcau.model.reviews import BANDS, NOTHING_NEW, SILENT, Review, ReviewFigures
from nhipcau.privacy.suppression import may_show

#: Units named in a line with their number; the tables have all.
_NAMED = 5
#: As of today, whatever the period: nothing to compare.
_NOW = ("collaborators", "joined")
#: Columns of the two tables by unit.
DUTY_COLUMNS = (
    *("collaborators", "joined"),
    *("duties_due", "duties_on_time", "duties_late", "duties_missed", "duties_open"),
    *("rapids_asked", "rapids_answered"),
)
REPORT_COLUMNS = (
    *("reports", "reports_answered", "reports_done", "reports_confirmed", "reports_not_possible", "reports_passed_on"),
    *("issues", "issues_answered", "issues_done"),
)
_KEYS: Mapping[str, tuple[str, ...]] = {
    "duties": ("duties_on_time", "duties_late", "duties_missed", "duties_open", "duties_nothing"),
    "rapids": ("rapids_asked", "rapids_answered", "rapids_on_time", "rapids_late"),
    "polls": ("polls_asked", "polls_answered"),
    "reports": ("reports_answered", "reports_waiting", "reports_done", "reports_confirmed"),
    "issues": ("issues_answered", "issues_done"),
}
#: What each section is compared by with the period before.
_COMPARED = {"duties": "duties_due", "rapids": "rapids", "polls": "polls", "reports": "reports", "issues": "issues"}
_ENDS = ("reports_not_possible", "reports_passed_on", "reports_withdrawn")


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """Texts hold a figure as its place in `figures` (`words.figure_places`)."""

    review: Review
    above: Unit | None
    parts: tuple[Part, ...]
    #: Every figure in this period and the one before; and by unit, each with the whole in its last row.
    totals: tuple[Row, ...]
    duties: tuple[Row, ...]
    reports: tuple[Row, ...]
    figures: tuple[Figure, ...]
    open_parts: tuple[str, ...]

    @property
    def is_final(self) -> bool:
        """A tổng kết, of a year that is over; else a sơ kết."""
        return self.review.is_over and self.review.period.text.isdigit()


def compose_review(review: Review, before: Review, tree: Tree, t: Texts) -> ReviewDocument:
    """The review of a unit and a period, beside the period before."""
    return _Composer(review, tree, t, ReviewFigureList(review, before, t)).compose()


@dataclass(slots=True)
class _Composer:
    review: Review
    tree: Tree
    t: Texts
    figures: ReviewFigureList
    open_parts: list[str] = field(default_factory=list)

    def compose(self) -> ReviewDocument:
        unit, t = self.review.unit, self.t
        makers: Mapping[str, Callable[[], Iterator[Line]]] = {
            "I": self._network,
            "II": self._work,
            "III": lambda: self._asked("III", "good", "bad", "lessons"),
            "IV": lambda: self._asked("IV", "plans"),
            "V": lambda: self._asked("V", "proposals"),
        }
        parts = tuple(
            Part(number, t(f"review_document.part.{number}"), tuple(make())) for number, make in makers.items()
        )
        return ReviewDocument(
            review=self.review,
            above=self.tree.by_id[unit.parent_id] if unit.parent_id is not None else None,
            parts=parts,
            totals=self._totals("PL1"),
            duties=self._by_unit("PL2", DUTY_COLUMNS),
            reports=self._by_unit("PL3", REPORT_COLUMNS),
            figures=tuple(self.figures.figures),
            open_parts=tuple(self.open_parts),
        )

    def _text(self, key: str, **facts: object) -> Line:
        return Line(LineKind.TEXT, self.t(f"review_document.{key}", **facts))

    def _asked(self, part: str, *keys: str) -> Iterator[Line]:
        """Places a person fills."""
        for place, key in enumerate(keys, start=1):
            name = f"{part}.{place}" if len(keys) > 1 else part
            self.open_parts.append(name)
            yield Line(LineKind.OPEN, self.t("synthesis.open", what=self.t(f"review_document.open.{key}")), name)

    # -------------------------------------------------------------- I and II

    def _network(self) -> Iterator[Line]:
        if not self.review.is_over:
            yield self._text("unfinished", day=f"{self.review.until:%d/%m/%Y}")
        yield self._text("people", **self.figures.all_of("I", _NOW))
        for sign in (EMPTY, SILENT, NOTHING_NEW):
            if units := with_sign(self.review, sign):
                n = self.figures.number("I", Counts.REVIEW, (("sign", (sign,)),), UNITS)
                yield self._text(f"signs.{sign}", n=n, units=", ".join(clean(row.unit.name) for row in units))
        yield from self._asked("I", "situation")

    def _work(self) -> Iterator[Line]:
        for number, (section, keys) in enumerate(_KEYS.items(), start=1):
            part = f"II.{number}"
            yield Line(LineKind.HEADING, f"{number}. {self.t(f'review_document.section.{section}')}")
            if not getattr(self.review.total, _COMPARED[section]):
                yield self._text("none_such")
                continue
            compared = self.figures.compared(part, _COMPARED[section])
            yield self._text(section, **compared, **self.figures.all_of(part, keys))
            yield from self._more(section, part)
        yield from self._asked("II", "results")

    def _more(self, section: str, part: str) -> Iterator[Line]:
        total = self.review.total
        if section == "polls" and may_show(total.polls_answered):
            yield self._text("bands", **self.figures.all_of(part, BANDS))
        if section == "reports" and any(getattr(total, key) for key in _ENDS):
            yield self._text("ends", **self.figures.all_of(part, _ENDS))
        key = {"duties": "duties_missed", "reports": "reports_waiting"}.get(section, "")
        rows = [row for row in self.review.rows if key and getattr(row.figures, key)]
        if rows:
            rows.sort(key=lambda row: (-getattr(row.figures, key), row.unit.code))
            named = [
                self.t("synthesis.named", name=clean(row.unit.name), n=self.figures.of_unit(part, row.unit.code, key))
                for row in rows[:_NAMED]
            ]
            yield self._text(f"most.{section}", units="; ".join(named))

    # -------------------------------------------------------------- tables

    def _totals(self, table: str) -> tuple[Row, ...]:
        """A row a figure: this period, the one before, the change."""
        rows = []
        for place, key in enumerate(ReviewFigures.__dataclass_fields__, start=1):
            query = self.figures.review_query
            # how soon people answered may be hidden in one of the periods, and people are counted as of today
            comparable = key not in (*_NOW, *BANDS)
            earlier = query(key, earlier=True) if key not in _NOW else None
            cells = [query(key), earlier, query(key, change=True) if comparable else None]
            rows.append(Row(self.t(f"review.column.{key}"), self.figures.row(table, place, cells)))
        return tuple(rows)

    def _by_unit(self, table: str, columns: Sequence[str]) -> tuple[Row, ...]:
        query, rows = self.figures.review_query, []
        for place, row in enumerate(self.review.rows, start=1):
            cells = [query(key, row.unit.code) for key in columns]
            rows.append(Row(row.unit.name, self.figures.row(table, place, cells)))
        sums = self.figures.row(table, len(rows) + 1, [query(key) for key in columns])
        return (*rows, Row(self.t("synthesis.sum"), sums))
