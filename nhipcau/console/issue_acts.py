"""What a coordinator of its unit does with an issue; those who contributed are told a minute later."""

from __future__ import annotations

from starlette.responses import Response

from nhipcau.actions import issues as actions
from nhipcau.actions import strands
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import READERS
from nhipcau.console import issue_regroupings
from nhipcau.console.issue import load, show, show_issue
from nhipcau.console.own_words import MAX_ANSWER_CHARS, MAX_STATEMENT_CHARS, is_cautioned, read_words
from nhipcau.console.report_acts import hold as hold_report
from nhipcau.console.report_preview import previews
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.reports import feedback_messages
from nhipcau.handlers.reports.report_screens import ISSUE_VERBS
from nhipcau.model.changes import Change
from nhipcau.model.issues import Issue, IssueState, StrandKind
from nhipcau.model.queries import ReportIn
from nhipcau.model.reports import STATES_WITH_TEXT
from nhipcau.operations.held_acts import Undo
from nhipcau.operations.undo_acts import reports_as_they_are, undo

# ------------------------------------------------------------------ one answer to all


async def preview(visit: Visit) -> Response:
    issue = await load(visit)
    verb, words = _said(visit)
    if words is None:
        return await show_issue(visit, issue)
    message = feedback_messages.about_issue(verb, issue.code, issue.statement, words, visit.person.unit.name, visit.t)
    return await show_issue(visit, issue, previews(visit, message))


async def send(visit: Visit) -> Response:
    """An answer, or a state with the words that go with it."""
    issue = await load(visit)
    verb, words = _said(visit)
    if words is None:
        return await show_issue(visit, issue)
    refused = actions.acted_since(issue, visit.value("seen"))
    decided = refused or actions.change_issue(visit.actor, issue, verb, words, "")
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show_issue(visit, issue)
    await _hold(visit, issue, verb, words, decided)
    return visit.go(_place(issue), "answered" if verb == "answer" else "state_set")


def _said(visit: Visit) -> tuple[str, str | None]:
    """What is done, and the words; None: they can't be taken, which is said above the page."""
    verb = visit.value("state") or "answer"
    if verb not in ISSUE_VERBS:
        visit.problem = visit.t("console.report.no_state")
        return verb, None
    if verb in (*STATES_WITH_TEXT, "answer") or visit.value("words"):
        return verb, read_words(visit, "words", MAX_ANSWER_CHARS)
    return verb, ""


async def _hold(visit: Visit, issue: Issue, verb: str, words: str, decided: list[Change]) -> None:
    answered = issue.answered.isoformat() if issue.answered else ""
    before = {"state": str(issue.state), "answer": issue.answer, "answered": answered}
    before |= await reports_as_they_are(visit.context, issue.code)
    state = issue.state if verb == "answer" else IssueState(verb)
    after = {"state": str(state), "kind": verb, "words": words}
    await visit.hold("issue", issue.code, decided, Undo(before, after))


async def undo_last(visit: Visit) -> Response:
    issue = await load(visit)
    if await undo(visit.context, "issue", issue.code, visit.value("held"), visit.person.id):
        return visit.go(_place(issue), "taken_back")
    visit.problem = visit.t("console.report.not_undone")
    return await show_issue(visit, issue)


# ------------------------------------------------------------------ reports


async def split(visit: Visit) -> Response:
    issue = await load(visit)
    report = await visit.ask(ReportIn(visit.scope, visit.value("report")))
    if report is None:
        raise NotHere
    if report.issue != issue.code:
        return visit.go(_place(issue))
    decided = actions.split(visit.actor, report, visit.today, visit.console.new_id)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show_issue(visit, issue)
    await hold_report(visit, report, decided)
    return visit.go(_place(issue), "split")


# ------------------------------------------------------------------ strands and the latent mark


async def add_strand(visit: Visit) -> Response:
    issue = await load(visit)
    written = _strand(visit)
    if written is None:
        return await show_issue(visit, issue)
    decided = strands.add(visit.actor, issue, *written, visit.today, visit.console.new_id)
    return await _settle(visit, issue, decided, "strand_saved")


async def change_strand(visit: Visit) -> Response:
    issue = await load(visit)
    written = _strand(visit)
    if written is None:
        return await show_issue(visit, issue)
    id, seen = visit.value("strand"), visit.value("strand_seen")
    decided = strands.change(visit.actor, issue, id, seen, *written, visit.today)
    return await _settle(visit, issue, decided, "strand_saved")


async def delete_strand(visit: Visit) -> Response:
    issue = await load(visit)
    if not visit.value("for_good"):
        visit.problem = visit.t("console.issue.for_good_needed")
        return await show_issue(visit, issue)
    decided = strands.delete(visit.actor, issue, visit.value("strand"), visit.value("strand_seen"))
    return await _settle(visit, issue, decided, "strand_deleted")


def _strand(visit: Visit) -> tuple[StrandKind, str] | None:
    kind = visit.value("kind")
    if kind not in tuple(StrandKind):
        visit.problem = visit.t("console.issue.no_kind")
        return None
    words = read_words(visit, "strand_words", MAX_STATEMENT_CHARS)
    return None if words is None or is_cautioned(visit, words) else (StrandKind(kind), words)


async def mark_latent(visit: Visit) -> Response:
    issue = await load(visit)
    is_latent = visit.value("latent") == "1"
    decided = strands.mark_latent(visit.actor, issue, is_latent)
    return await _settle(visit, issue, decided, "latent" if is_latent else "not_latent")


async def _settle(visit: Visit, issue: Issue, decided: list[Change] | Refusal, done: str) -> Response:
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show_issue(visit, issue)
    await visit.apply(decided)
    return visit.go(_place(issue), done)


def _place(issue: Issue) -> str:
    return f"{ROOT}/issues/{issue.code}"


_ACTS = {
    "preview": Act(preview, writes=False),
    "send": Act(send),
    "undo": Act(undo_last),
    "split": Act(split),
    "add_strand": Act(add_strand),
    "change_strand": Act(change_strand),
    "delete_strand": Act(delete_strand),
    "latent": Act(mark_latent),
    **issue_regroupings.ACTS,
}
PAGES = (Page("/issues/{code}", READERS, show, _ACTS),)
