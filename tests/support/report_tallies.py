"""Counts of reports made in Python from their rows, as storage must count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.periods import week_of
from nhipcau.bot.units.tree import Tree
from nhipcau.model.report_tallies import Dimension
from nhipcau.storage.tables import reports


async def plain_tally(
    connection: AsyncConnection, tree: Tree, path: str, days: tuple[date, date], by: Sequence[Dimension]
) -> tuple[int, dict[tuple[str, ...], int]]:
    """How many reports of these days there are below this path, and their counts."""
    number, found = 0, Counter[tuple[str, ...]]()
    for row in await connection.execute(select(reports)):
        inside = tree.by_id[row.area_id].path.startswith(path) and days[0] <= row.day <= days[1]
        if row.state == "withdrawn" or not inside:
            continue
        number += 1
        keys: list[tuple[str, ...]] = [()]
        for dimension in by:
            keys = [(*key, code) for key in keys for code in _codes(row, dimension, tree)]
        found.update(keys)
    return number, dict(found)


def _codes(row: Any, dimension: Dimension, tree: Tree) -> list[str]:
    match dimension:
        case Dimension.AREA:
            return [tree.commune_of(tree.by_id[row.area_id]).code]
        case Dimension.GROUPS:
            return sorted(set(row.groups.split(",")))
        case Dimension.DAY:
            return [row.day.isoformat()]
        case Dimension.WEEK:
            return [week_of(row.day).text]
        case Dimension.MONTH:
            return [f"{row.day:%Y-%m}"]
        case _:
            return [str(getattr(row, dimension.value))]
