"""Requests: create one or a rule; close, stop, prolong, remind, correct, publish what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.opening import Opening
from nhipcau.model.changes import Change
from nhipcau.model.request_changes import (
    CorrectNotice,
    EndRequest,
    EndRule,
    MakeRule,
    OpenRequest,
    ProlongRequest,
    RemindNow,
    TellDecision,
)
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, RecurringRequest, Request, RequestContent
from nhipcau.model.scope import OFFICE

#: Least time between two reminders by hand.
REMIND_PAUSE = timedelta(minutes=30)
#: Trials of one person in a day.
MOST_TRIALS = 20
#: States of a request that has not ended.
NOT_ENDED = ("open", "scheduled")


@dataclass(frozen=True, slots=True)
class Repetition:
    """How a rule repeats; see RecurringRequest."""

    rule: str
    #: How long each request is open.
    seconds: int
    working_days: bool = True
    catch_up: bool = True

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.seconds)


def create(
    actor: Actor, content: RequestContent, audience: Audience, opening: Opening, id: str, repeats: str = ""
) -> OpenRequest:
    """Create a request as planned. `repeats`: the closed poll that this one asks again."""
    return OpenRequest(
        id=id,
        unit_id=actor.unit.id,
        content=replace(content, urgent=opening.urgent),
        audience=audience,
        opens_at=opening.opens_at,
        closes_at=opening.closes_at,
        asked_by=_asker(actor),
        repeats=repeats,
    )


def create_rule(
    actor: Actor, content: RequestContent, audience: Audience, repetition: Repetition, first: Opening, id: str
) -> MakeRule:
    """Create a rule. `first`: what `plan_first` returned."""
    return MakeRule(
        id=id,
        unit_id=actor.unit.id,
        content=content,
        audience=audience,
        rule=repetition.rule,
        seconds=repetition.seconds,
        working_days=repetition.working_days,
        catch_up=repetition.catch_up,
        due=first.closes_at if content.kind is RequestKind.DUTY else first.opens_at,
        next_at=first.opens_at,
        asked_by=_asker(actor),
    )


def _asker(actor: Actor) -> str | None:
    """The person who gets the summary; None: the coordinators of the unit."""
    return None if actor.id == OFFICE else actor.id


def refuse_trial(sent: int) -> Refusal | None:
    """Why somebody who has sent themselves so many trials today can't send another."""
    return Refusal("console.requests.many_trials", {"most": MOST_TRIALS}) if sent >= MOST_TRIALS else None


def close(actor: Actor, request: Request) -> list[Change] | Refusal:
    """Close it now."""
    return refuse_ended(request) or [EndRequest(request.id, stop=False, actor=actor.id)]


def stop(actor: Actor, request: Request) -> list[Change] | Refusal:
    """Withdraw it: there is no result, and its answers are deleted."""
    return refuse_ended(request) or [EndRequest(request.id, stop=True, actor=actor.id)]


def prolong(actor: Actor, request: Request, until: datetime) -> list[Change] | Refusal:
    return refuse_ended(request) or [ProlongRequest(request.id, until, actor.id)]


def remind(actor: Actor, request: Request, now: datetime) -> list[Change] | Refusal:
    """Remind everybody who has not answered. `now` in the office's time zone."""
    if refused := refuse_ended(request):
        return refused
    if request.reminded_at and now - request.reminded_at < REMIND_PAUSE:
        return Refusal("board.just_reminded", {"time": f"{request.reminded_at.astimezone(now.tzinfo):%H:%M}"})
    return [RemindNow(request.id, actor.id)]


def correct_notice(actor: Actor, request: Request, words: str) -> list[Change] | Refusal:
    """Change the text of a notice that was sent."""
    if request.kind != "notice" or request.state != "open":
        return Refusal("board.gone")
    return [CorrectNotice(request.id, words, actor.id)]


def tell_decision(actor: Actor, request: Request, words: str) -> list[Change] | Refusal:
    """Send what was decided after it to those who answered."""
    if not request.traits.has_result or request.state != "closed":
        return Refusal("board.gone")
    return [TellDecision(request.id, words, actor.id)]


def end_rule(actor: Actor, rule: RecurringRequest) -> list[Change]:
    """End a rule; requests it has opened stay open."""
    return [EndRule(rule.id, actor.id)]


def refuse_ended(request: Request) -> Refusal | None:
    """Why a request can't be changed: it has ended; None: it has not."""
    if request.state in NOT_ENDED:
        return None
    return Refusal(f"board.is_{request.state}", {"title": request.title})
