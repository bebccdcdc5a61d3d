"""The one inbound transaction: claim, load, decide, save and reply, for 1 or 200 events at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from nhipcau.bot.channels.registry import WINDOWS
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.delivery_windows import hour_of
from nhipcau.bot.messaging.events import Event, EventKind, bounded
from nhipcau.handlers.requests.request_messages import asked_by
from nhipcau.handlers.router import decide
from nhipcau.handlers.situation import DecisionResult, Situation
from nhipcau.intake.outgoing import Outgoing
from nhipcau.intake.queue import EventQueue, Prepare, report_failure
from nhipcau.intake.run import Run, decided, sorry, step
from nhipcau.intake.sender_limits import SenderLimits
from nhipcau.intake.slice import Slice
from nhipcau.metrics import BATCH, COMMIT, EVENTS, LAG
from nhipcau.model import changes
from nhipcau.model.conversation import AwaitsName, Conversation
from nhipcau.model.people import COORDINATORS, PersonState
from nhipcau.operations import commit
from nhipcau.operations import requests as request_operations
from nhipcau.operations.commit import Committer
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import contacts, inbound, outbox, run_queries, talks
from nhipcau.storage.audit import record_refusals
from nhipcau.storage.database import is_passing
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.inbound import ContactState
from nhipcau.storage.outbox import ClaimedDelivery, NewDelivery
from nhipcau.storage.registry import QueryContext

log = structlog.get_logger()
#: The answer to pictures sent together waits so long for the next of them.
ALBUM_PAUSE = timedelta(seconds=3)


async def _as_it_is(event: Event) -> Event:
    return event


class Dispatcher:
    """Decides events and saves the results. Channels call `submit`."""

    def __init__(
        self,
        committer: Committer,
        *,
        prepare: Prepare = _as_it_is,
        outgoing: Outgoing | None = None,
        identify: Callable[[str], str] = new_id,
    ) -> None:
        """`prepare` downloads an event's file; `identify` makes identifiers by kind."""
        self._committer = committer
        self._database, self._sealer, self._now = committer.database, committer.sealer, committer.now
        self._identify = identify
        self._intake = EventQueue(self, prepare)
        self.outgoing = outgoing
        self.limits = SenderLimits(self._now)

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns once all are committed. Raises while the database is away: submit them again then."""
        if admitted := self.limits.admit([bounded(event) for event in events]):
            await self._intake.submit(admitted)

    async def may_fetch_file(self, event: Event) -> bool:
        """Whether to download the event's file: a picture of anybody who has joined, a document of a coordinator; and
        only where the event was not handled before."""
        roles = COORDINATORS if event.kind is EventKind.FILE else ()
        async with self._database.reading() as connection:
            return await inbound.is_fresh_and_known(
                connection, self._sealer, event.channel, event.id, event.address, roles
            )

    async def handle(self, events: Sequence[Event]) -> Sequence[Event]:
        """One transaction; at most one event a person. Returns those that are left for the next one."""
        return await self._transaction(events)

    async def handle_failed(self, event: Event) -> None:
        """Reply with an apology; where even that can't be saved, only claim the event."""
        try:
            await self._transaction([event], failed=True)
        except Exception as error:
            if is_passing(error):
                raise
            report_failure(event, error)
            async with self._database.writing() as connection:
                await inbound.claim(connection, [(event.channel, event.id)], self._now().date())

    async def _transaction(self, events: Sequence[Event], *, failed: bool = False) -> Sequence[Event]:
        begun = time.monotonic()
        results = self.outgoing.take_results() if self.outgoing else DeliveryResults()
        #: Replies already claimed for the sender of this process.
        claimed: list[ClaimedDelivery] = []
        done = Slice()
        is_committed = False

        def committed() -> None:
            nonlocal is_committed
            is_committed = True
            if self.outgoing:
                self.outgoing.mark_recorded(results)
                self.outgoing.deliver(claimed)
            self._count([event for event in events if event not in done.left], time.monotonic() - begun)
            self.limits.codes.mark_audited(done.wrong_codes)
            self.limits.learn(done.decided)

        try:
            async with self._committer.transaction(committed) as work:
                claimed += await self._in_transaction(work, events, results, failed, done)
        except BaseException as error:
            if self.outgoing and not is_committed:
                self.outgoing.return_results(results, claimed if isinstance(error, asyncio.CancelledError) else ())
            raise
        return done.left

    def _count(self, events: Sequence[Event], seconds: float) -> None:
        BATCH.observe(len(events))
        COMMIT.observe(seconds)
        now = self._now().timestamp()
        for event in events:
            EVENTS.labels(event.channel).inc()
            if event.at:
                LAG.labels(event.channel).observe(max(0.0, now - event.at))

    async def _in_transaction(
        self, work: OperationContext, events: Sequence[Event], results: DeliveryResults, failed: bool, done: Slice
    ) -> list[ClaimedDelivery]:
        """Returns the replies already claimed for the sender of this process. What takes too long is left in `done`."""
        await record_outcomes(work.connection, self._sealer, results, work.now, work.today)
        fresh = await inbound.claim(work.connection, [(e.channel, e.id) for e in events], work.today)
        new = [e for e in events if (e.channel, e.id) in fresh and e.address and e.kind is not EventKind.IGNORED]
        claimed: list[ClaimedDelivery] = []
        done.wrong_codes = self.limits.codes.to_audit()
        record_refusals(work, codes=done.wrong_codes)
        while new:
            # a person's second event is decided on what the first one changed
            new = await self._handle(work, new, claimed, failed, done)
            if done.is_over:
                done.left, new = new, []
        await inbound.unclaim(work.connection, [(event.channel, event.id) for event in done.left])
        return claimed

    async def _handle(
        self,
        work: OperationContext,
        events: Sequence[Event],
        claimed: list[ClaimedDelivery],
        failed: bool,
        done: Slice,
    ) -> list[Event]:
        """Decides and saves one event a person. Returns those that must wait for these: of the same person, or of a
        contact that joins a person who acts here too."""
        addresses = sorted({(e.channel, e.address) for e in events})
        states = await inbound.find_contacts(
            work.connection, self._sealer, work.office.tree, addresses, work.now, work.today
        )
        events, later = _one_a_person(events, states)
        runs = [self._run(event, states[event.channel, event.address], work) for event in events]
        left: list[Event] = []
        if failed:
            for run in runs:
                run.outcome = sorry(run.situation)
        else:
            at = {state.contact.id: (state.contact.channel, state.address) for state in states.values()}
            at_hand = QueryContext(work.connection, self._sealer, work.office.tree, work.now, at, work.office.zone)
            runs, left = await self._decide(runs, at_hand, done)
        acting = {run.state.person.id for run in runs if run.state.person is not None}
        joining = [run for run in runs if run.state.person is None and _joined_to(run) & acting]
        saved = [run for run in runs if run not in joining]
        claimed += await self._save(work, saved)
        done.decided += [decided(run, work.today) for run in saved]
        return [*(run.event for run in joining), *left, *later]

    def _run(self, event: Event, state: ContactState, work: OperationContext) -> Run:
        language = state.person.language if state.person else work.office.language
        situation = Situation(
            event=event,
            now=work.now,
            contact=state.contact,
            person=state.person,
            conversation=state.talk,
            texts=texts(language),
            office=work.office,
            new_id=self._identify,
            may_try_codes=self.limits.may_try(event),
            reports_today=self.limits.reports_today(state.person.id, work.today) if state.person else 0,
        )
        naming = isinstance(state.talk.pending, AwaitsName)
        return Run(event, state, situation, decide(situation), state.talk.files(), naming)

    async def _decide(self, runs: list[Run], at: QueryContext, done: Slice) -> tuple[list[Run], list[Event]]:
        """Decide them side by side: what they need in one round is loaded with one call a kind of query. Returns those
        decided, and the events for which no time was left."""
        waiting = list(reversed(runs))
        while waiting and not done.is_over:
            with done:
                step(waiting.pop(), None)
        left = [run.event for run in reversed(waiting)]
        runs = runs[: len(runs) - len(left)]
        while needs := [run.need for run in runs if run.need is not None]:
            found = await run_queries.answer(at, needs)
            for run in runs:
                if run.need is not None:
                    with done:
                        step(run, found[run.need])
        return runs, left

    async def _save(self, work: OperationContext, runs: Sequence[Run]) -> list[ClaimedDelivery]:
        connection, today = work.connection, work.today
        outcomes = [(run, run.outcome) for run in runs if run.outcome is not None]
        changed = [change for _, outcome in outcomes for change in outcome.changes]
        former_contacts = {
            row.contact_id: await contacts.contacts_of(connection, row.person_id)
            for row in changed
            if isinstance(row, changes.Join) and row.again
        }
        addresses = {run.state.contact.id: (run.event.channel, run.state.address) for run in runs}
        await commit.apply(work, changed, addresses)
        await talks.save_conversations(connection, self._sealer, today, _talks(runs))
        alive = [run.state for run in runs if run.event.kind is not EventKind.BLOCKED]
        last_acts = _last_acts(runs, work.now)
        await inbound.touch_contacts(connection, self._sealer, alive, _shown_requests(runs), today, last_acts)
        claimed = await self._reply(work, outcomes)
        silent = [r.state.contact.id for r, o in outcomes if r.situation.person is None and not o.messages]
        await contacts.delete_strangers(connection, silent)
        for run, outcome in outcomes:
            await self._welcome(work, run, outcome, former_contacts)
            stored = {name for row in outcome.changes for name in commit.files_of(row)}
            work.after.files |= run.files - _talk_of(run).files() - stored
        await request_operations.ask_again(work, _perhaps_undelivered(runs))
        await request_operations.ask_returned(work, _returned(runs))
        return claimed

    async def _welcome(
        self,
        work: OperationContext,
        run: Run,
        outcome: DecisionResult,
        former_contacts: dict[int, list[int]],
    ) -> None:
        """After somebody has joined and given a name: ask what is open, and tell their former contacts; after a contact
        was added: tell the person's other contacts. `former_contacts`: by the contact that replaces them."""
        joins = any(isinstance(row, changes.Join) for row in outcome.changes)
        person = run.situation.person
        if person is not None and any(isinstance(row, changes.LinkContact) for row in outcome.changes):
            others = await contacts.contacts_of(work.connection, person.id)
            others.remove(run.state.contact.id)
            await request_operations.notify_linked_contacts(work, others, run.event.channel, person.language)
        if person is None or not (joins or run.naming):
            return
        if not isinstance(_talk_of(run).pending, AwaitsName):
            await request_operations.ask_newcomer(
                replace(work, now=work.now + request_operations.GREETING_PAUSE), person
            )
        earlier = [id for id in former_contacts.get(run.state.contact.id, ()) if id != run.state.contact.id]
        await request_operations.notify_released_contacts(work, earlier, person.language)

    async def _reply(
        self, work: OperationContext, outcomes: Sequence[tuple[Run, DecisionResult]]
    ) -> list[ClaimedDelivery]:
        """Write the replies: already claimed for the sender of this process where no other reply is on its way to that
        contact, else unclaimed."""
        now, today = work.now, work.today
        ready: list[tuple[NewDelivery, str, str]] = []
        others: list[NewDelivery] = []
        accepts = self.outgoing.accepts if self.outgoing else lambda channel: False
        direct = [run.state.contact.id for run, outcome in outcomes if outcome.messages and accepts(run.event.channel)]
        busy = await outbox.contacts_with_replies(work.connection, direct) if direct else set()
        for run, outcome in outcomes:
            contact = run.state.contact.id
            person = run.state.person.id if run.state.person else None
            due = now
            if run.event.album and outcome.messages:
                # one answer to pictures sent together: that to the next takes the place of this one while it waits
                await outbox.drop_postponed_replies(work.connection, contact, now)
                due += ALBUM_PAUSE
            deliveries = [
                NewDelivery(contact, message, outbox.REPLY, due, now + outbox.REPLY_LIFETIME, person_id=person)
                for message in outcome.messages
            ]
            if due == now and len(deliveries) == 1 and contact in direct and contact not in busy:
                ready.append((deliveries[0], run.event.channel, run.state.address))
            else:
                others += deliveries
        if await outbox.put(work.connection, self._sealer, today, others):
            work.after.wake_sender = True
        return await outbox.put_claimed(work.connection, self._sealer, today, ready, now)


