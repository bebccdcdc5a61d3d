"""Opens, reminds of, prolongs and ends requests, and sends the messages that go with it.

Each function runs inside the caller's transaction. Keys to destroy after its commit go into `context.after`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import (
    BoardAct,
    ManageReport,
    ManageRequest,
    OfficeAct,
    ShowBoardPage,
    choice,
)
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.board_text import board_pages
from nhipcau.handlers.screens import channel_name, is_coordinator
from nhipcau.insight.poll_results import poll_result
from nhipcau.model.changes import AlertCoordinators
from nhipcau.model.people import Person, PersonState
from nhipcau.model.report_title import named
from nhipcau.model.request_changes import OpenRequest
from nhipcau.model.request_kinds import REQUEST_TRAITS, RequestKind
from nhipcau.model.requests import ParticipationState, Request, RequestState
from nhipcau.model.scope import Scope
from nhipcau.model.tally import Tally
from nhipcau.operations.escalation import escalate_unanswered
from nhipcau.operations.live_boards import board_facts
from nhipcau.operations.notify import ALERT, ASK, ASK_URGENTLY, REMIND, RESULT, SUMMARY, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.sealing import poll_key
from nhipcau.privacy.suppression import K
from nhipcau.storage import (
    answers,
    audiences,
    outbox,
    outbox_upkeep,
    overlaps,
    people,
    poll_groups,
    requests,
    running_counts,
    sealed_answers,
    vouched,
)
from nhipcau.storage.audit import OFFICE, record_audit
from nhipcau.storage.outbox import NewDelivery

#: Pause before somebody who has just joined gets open requests, so that they read the greeting first.
GREETING_PAUSE = timedelta(seconds=3)


def reminders_due(kind: RequestKind, opens: datetime, closes: datetime, now: datetime) -> int:
    """Number of reminders a request should have had by now."""
    used = (now - opens).total_seconds() / max(1.0, (closes - opens).total_seconds())
    return sum(1 for share in REQUEST_TRAITS[kind].reminders if used >= share)


async def create(context: OperationContext, act: OpenRequest) -> None:
    await requests.create(context.connection, act)
    if act.audience.people:
        # with their place from now on: whoever leaves before it opens leaves this too
        request = (await requests.read_requests(context.connection, context.tree, [act.id]))[act.id]
        drawn = await people.find_people(context.connection, context.sealer, context.tree, list(act.audience.people))
        await audiences.ask_people(context.connection, context.tree, request, list(drawn.values()))
    record_audit(context, "request.create", act.asked_by or OFFICE)


async def open_request(context: OperationContext, id: str) -> int:
    """Send a scheduled request to its audience; returns how many people. Does nothing in any other state."""
    if not await requests.set_state(context.connection, id, RequestState.OPEN, RequestState.SCHEDULED):
        return 0
    audience = await audiences.audience_of(context.connection, id)
    asked = await audiences.choose_people(context.connection, Scope.office(), context.sealer, context.tree, audience)
    if audience.sample:
        asked = await audiences.choose_sample(context.connection, id, audience, asked, context.today)
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    if request.closes_at <= context.now:
        return await _never_asked(context, request, "push.missed")
    if not asked and request.kind in {RequestKind.DUTY, RequestKind.NOTICE}:
        return await _never_asked(context, request, "push.nobody")
    if request.is_poll:
        counted = await vouched.vouched_among(context.connection, context.tree, [person.id for person in asked])
        if counted < K:
            return await _never_asked(context, request, "push.too_few", n=counted, k=K)
    await audiences.ask_people(context.connection, context.tree, request, asked)
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    if request.is_poll:
        # create the key file before the commit, as answers need it
        context.sealer.ring.get(poll_key(id))
    await push_ask(context, request, asked)
    return len(asked)


async def _never_asked(context: OperationContext, request: Request, why: str, **facts: int) -> int:
    """Withdraw a planned request that can't be sent, and notify whoever made it."""
    await requests.set_state(context.connection, request.id, RequestState.STOPPED, RequestState.OPEN)
    record_audit(context, "request.stop", OFFICE)
    await push(
        context,
        await _summary_recipients(context, request),
        lambda t: Message(t(why, title=request.title, **facts)),
        SUMMARY,
        about=request,
    )
    return 0


async def ask_again(context: OperationContext, person_ids: Sequence[str]) -> None:
    """Send open requests to people who can be reached again (unblocked, window open, new contact)."""
    for person_id in await audiences.waiting_undelivered(context.connection, person_ids):
        person = (await people.find_people(context.connection, context.sealer, context.tree, [person_id]))[person_id]
        ids = await audiences.undelivered_to(context.connection, person_id)
        for request in (await requests.read_requests(context.connection, context.tree, ids)).values():
            await push_ask(context, request, [person])


