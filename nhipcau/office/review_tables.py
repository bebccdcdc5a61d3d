"""A review as tables: a row a unit, and totals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.model.reviews import BANDS, Review, ReviewFigures, UnitReview
from nhipcau.office.export_book import codes_sheet
from nhipcau.office.export_tables import Table
from nhipcau.office.workbook import Sheet
from nhipcau.privacy.suppression import K, hidden_among, may_show

#: Shown instead of how soon people answered, where too few did.
FEW = f"<{K}"
_FIGURES = tuple(field.name for field in fields(ReviewFigures))


def total_row(review: Review) -> dict[str, Any]:
    """The totals of the scope, by code of the figure."""
    return _figures(review.total, bands=not review.total.polls_answered or may_show(review.total.polls_answered))


def review_table(review: Review, t: Texts) -> Table:
    """One row a unit."""
    hidden = hidden_among([row.figures.polls_answered for row in review.rows])
    rows = [
        {
            "unit": row.unit.code,
            "unit_label": row.unit.name,
            **_figures(row.figures, bands=place not in hidden),
            "sign": _sign(row),
            "sign_label": t(f"review.sign.{_sign(row)}") if _sign(row) else "",
        }
        for place, row in enumerate(review.rows)
    ]
    return Table(["unit", *_FIGURES, "sign"], ["unit", "unit_label", *_FIGURES, "sign", "sign_label"], rows)


def _figures(figures: ReviewFigures, *, bands: bool) -> dict[str, Any]:
    return {name: FEW if name in BANDS and not bands else getattr(figures, name) for name in _FIGURES}


def _sign(row: UnitReview) -> str:
    return "empty" if row.is_empty else row.sign


def review_sheets(review: Review, head: Sequence[str], t: Texts) -> list[Sheet]:
    """The sheets of a workbook: `head` and the totals; a row a unit; and the names and codes behind both."""
    totals = total_row(review)
    table = review_table(review, t)
    coded = {"unit", "sign"}
    names = [name for name in table.header if name not in coded] + sorted(coded, reverse=True)
    titles = {name: t(f"review.column.{name}") for name in names}
    return [
        Sheet(
            t("review.sheets.total"),
            [t("review.sheets.label"), t("review.sheets.value")],
            [[titles[name], value] for name, value in totals.items()],
            above=head,
        ),
        Sheet(
            t("review.sheets.units"),
            [titles[name] for name in names],
            [[row[name] for name in names] for row in table.rows],
        ),
        codes_sheet(table, names, titles, t),
    ]
