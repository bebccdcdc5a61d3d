"""The picture of a review: one row all, one row a unit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.poll_charts import table_picture
from nhipcau.model.reviews import Review, ReviewFigures, UnitReview

#: Units in a picture, and in the words beside it.
_UNITS = 20
_COLUMNS = ("unit", "duties", "rapids", "reports", "answered", "done")


def first_units(review: Review) -> tuple[list[UnitReview], int]:
    """Units that hold anything, and how many of them are left out: those where something waits come first."""
    held = [row for row in review.rows if not row.figures.is_blank]
    by_need = sorted(held, key=lambda r: (-r.figures.duties_missed - r.figures.reports_waiting, r.unit.code))
    shown = {row.unit.id for row in by_need[:_UNITS]}
    return [row for row in held if row.unit.id in shown], len(held) - len(shown)


def share(part: int, of: int) -> str:
    """ "3/4"; a dash where there is nothing to have a part of."""
    return f"{part}/{of}" if of else "–"


def review_chart(review: Review, head: Sequence[str], t: Texts) -> dict[str, Any]:
    """`head`: what is counted, then what has to be said of it."""
    rows, left = first_units(review)
    table = [_row(t("review.all"), review.total), *(_row(row.unit.name, row.figures) for row in rows)]
    notes = [*head[1:], *([t("board.more_units", n=left)] if left else [])]
    return table_picture(head[0], [t(f"review.table.{name}") for name in _COLUMNS], table, notes)


def _row(name: str, f: ReviewFigures) -> list[str]:
    parts = (share(f.duties_on_time, f.duties_due), share(f.rapids_answered, f.rapids_asked))
    return [name, *parts, str(f.reports), str(f.reports_answered), str(f.reports_done)]
