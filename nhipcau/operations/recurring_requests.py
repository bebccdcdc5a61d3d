"""Makes the requests of rules when they are due. Called by the scheduler."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.actions.opening import opening_time
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.periods import period_words
from nhipcau.bot.recurrence.rules import Due, parse_rule, period_of
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.situation import Office
from nhipcau.model.request_changes import MakeRule, OpenRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import RecurringRequest
from nhipcau.operations import requests
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import rules
from nhipcau.storage.audit import OFFICE, record_audit

#: If the program starts later than this after a due opening, it was missed; the rule says whether it is caught up.
ON_TIME = timedelta(hours=1)
_TICK = timedelta(seconds=1)
#: Periods, in days, in which to look for the last time of a rule, shortest first.
_LOOK_BACK_DAYS = (2, 8, 40, 100, 400)
#: A duty caught up after it was due stays open for at most this long.
_CATCH_UP_TIME = timedelta(days=1)


async def fire(context: OperationContext, id: str) -> None:
    """Create and open the request that is due by this rule. After a standstill only the last one missed is made, or
    none."""
    rule = await rules.find(context.connection, context.tree, id)
    if rule is None or rule.next_at > context.now:
        return
    length = timedelta(seconds=rule.seconds)
    # the row says what is due now, the rule what comes next
    current = _due_of(rule, context.office)
    (following,) = next_dues(rule.rule, rule.working_days, current.due, context.office, 1)
    # a rule created after its first opening time opens at once: that is no standstill
    opening = max(rule.next_at, opening_time(rule.kind, length, current.due))
    while opening_time(rule.kind, length, following.due) <= context.now:
        (following,), current = next_dues(rule.rule, rule.working_days, following.due, context.office, 1), following
        opening = opening_time(rule.kind, length, current.due)
    if not await rules.advance(context.connection, rule, following.due, opening_time(rule.kind, length, following.due)):
        return
    missed = context.now - opening > ON_TIME
    is_past = rule.kind == RequestKind.DUTY and current.due <= context.now
    if (missed or is_past) and not rule.catch_up:
        record_audit(context, "rule.pass")
        return
    row = _request(context, rule, current, is_past=is_past)
    await requests.create(context, row)
    await requests.open_request(context, row.id)


def _due_of(rule: RecurringRequest, office: Office) -> Due:
    """The due moment of the row, or a later one where the calendar has moved it meanwhile."""
    (current,) = next_dues(rule.rule, rule.working_days, rule.due - _TICK, office, 1)
    if current.due == rule.due:
        return current
    planned = _last_plan(rule, office)
    day = office.calendar.next_working(planned.date()) if rule.working_days else planned.date()
    if day > rule.due.astimezone(office.zone).date():
        return current
    # a day off was removed from the calendar, which would move it before the row's moment: don't skip the period
    return Due(planned, rule.due)


def _last_plan(rule: RecurringRequest, office: Office) -> datetime:
    """The last time of the rule, without working days, up to the due moment of the row."""
    schedule = parse_rule(rule.rule)
    for days in _LOOK_BACK_DAYS:
        found, moment = None, schedule.next_after(rule.due - timedelta(days=days), office.zone)
        while moment <= rule.due:
            found, moment = moment, schedule.next_after(moment, office.zone)
        if found is not None:
            return found
    return rule.due


def _request(context: OperationContext, rule: RecurringRequest, due: Due, *, is_past: bool) -> OpenRequest:
    period = period_of(parse_rule(rule.rule), due.planned, context.office.zone)
    length = timedelta(seconds=rule.seconds)
    closes = due.due if rule.kind == RequestKind.DUTY else context.now + length
    if is_past:
        closes = context.now + min(length, _CATCH_UP_TIME)
    return OpenRequest(
        id=new_id("request"),
        unit_id=rule.unit.id,
        content=replace(rule.content, title=title_of(rule.title, period, texts(context.office.language))),
        audience=rule.audience,
        opens_at=context.now,
        closes_at=closes,
        asked_by=rule.asked_by,
        rule_id=rule.id,
        period=period,
    )


def title_of(title: str, period: str, t: Texts) -> str:
    """ "Báo cáo tuần – tuần 48/2026"."""
    return f"{title} – {period_words(period, t)}"


async def end(context: OperationContext, id: str, actor: str = OFFICE) -> bool:
    """End a rule; returns False where it had ended."""
    if not await rules.end(context.connection, id):
        return False
    record_audit(context, "rule.end", actor)
    return True


async def make(context: OperationContext, act: MakeRule) -> None:
    await rules.make(context.connection, act)
    record_audit(context, "rule.make", act.asked_by or OFFICE)
