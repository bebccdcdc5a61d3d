"""One event while it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.situation import Decision, DecisionResult, Situation
from nhipcau.intake.queue import report_failure
from nhipcau.intake.sender_limits import Decided
from nhipcau.model import changes
from nhipcau.model.queries import Query
from nhipcau.storage.inbound import ContactState


@dataclass(slots=True)
class Run:
    """One event while it is decided."""

    event: Event
    state: ContactState
    situation: Situation
    deciding: Decision[DecisionResult]
    #: Before decide: the pictures and documents of this conversation, and whether it waited for a name.
    files: set[str]
    naming: bool
    need: Query[Any] | None = None
    outcome: DecisionResult | None = None


def step(run: Run, found: Any) -> None:
    """Continue one decision with what it asked for; an exception fails this event alone."""
    try:
        run.need = run.deciding.send(found)
    except StopIteration as stop:
        run.need, run.outcome = None, stop.value
    except Exception as error:
        report_failure(run.event, error)
        run.need, run.outcome = None, sorry(run.situation)


def sorry(situation: Situation) -> DecisionResult:
    return DecisionResult([Message(situation.texts("wrong.failed"))])


def decided(run: Run, today: date) -> Decided:
    filed = [row for row in (run.outcome.changes if run.outcome else ()) if isinstance(row, changes.FileReport)]
    person = run.state.person
    return Decided(
        event=run.event,
        person_id=person.id if person else "",
        wrong_code=run.situation.wrong_code,
        was_tried=run.situation.may_try_codes,
        reports=len(filed),
        day=today,
    )
