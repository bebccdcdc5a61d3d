"""The chart of a review: a row for the total, and a row a unit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.poll_charts import table_picture
from nhipcau.model.reviews import Review, ReviewFigures, UnitReview

#: Units in the chart, and in the text beside it.
_UNITS = 20
_COLUMNS = ("unit", "duties", "rapids", "reports", "answered", "done")


def first_units(review: Review) -> tuple[list[UnitReview], int]:
    """At most 20 units with any figures, and how many are left out; units with missed duties and waiting reports are
    chosen first."""
    filled = [row for row in review.rows if not row.figures.is_blank]
    by_need = sorted(filled, key=lambda r: (-r.figures.duties_missed - r.figures.reports_waiting, r.unit.code))
    chosen = {row.unit.id for row in by_need[:_UNITS]}
    return [row for row in filled if row.unit.id in chosen], len(filled) - len(chosen)


def share(part: int, of: int) -> str:
    """ "3/4"; a dash where the whole is 0."""
    return f"{part}/{of}" if of else "–"


def review_chart(review: Review, head: Sequence[str], t: Texts) -> dict[str, Any]:
    """`head`: the title, then notes."""
    rows, left = first_units(review)
    table = [_row(t("review.all"), review.total), *(_row(row.unit.name, row.figures) for row in rows)]
    notes = [*head[1:], *([t("board.more_units", n=left)] if left else [])]
    return table_picture(head[0], [t(f"review.table.{name}") for name in _COLUMNS], table, notes)


def _row(name: str, f: ReviewFigures) -> list[str]:
    parts = (share(f.duties_on_time, f.duties_due), share(f.rapids_answered, f.rapids_asked))
    return [name, *parts, str(f.reports), str(f.reports_answered), str(f.reports_done)]
