"""Counts of reports as tables: codes for programs, labels for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nhipcau.bot.forms.report_fields import label_of
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.periods import period_words
from nhipcau.model.report_tallies import Dimension, ReportTally
from nhipcau.office.export_book import export_sheets
from nhipcau.office.export_tables import Table
from nhipcau.office.workbook import Sheet


def tally_rows(found: ReportTally) -> list[dict[str, Any]]:
    """Each combination of codes with its number, in the order of the codes."""
    rows = []
    for key in sorted(found.rows):
        codes = {dimension.value: _code(dimension, code) for dimension, code in zip(found.by, key, strict=True)}
        rows.append({**codes, "count": found.rows[key]})
    return rows


def _code(dimension: Dimension, code: str) -> str | int | None:
    """As exports of reports have it: how widespread is a number, or not told."""
    return (int(code) or None) if dimension is Dimension.SPREAD else code


def tally_table(found: ReportTally, names: Mapping[str, str], t: Texts) -> Table:
    """`names`: of areas, by code."""
    codes = [dimension.value for dimension in found.by]
    rows = tally_rows(found)
    for row in rows:
        row |= {f"{d}_label": _label(d, row[d], names, t) for d in found.by if d is not Dimension.DAY}
    header = [name for code in codes for name in ((code,) if code == Dimension.DAY else (code, f"{code}_label"))]
    return Table([*codes, "count"], [*header, "count"], rows)


def _label(dimension: Dimension, code: Any, names: Mapping[str, str], t: Texts) -> str:
    match dimension:
        case Dimension.AREA:
            return names.get(code, code)
        case Dimension.WEEK | Dimension.MONTH:
            return period_words(code, t)
        case _ if not code:
            return t("tally.not_told")
        case Dimension.TOPIC:
            return t(f"topic.{code}")
        case Dimension.STATE:
            return t(f"state.{code}")
        case Dimension.GROUPS | Dimension.SOURCE:
            return label_of(dimension, code, t)
        case _:
            return t(f"report.{dimension}.{code}")


def head_lines(found: ReportTally, t: Texts) -> list[str]:
    """What was counted, and the base of every figure."""
    first, last = (day.strftime("%d/%m/%Y") for day in (found.period.first, found.period.last))
    base = found.base
    return [
        t("tally.head", unit=found.unit.name, first=first, last=last, n=found.reports),
        t("tally.base", units=base.units, reported=base.reported, nothing=base.nothing_new, silent=base.silent),
    ]


def tally_lines(found: ReportTally, table: Table) -> Iterator[str]:
    """A line a row, as people read it."""
    if not found.by:
        return
    shown = [name if (name := d.value) == Dimension.DAY else f"{name}_label" for d in found.by]
    for row in table.rows:
        yield f"{', '.join(str(row[name]) for name in shown)}: {row['count']}"


def tally_sheets(table: Table, head: Sequence[str], t: Texts) -> list[Sheet]:
    """The rows below their base, and the codes."""
    rows, *others = export_sheets("tally", table, t)
    return [replace(rows, above=head), *others]
