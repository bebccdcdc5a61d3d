"""The one inbound transaction: claim, load, decide, save, and what is to be said, for 1 or 200 events at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from nhipcau.bot.channels.registry import WINDOWS
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.delivery_windows import hour_of
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.requests.request_messages import asked_by
from nhipcau.handlers.router import decide
from nhipcau.handlers.situation import Decision, DecisionResult, Situation
from nhipcau.intake.outgoing import Outgoing
from nhipcau.intake.queue import EventQueue, Prepare, report_failure
from nhipcau.metrics import BATCH, COMMIT, EVENTS, LAG
from nhipcau.model import changes
from nhipcau.model.conversation import AwaitsName, Conversation
from nhipcau.model.people import COORDINATORS
from nhipcau.model.queries import Query
from nhipcau.operations import commit
from nhipcau.operations import requests as request_operations
from nhipcau.operations.commit import Committer
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import contacts, inbound, outbox, run_queries
from nhipcau.storage.database import is_passing
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.inbound import ContactState
from nhipcau.storage.outbox import ClaimedDelivery, NewDelivery
from nhipcau.storage.registry import QueryContext

log = structlog.get_logger()


@dataclass(slots=True)
class _Run:
    """One event on its way through decide."""

    event: Event
    door: ContactState
    situation: Situation
    deciding: Decision[DecisionResult]
    #: Pictures and documents only this conversation held, and whether it waited for a name, before decide.
    files: set[str]
    naming: bool
    need: Query[Any] | None = None
    outcome: DecisionResult | None = None


async def _as_it_is(event: Event) -> Event:
    return event


class Dispatcher:
    """Hands events over to decide and keeps what comes out. `submit` is what channels call."""

    def __init__(
        self,
        committer: Committer,
        *,
        prepare: Prepare = _as_it_is,
        outgoing: Outgoing | None = None,
        identify: Callable[[str], str] = new_id,
    ) -> None:
        """`prepare` fetches an event's file; `identify` makes identifiers by kind."""
        self._committer = committer
        self._database, self._sealer, self._now = committer.database, committer.sealer, committer.now
        self._identify = identify
        self._intake = EventQueue(self, prepare)
        self.outgoing = outgoing

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed. Raises when the database is away: they are to be handed over again."""
        await self._intake.submit(events)

    async def is_welcome(self, event: Event) -> bool:
        """Whether a file may be fetched and stored, and not a second time: a picture from whoever has joined, a
        document from a coordinator."""
        roles = COORDINATORS if event.kind is EventKind.FILE else ()
        async with self._database.reading() as connection:
            return await inbound.is_fresh_and_known(
                connection, self._sealer, event.channel, event.id, event.address, roles
            )

    async def keep(self, events: Sequence[Event]) -> None:
        """One transaction for all of them, at most one a person."""
        await self._transaction(events)

    async def fail(self, event: Event) -> None:
        """One kind sentence instead of an answer; where even that can't be written, the event is only claimed."""
        try:
            await self._transaction([event], failed=True)
        except Exception as error:
            if is_passing(error):
                raise
            report_failure(event, error)
            async with self._database.writing() as connection:
                await inbound.claim(connection, [(event.channel, event.id)], self._now().date())

    async def _transaction(self, events: Sequence[Event], *, failed: bool = False) -> None:
        begun = time.monotonic()
        outcomes = self.outgoing.take_outcomes() if self.outgoing else DeliveryResults()
        #: Replies already under the lease of our own sender.
        claimed: list[ClaimedDelivery] = []
        is_kept = False

        def committed() -> None:
            nonlocal is_kept
            is_kept = True
            if self.outgoing:
                self.outgoing.recorded(outcomes)
                self.outgoing.deliver(claimed)
            self._count(events, time.monotonic() - begun)

        try:
            async with self._committer.transaction(committed) as work:
                claimed += await self._in_transaction(work, events, outcomes, failed)
        except BaseException:
            if self.outgoing and not is_kept:
                self.outgoing.give_back(outcomes)
            raise

    def _count(self, events: Sequence[Event], seconds: float) -> None:
        BATCH.observe(len(events))
        COMMIT.observe(seconds)
        now = self._now().timestamp()
        for event in events:
            EVENTS.labels(event.channel).inc()
            if event.at:
                LAG.labels(event.channel).observe(max(0.0, now - event.at))

    async def _in_transaction(
        self, work: OperationContext, events: Sequence[Event], outcomes: DeliveryResults, failed: bool
    ) -> list[ClaimedDelivery]:
        """Returns replies that our own sender has claimed already."""
        await record_outcomes(work.connection, self._sealer, outcomes, work.now, work.today)
        fresh = await inbound.claim(work.connection, [(e.channel, e.id) for e in events], work.today)
        new = [e for e in events if (e.channel, e.id) in fresh and e.address and e.kind is not EventKind.IGNORED]
        claimed: list[ClaimedDelivery] = []
        while new:
            # who acts twice is read anew, as the first act has left them
            new = await self._handle(work, new, claimed, failed)
        return claimed

    async def _handle(
        self, work: OperationContext, events: Sequence[Event], claimed: list[ClaimedDelivery], failed: bool
    ) -> list[Event]:
        """Decides one event a person, and keeps it. Returns those that have to wait for these: of the same person, or
        joining somebody who acts here too."""
        addresses = sorted({(e.channel, e.address) for e in events})
        doors = await inbound.find_contacts(
            work.connection, self._sealer, work.office.tree, addresses, work.now, work.today
        )
        events, later = _one_a_person(events, doors)
        runs = [self._run(event, doors[event.channel, event.address], work) for event in events]
        if failed:
            for run in runs:
                run.outcome = _sorry(run.situation)
        else:
            at = {door.contact.id: (door.contact.channel, door.address) for door in doors.values()}
            await self._decide(
                runs, QueryContext(work.connection, self._sealer, work.office.tree, work.now, at, work.office.zone)
            )
        acting = {run.door.person.id for run in runs if run.door.person is not None}
        joining = [run for run in runs if run.door.person is None and _joined_to(run) & acting]
        claimed += await self._save(work, [run for run in runs if run not in joining])
        return [*(run.event for run in joining), *later]

    def _run(self, event: Event, door: ContactState, work: OperationContext) -> _Run:
        language = door.person.language if door.person else work.office.language
        situation = Situation(
            event=event,
            now=work.now,
            contact=door.contact,
            person=door.person,
            conversation=door.talk,
            texts=texts(language),
            office=work.office,
            new_id=self._identify,
        )
        naming = isinstance(door.talk.pending, AwaitsName)
        return _Run(event, door, situation, decide(situation), door.talk.files(), naming)

    async def _decide(self, runs: Sequence[_Run], at: QueryContext) -> None:
        """All of them step by step: what they ask for in one round is loaded with one call a kind."""
        for run in runs:
            _step(run, None)
        while needs := [run.need for run in runs if run.need is not None]:
            found = await run_queries.answer(at, needs)
            for run in runs:
                if run.need is not None:
                    _step(run, found[run.need])

    async def _save(self, work: OperationContext, runs: Sequence[_Run]) -> list[ClaimedDelivery]:
        connection, today = work.connection, work.today
        outcomes = [(run, run.outcome) for run in runs if run.outcome is not None]
        changed = [change for _, outcome in outcomes for change in outcome.changes]
        let_go = {
            row.contact_id: await contacts.contacts_of(connection, row.person_id)
            for row in changed
            if isinstance(row, changes.Join) and row.again
        }
        doors = {run.door.contact.id: (run.event.channel, run.door.address) for run in runs}
        await commit.apply(work, changed, doors)
        await inbound.save_conversations(connection, self._sealer, today, _talks(runs))
        alive = [run.door for run in runs if run.event.kind is not EventKind.BLOCKED]
        await inbound.touch_contacts(connection, self._sealer, alive, _shown(runs), today, _heard(runs, work.now))
        claimed = await self._reply(work, outcomes)
        silent = [r.door.contact.id for r, o in outcomes if r.situation.person is None and not o.messages]
        await contacts.delete_strangers(connection, silent)
        for run, outcome in outcomes:
            await self._welcome(work, run, outcome, let_go)
            kept = {name for row in outcome.changes for name in commit.files_of(row)}
            work.after.files |= run.files - _talk_of(run).files() - kept
        await request_operations.ask_again(work, _perhaps_undelivered(runs))
        return claimed

    async def _welcome(
        self,
        work: OperationContext,
        run: _Run,
        outcome: DecisionResult,
        let_go: dict[int, list[int]],
    ) -> None:
        """Who has joined, and been asked for a name, hears what is open; their other or earlier doors are told."""
        joins = any(isinstance(row, changes.Join) for row in outcome.changes)
        person = run.situation.person
        if person is not None and any(isinstance(row, changes.LinkContact) for row in outcome.changes):
            others = await contacts.contacts_of(work.connection, person.id)
            others.remove(run.door.contact.id)
            await request_operations.notify_linked_contacts(work, others, run.event.channel, person.language)
        if person is None or not (joins or run.naming):
            return
        if not isinstance(_talk_of(run).pending, AwaitsName):
            await request_operations.ask_newcomer(
                replace(work, now=work.now + request_operations.GREETING_PAUSE), person
            )
        earlier = [id for id in let_go.get(run.door.contact.id, ()) if id != run.door.contact.id]
        await request_operations.notify_released_contacts(work, earlier, person.language)

    async def _reply(
        self, work: OperationContext, outcomes: Sequence[tuple[_Run, DecisionResult]]
    ) -> list[ClaimedDelivery]:
        """Write the replies: to our own sender where nothing else is on its way to that door, else to whoever looks."""
        now, today = work.now, work.today
        ready: list[tuple[NewDelivery, str, str]] = []
        others: list[NewDelivery] = []
        takes = self.outgoing.takes if self.outgoing else lambda channel: False
        doors = [run.door.contact.id for run, outcome in outcomes if outcome.messages and takes(run.event.channel)]
        busy = await outbox.contacts_with_replies(work.connection, doors) if doors else set()
        for run, outcome in outcomes:
            contact = run.door.contact.id
            person = run.door.person.id if run.door.person else None
            parcels = [
                NewDelivery(contact, message, outbox.REPLY, now, now + outbox.REPLY_LIFETIME, person_id=person)
                for message in outcome.messages
            ]
            if len(parcels) == 1 and contact in doors and contact not in busy:
                ready.append((parcels[0], run.event.channel, run.door.address))
            else:
                others += parcels
        if await outbox.put(work.connection, self._sealer, today, others):
            work.after.wake_sender = True
        return await outbox.put_claimed(work.connection, self._sealer, today, ready, now)


