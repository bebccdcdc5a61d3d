"""Adding the people of a roster, with the cells they belong to."""

from __future__ import annotations

from typing import Any

from nhipcau.actions.roster import PlacedPerson, PlacedRoster
from nhipcau.bot.units.tree import Tree
from nhipcau.model.scope import OFFICE
from nhipcau.operations.commit import apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.audit import record_audit
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.units import load_tree


async def add_placed(
    context: OperationContext, placed: PlacedRoster, actor: str = OFFICE, *, keeps_people: bool = True
) -> None:
    """Make the cells, add the people, and note how many. `keeps_people`: False where all of it is taken back."""
    await apply(context, placed.cells)
    tree = await load_tree(context.connection)
    if keeps_people:
        rows = [_row(context.office.language, tree, person) for person in placed.people]
        await add_people(context.connection, context.sealer, rows)
    record_audit(context, "roster.import", actor, len(placed.people))


def _row(language: str, tree: Tree, placed: PlacedPerson) -> dict[str, Any]:
    person = placed.person
    return {
        "id": new_id("id"),
        "tag_secret": new_id("id"),
        "code": person.code,
        "name": person.name,
        "unit_id": tree.by_code[placed.unit_code].id,
        "cell": placed.cell,
        "role": person.role,
        "state": person.state,
        "responsible": person.responsible,
        "language": language,
        "contact": " ".join(part for part in (person.phone, person.email) if part),
    }
