"""One request: what waits for its minute, the live board, the result; or the rule of one that is asked again and
again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.console import request_acts
from nhipcau.console.pages import render
from nhipcau.console.request_board import board_of, facts_of
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, NotHere, Visit
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.board_text import groups_of
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.insight.group_results import group_result
from nhipcau.insight.poll_comparison import compare, compare_text
from nhipcau.insight.poll_results import Result, publishable_result
from nhipcau.model.counts import BoardFacts
from nhipcau.model.queries import PollGroups, PollTally, RulesOf
from nhipcau.model.request_kinds import KINDS
from nhipcau.model.request_queries import HeldSendings, RequestIn
from nhipcau.model.requests import RecurringRequest, Request, RequestState
from nhipcau.model.sendings import HeldSending


async def show(visit: Visit) -> Response:
    id = visit.request.path_params["id"]
    request = await visit.ask(RequestIn(visit.scope, id))
    if request is not None:
        return await _request(visit, request)
    held = await visit.ask(HeldSendings(visit.scope, id))
    if held:
        return await _held(visit, held[0])
    rule = next((rule for rule in await visit.ask(RulesOf(visit.scope, KINDS)) if rule.id == id), None)
    if rule is None:
        raise NotHere
    return await _rule(visit, rule)


async def _held(visit: Visit, held: HeldSending) -> Response:
    left = max(0, math.ceil((held.due_at - visit.now).total_seconds()))
    return await render(
        visit, "request_held.html", here="requests", held=held, left=left, may_act=may(visit.person, COORDINATORS)
    )


async def _rule(visit: Visit, rule: RecurringRequest) -> Response:
    dues = next_dues(rule.rule, rule.working_days, visit.now, visit.office)
    return await render(
        visit,
        "request_rule.html",
        here="requests",
        rule=rule,
        phrase=rule_phrase(parse_rule(rule.rule), visit.t),
        dues=[request_messages.moment(due.due, visit.office.zone, visit.t) for due in dues],
        may_act=may(visit.person, COORDINATORS) and visit.scope.holds(rule.unit),
    )


async def _request(visit: Visit, request: Request) -> Response:
    facts = await facts_of(visit, request)
    is_own = visit.scope.holds(request.unit)
    waiting = any(group.answered < len(group.rows) for group in groups_of(facts.rows, visit.office.tree))
    return await render(
        visit,
        "request.html",
        here="requests",
        request=request,
        zone=visit.office.zone,
        left=request_messages.time_left(request.closes_at, visit.now, visit.t),
        board=board_of(visit, request, facts),
        result=await _result(visit, request, facts),
        is_over=False,
        is_running=request.state in {RequestState.OPEN, RequestState.SCHEDULED},
        is_waiting=waiting or (request.is_poll and sum(row.answered for row in facts.rows) < request.asked),
        may_act=may(visit.person, COORDINATORS) and is_own,
        reads_answers=may(visit.person, COORDINATORS),
        wrong=request_acts.wrong_fields(visit),
        counts=f"{ROOT}/requests/{request.id}/counts",
    )


@dataclass(frozen=True)
class ShownResult:
    """The result of a closed poll, as the chat tells it."""

    result: Result
    #: Lines of the comparison with the poll that it repeats.
    compared: Sequence[str]
    #: Lines by cluster.
    groups: Sequence[str]


async def _result(visit: Visit, request: Request, facts: BoardFacts) -> ShownResult | None:
    if not request.is_poll or request.state is not RequestState.CLOSED:
        return None
    t = visit.t
    tally = await visit.ask(PollTally(visit.scope, request))
    groups = await visit.ask(PollGroups(visit.scope, request))
    result = publishable_result(
        request.title, request.form, tally, request.asked, t, texts=bool(tally.texts), withheld=request.withheld
    )
    compared: Sequence[str] = ()
    earlier = await visit.ask(RequestIn(visit.scope, request.repeats)) if request.repeats else None
    if earlier is not None and earlier.state is RequestState.CLOSED:
        before = await visit.ask(PollTally(visit.scope, earlier))
        found = compare(earlier.form, before, request.form, tally, t, (earlier.withheld, request.withheld))
        compared = compare_text(request.title, found, t).split("\n")
    lines = group_result(request.title, request.form, groups, t).split("\n") if groups else []
    return ShownResult(result, compared, lines)


PAGES = (Page("/requests/{id}", READERS, show, request_acts.acts(show)),)
