"""Which syntheses a unit waits for from those below it, and on which days whom one reminds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nhipcau.bot.language.periods import Period, read_period
from nhipcau.bot.units.tree import Unit
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState
from nhipcau.model.synthesis import due_on

#: Days after the last one in time on which they are asked for.
_ASKED_FOR = 31


@dataclass(frozen=True, slots=True)
class Awaited:
    """What one period lacks."""

    #: Who waits.
    unit: Unit
    period: Period
    #: The last day in time.
    due: date
    #: Units below that have not signed theirs.
    missing: tuple[Unit, ...]

    def is_late(self, today: date) -> bool:
        return self.due < today

    def is_told_on(self, since: date, today: date) -> bool:
        """Whether one of its two reminders, on the last day in time and on the day after, falls after `since` and up
        to today."""
        return any(since < moment <= today for moment in (self.due, self.due + timedelta(days=1)))


def awaited_from_below(unit: Unit, kept: Sequence[KeptSynthesis], areas: Sequence[Unit], today: date) -> list[Awaited]:
    """Of each period that is over and that the unit has drafted its own for, until it has signed it: that is when it
    takes in what comes from below. The newest first. Nothing, where no unit below keeps any. `kept`: of the unit and
    those below; `areas`: communes and agencies, any."""
    whole = [each for each in kept if not each.topics and each.unit.path.startswith(unit.path)]
    own = [each for each in whole if each.unit.id == unit.id]
    if len(own) == len(whole):
        return []
    below = [area for area in areas if area.path.startswith(unit.path) and area.id != unit.id]
    signed = {(each.period, each.unit.id) for each in whole if each.state is SynthesisState.SIGNED}
    found = []
    for name in sorted({each.period for each in own} - {name for name, id in signed if id == unit.id}):
        period = read_period(name, today)
        if period is None or not period.last < today <= due_on(period) + timedelta(days=_ASKED_FOR):
            continue
        missing = tuple(area for area in below if (name, area.id) not in signed)
        found += [Awaited(unit, period, due_on(period), missing)] if missing else []
    return sorted(found, key=lambda each: (each.period.last, each.period.text), reverse=True)
