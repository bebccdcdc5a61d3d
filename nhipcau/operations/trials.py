"""Sends a request to whoever composes it, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nhipcau.actions.decision import Refusal
from nhipcau.actions.requests import refuse_trial
from nhipcau.bot.language.catalogue import texts
from nhipcau.handlers.requests import request_messages
from nhipcau.model.people import Person
from nhipcau.model.requests import Request
from nhipcau.operations.notify import TRIAL, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import trials

#: A trial can be answered at least so long, however soon the request would close.
_LEAST = timedelta(hours=1)


async def try_out(context: OperationContext, request: Request, person: Person) -> Refusal | None:
    """Send it to this person as it would reach others, marked as a trial, through the app they are reached by. The same
    one a second time sends nothing. `request.id`: of the trial. None: it was sent."""
    if refused := refuse_trial(await trials.count_trials(context.connection, person.id)):
        return refused
    ends = max(request.closes_at, context.now + _LEAST)
    marked = request_messages.as_trial(replace(request, closes_at=ends), texts(person.language))
    if not await trials.keep(context.connection, marked, person.id, context.now):
        return None
    zone = context.office.zone
    sent = await push(context, [person], lambda t: request_messages.ask(marked, zone, t), TRIAL, about=marked)
    context.after.wake_sender = True
    return None if sent else Refusal("console.requests.trial_unreachable")
