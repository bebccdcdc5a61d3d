"""Issues: open one with a report, merge and split reports, set a state or answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from nhipcau.actions import reports
from nhipcau.actions.decision import Actor, Key, NewId, Refusal
from nhipcau.actions.permissions import may_change_issue, why_unchangeable
from nhipcau.model.changes import AddReportNote, Change, ChangeReport, TellReporter
from nhipcau.model.issue_changes import (
    ChangeIssue,
    ConfirmSupports,
    MergeReport,
    OpenIssue,
    ReopenIssue,
    TellContributors,
)
from nhipcau.model.issues import OPEN_ISSUE, Issue
from nhipcau.model.reports import Report, ReportState

#: Days in which a merge can be undone.
UNDO_DAYS = 30


def open_issue(actor: Actor, report: Report, code: str, statement: str, new_id: NewId) -> list[Change] | Refusal:
    """Open an issue with its first report."""
    if refused := refuse_merge(report):
        return refused
    opened = OpenIssue(code, statement, report.topic, actor.unit.id, actor.id)
    return [opened, *_merged(actor, report, code, "open", new_id)]


def merge(actor: Actor, report: Report, issue: Issue | None, new_id: NewId) -> list[Change] | Refusal:
    """Put a report into an open issue. `issue` None: there is none in the actor's scope."""
    if refused := refuse_merge(report):
        return refused
    if issue is None or issue.state not in OPEN_ISSUE:
        return Refusal("issue.gone")
    return _merged(actor, report, issue.code, issue.state, new_id)


def refuse_merge(report: Report) -> Refusal | None:
    """Why a report can't be put into an issue; None: it can."""
    if report.state == "withdrawn":
        return Refusal("inbox.withdrawn")
    return Refusal("issue.already", {"issue": report.issue}) if report.issue else None


def _merged(actor: Actor, report: Report, issue: str, state: str, new_id: NewId) -> list[Change]:
    """The merge; a report still new also takes the issue's state, and its reporter is notified."""
    changes: list[Change] = [MergeReport(new_id("id"), report.code, issue, "merge", actor.id)]
    if report.state == "new":
        becomes = "received" if state == "open" else state
        changes += [
            ChangeReport(report.code, {"state": becomes}, actor=actor.id, seen=ReportState.NEW),
            AddReportNote(new_id("id"), report.code, "office", becomes),
            TellReporter(report.code, becomes, "", actor.unit.name),
        ]
    return changes


def split(actor: Actor, report: Report, today: date, new_id: NewId) -> list[Change] | Refusal:
    """Take a report out of its issue, into which it was merged by mistake."""
    if not may_split(report, today):
        return Refusal("issue.split_late", {"days": UNDO_DAYS})
    return [MergeReport(new_id("id"), report.code, report.issue, "split", actor.id)]


def may_split(report: Report, today: date) -> bool:
    return report.merged is not None and (today - report.merged).days <= UNDO_DAYS


def change_issue(actor: Actor, issue: Issue, verb: str, words: str, seen: str) -> list[Change] | Refusal:
    """Set a state or answer (`verb`) of an issue and its reports, and notify everybody who contributed."""
    if refused := refuse_change(actor, issue, verb, seen):
        return refused
    return [
        ChangeIssue(issue.code, verb, words, issue.state, actor.id),
        TellContributors(issue.code, verb, words, actor.unit.name),
    ]


def say_if_settled(
    issue: Issue, own: Sequence[Report], supports: Sequence[str], is_settled: bool, new_id: NewId
) -> list[Change]:
    """Somebody who contributed says whether it is settled, for all their reports (`own`) and supports. If not, it is
    open again and its owner is told."""
    changes = [change for report in own for change in reports.say_if_settled(report, is_settled, new_id)]
    if supports:
        changes.append(ConfirmSupports(tuple(supports), "yes" if is_settled else "no"))
    if not is_settled and not any(isinstance(change, ReopenIssue) for change in changes):
        changes.append(ReopenIssue(issue.code))
    return changes


def seen_of(issue: Issue) -> str:
    """What whoever looks at it sees of what was done; given back when they act."""
    said = hashlib.sha256(issue.answer.encode()).hexdigest()[:8]
    return f"{issue.state}.{issue.answered or ''}.{said}"


def acted_since(issue: Issue, seen: str) -> Refusal | None:
    """What somebody did after it was seen so (`seen_of`; "": whenever)."""
    if not seen or seen == seen_of(issue):
        return None
    if seen.partition(".")[0] == issue.state:
        return Refusal("console.since.answer")
    return Refusal(
        "console.since.issue_state", {"state": Key("issue.open" if issue.state == "open" else f"state.{issue.state}")}
    )


def refuse_change(actor: Actor, issue: Issue, verb: str, seen: str) -> Refusal | None:
    """Why this can't be done to the issue in its present state; None: it can."""
    if not may_change_issue(actor, issue):
        return why_unchangeable(issue)
    if issue.state == verb or (seen and seen != issue.state):
        # issues share the names of the states of reports, except "open"
        return Refusal(
            "inbox.changed", {"state": Key("issue.open" if issue.state == "open" else f"state.{issue.state}")}
        )
    return None