#: Changes after which a person's conversation is not saved.
_LEAVING = (changes.DeletePerson, changes.ReplacePerson, changes.WithdrawConsent)


def _one_a_person(
    events: Sequence[Event], states: Mapping[tuple[str, str], ContactState]
) -> tuple[Sequence[Event], Sequence[Event]]:
    """The first event of each person, and those that must wait for it."""
    first: dict[object, Event] = {}
    later = []
    for event in events:
        state = states[event.channel, event.address]
        whose = state.person.id if state.person else state.contact.id
        if first.setdefault(whose, event) is not event:
            later.append(event)
    return list(first.values()), later


def _last_acts(runs: Sequence[Run], now: datetime) -> dict[int, datetime]:
    """The hour of the last act of each contact (by id) whose app has a delivery window."""
    found = {}
    for run in runs:
        window = WINDOWS.get(run.event.channel)
        if window is None:
            continue
        # an event sent again says when it happened; an impossible moment is ignored
        ago = now.timestamp() - run.event.at
        at = now - timedelta(seconds=ago) if 0 < ago < window.length.total_seconds() else now
        found[run.state.contact.id] = max(hour_of(at), run.state.contact.heard_at or hour_of(at))
    return found


def _perhaps_undelivered(runs: Sequence[Run]) -> list[str]:
    """People who may have missed a message and can be reached again: by this contact, or by one just added."""
    return [
        run.situation.person.id
        for run in runs
        if run.situation.person is not None and (run.state.undelivered or run.state.person is None)
    ]


