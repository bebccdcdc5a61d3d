"""Does what is more than rows, inside the transaction that wrote them, and says what must follow its commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from nhipcau.model.changes import (
    Act,
    AlertCoordinators,
    Change,
    CorrectNotice,
    EndRequest,
    EndRule,
    FileReport,
    MakeRule,
    OpenRequest,
    ProlongRequest,
    RecordOfficial,
    RemindNow,
    RequestAct,
    TellContributors,
    TellDecision,
    TellingAct,
    TellOffice,
    TellReporter,
)
from nhipcau.model.conversation import pictures_in
from nhipcau.operations import corrections, feedback, recurring_requests, requests
from nhipcau.operations.operation_context import OperationContext


@dataclass(slots=True)
class Aftermath:
    """What must follow the commit."""

    #: Names of keys to destroy.
    keys: list[str] = field(default_factory=list)
    #: A request was made or its end moved: something may be due at once.
    asked: bool = False


async def do(work: OperationContext, act: Act, after: Aftermath) -> None:
    """Do this act; what must follow the commit is added to `after`."""
    if isinstance(act, TellingAct):
        await _tell(work, act)
    else:
        await _do_to_request(work, act, after)


async def _do_to_request(work: OperationContext, act: RequestAct, after: Aftermath) -> None:
    match act:
        case OpenRequest():
            await requests.create(work, act)
            after.asked = True
        case MakeRule():
            await recurring_requests.make(work, act)
            after.asked = True
        case ProlongRequest():
            await requests.prolong(work, act.id, act.closes_at, act.actor)
            after.asked = True
        case RemindNow():
            await requests.remind_now(work, act.id, act.actor)
        case EndRule():
            await recurring_requests.end(work, act.id, act.actor)
        case EndRequest():
            if act.stop:
                after.keys += (await requests.stop(work, act.id, act.actor))[1]
            else:
                after.keys += await requests.close(work, act.id, act.actor)
        case _:
            assert_never(act)


async def _tell(work: OperationContext, act: TellingAct) -> None:
    match act:
        case AlertCoordinators():
            await requests.alert_coordinators(work, act)
        case CorrectNotice():
            await corrections.correct(work, act)
        case TellDecision():
            await corrections.decide(work, act)
        case TellReporter():
            await feedback.tell_reporter(work, act)
        case TellContributors():
            await feedback.tell_contributors(work, act)
        case TellOffice():
            await feedback.tell_office(work, act)
        case _:
            assert_never(act)


def files_of(row: Change) -> set[str]:
    """Names of the pictures and documents a row takes along, from whoever held them until now."""
    match row:
        case FileReport():
            return set(row.photos)
        case RecordOfficial():
            return pictures_in(row.answers)
        case OpenRequest() | MakeRule():
            along = row.content.attachment
            return {name for name in (along.photo, along.file) if name}
    return set()
