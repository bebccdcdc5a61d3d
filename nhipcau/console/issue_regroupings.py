"""Merging an issue into another, splitting reports off, and undoing either within 30 days; nobody is told of it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from nhipcau.actions import regroupings as actions
from nhipcau.actions.decision import Refusal
from nhipcau.console.issue import load, show_issue
from nhipcau.console.own_words import MAX_STATEMENT_CHARS, is_cautioned, read_words
from nhipcau.console.report import held_lines
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.model.changes import Change
from nhipcau.model.issues import Issue
from nhipcau.model.queries import IssueIn, ReportIn
from nhipcau.model.regroupings import RegroupingsOf
from nhipcau.model.reports import Report

#: In the list of issues: a new one.
_NEW = "new"


async def merge(visit: Visit) -> Response:
    issue = await load(visit)
    chosen = visit.value("target")
    if not chosen:
        visit.problem = visit.t("console.issue.no_target")
        return await show_issue(visit, issue)
    target = await visit.ask(IssueIn(visit.scope, chosen))
    if await _is_told_soon(visit, [issue.code, chosen]):
        return await show_issue(visit, issue)
    decided = actions.merge(visit.actor, issue, target, visit.console.new_id)
    return await _settle(visit, issue, decided, chosen, "issues_merged")


async def split(visit: Visit) -> Response:
    issue, chosen = await load(visit), visit.value("target")
    reports = [await _report(visit, code) for code in dict.fromkeys(visit.values("report"))]
    if await _is_told_soon(visit, [issue.code, chosen]):
        return await show_issue(visit, issue)
    if chosen == _NEW:
        statement = read_words(visit, "statement", MAX_STATEMENT_CHARS) if reports else ""
        if statement is None or is_cautioned(visit, statement):
            return await show_issue(visit, issue)
        new_id, chosen = visit.console.new_id, visit.console.new_id("issue")
        decided = actions.split_into_new(visit.actor, issue, reports, chosen, statement, new_id)
    elif not chosen:
        visit.problem = visit.t("console.issue.no_target")
        return await show_issue(visit, issue)
    else:
        target = await visit.ask(IssueIn(visit.scope, chosen))
        decided = actions.split(visit.actor, issue, reports, target, visit.console.new_id)
    return await _settle(visit, issue, decided, chosen, "issue_split")


async def _report(visit: Visit, code: str) -> Report:
    found = await visit.ask(ReportIn(visit.scope, code))
    if found is None:
        raise NotHere
    return found


async def _is_told_soon(visit: Visit, codes: Sequence[str]) -> bool:
    """Whether an answer to all who contributed still waits its minute: it would miss those who go, or reach those who
    come. Said above the page."""
    for code in codes:
        if await held_lines(visit, "issue", code):
            visit.problem = visit.t("console.issue.told_soon", issue=code)
            return True
    return False


async def undo(visit: Visit) -> Response:
    issue, id = await load(visit), visit.value("regrouping")
    regrouping = next((each for each in await visit.ask(RegroupingsOf(visit.scope, issue.code)) if each.id == id), None)
    if regrouping is None:
        raise NotHere
    if await _is_told_soon(visit, [regrouping.source, regrouping.target]):
        return await show_issue(visit, issue)
    source, target = [await visit.ask(IssueIn(visit.scope, code)) for code in (regrouping.source, regrouping.target)]
    decided = actions.undo(visit.actor, regrouping, source, target, visit.today)
    return await _settle(visit, issue, decided, regrouping.source, "regrouping_undone")


async def _settle(visit: Visit, issue: Issue, decided: list[Change] | Refusal, code: str, done: str) -> Response:
    """Go on at the issue of this code."""
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show_issue(visit, issue)
    await visit.apply(decided)
    return visit.go(f"{ROOT}/issues/{code}", done)


ACTS = {"merge_issue": Act(merge), "split_issue": Act(split), "undo_regrouping": Act(undo)}
