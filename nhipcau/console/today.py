"""Việc hôm nay: what waits, each number a link to exactly its list (rule K1), and what does not work (rule K15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS, NETWORKERS, READERS, may
from nhipcau.actions.syntheses import refuse_signing
from nhipcau.bot.language.periods import period_words
from nhipcau.bot.messaging.channel import RetryingChannel
from nhipcau.console.pages import render
from nhipcau.console.report_list import own_sections
from nhipcau.console.routes import Page
from nhipcau.console.synthesis_list import late_from_below
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisState
from nhipcau.model.office_queries import Sections
from nhipcau.model.queries import Signals
from nhipcau.model.reports import ONE_TAP_STATES, UNSETTLED, ReportState
from nhipcau.model.signals import SignalState
from nhipcau.model.synthesis_queries import Syntheses, SynthesisSigners
from nhipcau.model.waiting import EndingRequest, ReportsWaiting, RequestsWaiting, late_days
from nhipcau.storage.shared_values import troubles

#: An official request that ended so long ago is no longer asked for.
_ASKED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: how many of what; its words are `console.today.NAME`."""

    name: str
    number: int
    path: str
    is_late: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A channel that does not work, and why."""

    channel: str
    why: str
    #: This process can try again at once.
    may_retry: bool


async def show(visit: Visit) -> Response:
    lines: list[Waiting] = []
    if may(visit.person, COORDINATORS):
        lines += await _of_reports(visit)
    if may(visit.person, READERS):
        lines += await _of_requests(visit)
        lines += await _of_signals(visit)
        lines += await _of_syntheses(visit)
    found = [line for line in lines if line.number]
    found.sort(key=lambda line: not line.is_late)
    return await render(visit, "today.html", here="today", lines=found, troubles=await _troubles(visit))


async def _of_reports(visit: Visit) -> Sequence[Waiting]:
    first, last = late_days(visit.office.calendar, visit.today, visit.office.follow_up_days)
    mine = own_sections(visit, await visit.ask(Sections(visit.scope)))
    found = await visit.ask(ReportsWaiting(visit.scope, first, last, tuple(mine)))
    new = ReportState.NEW
    return [
        Waiting("urgent", found.urgent, _reports(state=new, urgency="khan"), is_late=True),
        Waiting("late", found.late, _reports(state=new, since=first, until=last), is_late=True),
        Waiting("due_late", found.due_late, _reports(due="late"), is_late=True),
        Waiting("due_today", found.due_today, _reports(due="today"), is_late=True),
        Waiting("assigned", found.assigned, _reports(section=",".join(mine), state=",".join(UNSETTLED))),
        Waiting("replied", found.replied, _reports(reply="yes")),
        Waiting("new", found.by_state.get(new, 0), _reports(state=new)),
        *(Waiting(state, found.by_state.get(state, 0), _reports(state=state)) for state in ONE_TAP_STATES),
    ]


def _reports(**filters: object) -> str:
    return f"/reports?{urlencode(filters)}"


async def _of_requests(visit: Visit) -> Sequence[Waiting]:
    zone = visit.office.zone
    tonight = datetime.combine(visit.today + timedelta(days=1), time(), zone)
    found = await visit.ask(RequestsWaiting(visit.scope, visit.now - _ASKED_FOR, tonight))
    return [_ending(visit, each) for each in found]


def _ending(visit: Visit, ending: EndingRequest) -> Waiting:
    """Of an official one the number is that of the units its board names as missing; of a poll it is the poll."""
    at = ending.closes_at.astimezone(visit.office.zone)
    facts = {"title": ending.title, "time": f"{at:%H:%M}", "day": f"{at:%d/%m}"}
    name = "over" if ending.is_over else "ends_missing" if ending.missing else "ends"
    return Waiting(name, ending.missing or 1, f"/requests/{ending.id}", ending.is_over, facts)


async def _of_signals(visit: Visit) -> Sequence[Waiting]:
    signals = await visit.ask(Signals(visit.scope))
    new = sum(1 for signal in signals if signal.state is SignalState.NEW)
    return [Waiting("signals", new, f"/insight?{urlencode({'signals': SignalState.NEW})}#signals")]


async def _of_syntheses(visit: Visit) -> Sequence[Waiting]:
    """Of one's own unit: drafts that coordinators check, and what was checked for whoever may sign it; units below
    that have not signed theirs in time."""
    found = []
    kept = await visit.ask(Syntheses(visit.scope))
    for awaited in late_from_below(visit, kept):
        facts = {"period": period_words(awaited.period.text, visit.t)}
        path = f"/syntheses?{urlencode({'late': awaited.period.text})}"
        found.append(Waiting("synthesis_late", len(awaited.missing), path, is_late=True, facts=facts))
    for each in kept:
        if each.unit.id == visit.person.unit.id and await _is_mine(visit, each):
            facts = {"period": period_words(each.period, visit.t)}
            found.append(Waiting(f"synthesis_{each.state}", 1, f"/syntheses/{each.id}", facts=facts))
    return found


async def _is_mine(visit: Visit, kept: KeptSynthesis) -> bool:
    """Whether its next step is this person's."""
    if kept.state is not SynthesisState.CHECKED:
        return kept.state is SynthesisState.DRAFT and may(visit.person, COORDINATORS)
    who = await visit.ask(SynthesisSigners(visit.scope, kept.id, visit.person.id))
    return who is not None and refuse_signing(visit.actor, kept, who) is None


# ------------------------------------------------------------------ channels


async def _troubles(visit: Visit) -> Sequence[Trouble]:
    if not may(visit.person, NETWORKERS):
        return []
    console = visit.console
    known = await troubles(visit.at.connection)
    found = []
    for name in sorted(console.channels):
        here = console.received.get(name)
        status = here.status() if here else None
        why = known.get(name, "") if status is None else "" if status.ok else status.detail
        if why:
            found.append(Trouble(name, why, isinstance(here, RetryingChannel)))
    return found


async def retry(visit: Visit) -> Response:
    """Let every channel that waits after a failure try again now."""
    if not may(visit.person, NETWORKERS):
        raise NotHere
    for channel in visit.console.received.values():
        if isinstance(channel, RetryingChannel) and not channel.status().ok:
            channel.retry()
    return visit.go(ROOT, "retried")


PAGES = (Page("", READERS | NETWORKERS, show, {"retry": Act(retry)}),)
