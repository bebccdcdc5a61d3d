"""Hỏi và gửi: every request of the scope, newest first, above it what still waits for its minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.console.downloads import download, record_export
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Visit
from nhipcau.model.counts import BoardRow, ListedRequest
from nhipcau.model.queries import Board, RulesOf
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.request_queries import HeldSendings, RequestList
from nhipcau.model.requests import Request, RequestState
from nhipcau.office.export_tables import Table, request_table
from nhipcau.privacy.suppression import may_show

PAGE_SIZE = 30
#: Requests of one file.
_MOST_ROWS = 2_000


@dataclass(frozen=True)
class Filter:
    kind: RequestKind | None
    state: RequestState | None

    @property
    def kinds(self) -> tuple[RequestKind, ...]:
        return (self.kind,) if self.kind else KINDS

    @property
    def states(self) -> tuple[RequestState, ...]:
        return (self.state,) if self.state else tuple(RequestState)

    def address(self, page: str = "", **more: str) -> str:
        asked = {"kind": str(self.kind or ""), "state": str(self.state or ""), **more}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{ROOT}/requests{page}" + (f"?{query}" if query else "")


def filter_of(visit: Visit) -> Filter:
    kind, state = visit.query.get("kind", ""), visit.query.get("state", "")
    return Filter(
        RequestKind(kind) if kind in tuple(RequestKind) else None,
        RequestState(state) if state in tuple(RequestState) else None,
    )


async def show(visit: Visit) -> Response:
    chosen, after = filter_of(visit), _after(visit)
    rows = await visit.ask(RequestList(visit.scope, chosen.kinds, chosen.states, PAGE_SIZE + 1, after))
    last = rows[PAGE_SIZE - 1].request if len(rows) > PAGE_SIZE else None
    held = [] if after else await visit.ask(HeldSendings(visit.scope))
    rules = [] if after or chosen.state else await visit.ask(RulesOf(visit.scope, chosen.kinds))
    return await render(
        visit,
        "request_list.html",
        here="requests",
        chosen=chosen,
        kinds=KINDS,
        states=tuple(RequestState),
        rows=rows[:PAGE_SIZE],
        held=[each for each in held if not chosen.kind or each.sending.kind is chosen.kind],
        rules=rules,
        zone=visit.office.zone,
        following=chosen.address(after=_cursor(last)) if last else "",
        reached=_reached,
        may_ask=may(visit.person, COORDINATORS),
    )


def _reached(row: ListedRequest) -> str:
    """How many it has reached; of fewer than k people that would tell who has just read it."""
    return str(row.reached) if may_show(row.request.asked) else "–"


def _cursor(request: Request) -> str:
    return f"{request.opens_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{request.id}"


def _after(visit: Visit) -> tuple[datetime, str] | None:
    moment, _, id = visit.query.get("after", "").partition("-")
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), id
    except ValueError:
        return None


async def save(visit: Visit) -> Response:
    """The list as a table: the columns of the export, of the person's scope."""
    chosen = filter_of(visit)
    rows = await visit.ask(RequestList(visit.scope, chosen.kinds, chosen.states, _MOST_ROWS))
    found = [row.request for row in rows]
    table = await _table(visit, found)
    await record_export(visit, "export.requests", len(table.rows))
    return await download("requests", table, visit.request.url.path.rpartition(".")[2], visit.t)


async def _table(visit: Visit, found: Sequence[Request]) -> Table:
    boards: dict[str, Sequence[BoardRow]] = {}
    for request in found:
        rows = await visit.ask(Board(visit.scope, request))
        boards[request.id] = [_total(request, rows)] if request.is_poll and rows else rows
    table = request_table(found, boards, visit.t)
    for row in table.rows:
        if not may_show(row["asked"]):
            row |= dict.fromkeys(("reached", "started", "unreachable"))
    return table


def _total(request: Request, rows: Sequence[BoardRow]) -> BoardRow:
    """Of a poll, whose units are not shown: all its people as one row."""
    names = ("asked", "reached", "started", "answered", "nothing", "late", "undeliverable")
    return BoardRow(request.unit, **{name: sum(getattr(row, name) for row in rows) for name in names})


PAGES = (
    Page("/requests", READERS, show),
    Page("/requests.csv", READERS, save),
    Page("/requests.xlsx", READERS, save),
)
