"""Merge an issue into another, split reports of it off into another, and undo either within 30 days.

Undoing overwrites nothing that happened since: what went and is still there goes back as it is by now; what was put
into the target, or answered, since stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.actions.issues import UNDO_DAYS, seen_of
from nhipcau.actions.permissions import COORDINATORS, may, may_change_issue, owns_issue, why_unchangeable
from nhipcau.model.changes import Change
from nhipcau.model.issue_changes import MergeIssue, OpenIssue, SplitIssue, UndoRegrouping
from nhipcau.model.issues import OPEN_ISSUE, Issue, IssueState
from nhipcau.model.regroupings import Regrouping, RegroupingAct
from nhipcau.model.reports import Report


def merge(actor: Actor, source: Issue, target: Issue | None, new_id: NewId) -> list[Change] | Refusal:
    """Put all reports, supports and strands of one open issue into another, which keeps its sentence, state, answer
    and unit. Nobody is told. `target` None: there is none in the actor's scope."""
    if target is None or target.code == source.code or target.state not in OPEN_ISSUE:
        return Refusal("issue.gone")
    for issue in (source, target):
        if not may_change_issue(actor, issue):
            return why_unchangeable(issue)
    if source.state not in OPEN_ISSUE:
        return Refusal("regrouping.settled")
    seen = seen_of(target)
    return [MergeIssue(new_id("id"), source.code, target.code, source.state, target.state, seen, actor.id)]


def split(
    actor: Actor, source: Issue, reports: Sequence[Report], target: Issue | None, new_id: NewId
) -> list[Change] | Refusal:
    """Put these reports into another open issue. Supports and strands stay, as nobody knows which part they mean.
    `target` None: there is none in the actor's scope."""
    if refused := _refuse_split(source, reports):
        return refused
    if target is None or target.code == source.code or target.state not in OPEN_ISSUE:
        return Refusal("issue.gone")
    return [_split(actor, source, reports, target.code, target.state, new_id)]


def split_into_new(
    actor: Actor, source: Issue, reports: Sequence[Report], code: str, statement: str, new_id: NewId
) -> list[Change] | Refusal:
    """Put these reports into a new issue of the actor's unit."""
    if refused := _refuse_split(source, reports):
        return refused
    opened = OpenIssue(code, statement, source.topic, actor.unit.id, actor.id)
    return [opened, _split(actor, source, reports, code, IssueState.OPEN, new_id, opened=True)]


def _split(
    actor: Actor,
    source: Issue,
    reports: Sequence[Report],
    target: str,
    target_state: IssueState,
    new_id: NewId,
    opened: bool = False,
) -> SplitIssue:
    codes = tuple(sorted(report.code for report in reports))
    return SplitIssue(new_id("id"), source.code, target, codes, source.state, target_state, opened, actor.id)


def _refuse_split(source: Issue, reports: Sequence[Report]) -> Refusal | None:
    if not reports:
        return Refusal("regrouping.none_chosen")
    gone = any(report.issue != source.code for report in reports)
    return Refusal("console.since.issue") if gone else None


def undo(
    actor: Actor, regrouping: Regrouping, source: Issue | None, target: Issue | None, today: date
) -> list[Change] | Refusal:
    """`source`, `target`: as the actor may read them."""
    if refused := refuse_undo(actor, regrouping, source, target, today):
        return refused
    assert target is not None
    takes_over = regrouping.act is RegroupingAct.MERGE and seen_of(target) != regrouping.target_seen
    return [UndoRegrouping(regrouping, takes_over, target.state, actor.id)]


def refuse_undo(
    actor: Actor, regrouping: Regrouping, source: Issue | None, target: Issue | None, today: date
) -> Refusal | None:
    """Why it can't be undone; None: it can."""
    if regrouping.undone is not None:
        return Refusal("regrouping.undone")
    if (today - regrouping.day).days > UNDO_DAYS:
        return Refusal("regrouping.late", {"days": UNDO_DAYS})
    if source is None or target is None or not may(actor, COORDINATORS):
        return Refusal("issue.gone")
    is_merge = regrouping.act is RegroupingAct.MERGE
    owned = [owns_issue(actor, issue) for issue in (source, target)]
    if not (all(owned) if is_merge else any(owned)):
        return Refusal("issue.not_owner", {"unit": target.owner.name})
    # whatever was merged later is undone first
    later = [target] if is_merge else [source, target]
    for issue in later:
        if issue.state == IssueState.MERGED:
            return Refusal("regrouping.merged_since", {"issue": issue.code, "into": issue.merged_into})
    return None
