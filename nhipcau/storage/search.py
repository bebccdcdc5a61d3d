"""Finds reports by their words: the same on both databases, in the same order.

Reports with the words as they are spelt come first, then those with other diacritics; the newest day first, within a
day by code, which is random. Few reports are looked through word by word, many by the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, bindparam, cast, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.report_filter import ReportFilter
from nhipcau.storage.database import in_chunks
from nhipcau.storage.report_words import fts_query, holds, ts_query
from nhipcau.storage.search_index import code_of, day_of, facet, month_table, months, number_of
from nhipcau.storage.tables import reports

#: Reports that are looked through without the index.
FEW = 2000
#: Entries looked at together where something is asked for that the index does not know: at first, and at most.
CHUNK, LARGEST_CHUNK = 250, 8000
#: Reports that are found first and then sorted, where no more are expected.
_RARE = 20_000
_R = reports.c


class Place(NamedTuple):
    """Where a report stands in a list that begins with the greatest place."""

    is_spelt: bool
    day: date
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which reports are meant."""

    wanted: ReportFilter
    #: Ids of their areas; None: all.
    areas: Sequence[int] | None
    #: All of it but the words, as conditions on rows.
    conditions: Sequence[ColumnElement[bool]]
    #: Those of them that SQLite's index of words does not know.
    not_indexed: Sequence[ColumnElement[bool]]


def before(place: Place) -> ColumnElement[bool]:
    """Whether a report stands after this place, both with the words as they are spelt or both without."""
    # the first part alone lets an index begin at the day
    return (_R.day <= place.day) & or_(_R.day < place.day, _R.code < place.code)


async def look_through(connection: AsyncConnection, asked: Asked) -> list[Place] | None:
    """All places; None: these are too many to be looked through."""
    codes = list(await connection.scalars(select(_R.code).where(*asked.conditions).limit(FEW + 1)))
    if len(codes) > FEW:
        return None
    return await in_order(connection, asked, codes)


async def in_order(connection: AsyncConnection, asked: Asked, codes: Sequence[str]) -> list[Place]:
    """Those of these few reports that hold the words, in their order."""
    found = []
    for some in in_chunks(codes):
        for row in await connection.execute(select(_R.code, _R.day, _R.text, _R.proposal).where(_R.code.in_(some))):
            is_spelt = holds({"text": row.text, "proposal": row.proposal}, asked.wanted.phrases)
            if is_spelt is not None:
                found.append(Place(is_spelt, row.day, row.code))
    return sorted(found, reverse=True)


async def find(connection: AsyncConnection, asked: Asked, after: Place | None, limit: int) -> list[Place]:
    """By the index: places in their order after that one, `limit` at most."""
    places: list[Place] = []
    for spelt in (True, False):
        missing = limit - len(places)
        if missing <= 0 or (spelt and after and not after.is_spelt):
            continue
        begin = after if after and after.is_spelt is spelt else None
        if connection.dialect.name == "sqlite":
            found = await _in_months(connection, asked, _fts(asked, spelt=spelt), missing, begin)
        else:
            found = await _in_rows(connection, asked, _tsquery(asked, spelt=spelt), missing, begin)
        places += (Place(spelt, day, code) for day, code in found)
    return places


async def newest(connection: AsyncConnection, asked: Asked, most: int) -> list[str]:
    """By the index: codes of what is found however it is spelt, the newest first, `most` at most."""
    if connection.dialect.name == "sqlite":
        found = await _in_months(connection, asked, _fts(asked, spelt=None), most)
    else:
        found = await _in_rows(connection, asked, _tsquery(asked, spelt=None), most)
    return [code for _, code in found]


# ------------------------------------------------------------------ SQLite


