"""Acts that can be undone for a minute: the office sees them at once, people are told when the minute is over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from nhipcau.actions.decision import UNDO_TIME
from nhipcau.model.changes import Change, TellReporter, TellUnit
from nhipcau.model.issue_changes import TellContributors
from nhipcau.operations import written_requests
from nhipcau.operations.commit import apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import held_acts as storage
from nhipcau.storage import sendings, trials
from nhipcau.storage.held_acts import HeldAct

#: What waits of a decision; each is plain data.
_TELLING = {kind.__name__: kind for kind in (TellReporter, TellUnit, TellContributors)}


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoing puts back, and only while nobody has acted since."""

    #: Column → its value before, and after.
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    #: Notes that were written.
    notes: tuple[str, ...] = ()


async def hold(
    context: OperationContext, id: str, kind: str, subject: str, changes: Sequence[Change], undo: Undo
) -> None:
    """Apply what is rows now; what tells people waits. `kind`, `subject`: as in `HeldAct`."""
    telling = [change for change in changes if type(change).__name__ in _TELLING]
    await apply(context, [change for change in changes if change not in telling])
    body = json.dumps([[type(change).__name__, asdict(change)] for change in telling], ensure_ascii=False)
    written = json.dumps(asdict(undo), ensure_ascii=False)
    await storage.hold(context.connection, HeldAct(id, kind, subject, context.now + UNDO_TIME, body, written))
    context.after.wake_clock = True


async def take_back(context: OperationContext, id: str) -> tuple[HeldAct, Undo] | None:
    """Claim it for undoing: nobody is told. The caller puts back what its rows were. None: its minute is over."""
    found = await storage.take_back(context.connection, id, context.now)
    if found is None:
        return None
    read = json.loads(found.undo)
    return found, Undo(read["before"], read["after"], tuple(read["notes"]))


async def release(context: OperationContext, id: str) -> None:
    """Do what waited, as its minute is over."""
    found = await storage.take_due(context.connection, id, context.now)
    if found is None:
        return
    if found.kind == sendings.WAITING:
        await written_requests.make(context, found)
    elif found.kind not in {sendings.REFUSED, trials.TRIAL}:
        await apply(context, [_TELLING[name](**values) for name, values in json.loads(found.body)])
