"""Requests that run: close, stop, prolong, remind, correct, and say what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.model.changes import (
    Change,
    CorrectNotice,
    EndRequest,
    EndRule,
    ProlongRequest,
    RemindNow,
    TellDecision,
)
from nhipcau.model.requests import RecurringRequest, Request

#: A reminder by hand is not repeated sooner.
REMIND_PAUSE = timedelta(minutes=30)
#: What runs, or is planned.
RUNNING = ("open", "scheduled")


def close(actor: Actor, request: Request) -> list[Change] | Refusal:
    """End it now, as at its due moment."""
    return refuse_running(request) or [EndRequest(request.id, False, actor.id)]


def stop(actor: Actor, request: Request) -> list[Change] | Refusal:
    """Withdraw it: no result, its answers are deleted."""
    return refuse_running(request) or [EndRequest(request.id, True, actor.id)]


def prolong(actor: Actor, request: Request, until: datetime) -> list[Change] | Refusal:
    return refuse_running(request) or [ProlongRequest(request.id, until, actor.id)]


def remind(actor: Actor, request: Request, now: datetime) -> list[Change] | Refusal:
    """Remind everybody who has not answered. `now` in the office's time zone."""
    if refused := refuse_running(request):
        return refused
    if request.reminded_at and now - request.reminded_at < REMIND_PAUSE:
        return Refusal("board.just_reminded", {"time": f"{request.reminded_at.astimezone(now.tzinfo):%H:%M}"})
    return [RemindNow(request.id, actor.id)]


def correct_notice(actor: Actor, request: Request, words: str) -> list[Change] | Refusal:
    """Other words for official information that is out."""
    if request.kind != "notice" or request.state != "open":
        return Refusal("board.gone")
    return [CorrectNotice(request.id, words, actor.id)]


def tell_decision(actor: Actor, request: Request, words: str) -> list[Change] | Refusal:
    """What was decided after it, for those who answered."""
    if not request.traits.told or request.state != "closed":
        return Refusal("board.gone")
    return [TellDecision(request.id, words, actor.id)]


def end_rule(actor: Actor, rule: RecurringRequest) -> list[Change]:
    """It is asked no more; what is open stays open."""
    return [EndRule(rule.id, actor.id)]


def refuse_running(request: Request) -> Refusal | None:
    """Why nothing can be done about a request that has ended."""
    if request.state in RUNNING:
        return None
    return Refusal(f"board.is_{request.state}", {"title": request.title})