def _returned(runs: Sequence[Run]) -> list[str]:
    """People whom no app reached, and one does again."""
    persons = [run.state.person for run in runs if run.event.kind is not EventKind.BLOCKED]
    return [person.id for person in persons if person is not None and person.state == PersonState.UNREACHABLE]


def _joined_to(run: Run) -> set[str]:
    """The people whose contact this becomes."""
    changed = run.outcome.changes if run.outcome else []
    return {row.person_id for row in changed if isinstance(row, changes.LinkContact | changes.Join)}


def _talk_of(run: Run) -> Conversation:
    """The conversation after this event; where it failed, as before."""
    return (run.outcome and run.outcome.conversation) or run.state.talk


def _talks(runs: Sequence[Run]) -> dict[str, Any]:
    """Conversations to save, by person: the contact's id, the conversation, whether it has changed. People who are
    being deleted or replaced are left out."""
    leaving = {row.person_id for run in runs if run.outcome for row in run.outcome.changes if isinstance(row, _LEAVING)}
    return {
        run.situation.person.id: (run.state.contact.id, _talk_of(run), _is_changed(run))
        for run in runs
        if run.situation.person is not None and run.situation.person.id not in leaving
    }


def _is_changed(run: Run) -> bool:
    """Whether the conversation has to be saved: it holds something now or did before, was at another contact, or has no
    row yet."""
    stored = run.state.stored
    if stored is None or run.state.person is None or stored.contact_id != run.state.contact.id:
        return True
    return not (stored.is_empty and _talk_of(run).is_empty)


def _shown_requests(runs: Sequence[Run]) -> dict[int, str]:
    """By contact, the request whose question is now the last message of the chat: that of the reply, or as before."""
    shown = {}
    for run in runs:
        if run.outcome is None or not run.outcome.messages:
            shown[run.state.contact.id] = run.state.contact.shown_request
            continue
        if found := asked_by(run.outcome.messages[-1].choices):
            shown[run.state.contact.id] = found
    return shown