async def _in_months(
    connection: AsyncConnection, asked: Asked, query: str, limit: int, after: Place | None = None
) -> list[tuple[date, str]]:
    """Days and codes of what the query finds, the newest first, after that place."""
    found: list[tuple[date, str]] = []
    chunk = CHUNK
    for table in await months(connection):
        first, last = _numbers(table, asked.wanted, after)
        statement = text(
            f"SELECT rowid FROM {table} WHERE {table} MATCH :query AND rowid BETWEEN :first AND :last "
            "ORDER BY rowid DESC LIMIT :size"
        )
        while first <= last and len(found) < limit:
            size = chunk if asked.not_indexed else limit - len(found)
            values = {"query": query, "first": first, "last": last, "size": size}
            numbers = list(await connection.scalars(statement, values))
            some = [(day_of(table, number), code_of(number)) for number in numbers]
            found += await _meant(connection, asked, some)
            last = numbers[-1] - 1 if len(numbers) == size else -1
            chunk = min(2 * chunk, LARGEST_CHUNK)
    return found[:limit]


def _fts(asked: Asked, *, spelt: bool | None) -> str:
    """`spelt`: with the words as they are spelt, or with others only; None: with either."""
    wanted = asked.wanted
    those = {"area_id": asked.areas or (), "topic": wanted.topics, "mood": wanted.moods, "urgency": wanted.urgencies}
    groups = (" OR ".join(f'"{facet(column, code)}"' for code in codes) for column, codes in those.items() if codes)
    query = " AND ".join([*(f"({group})" for group in groups), fts_query(wanted.phrases, spelt=bool(spelt))])
    return query if spelt is not False else f"({query}) NOT ({fts_query(wanted.phrases, spelt=True)})"


def _numbers(table: str, wanted: ReportFilter, after: Place | None) -> tuple[int, int]:
    """The first and the last number in the table of a month that the days asked for and the place allow."""
    first, last = 0, number_of(date.max, "PA-ZZZZZZZ")
    if wanted.since and table <= month_table(wanted.since):
        first = number_of(wanted.since, "PA-0000000") if table == month_table(wanted.since) else last + 1
    ends = [(wanted.until, number_of(wanted.until, "PA-ZZZZZZZ"))] if wanted.until else []
    ends += [(after.day, number_of(after.day, after.code) - 1)] if after else []
    for day, number in ends:
        if table >= month_table(day):
            last = min(last, number) if table == month_table(day) else -1
    return first, last


async def _meant(
    connection: AsyncConnection, asked: Asked, some: Sequence[tuple[date, str]]
) -> Sequence[tuple[date, str]]:
    """Those that all conditions hold for."""
    if not asked.not_indexed or not some:
        return some
    statement = select(_R.code).where(_R.code.in_([code for _, code in some]), *asked.not_indexed)
    held = set(await connection.scalars(statement))
    return [each for each in some if each[1] in held]


# ------------------------------------------------------------------ PostgreSQL


async def _in_rows(
    connection: AsyncConnection, asked: Asked, query: str, limit: int, after: Place | None = None
) -> list[tuple[date, str]]:
    """The same on PostgreSQL, whose rows hold their words."""
    matches = _R.words.bool_op("@@")(cast(bindparam(None, query, String), TSQUERY))
    rows = select(_R.day, _R.code).where(*asked.conditions, matches)
    rows = rows.where(before(after)) if after else rows
    order: Any = reports.c
    if await _estimate(connection, query) < _RARE:
        # found first and sorted then: the planner would rather read the newest until it has enough, and never has
        few = rows.cte().prefix_with("MATERIALIZED", dialect="postgresql")
        rows, order = select(few.c.day, few.c.code), few.c
    result = await connection.execute(rows.order_by(order.day.desc(), order.code.desc()).limit(limit))
    return [(row.day, row.code) for row in result]


async def _estimate(connection: AsyncConnection, query: str) -> int:
    """How many reports the planner takes to match."""
    explain = text("EXPLAIN (FORMAT JSON) SELECT FROM reports WHERE words @@ CAST(CAST(:query AS text) AS tsquery)")
    plans: Any = await connection.scalar(explain, {"query": query})
    return int(plans[0]["Plan"]["Plan Rows"])


def _tsquery(asked: Asked, *, spelt: bool | None) -> str:
    query = ts_query(asked.wanted.phrases, spelt=bool(spelt))
    return query if spelt is not False else f"({query}) & !({ts_query(asked.wanted.phrases, spelt=True)})"