#: Whose conversation and doors go.
_LEAVING = (changes.DeletePerson, changes.ReplacePerson)


def _step(run: _Run, found: Any) -> None:
    """Go on with one decision; a raise fails this event alone."""
    try:
        run.need = run.deciding.send(found)
    except StopIteration as stop:
        run.need, run.outcome = None, stop.value
    except Exception as error:
        report_failure(run.event, error)
        run.need, run.outcome = None, _sorry(run.situation)


def _sorry(situation: Situation) -> DecisionResult:
    return DecisionResult([Message(situation.texts("wrong.failed"))])


def _one_a_person(
    events: Sequence[Event], doors: Mapping[tuple[str, str], ContactState]
) -> tuple[Sequence[Event], Sequence[Event]]:
    """The first event of each person, and those that must wait for it."""
    first: dict[object, Event] = {}
    later = []
    for event in events:
        door = doors[event.channel, event.address]
        whose = door.person.id if door.person else door.contact.id
        if first.setdefault(whose, event) is not event:
            later.append(event)
    return list(first.values()), later


def _heard(runs: Sequence[_Run], now: datetime) -> dict[int, datetime]:
    """The hour of the last act at each door whose app closes a window after it."""
    found = {}
    for run in runs:
        window = WINDOWS.get(run.event.channel)
        if window is None:
            continue
        # what is posted again says when it was; a moment that can't be is not believed
        ago = now.timestamp() - run.event.at
        at = now - timedelta(seconds=ago) if 0 < ago < window.length.total_seconds() else now
        found[run.door.contact.id] = max(hour_of(at), run.door.contact.heard_at or hour_of(at))
    return found


