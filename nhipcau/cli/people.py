"""`person`: the people of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.cards import say_where_links_lead
from nhipcau.cli.help_pages import Family
from nhipcau.cli.invites import link_lines
from nhipcau.cli.runner import (
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    print_result,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.cli.transaction import Transaction
    from nhipcau.context import AppContext
    from nhipcau.model.people import Person

app = Family()
person_app = Family(no_args_is_help=True)
app.add_typer(person_app, name="person")


@command(person_app, "list")
async def person_list(parts: AppContext, unit: UnitName = "", as_json: Json = False) -> None:
    """Everybody of a unit and below."""
    from nhipcau.cli.transaction import reading
    from nhipcau.model.queries import Network
    from nhipcau.model.scope import Scope

    async with reading(parts) as transaction:
        tree = transaction.tree
        members = await transaction.load(Network(Scope.office(find_unit(tree, unit)))) if tree.root else []
    rows = [
        {
            "id": m.id,
            "name": m.name,
            "unit": m.unit.code,
            "role": m.role,
            "state": m.state,
            "channels": list(m.channels),
        }
        for m in members
    ]
    t = spoken()
    lines = (
        f"{m.id}  {m.name or '–'}  {m.unit.code}  {t(f'role.{m.role}')}  {t(f'person.{m.state}')}" for m in members
    )
    print_result(as_json, rows, *lines)


@command(person_app, "move")
async def person_move(
    parts: AppContext, id: str, unit: Annotated[str, typer.Option("--unit")], as_json: Json = False
) -> None:
    """To another unit."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing

    async with writing(parts) as transaction:
        target = find_unit(transaction.tree, unit)
        await transaction.apply(
            transaction.or_fail(network.move(transaction.office(target), await person_of(transaction, id), target))
        )
    print_result(as_json, {"id": id, "unit": target.code}, f"{id}: {target.name}")


@command(person_app, "disable")
async def person_disable(parts: AppContext, id: str, as_json: Json = False) -> None:
    """They have left: no messages, no way in."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing

    async with writing(parts) as transaction:
        person = await person_of(transaction, id)
        await transaction.apply(transaction.or_fail(network.disable(transaction.office(person.unit), person)))
    print_result(as_json, {"id": id, "state": "left"}, f"{id}: {spoken()('person.left')}")


@command(person_app, "replace")
async def person_replace(
    parts: AppContext,
    id: str,
    name: Annotated[str, typer.Option("--name")],
    as_json: Json = False,
) -> None:
    """They leave; a successor takes over what is open, with a card of their own."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.handlers.membership.join import clean_name
    from nhipcau.privacy.identifiers import new_id

    successor = clean_name(name)
    if not successor:
        raise WrongUse("cli.person.name", given=name)
    async with writing(parts) as transaction:
        person = await person_of(transaction, id)
        decided = network.hand_over(transaction.office(person.unit), person, successor, transaction.now, new_id)
        card, changes = transaction.or_fail(decided, "cli.person.has_left", id=id)
        await transaction.apply(changes)
        links = await transaction.links(card.code)
    body = {"id": card.person_id, "code": card.code, "links": links}
    print_result(as_json, body, f"{successor}: {card.code}", *link_lines(links))
    say_where_links_lead(parts)


@command(person_app, "relink")
async def person_relink(parts: AppContext, id: str, as_json: Json = False) -> None:
    """A new card for a new phone."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.privacy.identifiers import new_id

    async with writing(parts) as transaction:
        person = await person_of(transaction, id)
        decided = network.link_anew(transaction.office(person.unit), person, transaction.now, new_id)
        card, changes = transaction.or_fail(decided, "cli.person.has_left", id=id)
        await transaction.apply(changes)
        links = await transaction.links(card.code)
    print_result(as_json, {"code": card.code, "links": links}, f"{person.name}: {card.code}", *link_lines(links))
    say_where_links_lead(parts)


async def person_of(transaction: Transaction, id: str) -> Person:
    """Raises WrongUse if there is no such person."""
    from nhipcau.storage.people import find_people

    person = (await find_people(transaction.connection, transaction.parts.sealer, transaction.tree, [id])).get(id)
    if person is None:
        raise WrongUse("cli.person.unknown", id=id)
    return person
