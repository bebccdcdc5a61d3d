"""Undoing what was done within the last minute: nobody was told yet, and the rows are put back."""

from __future__ import annotations

import json

from nhipcau.model.undo_changes import RevertIssue, RevertReport
from nhipcau.operations.commit import apply
from nhipcau.operations.held_acts import take_back
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import held_acts as storage
from nhipcau.storage.held_acts import HeldAct
from nhipcau.storage.undo import is_issue_as_left, is_report_as_left, reports_in_issue


async def undo(context: OperationContext, kind: str, subject: str, id: str, actor: str) -> bool:
    """Undo the act of this id about this report or issue. False: its minute is over, or somebody has acted since; then
    nothing is changed, and what waits is still told."""
    held = [act for act in await storage.held_about(context.connection, kind, subject) if act.id == id]
    if not held:
        return False
    row = _revert(held[0], actor)
    if isinstance(row, RevertReport):
        is_as_left = await is_report_as_left(context.connection, row)
    else:
        is_as_left = await is_issue_as_left(context.connection, row)
    if not is_as_left or await take_back(context, id) is None:
        return False
    await apply(context, [row])
    return True


async def reports_as_they_are(context: OperationContext, issue: str) -> dict[str, str]:
    """What undoing an act on this issue puts back in each of its reports: part of `Undo.before`."""
    return await reports_in_issue(context.connection, issue)


def _revert(act: HeldAct, actor: str) -> RevertReport | RevertIssue:
    undo = json.loads(act.undo)
    if act.kind == "issue":
        return RevertIssue(act.subject, undo["before"], undo["after"], actor)
    before = undo["before"]
    opened = before.pop("opened", "")
    return RevertReport(act.subject, before, undo["after"], tuple(undo["notes"]), opened, actor)
