"""Tells coordinators what grew: once, and again where it has clearly grown. Called by the scheduler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.insight.signal_messages import ended, news
from nhipcau.model.signals import Level, Rise, Signal
from nhipcau.operations.notify import NEWS, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import people
from nhipcau.storage.audit import record_audit
from nhipcau.storage.shared_values import advance_fact
from nhipcau.storage.signals import record_look

#: The fact that holds the day up to which everything was told.
TOLD = "signals"


async def tell(context: OperationContext, rises: Sequence[Rise], day: date) -> int:
    """Keep what stood out at the end of this day and tell what is new, unless that was done already. Returns the number
    of messages. They wait for the morning and count in the weekly limit: nothing here is urgent."""
    if not await advance_fact(context.connection, TOLD, day.isoformat()):
        return 0
    looked = await record_look(context.connection, context.tree, rises, day)
    count = await _send(context, looked.told, news) + await _send(context, looked.ended, ended)
    if looked.told:
        record_audit(context, "signal.tell", number=len(looked.told))
    return count


async def _send(
    context: OperationContext, signals: Sequence[Signal], make: Callable[[Sequence[Signal], Texts], Message]
) -> int:
    by_unit: dict[int, list[Signal]] = defaultdict(list)
    for signal in signals:
        if unit := _told_at(context, signal.rise):
            by_unit[unit.id].append(signal)
    count = 0
    for id, found in sorted(by_unit.items()):
        unit = context.tree.by_id[id]
        told = await people.coordinators(context.connection, context.sealer, context.tree, unit)
        count += await push(context, told, partial(make, found), NEWS)
    return count


def _told_at(context: OperationContext, rise: Rise) -> Unit | None:
    """The unit whose coordinators are told: the place's own, or the province's for a cluster."""
    return context.tree.root if rise.level is Level.CLUSTER else context.tree.by_code.get(rise.place)
