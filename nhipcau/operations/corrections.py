"""What the office says after it has asked or informed: a correction, and what was decided. Called by dispatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.request_draft import title_of
from nhipcau.model.changes import CorrectNotice, TellDecision
from nhipcau.model.people import Person, PersonState
from nhipcau.model.requests import ParticipationState, Request
from nhipcau.operations import requests as request_operations
from nhipcau.operations.notify import CORRECTED, RESULT, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import answers, editable_messages, outbox, outbox_upkeep, people, requests
from nhipcau.storage.audit import record_audit
from nhipcau.storage.editable_messages import EditableMessage
from nhipcau.storage.outbox import CORRECTION, REMINDER, NewDelivery

#: An edit that can't be made so long is given up.
_EDIT_LIFETIME = timedelta(days=3)
#: States of those who have read it.
_READ = {ParticipationState.REACHED, ParticipationState.STARTED, ParticipationState.ANSWERED}
#: Characters of words that any app which edits holds beside a picture or document, with ours around them.
_BESIDE = 800


async def correct(work: OperationContext, row: CorrectNotice) -> None:
    """What is unsent goes out in the new words; what was read is edited where its app can, else said once more."""
    await requests.set_values(work.connection, row.id, {"intro": row.text, "title": title_of(row.text)})
    await record_audit(work.connection, work.now, "notice.correct", row.id, row.actor)
    request = (await requests.read_requests(work.connection, work.office.tree, [row.id]))[row.id]
    states = await answers.states_of(work.connection, row.id)
    found = await people.find_people(work.connection, work.office.tree, list(states))
    unsent = [
        p for p in found.values() if states[p.id] == ParticipationState.ASKED and p.state == PersonState.CONSENTED
    ]
    await outbox_upkeep.cancel(work.connection, row.id, ("ask", CORRECTION))
    await request_operations.push_ask(work, request, unsent)
    read = [p for p in found.values() if states[p.id] in _READ]
    places = await editable_messages.copies_of(work.connection, editable_messages.NOTICE + row.id)
    edited = await _edit(work, request, [place for place in places if place.person_id in states], found)
    await push(
        work,
        [p for p in read if p.id not in edited and p.state == PersonState.CONSENTED],
        lambda t: Message(t("words.correct", title=request.title, text=row.text)),
        CORRECTED,
        about=request,
    )


async def _edit(
    work: OperationContext, request: Request, places: Sequence[EditableMessage], found: dict[str, Person]
) -> set[str]:
    """Edit the message where it stands; returns whose."""
    along = request.content.attachment
    if (along.photo or along.file) and len(request.content.intro) > _BESIDE:
        # more than an app holds beside a picture would be cut off
        return set()
    parcels = []
    for place in places:
        person = found.get(place.person_id or "")
        if person is None:
            continue
        message = request_messages.ask(request, work.office.zone, texts(person.language), corrected=True)
        parcels.append(
            NewDelivery(
                contact_id=place.contact_id,
                message=replace(message, edit=place.ref),
                lane=REMINDER,
                due_at=work.now,
                expires_at=work.now + _EDIT_LIFETIME,
                purpose=CORRECTION,
                request_id=request.id,
            )
        )
    await outbox.put(work.connection, work.sealer, work.today, parcels)
    return {place.person_id for place in places if place.person_id}


async def decide(work: OperationContext, row: TellDecision) -> None:
    """Kept beside the result, and told to those who answered."""
    await requests.set_values(work.connection, row.id, {"decision": row.text})
    await record_audit(work.connection, work.now, "request.decide", row.id, row.actor)
    request = (await requests.read_requests(work.connection, work.office.tree, [row.id]))[row.id]
    ids = await answers.with_answer(work.connection, row.id)
    answered = await people.find_people(work.connection, work.office.tree, ids)
    await push(
        work,
        [p for p in answered.values() if p.state == PersonState.CONSENTED],
        lambda t: Message(t("words.decide", title=request.title, text=row.text)),
        RESULT,
    )