def _perhaps_undelivered(runs: Sequence[_Run]) -> list[str]:
    """People to whom something could not be delivered, and who are reached again or by one more door."""
    return [
        run.situation.person.id
        for run in runs
        if run.situation.person is not None and (run.door.undelivered or run.door.person is None)
    ]


def _joined_to(run: _Run) -> set[str]:
    """Whose door this becomes."""
    written = run.outcome.changes if run.outcome else []
    return {row.person_id for row in written if isinstance(row, changes.LinkContact | changes.Join)}


def _talk_of(run: _Run) -> Conversation:
    """The conversation as it is after this event; where it failed, as it was."""
    return (run.outcome and run.outcome.conversation) or run.door.talk


def _talks(runs: Sequence[_Run]) -> dict[str, Any]:
    """Conversations to keep, by person, each with its door; not of one who is being deleted."""
    leaving = {row.person_id for run in runs if run.outcome for row in run.outcome.changes if isinstance(row, _LEAVING)}
    return {
        run.situation.person.id: (run.door.contact.id, _talk_of(run), run.door.has_talk)
        for run in runs
        if run.situation.person is not None and run.situation.person.id not in leaving
    }


def _shown(runs: Sequence[_Run]) -> dict[int, str]:
    """The request whose question stands last in each chat now: that of the reply, or the one before if none came."""
    shown = {}
    for run in runs:
        if run.outcome is None or not run.outcome.messages:
            shown[run.door.contact.id] = run.door.contact.shown_request
            continue
        if found := asked_by(run.outcome.messages[-1].choices):
            shown[run.door.contact.id] = found
    return shown
