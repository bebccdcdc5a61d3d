"""Searches reports by their words, within a scope: the same on both databases, in the same order.

Reports with the words as they are spelt come first, then those with other diacritics; the newest day first, within a
day by code, which is random. Nobody searches by a person: `phrases_of` refuses personal data in the words, and names of
the roster are refused here (rule R26).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.queries import SearchReports
from nhipcau.model.scope import Access, Scope
from nhipcau.model.search import FIRST_PAGE, Found, Hit, Page, SearchWords, names_somebody
from nhipcau.storage.people import roster_names
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.report_words import fts_query, ts_query
from nhipcau.storage.reports import read_reports
from nhipcau.storage.search_index import EVERY, code_of, facet, month_table, months, number_of
from nhipcau.storage.tables import report_columns, reports, units
from nhipcau.storage.units import within

#: Entries looked at together where states are asked for, which the index does not know.
_CHUNK = 500


@answers_each(SearchReports)
async def _answer(at: QueryContext, need: SearchReports) -> Found | None:
    if await is_about_somebody(at, need.wanted):
        return None
    return await search_reports(at.connection, need.scope, at.tree, need.wanted, need.page)


async def is_about_somebody(at: QueryContext, wanted: SearchWords) -> bool:
    """Whether somebody of the roster is looked for."""
    if sum(map(len, wanted.phrases)) < 2:
        return False
    names = await roster_names(at.connection, at.sealer)
    return names_somebody(wanted.phrases, names, at.tree.place_names)


async def search_reports(
    connection: AsyncConnection, scope: Scope, tree: Tree, wanted: SearchWords, page: Page = FIRST_PAGE
) -> Found:
    """One page of the reports of this scope that meet all of `wanted`; never withdrawn ones."""
    codes = await find_codes(connection, scope, tree, wanted, page.start + page.size + 1)
    displayed = codes[page.start : page.start + page.size]
    statement = select(*report_columns).join(units, units.c.id == reports.c.area_id)
    statement = statement.where(within(scope, Access.CONTENT), reports.c.code.in_(displayed))
    rows = (await connection.execute(statement)).all()
    read = {r.code: r for r in await read_reports(connection, tree, rows, whole=False, reader=scope)}
    hits = tuple(Hit.of(read[code], wanted) for code in displayed if code in read)
    return Found(hits, more=len(codes) > page.start + page.size)


async def find_codes(
    connection: AsyncConnection, scope: Scope, tree: Tree, wanted: SearchWords, limit: int
) -> list[str]:
    """The first so many codes of `search_reports`."""
    areas = _areas(scope, tree, wanted)
    if not scope.reads(Access.CONTENT) or areas == []:
        return []
    find = _find_in_months if connection.dialect.name == "sqlite" else _find_in_rows
    codes: list[str] = []
    for spelt in (True, False) if wanted.phrases else (False,):
        missing = limit - len(codes)
        if missing > 0:
            codes += await find(connection, wanted, areas, spelt=spelt, limit=missing)
    return codes


def _areas(scope: Scope, tree: Tree, wanted: SearchWords) -> list[int] | None:
    """Ids of the areas that are meant; None: all there are."""
    meant = [unit for unit in tree.units if scope.holds(unit)]
    if wanted.areas:
        chosen = [tree.by_id[id] for id in wanted.areas]
        meant = [unit for unit in meant if any(each.holds(unit) for each in chosen)]
    return None if len(meant) == len(tree.units) else [unit.id for unit in meant]


# ------------------------------------------------------------------ SQLite


async def _find_in_months(
    connection: AsyncConnection, wanted: SearchWords, areas: Sequence[int] | None, *, spelt: bool, limit: int
) -> list[str]:
    """Codes of the tier in their order, `limit` at most."""
    query = _fts(wanted, areas, spelt=spelt)
    codes: list[str] = []
    for table in await months(connection):
        first, last = _numbers(table, wanted)
        while first <= last and len(codes) < limit:
            size = _CHUNK if wanted.states else limit - len(codes)
            statement = text(
                f"SELECT rowid FROM {table} WHERE {table} MATCH :query AND rowid BETWEEN :first AND :last "
                "ORDER BY rowid DESC LIMIT :size"
            )
            values = {"query": query, "first": first, "last": last, "size": size}
            numbers = list(await connection.scalars(statement, values))
            codes += await _in_states(connection, [code_of(number) for number in numbers], wanted)
            last = numbers[-1] - 1 if len(numbers) == size else -1
    return codes[:limit]


def _fts(wanted: SearchWords, areas: Sequence[int] | None, *, spelt: bool) -> str:
    asked = {
        "area_id": areas or (),
        "topic": wanted.topics,
        "mood": wanted.moods,
        "urgency": wanted.urgencies,
    }
    groups = [" OR ".join(f'"{facet(column, code)}"' for code in codes) for column, codes in asked.items() if codes]
    parts = [f"({group})" for group in groups] or [f'"{EVERY}"']
    if wanted.phrases:
        parts.append(fts_query(wanted.phrases, spelt=spelt))
    query = " AND ".join(parts)
    # what the first tier has found is not found again
    return query if spelt or not wanted.phrases else f"({query}) NOT ({fts_query(wanted.phrases, spelt=True)})"


def _numbers(table: str, wanted: SearchWords) -> tuple[int, int]:
    """The first and the last number in the table of a month that the days asked for allow."""
    first, last = 0, number_of(date.max, "PA-ZZZZZZZ")
    if wanted.since and table <= month_table(wanted.since):
        first = number_of(wanted.since, "PA-0000000") if table == month_table(wanted.since) else last + 1
    if wanted.until and table >= month_table(wanted.until):
        last = number_of(wanted.until, "PA-ZZZZZZZ") if table == month_table(wanted.until) else -1
    return first, last


async def _in_states(connection: AsyncConnection, codes: list[str], wanted: SearchWords) -> list[str]:
    if not wanted.states or not codes:
        return codes
    statement = select(reports.c.code).where(reports.c.code.in_(codes), reports.c.state.in_(wanted.states))
    found = set(await connection.scalars(statement))
    return [code for code in codes if code in found]


# ------------------------------------------------------------------ PostgreSQL


async def _find_in_rows(
    connection: AsyncConnection, wanted: SearchWords, areas: Sequence[int] | None, *, spelt: bool, limit: int
) -> list[str]:
    r = reports.c
    conditions: list[ColumnElement[bool]] = [r.words.is_not(None)]
    for column, codes in (
        (r.area_id, areas),
        (r.topic, wanted.topics),
        (r.mood, wanted.moods),
        (r.urgency, wanted.urgencies),
        (r.state, wanted.states),
    ):
        if codes:
            conditions.append(column.in_(codes))
    if wanted.phrases:
        query = ts_query(wanted.phrases, spelt=spelt)
        if not spelt:
            query = f"({query}) & !({ts_query(wanted.phrases, spelt=True)})"
        conditions.append(r.words.bool_op("@@")(cast(bindparam(None, query, String), TSQUERY)))
    if wanted.since:
        conditions.append(r.day >= wanted.since)
    if wanted.until:
        conditions.append(r.day <= wanted.until)
    statement = select(r.code).where(and_(*conditions)).order_by(r.day.desc(), r.code.collate("C").desc())
    return list(await connection.scalars(statement.limit(limit)))
