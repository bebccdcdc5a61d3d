"""Figures of a review as a document: each has a query, as those of a synthesis have. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.synthesis.figure_list import FigureList
from nhipcau.insight.synthesis.figures import (
    WORDS,
    Counts,
    Cut,
    FigureQuery,
    UnknownFigure,
    change_text,
    number_text,
)
from nhipcau.model.reviews import BANDS, Review, ReviewFigures, UnitReview
from nhipcau.privacy.suppression import K, may_show

#: `key` of the number of units that stand in the review with a sign.
UNITS = "units"
#: The sign of units without collaborators.
EMPTY = "empty"
#: Properties and fields that a figure may be.
KEYS = frozenset((*ReviewFigures.__dataclass_fields__, "reports_waiting"))


def review_figure_text(query: FigureQuery, reviews: Mapping[str, Review], t: Texts) -> str:
    """What the query gives now. `reviews`: by period. Raises UnknownFigure."""
    try:
        review = reviews[query.period]
        answered = review.total.polls_answered
        if query.key in BANDS and not query.cut and answered and not may_show(answered):
            return f"<{K}"
        if not query.less:
            return number_text(number_of(query, query.key, review), t)
        # the key of a change in words names its figure first
        key = query.key.removesuffix(f".{WORDS}")
        change = number_of(query, key, review) - number_of(query, key, reviews[query.less])
        return change_text(change, t, in_words=key != query.key)
    except (KeyError, StopIteration, TypeError, ValueError):
        raise UnknownFigure from None


def number_of(query: FigureQuery, key: str, review: Review) -> int:
    cut = dict(query.cut)
    if query.counts is not Counts.REVIEW or set(cut) - {"unit", "sign"}:
        raise UnknownFigure
    if key == UNITS:
        return len(with_sign(review, *cut["sign"]))
    if key not in KEYS or "sign" in cut:
        raise UnknownFigure
    if "unit" not in cut:
        return int(getattr(review.total, key))
    if key in BANDS:
        raise UnknownFigure
    (code,) = cut["unit"]
    return int(getattr(next(row for row in review.rows if row.unit.code == code).figures, key))


def with_sign(review: Review, sign: str) -> list[UnitReview]:
    """Units whose last four weeks were so; EMPTY: those without collaborators."""
    return [row for row in review.rows if (EMPTY if row.is_empty else row.sign) == sign]


class ReviewFigureList(FigureList):
    """The figures of one document about a review, beside the review of the period before."""

    def __init__(self, review: Review, before: Review, t: Texts) -> None:
        known = {each.period.text: each for each in (before, review)}
        texts = (review.unit.code, review.period.text, before.period.text)
        super().__init__(*texts, lambda query: review_figure_text(query, known, t))

    def all_of(self, part: str, keys: Sequence[str]) -> dict[str, str]:
        """A figure a key."""
        return {key: self.number(part, Counts.REVIEW, key=key) for key in keys}

    def compared(self, part: str, key: str) -> dict[str, str]:
        """A number, the one of the period before, and the change."""
        return {
            "n": self.number(part, Counts.REVIEW, key=key),
            "before": self.number(part, Counts.REVIEW, key=key, earlier=True),
            "change": self.number(part, Counts.REVIEW, key=f"{key}.{WORDS}", change=True),
        }

    def of_unit(self, part: str, code: str, key: str) -> str:
        return self.number(part, Counts.REVIEW, (("unit", (code,)),), key)

    def row(self, table: str, place: int, queries: Sequence[FigureQuery | None]) -> tuple[str, ...]:
        """A row of a table; "–" where a column has no figure."""
        return tuple(
            self.put(f"{table}.{place}{chr(ord('a') + column)}", query) if query else "–"
            for column, query in enumerate(queries)
        )

    def review_query(self, key: str, code: str = "", *, earlier: bool = False, change: bool = False) -> FigureQuery:
        cut: Cut = (("unit", (code,)),) if code else ()
        return self.query(Counts.REVIEW, cut, key, earlier=earlier, change=change)