async def ask_newcomer(context: OperationContext, person: Person) -> None:
    """Send open requests to somebody who has just joined, unless they go to a sample."""
    ids = await audiences.open_to(context.connection, context.tree, person, context.now)
    for request in (await requests.read_requests(context.connection, context.tree, ids)).values():
        await audiences.ask_people(context.connection, context.tree, request, [person])
        await push_ask(context, request, [person])


async def ask_returned(context: OperationContext, person_ids: Sequence[str]) -> None:
    """Send open requests to people who blocked us and can be reached again: those that opened meanwhile, and those they
    have not answered, which may be gone from their chat."""
    found = await people.find_people(context.connection, context.sealer, context.tree, person_ids) if person_ids else {}
    later = replace(context, now=context.now + GREETING_PAUSE)
    for person in found.values():
        if person.state != PersonState.CONSENTED:
            continue
        ids = await audiences.missed_by(context.connection, context.tree, person, context.now)
        for request in (await requests.read_requests(context.connection, context.tree, ids)).values():
            await audiences.ask_people(context.connection, context.tree, request, [person])
            await push_ask(later, request, [person])


async def push_ask(context: OperationContext, request: Request, asked: Sequence[Person]) -> None:
    policy = ASK_URGENTLY if request.content.urgent else ASK
    await push(context, asked, lambda t: request_messages.ask(request, context.office.zone, t), policy, about=request)


async def remind(context: OperationContext, id: str) -> int:
    """Remind those it has reached who have not answered; checked again when each message is sent."""
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    waiting = await answers.without_answer(context.connection, id)
    found = await people.find_people(context.connection, context.sealer, context.tree, list(waiting))
    count = 0
    for begun in (False, True):
        recipients = [
            p
            for p in found.values()
            if p.state == PersonState.CONSENTED and (waiting[p.id] == ParticipationState.STARTED) is begun
        ]
        count += await push(
            context,
            recipients,
            partial(request_messages.remind, request, context.office.zone, context.now, begun),
            REMIND,
            about=request,
        )
    return count


async def remind_now(context: OperationContext, id: str, actor: str) -> None:
    """A coordinator reminds by hand."""
    await requests.set_values(context.connection, id, {"reminded_at": context.now})
    await remind(context, id)
    record_audit(context, "request.remind", actor)


async def prolong(context: OperationContext, id: str, closes_at: datetime, actor: str) -> None:
    """Move its end; deliveries expire later too, and reminders follow the longer time."""
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    passed = reminders_due(request.kind, request.opens_at, closes_at, context.now)
    await requests.set_values(context.connection, id, {"closes_at": closes_at, "reminders": passed})
    await outbox_upkeep.prolong(context.connection, id, closes_at)
    record_audit(context, "request.prolong", actor)


async def close(context: OperationContext, id: str, actor: str = OFFICE) -> None:
    """End it now: cancel unsent questions, send results and the summary."""
    if not await requests.set_state(
        context.connection, id, RequestState.CLOSED, RequestState.OPEN, RequestState.SCHEDULED
    ):
        return
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    if request.closes_at > context.now:
        await requests.set_values(context.connection, id, {"closes_at": context.now})
    waiting = await outbox_upkeep.waiting_for_a_week(context.connection, id)
    await outbox_upkeep.cancel(context.connection, id)
    by_unit = await sealed_answers.publish(context.connection, context.sealer, id) if request.is_poll else {}
    # not before publishing has locked who takes part: two polls that close at once would wait for each other
    await outbox_upkeep.give_up_waiting(context.connection, waiting)
    if request.is_poll:
        if by_unit is None:
            record_audit(context, "request.bury")
            return
        unvouched = await vouched.unvouched_answers(context.connection, context.tree, request)
        await running_counts.count_unvouched(context.connection, id, unvouched)
        request = replace(request, withheld=await overlaps.withhold(context.connection, request))
        await poll_groups.keep(context.connection, request, by_unit)
    if request.traits.has_result:
        await _tell_result(context, request, actor)
    if request.traits.one_a_unit:
        await escalate_unanswered(context, request)
    record_audit(context, "request.close", actor)
    await _end_poll(context, request)


async def stop(context: OperationContext, id: str, actor: str = OFFICE) -> None:
    """Withdraw it: delete answers, send no result."""
    if not await requests.set_state(
        context.connection, id, RequestState.STOPPED, RequestState.OPEN, RequestState.SCHEDULED
    ):
        return
    request = (await requests.read_requests(context.connection, context.tree, [id]))[id]
    await outbox_upkeep.cancel(context.connection, id, ("ask", "remind", outbox.CORRECTION))
    await answers.delete_answers(context.connection, id)
    # once no row names them, the sweep deletes picture and document
    await requests.set_values(context.connection, id, {"photo": "", "file": "", "file_name": ""})
    record_audit(context, "request.stop", actor)
    await _end_poll(context, request)


