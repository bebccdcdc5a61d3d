"""What the office sends about an earlier request: a corrected notice, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.request_draft import title_of
from nhipcau.model.people import Person, PersonState
from nhipcau.model.request_changes import CorrectNotice, TellDecision
from nhipcau.model.requests import ParticipationState, Request
from nhipcau.operations import requests as request_operations
from nhipcau.operations.notify import CORRECTED, RESULT, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import answers, editable_messages, outbox, outbox_upkeep, people, requests
from nhipcau.storage.audit import record_audit
from nhipcau.storage.editable_messages import EditableMessage
from nhipcau.storage.outbox import CORRECTION, REMINDER, NewDelivery

#: An edit not made within this time is given up.
_EDIT_LIFETIME = timedelta(days=3)
#: States of those who have received it.
_READ_STATES = {ParticipationState.REACHED, ParticipationState.STARTED, ParticipationState.ANSWERED}
#: Longest text that every app which can edit takes as a caption, together with our own sentences.
_MAX_CAPTION_CHARS = 800


async def correct(context: OperationContext, act: CorrectNotice) -> None:
    """Send the new text to those not reached yet; elsewhere edit the message where the app can, else send it again."""
    await requests.set_values(context.connection, act.id, {"intro": act.text, "title": title_of(act.text)})
    record_audit(context, "notice.correct", act.actor)
    request = (await requests.read_requests(context.connection, context.tree, [act.id]))[act.id]
    states = await answers.states_of(context.connection, act.id)
    found = await people.find_people(context.connection, context.sealer, context.tree, list(states))
    unsent = [
        p for p in found.values() if states[p.id] == ParticipationState.ASKED and p.state == PersonState.CONSENTED
    ]
    await outbox_upkeep.cancel(context.connection, act.id, ("ask", CORRECTION))
    await request_operations.push_ask(context, request, unsent)
    read = [p for p in found.values() if states[p.id] in _READ_STATES]
    sent_messages = await editable_messages.copies_of(context.connection, editable_messages.NOTICE + act.id)
    edited = await _edit(
        context, request, [sent_message for sent_message in sent_messages if sent_message.person_id in states], found
    )
    await push(
        context,
        [p for p in read if p.id not in edited and p.state == PersonState.CONSENTED],
        lambda t: Message(t("words.correct", title=request.title, text=act.text)),
        CORRECTED,
        about=request,
    )


async def _edit(
    context: OperationContext, request: Request, sent_messages: Sequence[EditableMessage], found: dict[str, Person]
) -> set[str]:
    """Queue edits of the messages sent; returns the ids of their recipients."""
    attachment = request.content.attachment
    if (attachment.photo or attachment.file) and len(request.content.intro) > _MAX_CAPTION_CHARS:
        # a longer caption would be cut off
        return set()
    deliveries = []
    for sent_message in sent_messages:
        person = found.get(sent_message.person_id or "")
        if person is None:
            continue
        message = request_messages.ask(request, context.office.zone, texts(person.language), corrected=True)
        deliveries.append(
            NewDelivery(
                contact_id=sent_message.contact_id,
                message=replace(message, edit=sent_message.ref),
                lane=REMINDER,
                due_at=context.now,
                expires_at=context.now + _EDIT_LIFETIME,
                purpose=CORRECTION,
                request_id=request.id,
            )
        )
    await outbox.put(context.connection, context.sealer, context.today, deliveries)
    return {sent_message.person_id for sent_message in sent_messages if sent_message.person_id}


async def decide(context: OperationContext, act: TellDecision) -> None:
    """Store it with the request, and send it to those who answered."""
    await requests.set_values(context.connection, act.id, {"decision": act.text})
    record_audit(context, "request.decide", act.actor)
    request = (await requests.read_requests(context.connection, context.tree, [act.id]))[act.id]
    ids = await answers.with_answer(context.connection, act.id)
    answered = await people.find_people(context.connection, context.sealer, context.tree, ids)
    await push(
        context,
        [p for p in answered.values() if p.state == PersonState.CONSENTED],
        lambda t: Message(t("words.decide", title=request.title, text=act.text)),
        RESULT,
    )
