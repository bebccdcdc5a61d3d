"""The list of reports, by filters and page after page, within a scope.

A page begins after a day and a code, never at a number: the hundredth is read as quickly as the first, and a report
that comes in meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from nhipcau.bot.units.tree import Tree
from nhipcau.model.report_filter import IssueAct, IssueHistory, ReplyState, ReportFilter, ReportList, ReportPage
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, TEXTS_WITHOUT_STATE, ReportState
from nhipcau.model.scope import Access, Scope
from nhipcau.model.search import SearchWords
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.report_notes import is_waiting
from nhipcau.storage.reports import reports_of
from nhipcau.storage.search import find_codes, is_about_somebody
from nhipcau.storage.tables import issue_acts, report_notes, reports, units
from nhipcau.storage.units import within

_R = reports.c
#: Reports that hold the words looked for; of more, those that fit best.
MAX_FOUND = 5_000
#: Acts of one issue that are shown.
_ACTS = 50


@answers_each(ReportList)
async def _report_list(at: QueryContext, need: ReportList) -> ReportPage:
    conditions = _conditions(need.scope, at.tree, need.wanted)
    if conditions is None:
        return ReportPage((), 0, "")
    is_cut = False
    if need.wanted.phrases:
        words = _search_words(need.wanted)
        if await is_about_somebody(at, words):
            return ReportPage((), 0, "", is_about_person=True)
        found = await find_codes(at.connection, need.scope, at.tree, words, MAX_FOUND + 1)
        is_cut = len(found) > MAX_FOUND
        conditions.append(_R.code.in_(found[:MAX_FOUND]))
    total = await at.connection.scalar(select(func.count()).select_from(reports).where(*conditions)) or 0
    page = select(_R.code, _R.day).where(*conditions).order_by(_R.day.desc(), _R.code.desc())
    if need.after:
        day, code = _read_place(need.after)
        page = page.where(_R.day <= day, or_(_R.day < day, _R.code < code))
    rows = (await at.connection.execute(page.limit(need.size + 1))).all()
    following = f"{rows[need.size - 1].day.isoformat()}.{rows[need.size - 1].code}" if len(rows) > need.size else ""
    codes = [row.code for row in rows[: need.size]]
    return ReportPage(await reports_of(at.connection, need.scope, at.tree, codes), total, following, is_cut)


def _search_words(wanted: ReportFilter) -> SearchWords:
    """What the index of words knows of it; the rest is compared row by row."""
    return SearchWords(
        phrases=wanted.phrases,
        topics=wanted.topics,
        areas=(wanted.area.id,) if wanted.area else (),
        states=wanted.states,
        moods=wanted.moods,
        urgencies=wanted.urgencies,
        since=wanted.since,
        until=wanted.until,
    )


@answers_each(IssueHistory)
async def _issue_history(at: QueryContext, need: IssueHistory) -> Sequence[IssueAct]:
    acts = select(issue_acts.c.day, issue_acts.c.act, issue_acts.c.report_code)
    acts = acts.join(reports, _R.code == issue_acts.c.report_code).join(units, units.c.id == _R.area_id)
    acts = acts.where(issue_acts.c.issue == need.issue, within(need.scope, Access.CONTENT))
    acts = acts.order_by(issue_acts.c.day.desc(), issue_acts.c.report_code).limit(_ACTS)
    return [IssueAct(*row) for row in await at.connection.execute(acts)]


def _read_place(text: str) -> tuple[date, str]:
    """The last day and code of the page before; made up ones begin at the first page."""
    day, _, code = text.partition(".")
    try:
        return date.fromisoformat(day), code
    except ValueError:
        return date.max, ""


def _conditions(scope: Scope, tree: Tree, wanted: ReportFilter) -> list[ColumnElement[bool]] | None:
    """None: nothing can be meant."""
    areas = [unit for unit in tree.units if scope.holds(unit) and (wanted.area is None or wanted.area.holds(unit))]
    if not scope.reads(Access.CONTENT) or not areas:
        return None
    # all of them: the walk goes by day alone
    is_all = len(areas) == len(tree.units)
    found: list[ColumnElement[bool]] = [] if is_all else [_R.area_id.in_([unit.id for unit in areas])]
    for column, values in (
        (_R.topic, wanted.topics),
        (_R.state, wanted.states),
        (_R.mood, wanted.moods),
        (_R.urgency, wanted.urgencies),
        (_R.code, [wanted.code] if wanted.code else ()),
        (_R.issue, [wanted.issue] if wanted.issue else ()),
    ):
        if values:
            found.append(column.in_(list(values)))
    if wanted.since:
        found.append(_R.day >= wanted.since)
    if wanted.until:
        found.append(_R.day <= wanted.until)
    return found + _by_reply(wanted.reply)


def _by_reply(reply: ReplyState | None) -> list[ColumnElement[bool]]:
    match reply:
        case None:
            return []
        case ReplyState.WAITING:
            return [is_waiting()]
        case ReplyState.ANSWERED:
            return [_has_note(_IN_WORDS)]
        case ReplyState.UNANSWERED:
            return [_R.state.in_((ReportState.NEW, *ONE_TAP_STATES)), ~_has_note(_IN_WORDS)]


_IN_WORDS = (*TEXTS_WITHOUT_STATE, *STATES_WITH_TEXT)


def _has_note(kinds: Iterable[str]) -> ColumnElement[bool]:
    of_office = and_(report_notes.c.report_code == _R.code, report_notes.c.side == "office")
    return select(report_notes.c.id).where(of_office, report_notes.c.kind.in_(list(kinds))).exists()
