"""Tells those responsible for units which of them have not answered: of a duty when it closes, of a rapid request while
it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from nhipcau.actions import escalation
from nhipcau.actions.escalation import Step
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.screens import is_coordinator
from nhipcau.model.people import Person
from nhipcau.model.requests import Request
from nhipcau.model.scope import Scope
from nhipcau.operations.notify import ESCALATION, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import answers, outbox_upkeep, people, requests

#: Units named in one message.
_MAX_NAMES = 8


async def escalate(context: OperationContext, id: str, steps: Sequence[Step]) -> None:
    """Take these steps of a rapid request, each once; none while its question has reached nobody."""
    connection, tree = context.connection, context.tree
    reminded = await answers.without_answer(connection, id)
    if not reminded and await outbox_upkeep.has_unsent(connection, id):
        return
    request = (await requests.read_requests(connection, tree, [id]))[id]
    for step in steps:
        silent = await answers.units_without_answer(connection, Scope.office(), tree, id)
        chains = [escalation.told_of(unit, request.unit, tree) for unit in silent]
        known = await people.office_of(
            connection, context.sealer, tree, [unit.id for units in chains for unit in units]
        )
        told = escalation.whom_to_tell(step, request.unit, silent, known, reminded, tree)
        number = len({unit.id for units in told.values() for unit in units})
        if not await requests.take_escalation(connection, id, step, number):
            return
        persons = {person.id: person for found in known.values() for person in found}
        recipients = [(persons[person_id], units) for person_id, units in sorted(told.items())]
        await _tell(context, request, recipients, step)


async def escalate_unanswered(context: OperationContext, request: Request) -> None:
    """Tell of the units that have left a duty unanswered. What a cell left unanswered is told to those responsible for
    the cell and for its commune."""
    connection, tree = context.connection, context.tree
    recipients: dict[str, Person] = {}
    units: dict[str, list[Unit]] = defaultdict(list)
    for unit in await answers.units_without_answer(connection, Scope.office(), tree, request.id):
        of_unit = await people.responsible(connection, context.sealer, tree, unit)
        above = (
            await people.responsible(connection, context.sealer, tree, tree.commune_of(unit)) if unit.is_cell else []
        )
        for person in {person.id: person for person in (*of_unit, *above)}.values():
            recipients[person.id] = person
            units[person.id].append(unit)
    await _tell(context, request, [(person, units[id]) for id, person in sorted(recipients.items())])


async def _tell(
    context: OperationContext,
    request: Request,
    recipients: Sequence[tuple[Person, Sequence[Unit]]],
    step: Step | None = None,
) -> None:
    """One message a person. `step`: while it runs; None: it has ended."""
    cells = [unit.id for _, units in recipients for unit in units if unit.is_cell]
    names = await people.responsible_names(context.connection, Scope.office(), context.sealer, cells)
    for person, units in recipients:
        named = [_with_name(unit, names.get(unit.id, ""), person) for unit in units]
        make = partial(_message, context, request, named, person, step)
        await push(context, [person], make, ESCALATION, about=request)


def _with_name(unit: Unit, name: str, reader: Person) -> str:
    """ "Thôn Nà Sla (Nông Văn Thử)"; nobody is told their own name."""
    return f"{unit.name} ({name})" if name and name != reader.name else unit.name


def _message(
    context: OperationContext, request: Request, units: Sequence[str], reader: Person, step: Step | None, t: Texts
) -> Message:
    names = ", ".join(units[:_MAX_NAMES]) + (
        " " + t("board.more_units", n=len(units) - _MAX_NAMES) if units[_MAX_NAMES:] else ""
    )
    type_in = choice(t("menu.nhapho"), RunCommand(Command.ON_BEHALF))
    if step is None:
        return Message(t("push.escalated", title=request.title, unit=names), (type_in,))
    left = request_messages.time_left(request.closes_at, context.now, t)
    words = t("push.silent", title=request.title, unit=names, left=left)
    return Message(words, (type_in,) if is_coordinator(reader) else ())
