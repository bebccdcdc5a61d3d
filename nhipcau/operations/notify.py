"""Pushes: sent to the contact each person chose or used last, by the policy of the message's kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.messaging.delivery_windows import hour_of
from nhipcau.bot.messaging.messages import Message
from nhipcau.model.people import Person
from nhipcau.model.requests import Request
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import audiences, contact_routes, outbox
from nhipcau.storage.outbox import BROADCAST, CORRECTION, REMINDER, URGENT, NewDelivery, Purpose


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How one kind of message goes out."""

    #: Lane of the outbox; lower lanes are sent first.
    lane: int
    #: Says which records its delivery updates (participation, weekly limit); see storage's table `outbox`.
    purpose: Purpose
    #: It expires after this time; None: when the request it is about closes.
    lifetime: timedelta | None = None
    #: Waits during quiet hours, unless it is about an urgent request.
    waits_for_morning: bool = True


#: Lifetime of results, and of answers to reports (which stay readable under "của tôi").
_RESULT_LIFETIME, _ANSWER_LIFETIME = timedelta(days=3), timedelta(days=14)

ASK = DeliveryPolicy(BROADCAST, "ask")
ASK_URGENTLY = DeliveryPolicy(URGENT, "ask")
REMIND = DeliveryPolicy(REMINDER, "remind")
RESULT = DeliveryPolicy(BROADCAST, "result", _RESULT_LIFETIME)
#: To whoever made the request: its result, or why it was not sent.
SUMMARY = DeliveryPolicy(BROADCAST, "notice", _RESULT_LIFETIME)
#: To those responsible for a unit: that it has not answered.
ESCALATION = DeliveryPolicy(REMINDER, "notice", _RESULT_LIFETIME)
CORRECTED = DeliveryPolicy(BROADCAST, CORRECTION, _RESULT_LIFETIME)
#: To coordinators: somebody may be in danger now.
ALERT = DeliveryPolicy(URGENT, "notice", _RESULT_LIFETIME, waits_for_morning=False)
#: To whoever composes a request and has just asked for it; it is kept as long (see storage/trials.py).
TRIAL = DeliveryPolicy(URGENT, "trial", timedelta(hours=24), waits_for_morning=False)
FEEDBACK = DeliveryPolicy(REMINDER, "notice", _ANSWER_LIFETIME)
NEWS = DeliveryPolicy(BROADCAST, "news", timedelta(days=14))

#: Purposes that are useless once their request has ended: such deliveries name it, and are cancelled with it.
_REQUEST_PURPOSES = frozenset({"ask", "remind", "trial", CORRECTION})


async def notify(context: OperationContext, persons: Sequence[Person], make: Callable[[Texts], Message]) -> int:
    """Send feedback about a report. Only the hour is stored: the exact time, compared with the audit, would show whose
    report was answered."""
    return await push(context, persons, make, FEEDBACK, due_at=hour_of(context.now))


async def push(
    context: OperationContext,
    persons: Sequence[Person],
    make: Callable[[Texts], Message],
    policy: DeliveryPolicy,
    *,
    about: Request | None = None,
    due_at: datetime | None = None,
) -> int:
    """Queue one message a person, in their language, for the contact they chose or used last; for the next contact if
    the app would refuse it there. A question that no contact takes is marked as undelivered until they write.

    `about`: the request it is about; `due_at`: when it is due, else now. Returns the number of messages.
    """
    contacts, unreachable = await contact_routes.best_routes(
        context.connection, context.sealer, [p.id for p in persons], context.now, context.today
    )
    request = about if policy.purpose in _REQUEST_PURPOSES else None
    if request is not None and policy.purpose == "ask":
        await audiences.mark_undelivered(context.connection, request.id, unreachable)
    due = due_at or context.now
    by_language = {language: make(texts(language)) for language in {p.language for p in persons}}
    return await outbox.put(
        context.connection,
        context.sealer,
        context.today,
        [
            NewDelivery(
                contact_id=contacts[p.id].contact_id,
                message=by_language[p.language],
                lane=policy.lane,
                due_at=due,
                expires_at=_expires(policy, about, due),
                purpose=policy.purpose,
                request_id=request.id if request else None,
                held=policy.waits_for_morning and not (about is not None and about.content.urgent),
            )
            for p in persons
            if p.id in contacts
        ],
    )


def _expires(policy: DeliveryPolicy, about: Request | None, due: datetime) -> datetime:
    if policy.lifetime is not None:
        return due + policy.lifetime
    assert about is not None, "a message without a lifetime is about a request"
    return about.closes_at
