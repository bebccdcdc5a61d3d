"""Plans and makes a request that somebody wrote in the console, by the rules of request files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Actor
from nhipcau.actions.opening import Opening, OpeningInput, OpeningRefusal, plan_first, plan_opening
from nhipcau.actions.permissions import COORDINATORS, may
from nhipcau.actions.requests import Repetition
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.faults import Fault
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME
from nhipcau.handlers.requests.written_request import (
    audience_below,
    content_in,
    form_of,
    opening_input,
    refused_opening,
)
from nhipcau.handlers.situation import Office
from nhipcau.model.people import PersonState
from nhipcau.model.queries import CountAudience, CountVouched
from nhipcau.model.request_changes import MakeRule, OpenRequest
from nhipcau.model.request_queries import ClustersIn, RequestIn
from nhipcau.model.requests import Audience, Request, RequestContent, RequestState
from nhipcau.model.scope import Scope
from nhipcau.model.sendings import Sending
from nhipcau.office.request_file import RequestFile, parse_moment, read_described
from nhipcau.office.yaml_validation import InvalidFile, invalid
from nhipcau.operations.commit import apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.operations.requests import open_request
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import people, run_queries, sendings
from nhipcau.storage.held_acts import HeldAct
from nhipcau.storage.registry import QueryContext


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sending would make now."""

    sending: Sending
    actor: Actor
    content: RequestContent
    audience: Audience
    opening: Opening
    people: int
    #: None: asked once.
    repetition: Repetition | None = None
    #: Id of the closed poll that it repeats.
    repeats: str = ""

    def request(self) -> Request:
        """The request as its recipients would get it; of a rule, the first one."""
        content = replace(self.content, urgent=self.opening.urgent)
        times = (self.opening.opens_at, self.opening.closes_at)
        return Request(self.sending.id, self.actor.unit, content, RequestState.SCHEDULED, *times, asked=self.people)

    def change(self) -> OpenRequest | MakeRule:
        id = self.sending.id
        if self.repetition:
            return actions.create_rule(self.actor, self.content, self.audience, self.repetition, self.opening, id)
        return actions.create(self.actor, self.content, self.audience, self.opening, id, self.repeats)


async def plan(at: QueryContext, office: Office, actor: Actor, sending: Sending, *, undo: timedelta) -> Plan:
    """What would be sent to whom, and when. `undo`: how long it waits before it goes out.

    Raises InvalidFile with every fault and its field, or another Fault for a question that may not be asked.
    """
    spec = read_described(sending.described, sending.kind, at.now, at.zone)
    form = form_of(spec, sending.id, texts(office.language))
    scope = Scope(actor.role, actor.unit.path)
    clusters = ClustersIn(scope)
    audience = audience_below(at.tree, spec, actor.unit, (await run_queries.answer(at, [clusters]))[clusters])
    people_asked = CountAudience(scope, audience)
    counted = CountVouched(scope, audience)
    found = await run_queries.answer(at, [people_asked, counted])
    number, vouched = found[people_asked], found[counted]
    await _check_repeated(at, scope, spec)
    content = content_in(spec, form, sending.attachment)
    repetition = None
    if spec.every:
        length = int((spec.duration or NOTICE_LIFETIME).total_seconds())
        repetition = Repetition(spec.every, length, spec.working_days, spec.catch_up)
        dues = [due.due for due in next_dues(spec.every, spec.working_days, at.now, office)]
        opening = plan_first(spec.kind, number, dues, repetition.length, at.now, vouched)
    else:
        opening = plan_opening(
            replace(_wanted(sending, spec, number, vouched, at, undo), undo=undo), office.quiet, office.zone, at.now
        )
    if isinstance(opening, OpeningRefusal):
        raise refused_opening(opening)
    return Plan(sending, actor, content, audience, opening, number, repetition, spec.repeats)


def _wanted(
    sending: Sending, spec: RequestFile, number: int, vouched: int, at: QueryContext, undo: timedelta
) -> OpeningInput:
    wanted = opening_input(spec, number, vouched, _opens(sending, at, undo))
    return replace(wanted, passes_quiet=sending.passes_quiet)


def _opens(sending: Sending, at: QueryContext, undo: timedelta) -> datetime | None:
    """The moment chosen; None for now. One that came while the sending waited is now."""
    if not sending.opens:
        return None
    moment = parse_moment(sending.opens, at.zone)
    if moment is None:
        raise invalid("compose.no_moment", field="opens")
    return None if moment <= at.now and not undo else moment


async def _check_repeated(at: QueryContext, scope: Scope, spec: RequestFile) -> None:
    """Raises InvalidFile unless the poll to repeat exists in the scope and is closed."""
    if not spec.repeats:
        return
    asked = RequestIn(scope, spec.repeats)
    found = (await run_queries.answer(at, [asked]))[asked]
    if found is None or not found.is_poll or found.state != RequestState.CLOSED:
        raise invalid("compose.no_poll_to_repeat", field="repeats")


async def make(context: OperationContext, held: HeldAct) -> None:
    """Make what was sent a minute ago. What has become impossible meanwhile is kept with the sentence why."""
    sending = Sending.from_json(held.body)
    at = QueryContext(context.connection, context.sealer, context.tree, context.now, {}, context.office.zone)
    try:
        actor = await _actor(context, sending)
        planned = await plan(at, context.office, actor, sending, undo=timedelta())
    except Fault as wrong:
        why = _sentence(wrong, context.office)
        await sendings.keep_refusal(context.connection, new_id("id"), sending, why, context.now)
        return
    await apply(context, [planned.change()])
    if planned.repetition is None and planned.opening.opens_at <= context.now:
        await open_request(context, sending.id)


def _sentence(wrong: Fault, office: Office) -> str:
    t = texts(office.language)
    return wrong.faults[0].why.say(t) if isinstance(wrong, InvalidFile) else wrong.say(t)


async def _actor(context: OperationContext, sending: Sending) -> Actor:
    """The coordinator who sent it, who may have moved, paused or left meanwhile. Raises Fault."""
    found = await people.find_people(context.connection, context.sealer, context.tree, [sending.asked_by])
    person = found.get(sending.asked_by)
    is_theirs = person is not None and may(person, COORDINATORS) and person.unit.code == sending.unit
    if person is None or not is_theirs or person.state == PersonState.LEFT:
        raise Fault("compose.no_longer_yours")
    return Actor.of(person)
