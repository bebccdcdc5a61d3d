"""One issue: what it is about, the strands of opinion, its reports and history, and one answer to all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from nhipcau.actions.issues import UNDO_DAYS, may_split, seen_of
from nhipcau.actions.permissions import COORDINATORS, may, may_change_issue, why_unchangeable
from nhipcau.actions.regroupings import refuse_undo
from nhipcau.actions.strands import MAX_STRANDS
from nhipcau.console.own_words import MAX_ANSWER_CHARS, MAX_STATEMENT_CHARS
from nhipcau.console.pages import render
from nhipcau.console.report import held_lines
from nhipcau.console.report_preview import AppPreview
from nhipcau.console.visit import NotHere, Visit
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.reports.report_screens import ISSUE_VERBS
from nhipcau.model.issues import OPEN_ISSUE, Issue, StrandKind
from nhipcau.model.queries import IssueIn, Issues
from nhipcau.model.regroupings import Regrouping, RegroupingsOf
from nhipcau.model.report_filter import IssueHistory, ReportFilter, ReportList
from nhipcau.model.reports import STATES_WITH_TEXT

#: Reports shown on the page; all are a link away.
_REPORTS = 20


async def load(visit: Visit) -> Issue:
    """The issue of the address. Raises NotHere where none of this code can be read in the scope."""
    issue = await visit.ask(IssueIn(visit.scope, visit.request.path_params["code"].upper()))
    if issue is None:
        raise NotHere
    return issue


async def show(visit: Visit) -> Response:
    return await show_issue(visit, await load(visit))


async def show_issue(visit: Visit, issue: Issue, preview: Sequence[AppPreview] = ()) -> Response:
    reads = may(visit.person, COORDINATORS)
    # leaders read no report, and no number beside the band
    page = None
    if reads:
        page = await visit.ask(ReportList(visit.scope, ReportFilter(issue=issue.code), size=_REPORTS))
    return await render(
        visit,
        "issue.html",
        here="issues",
        issue=issue,
        state=issue_state(issue.state, visit.t),
        is_ours=may_change_issue(visit.person, issue),
        why_not_ours=why_unchangeable(issue).words(visit.t),
        verbs=[verb for verb in ISSUE_VERBS if verb not in (issue.state, "answer")],
        states_with_text=STATES_WITH_TEXT,
        reports=page,
        may_split=partial(may_split, today=visit.today),
        history=await visit.ask(IssueHistory(visit.scope, issue.code)) if reads else (),
        held=await held_lines(visit, "issue", issue.code),
        seen=seen_of(issue),
        others=await _others(visit, issue) if reads else (),
        regroupings=await _regroupings(visit, issue),
        undo_days=UNDO_DAYS,
        kinds=tuple(StrandKind),
        is_full=len(issue.strands) >= MAX_STRANDS,
        preview=preview,
        max_answer=MAX_ANSWER_CHARS,
        max_statement=MAX_STATEMENT_CHARS,
    )


async def _others(visit: Visit, issue: Issue) -> Sequence[Issue]:
    """Open issues besides this one, those of its topic first."""
    found = [other for other in await visit.ask(Issues(visit.scope, OPEN_ISSUE)) if other.code != issue.code]
    return sorted(found, key=lambda other: other.topic != issue.topic)


async def _regroupings(visit: Visit, issue: Issue) -> Sequence[tuple[Regrouping, str | None]]:
    """Each with why it can't be undone; "": it can; None: by somebody else perhaps."""
    found = []
    for each in await visit.ask(RegroupingsOf(visit.scope, issue.code)):
        source, target = [await visit.ask(IssueIn(visit.scope, code)) for code in (each.source, each.target)]
        refused = refuse_undo(visit.actor, each, source, target, visit.today)
        is_ours = may(visit.person, COORDINATORS) and source is not None and target is not None
        found.append((each, (refused.words(visit.t) if refused else "") if is_ours else None))
    return found