async def notify_released_contacts(context: OperationContext, contact_ids: Sequence[int], language: str) -> None:
    """Tell the earlier contacts that a card was used on a new phone, in case it was not their owner."""
    words = Message(texts(language)("join.let_go"))
    expires = context.now + outbox.REPLY_LIFETIME
    deliveries = [NewDelivery(id, words, outbox.REPLY, context.now, expires, purpose="notice") for id in contact_ids]
    await outbox.put(context.connection, context.sealer, context.today, deliveries)


async def notify_linked_contacts(
    context: OperationContext, contact_ids: Sequence[int], channel: str, language: str
) -> None:
    """Tell the other contacts that one was added with a code, in case it was not their owner."""
    t = texts(language)
    words = Message(t("doors.added", channel=channel_name(channel, t)))
    expires = context.now + outbox.REPLY_LIFETIME
    deliveries = [NewDelivery(id, words, outbox.REPLY, context.now, expires, purpose="notice") for id in contact_ids]
    await outbox.put(context.connection, context.sealer, context.today, deliveries)


async def _end_poll(context: OperationContext, request: Request) -> None:
    if not request.is_poll:
        return
    record_audit(context, "key.destroy")
    context.after.keys.append(poll_key(request.id))


async def _tell_result(context: OperationContext, request: Request, actor: str) -> None:
    """Send a poll's result to those who answered; the summary to whoever made it, or to the coordinators of its unit.

    `actor`, who closed it by hand, gets neither: the reply to them leads to the result.
    """
    is_poll = request.is_poll
    scope, tree, ended = Scope.office(request.unit), context.tree, context.now
    facts = await board_facts(context, scope, request)
    tally = await running_counts.tally(context.connection, scope, request) if is_poll else Tally({})
    recipients = [p for p in await _summary_recipients(context, request) if p.id != actor]

    def result(t: Texts, *, texts: bool = False) -> str:
        withheld = request.withheld
        return poll_result(request.title, request.form, tally, request.asked, t, texts=texts, withheld=withheld)

    if is_poll:
        ids = await answers.with_answer(context.connection, request.id)
        answered = await people.find_people(context.connection, context.sealer, context.tree, ids)
        readers = {actor, *(p.id for p in recipients)}
        await push(
            context,
            [p for p in answered.values() if p.state == PersonState.CONSENTED and p.id not in readers],
            lambda t: Message(result(t)),
            RESULT,
        )

    def summary(t: Texts) -> Message:
        first, *more = board_pages(request, facts, tree, ended, t)
        lines = [t("push.summary", title=request.title), *first.split("\n")[1:]]
        if is_poll:
            lines.append(result(t, texts=True))
        choices = [choice(t("menu.ketqua"), ManageRequest(request.id, BoardAct.RESULT))]
        if more:
            choices.append(choice(t("form.more"), ShowBoardPage(request.id, 1), way=True))
        return Message("\n".join(lines), tuple(choices))

    await push(context, recipients, summary, SUMMARY, about=request)


async def _summary_recipients(context: OperationContext, request: Request) -> list[Person]:
    asked_by = await requests.asked_by(context.connection, request.id)
    found = await people.find_people(context.connection, context.sealer, context.tree, [asked_by] if asked_by else [])
    asker = found.get(asked_by or "")
    if asker and is_coordinator(asker) and asker.state == PersonState.CONSENTED and asker.unit.holds(request.unit):
        return [asker]
    return await people.coordinators(context.connection, context.sealer, context.tree, request.unit)


async def close_keyless(context: OperationContext, id: str) -> None:
    """Close a poll that a restored backup has as open although its key is destroyed: its result was sent already, and
    nobody can read its answers any more."""
    if await requests.set_state(context.connection, id, RequestState.CLOSED, RequestState.OPEN):
        await sealed_answers.end_without_result(context.connection, id)
        record_audit(context, "request.bury")


async def alert_coordinators(context: OperationContext, act: AlertCoordinators) -> None:
    recipients = await people.coordinators(context.connection, context.sealer, context.tree, act.area)

    def urgent(t: Texts) -> Message:
        words = t(
            "report.ring",
            topic=t(f"topic.{act.topic}"),
            area=act.area.name,
            report=named(act.text, context.today, act.code),
        )
        return Message(words, (choice(t("report.open"), ManageReport(act.code, OfficeAct.SHOW)),))

    await push(context, recipients, urgent, ALERT)
