"""`roster` and `person`: the people of the network."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.invites import link_lines
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    input_file,
    print_line,
    print_result,
)

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Tree
    from nhipcau.cli.transaction import Transaction
    from nhipcau.context import AppContext
    from nhipcau.model.people import Person
    from nhipcau.office.roster import RosterPerson

app = Family()
roster_app = Family(no_args_is_help=True)
person_app = Family(no_args_is_help=True)
app.add_typer(roster_app, name="roster")
app.add_typer(person_app, name="person")


@command(roster_app, "import")
async def roster_import(
    parts: AppContext,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    sheet: Annotated[str, typer.Option("--sheet")] = "",
    as_json: Json = False,
) -> None:
    """Add people from a CSV file or a workbook: all rows or none."""
    from nhipcau.bot.language.catalogue import texts
    from nhipcau.bot.language.vietnamese import fold
    from nhipcau.office.roster import code_key, open_roster, read_roster, remarks
    from nhipcau.office.table_reader import InvalidTable
    from nhipcau.storage import people as people_storage
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.units import load_tree

    t = texts(parts.settings.language)
    try:
        # before the transaction: nobody waits while a large file is read
        found = open_roster(input_file(file), sheet)
    except InvalidTable as wrong:
        raise CommandFailed(wrong.say(t)) from None
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        try:
            roster = read_roster(found, tree)
        except InvalidTable as wrong:
            raise CommandFailed(wrong.say(t)) from None
        rows = await people_storage.roster_keys(connection)
        known = {(code, fold(name), unit_id, fold(cell)) for code, name, unit_id, cell in rows}
        codes = {code_key(code) for code, *_ in known if code}
        fresh = [p for p in roster.people if not _is_known(p, tree, known, codes)]
        if not dry_run:
            await people_storage.add_people(connection, [_row(parts, tree, person) for person in fresh])
            await record_audit(connection, datetime.now(UTC), "roster.import", str(len(fresh)))
    counts = {"added": len(fresh), "known": len(roster.people) - len(fresh), "skipped": roster.skipped}
    for note in remarks(found, roster):
        print(note.say(t), file=sys.stderr)
    verb = "would be added" if dry_run else "added"
    line = f"{counts['added']} people {verb}, {counts['known']} were there already, {counts['skipped']} have left."
    print_result(as_json, counts, line)


def _is_known(person: RosterPerson, tree: Tree, known: set[Any], codes: set[str]) -> bool:
    """Compare by Mã CTV, or without one by name, unit and cell, so that a second import changes nothing."""
    from nhipcau.bot.language.vietnamese import fold
    from nhipcau.office.roster import code_key

    if person.code:
        return code_key(person.code) in codes
    unit_id = tree.by_code[person.unit_code].id
    return any((n, u, c) == (fold(person.name), unit_id, fold(person.cell)) for _, n, u, c in known)


def _row(parts: AppContext, tree: Tree, person: RosterPerson) -> dict[str, Any]:
    from nhipcau.privacy.identifiers import new_id

    id = new_id("id")
    contact = " ".join(part for part in (person.phone, person.email) if part)
    return {
        "id": id,
        "mark": new_id("id"),
        "code": person.code or None,
        "name": person.name,
        "unit_id": tree.by_code[person.unit_code].id,
        "cell": person.cell,
        "role": person.role,
        "state": person.state,
        "responsible": person.responsible,
        "language": parts.settings.language,
        "sealed_contact": parts.sealer.seal_lasting(contact, f"person:{id}") if contact else None,
    }


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
    print_result(
        as_json, rows, *(f"{r['id']}  {r['name'] or '–'}  {r['unit']}  {r['role']}  {r['state']}" for r in rows)
    )


@command(person_app, "move")
async def person_move(parts: AppContext, id: str, unit: Annotated[str, typer.Option("--unit")]) -> None:
    """To another unit."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing

    async with writing(parts) as transaction:
        target = find_unit(transaction.tree, unit)
        await transaction.apply(
            transaction.or_fail(network.move(transaction.office(target), await _person(transaction, id), target))
        )
    print_line(f"{id}: {target.name}")


@command(person_app, "disable")
async def person_disable(parts: AppContext, id: str) -> None:
    """They have left: no messages, no way in."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing

    async with writing(parts) as transaction:
        person = await _person(transaction, id)
        await transaction.apply(transaction.or_fail(network.disable(transaction.office(person.unit), person)))
    print_line(f"{id}: left")


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
        raise WrongUse(f"--name {name!r}: a person's name, of at most 80 letters.")
    async with writing(parts) as transaction:
        person = await _person(transaction, id)
        decided = network.hand_over(transaction.office(person.unit), person, successor, transaction.now, new_id)
        card, changes = transaction.or_fail(decided, f"{id} has left already.")
        await transaction.apply(changes)
        links = await transaction.links(card.code)
    body = {"id": card.person_id, "code": card.code, "links": links}
    print_result(as_json, body, f"{successor}: {card.code}", *link_lines(links))


@command(person_app, "relink")
async def person_relink(parts: AppContext, id: str, as_json: Json = False) -> None:
    """A new card for a new phone."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.privacy.identifiers import new_id

    async with writing(parts) as transaction:
        person = await _person(transaction, id)
        decided = network.link_anew(transaction.office(person.unit), person, transaction.now, new_id)
        card, changes = transaction.or_fail(decided, f"{id} has left: import them again first.")
        await transaction.apply(changes)
        links = await transaction.links(card.code)
    print_result(as_json, {"code": card.code, "links": links}, f"{person.name}: {card.code}", *link_lines(links))


async def _person(transaction: Transaction, id: str) -> Person:
    """Raises WrongUse if there is no such person."""
    from nhipcau.storage.people import find_people

    person = (await find_people(transaction.connection, transaction.tree, [id])).get(id)
    if person is None:
        raise WrongUse(f"No person {id}: see `nhipcau person list`.")
    return person
