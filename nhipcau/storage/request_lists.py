"""Requests as the console lists them: page by page, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import ColumnElement, and_, or_, select

from nhipcau.model.counts import ListedRequest
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.request_queries import AudienceOf, CountUnasked, RequestIn, RequestList
from nhipcau.model.requests import Audience, Request, RequestState
from nhipcau.model.scope import Access, Scope
from nhipcau.storage import running_counts
from nhipcau.storage.audiences import count_unasked
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.request_content import read_audience
from nhipcau.storage.requests import read_request, read_requests
from nhipcau.storage.tables import participation_counts, requests, units
from nhipcau.storage.units import within

#: States in which a request made elsewhere shows to the units it asked.
_ASKING = (RequestState.OPEN, RequestState.CLOSED)


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    """Whether a request was made by a unit of this scope, or is official and asked people of it."""
    own = select(units.c.id).where(within(scope, Access.FIGURES))
    counted = participation_counts.c
    # by the key of the counts, request and unit: a few look-ups a request, however many people were asked
    asked = select(counted.request_id).where(counted.request_id == requests.c.id, counted.unit_id.in_(own))
    asked = asked.where(counted.number > 0)
    asks = and_(requests.c.kind.in_(BY_UNIT), requests.c.state.in_(_ASKING), asked.exists())
    return or_(requests.c.unit_id.in_(own), asks)


@answers_each(RequestList)
async def _list(at: QueryContext, need: RequestList) -> Sequence[ListedRequest]:
    statement = select(requests).where(
        requests.c.kind.in_(need.kinds), requests.c.state.in_(need.states), _in_scope(need.scope)
    )
    if need.after:
        opened, id = need.after
        earlier = or_(requests.c.opens_at < opened, and_(requests.c.opens_at == opened, requests.c.id > id))
        statement = statement.where(earlier)
    statement = statement.order_by(requests.c.opens_at.desc(), requests.c.id).limit(need.most)
    rows = (await at.connection.execute(statement.set_label_style(_BY_TABLE))).mappings().all()
    ids = [row["requests_id"] for row in rows]
    asked = await running_counts.asked(at.connection, ids)
    progress = await running_counts.progress(at.connection, ids)
    found = [read_request(row, at.tree, asked.get(row["requests_id"], 0)) for row in rows]
    return [ListedRequest(r, progress[r.id]["sent"], progress[r.id]["answered"]) for r in found]


@answers_each(RequestIn)
async def _one(at: QueryContext, need: RequestIn) -> Request | None:
    seen = await at.connection.scalar(select(requests.c.id).where(requests.c.id == need.id, _in_scope(need.scope)))
    return (await read_requests(at.connection, at.tree, [need.id])).get(need.id) if seen else None


@answers_each(AudienceOf)
async def _audience(at: QueryContext, need: AudienceOf) -> Audience | None:
    statement = select(requests.c.audience).join(units, units.c.id == requests.c.unit_id)
    line = await at.connection.scalar(statement.where(requests.c.id == need.id, within(need.scope, Access.FIGURES)))
    return read_audience(line) if line else None


@answers_each(CountUnasked)
async def _unasked(at: QueryContext, need: CountUnasked) -> dict[str, int]:
    return await count_unasked(at.connection, need.scope, need.audience)
