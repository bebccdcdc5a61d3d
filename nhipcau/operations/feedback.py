"""Delivers feedback: finds the anonymous reporter by tag and queues the message; once the tag's key is gone, queues it
for the area. Replies go to the coordinators.

Each function runs inside the caller's transaction. Who the reporter is stays in memory only: nothing is stored but the
encrypted message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.reports import feedback_messages
from nhipcau.model.changes import TellOffice, TellReporter, TellUnit
from nhipcau.model.issue_changes import ReopenIssue, TellContributors
from nhipcau.model.people import Person, PersonState
from nhipcau.model.scope import Scope
from nhipcau.operations.notify import notify
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import confirmations, issues, people, reports
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
    elif act.words and not _can_reach(context, found):
        await _to_area(context, area, partial(feedback_messages.to_area, act.kind, act.code, act.words, area.name), ())


async def tell_contributors(context: OperationContext, act: TellContributors) -> None:
    """One message to each contributor found; for those whose key is gone one message to each of their areas."""
    found = (await issues.issues_in(context.connection, Scope.office(), context.tree, code=act.code))[0]
    rows = await issues.tags_of(context.connection, act.code)
    owners = await _owners(context, rows)
    already_notified = {person.id for person in owners.values()}
    persons = list({person.id: person for person in owners.values()}.values())
    await _to_persons(
        context,
        persons,
        partial(feedback_messages.about_issue, act.kind, act.code, found.statement, act.words, act.unit),
    )
    if not act.words:
        return
    for area_id in sorted({c.area_id for c in rows if not _can_reach(context, c)}):
        area = context.tree.by_id[area_id]
        make_area = partial(feedback_messages.to_area, act.kind, "", act.words, area.name)
        already_notified |= await _to_area(context, area, make_area, already_notified)


async def tell_office(context: OperationContext, act: TellOffice | TellUnit) -> None:
    """Whoever serves the area or the unit, or the next one above that has anybody: they read the report too."""
    unit = context.tree.by_id[act.unit_id] if isinstance(act, TellUnit) else act.area
    serving = await people.coordinators(context.connection, context.sealer, context.tree, unit)
    report = await reports.named_report(context.connection, act.code)
    if isinstance(act, TellUnit):
        make = partial(feedback_messages.passed_to_unit, act.code, report, act.words)
    else:
        make = partial(feedback_messages.to_office, act.kind, act.code, report)
    await notify(context, serving, make)


async def reopen_issue(context: OperationContext, act: ReopenIssue) -> None:
    """Tells the coordinators of its owner, but not those who hear of the report itself (`told`)."""
    issue = await confirmations.reopen(context.connection, context.tree, act.code)
    if issue is None:
        return
    told = await people.coordinators(context.connection, context.sealer, context.tree, act.told) if act.told else []
    ids = {person.id for person in told}
    serving = await people.coordinators(context.connection, context.sealer, context.tree, issue.owner)
    make = partial(feedback_messages.issue_reopened, issue.code, issue.statement)
    await notify(context, [person for person in serving if person.id not in ids], make)


async def ask_again(context: OperationContext) -> int:
    """Ask once more whether what was called done three weeks ago is settled; returns the number of messages.

    One message a person and issue; whoever can't be found any more is not asked.
    """
    due = await confirmations.claim_due(context.connection, context.today)
    owners = await _owners(context, [each.contribution for each in due])
    asked: set[tuple[str, str]] = set()
    for each in due:
        key = each.contribution.key
        matter = (owners[key].id, each.issue or key) if key in owners else None
        if matter is None or matter in asked:
            continue
        asked.add(matter)
        make = partial(feedback_messages.ask_again, key, each.named, each.issue, each.statement)
        await _to_persons(context, [owners[key]], make)
    return len(asked)


def _can_reach(context: OperationContext, contribution: TaggedContribution) -> bool:
    """Whether words about this contribution go to whoever made it; else they go to its area (R31).

    It depends on the key alone: while that lives and nobody is found, because they have left or joined anew, nobody is
    told. If the way changed with the person, a coordinator who lets colleagues join anew one by one would hear from the
    answer whose report it was.
    """
    return contribution.tag is not None and context.sealer.is_living(contribution.month)


async def _owners(context: OperationContext, rows: list[TaggedContribution]) -> Mapping[str, Person]:
    """Contribution key → person; without those who have left or whose key was destroyed."""
    ids = await issues.owners(context.connection, context.sealer, context.tree, rows)
    known = await people.find_people(context.connection, context.sealer, context.tree, list(ids.values()))
    return {key: known[id] for key, id in ids.items() if known[id].state in _KNOWN_STATES}


async def _to_persons(context: OperationContext, persons: Sequence[Person], make: feedback_messages.Make) -> None:
    await notify(context, [person for person in persons if person.state == PersonState.CONSENTED], make)


async def _to_area(
    context: OperationContext, area: Unit, make: feedback_messages.Make, but: Collection[str]
) -> set[str]:
    """Notify every collaborator of the area except `but`, so that nobody can tell whose report it was; returns ids."""
    found = [
        p for p in await people.collaborators(context.connection, context.sealer, context.tree, area) if p.id not in but
    ]
    await notify(context, found, make)
    return {p.id for p in found}
