"""Delivers feedback: finds the anonymous reporter by tag and queues the message, else queues it for the area. Replies
go to the coordinators.

Each function runs inside the caller's transaction. Who the reporter is stays in memory only: nothing is stored but the
encrypted message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.reports import feedback_messages
from nhipcau.model.changes import TellContributors, TellOffice, TellReporter
from nhipcau.model.people import Person, PersonState
from nhipcau.model.scope import Scope
from nhipcau.operations.notify import notify
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import issues, people, reports
from nhipcau.storage.issues import TaggedContribution

#: A reporter in one of these states counts as found. Who has paused or can't be reached gets no message, but finds
#: the answer under "của tôi"; so it must not go to the whole area.
_KNOWN_STATES = (PersonState.CONSENTED, PersonState.PAUSED, PersonState.UNREACHABLE)


async def tell_reporter(context: OperationContext, act: TellReporter) -> None:
    found = await issues.tag_of_report(context.connection, act.code)
    if found is None:
        return
    area = context.tree.by_id[found.area_id]
    owners = await _owners(context, [found])
    if found.key in owners:
        report = await reports.named_report(context.connection, act.code)
        await _to_persons(
            context,
            [owners[found.key]],
            partial(feedback_messages.to_reporter, act.kind, act.code, report, act.words, act.unit),
        )
    elif act.words:
        await _to_area(context, area, partial(feedback_messages.to_area, act.kind, act.code, act.words, area.name), ())


async def tell_contributors(context: OperationContext, act: TellContributors) -> None:
    """One message to each contributor found; for the others one message to each of their areas."""
    found = (await issues.issues_in(context.connection, Scope.office(), context.tree, code=act.code))[0]
    rows = await issues.tags_of(context.connection, act.code)
    owners = await _owners(context, rows)
    already_notified = {person.id for person in owners.values()}
    persons = list({person.id: person for person in owners.values()}.values())
    await _to_persons(
        context, persons, partial(feedback_messages.about_issue, act.kind, found.statement, act.words, act.unit)
    )
    if not act.words:
        return
    for area_id in sorted({c.area_id for c in rows if c.key not in owners}):
        area = context.tree.by_id[area_id]
        make_area = partial(feedback_messages.to_area, act.kind, "", act.words, area.name)
        already_notified |= await _to_area(context, area, make_area, already_notified)


async def tell_office(context: OperationContext, act: TellOffice) -> None:
    serving = await people.coordinators(context.connection, context.tree, act.area)
    report = await reports.named_report(context.connection, act.code)
    await notify(context, serving, partial(feedback_messages.to_office, act.kind, act.code, report))


async def _owners(context: OperationContext, rows: list[TaggedContribution]) -> Mapping[str, Person]:
    """Contribution key → person; without those who have left or whose key was destroyed."""
    ids = await issues.owners(context.connection, context.sealer, context.tree, rows)
    known = await people.find_people(context.connection, context.tree, list(ids.values()))
    return {key: known[id] for key, id in ids.items() if known[id].state in _KNOWN_STATES}


async def _to_persons(context: OperationContext, persons: Sequence[Person], make: feedback_messages.Make) -> None:
    await notify(context, [person for person in persons if person.state == PersonState.CONSENTED], make)


async def _to_area(
    context: OperationContext, area: Unit, make: feedback_messages.Make, but: Collection[str]
) -> set[str]:
    """Notify every collaborator of the area except `but`, so that nobody can tell whose report it was; returns ids."""
    found = [p for p in await people.collaborators(context.connection, context.tree, area) if p.id not in but]
    await notify(context, found, make)
    return {p.id for p in found}
