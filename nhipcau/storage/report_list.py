"""The list of reports, by filters and by words, page after page, within a scope.

A page begins after a day and a code, never at a number: the hundredth is read as quickly as the first, and a report
that comes in meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.report_filter import IssueAct, IssueHistory, ReplyState, ReportFilter, ReportList, ReportPage
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, TEXTS_WITHOUT_STATE, ReportState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.search import names_somebody
from nhipcau.storage.people import roster_names
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.report_notes import is_waiting
from nhipcau.storage.reports import reports_of
from nhipcau.storage.search import FEW, Asked, Place, before, find, in_order, look_through, newest
from nhipcau.storage.search_index import is_code
from nhipcau.storage.tables import issue_acts, report_notes, reports, units
from nhipcau.storage.units import within

_R = reports.c
#: Acts of one issue that are shown.
_ACTS = 50


#: More are not counted: of a list, and of what is found by words.
COUNTED, COUNTED_BY_WORDS = 10_000, 1000
#: Found by words: so few are put in order one by one, which spares looking for each spelling.
PUT_IN_ORDER = 300


@answers_each(ReportList)
async def _report_list(at: QueryContext, need: ReportList) -> ReportPage:
    if sum(map(len, need.wanted.phrases)) > 1:
        names = await roster_names(at.connection, at.sealer)
        if names_somebody(need.wanted.phrases, names, at.tree.place_names):
            return ReportPage((), 0, "", is_about_person=True)
    return await list_reports(at.connection, need.scope, at.tree, need.wanted, need.after, need.size)


async def list_reports(
    connection: AsyncConnection, scope: Scope, tree: Tree, wanted: ReportFilter, after: str = "", size: int = 50
) -> ReportPage:
    """One page; `after`: as `ReportPage.following` of the page before."""
    areas = _areas(scope, tree, wanted)
    if not scope.reads(Access.CONTENT) or areas == []:
        return ReportPage((), 0, "")
    # of reports looked up by their codes the state is an expression, so that no index of all in a state is read for it
    by_reply = await _by_reply(connection, wanted.reply)
    looked_up = [*_not_indexed(wanted, _R.state + ""), *by_reply]
    asked = Asked(wanted, areas, [*_indexed(wanted, areas), *_not_indexed(wanted, _R.state), *by_reply], looked_up)
    find = _find_by_words if wanted.phrases else _find_newest
    places, total, most = await find(connection, asked, _read_place(after), size + 1)
    following = _written(places[size - 1]) if len(places) > size else ""
    found = await reports_of(connection, scope, tree, [place.code for place in places[:size]])
    return ReportPage(found, min(total, most), following, total > most)


@answers_each(IssueHistory)
async def _issue_history(at: QueryContext, need: IssueHistory) -> Sequence[IssueAct]:
    acts = select(issue_acts.c.day, issue_acts.c.act, issue_acts.c.report_code)
    acts = acts.join(reports, _R.code == issue_acts.c.report_code).join(units, units.c.id == _R.area_id)
    acts = acts.where(issue_acts.c.issue == need.issue, within(need.scope, Access.CONTENT))
    acts = acts.order_by(issue_acts.c.day.desc(), issue_acts.c.report_code).limit(_ACTS)
    return [IssueAct(*row) for row in await at.connection.execute(acts)]


async def _find_newest(
    connection: AsyncConnection, asked: Asked, after: Place | None, limit: int
) -> tuple[list[Place], int, int]:
    """Places after that one, how many there are in all, and how many of them were counted at most."""
    page = select(_R.day, _R.code).where(*asked.conditions).order_by(_R.day.desc(), _R.code.desc())
    page = page.where(before(after)) if after else page
    places = [Place(False, row.day, row.code) for row in await connection.execute(page.limit(limit))]
    if not after and len(places) < limit:
        return places, len(places), len(places)
    some = select(_R.code).where(*asked.conditions).limit(COUNTED + 1).subquery()
    return places, await connection.scalar(select(func.count()).select_from(some)) or 0, COUNTED


async def _find_by_words(
    connection: AsyncConnection, asked: Asked, after: Place | None, limit: int
) -> tuple[list[Place], int, int]:
    every = await look_through(connection, asked)
    if every is None:
        codes = await newest(connection, asked, COUNTED_BY_WORDS + 1)
        if len(codes) > min(PUT_IN_ORDER, COUNTED_BY_WORDS):
            return await find(connection, asked, after, limit), len(codes), COUNTED_BY_WORDS
        every = await in_order(connection, asked, codes)
    return [place for place in every if not after or place < after][:limit], len(every), len(every)


def _written(place: Place) -> str:
    return f"{'=' * place.is_spelt}{place.day.isoformat()}.{place.code}"


def _read_place(text: str) -> Place | None:
    """The last place of the page before; made up ones begin at the first page."""
    day, _, code = text.removeprefix("=").partition(".")
    try:
        found = Place(text.startswith("="), date.fromisoformat(day), code)
    except ValueError:
        return None
    return found if is_code(code) else None


def _areas(scope: Scope, tree: Tree, wanted: ReportFilter) -> list[int] | None:
    """Ids of the areas that are meant; None: all there are."""
    chosen = [unit for unit in tree.units if scope.holds(unit)]
    if wanted.areas:
        chosen = [unit for unit in chosen if any(area.holds(unit) for area in wanted.areas)]
    return None if len(chosen) == len(tree.units) else [unit.id for unit in chosen]


def _indexed(wanted: ReportFilter, areas: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """What the index of words knows too."""
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (_R.area_id, areas),
        (_R.topic, wanted.topics),
        (_R.mood, wanted.moods),
        (_R.urgency, wanted.urgencies),
    ):
        if values:
            found.append(column.in_(values))
    if wanted.since:
        found.append(_R.day >= wanted.since)
    if wanted.until:
        found.append(_R.day <= wanted.until)
    return found


def _not_indexed(wanted: ReportFilter, state: ColumnElement[str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (state, wanted.states),
        (_R.code, [wanted.code] if wanted.code else ()),
        (_R.issue, [wanted.issue] if wanted.issue else ()),
        (_R.section, wanted.sections),
    ):
        if values:
            found.append(column.in_(values))
    if wanted.sections:
        # said once more, so that the index of those that are assigned is read
        found.append(_R.section != "")
    if wanted.due_since:
        found.append(_R.due >= wanted.due_since)
    if wanted.due_until:
        found.append(_R.due <= wanted.due_until)
    return found


async def _by_reply(connection: AsyncConnection, reply: ReplyState | None) -> list[ColumnElement[bool]]:
    match reply:
        case None:
            return []
        case ReplyState.WAITING:
            return [is_waiting()]
        case ReplyState.ANSWERED:
            # where few are, the database would rather look for them among the newest reports
            answered = select(report_notes.c.report_code).where(*_of_office(_IN_WORDS)).distinct()
            codes = list(await connection.scalars(answered.limit(FEW + 1)))
            return [_R.code.in_(codes) if len(codes) <= FEW else _has_note(_IN_WORDS)]
        case ReplyState.UNANSWERED:
            return [_R.state.in_((ReportState.NEW, *ONE_TAP_STATES)), ~_has_note(_IN_WORDS)]


_IN_WORDS = (*TEXTS_WITHOUT_STATE, *STATES_WITH_TEXT)


def _has_note(kinds: Iterable[str]) -> ColumnElement[bool]:
    return select(report_notes.c.id).where(report_notes.c.report_code == _R.code, *_of_office(kinds)).exists()


def _of_office(kinds: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return report_notes.c.side == "office", report_notes.c.kind.in_(list(kinds))
