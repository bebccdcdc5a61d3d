"""Tells units above which syntheses were signed, and reminds those below whose own is awaited: once a morning. Called
by the scheduler.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from nhipcau.actions.awaited_syntheses import Awaited, awaited_from_below
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.insight.synthesis_messages import reminder, signed_below
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState
from nhipcau.model.scope import Scope
from nhipcau.operations.notify import NEWS, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import people
from nhipcau.storage.shared_values import advance_fact, read_fact
from nhipcau.storage.syntheses import syntheses_in

#: The fact that holds the day on which everything before it was told.
TOLD = "syntheses"
#: Days the service may have stood still without anything being left out.
_MOST_DAYS = 7


async def tell(context: OperationContext) -> int:
    """Tell what was signed since it was told last, up to yesterday, and remind of what is awaited, unless that was done
    today. Returns the number of messages. They wait for the morning and count in the weekly limit."""
    today, told = context.today, await read_fact(context.connection, TOLD)
    if not await advance_fact(context.connection, TOLD, today.isoformat()):
        return 0
    since = max(date.fromisoformat(told), today - timedelta(days=_MOST_DAYS)) if told else today - timedelta(days=1)
    kept = await syntheses_in(context.connection, Scope.office(), context.tree)
    return await _tell_above(context, kept, since) + await _remind_below(context, kept, since)


async def _tell_above(context: OperationContext, kept: Sequence[KeptSynthesis], since: date) -> int:
    """One message for all that came to a unit."""
    to: dict[int, list[KeptSynthesis]] = defaultdict(list)
    for each in kept:
        is_new = each.signed is not None and since <= each.signed < context.today and not each.topics
        if is_new and each.state is SynthesisState.SIGNED and each.unit.parent_id is not None:
            to[each.unit.parent_id].append(each)
    count = 0
    for id, found in sorted(to.items()):
        above = await people.coordinators(context.connection, context.sealer, context.tree, context.tree.by_id[id])
        count += await push(context, above, partial(signed_below, found), NEWS)
    return count


async def _remind_below(context: OperationContext, kept: Sequence[KeptSynthesis], since: date) -> int:
    count = 0
    for unit in sorted({each.unit.path: each.unit for each in kept}.values(), key=lambda unit: unit.path):
        for awaited in awaited_from_below(unit, kept, context.tree.areas, context.today):
            if awaited.is_told_on(since, context.today):
                for missing in awaited.missing:
                    count += await _remind(context, awaited, missing)
    return count


async def _remind(context: OperationContext, awaited: Awaited, unit: Unit) -> int:
    found = await people.coordinators(context.connection, context.sealer, context.tree, unit)
    # where it has none these are of a unit above, which sees it among what waits
    own = [person for person in found if person.unit.id == unit.id]
    is_late = awaited.is_late(context.today)
    return await push(context, own, partial(reminder, awaited.period.text, awaited.due, is_late), NEWS) if own else 0
