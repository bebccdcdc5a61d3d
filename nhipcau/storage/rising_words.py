"""What the reports of a scope say, this week and before, as its rising words; the reports only for who reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from nhipcau.insight.rising_words import ReportText, rising_words
from nhipcau.model.queries import RisingWords
from nhipcau.model.reports import ReportState
from nhipcau.model.reviews import WEEKS_BEFORE
from nhipcau.model.rising_words import RisingWord
from nhipcau.model.scope import Access
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import reports, units
from nhipcau.storage.units import within

_WEEK = timedelta(days=7)
#: Reports that are read of this week and of the weeks before: of more, those with the first codes, which are random.
_MOST, _MOST_BEFORE = 1000, 2000


@answers_each(RisingWords)
async def _rising_words(at: QueryContext, need: RisingWords) -> Sequence[RisingWord]:
    first = at.today - _WEEK + timedelta(days=1)
    now = await _texts(at, need, first, at.today, _MOST)
    before = await _texts(at, need, first - WEEKS_BEFORE * _WEEK, first - timedelta(days=1), _MOST_BEFORE)
    # thousands of texts take a second
    found = await asyncio.to_thread(rising_words, now, before, at.tree.known_places)
    return found if need.scope.reads(Access.CONTENT) else [replace(word, codes=()) for word in found]


async def _texts(at: QueryContext, need: RisingWords, first: date, last: date, most: int) -> list[ReportText]:
    c = reports.c
    statement = select(c.code, c.day, c.area_id, c.text).join(units, units.c.id == c.area_id)
    statement = statement.where(within(need.scope, Access.FIGURES), c.state != ReportState.WITHDRAWN)
    statement = statement.where(c.day.between(first, last)).order_by(c.code).limit(most)
    return [ReportText(*row) for row in await at.connection.execute(statement)]
