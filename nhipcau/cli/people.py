"""`roster` and `person`: who collaborates."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import Tree
from nhipcau.cli.invites import CARD_DAYS, make_invite, say_links
from nhipcau.cli.runner import CommandFailed, WrongUse, print_json, print_line, unit_meant
from nhipcau.context import AppContext
from nhipcau.handlers.membership.join import clean_name
from nhipcau.model.changes import ReplacePerson
from nhipcau.model.scope import Scope
from nhipcau.office.roster import RosterPerson, read_roster
from nhipcau.office.table_reader import InvalidRows, UnreadableTable
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import contacts, handover, invites
from nhipcau.storage import people as stored
from nhipcau.storage.audit import OFFICE, record_audit
from nhipcau.storage.units import load_tree


async def roster_import(parts: AppContext, path: Path, *, dry_run: bool, as_json: bool) -> None:
    """All rows or none. By Mã CTV a second import changes nothing."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        try:
            roster = read_roster(path, tree)
        except (UnreadableTable, InvalidRows) as wrong:
            raise CommandFailed(str(wrong)) from None
        rows = await stored.roster_keys(connection)
        known = {(code, fold(name), unit_id, fold(cell)) for code, name, unit_id, cell in rows}
        codes = {code.upper() for code, *_ in known if code}
        fresh = [p for p in roster.people if not _is_known(p, tree, known, codes)]
        if not dry_run:
            await stored.add_people(connection, [_row(parts, tree, person) for person in fresh])
            await record_audit(connection, datetime.now(UTC), "roster.import", str(len(fresh)))
    counts = {"added": len(fresh), "known": len(roster.people) - len(fresh), "skipped": roster.skipped}
    for note in roster.notes:
        print(note, file=sys.stderr)
    if roster.dropped:
        print(f"Không giữ các cột: {', '.join(roster.dropped)}.", file=sys.stderr)
    if as_json:
        print_json(counts)
        return
    verb = "would be added" if dry_run else "added"
    print_line(f"{counts['added']} people {verb}, {counts['known']} were there already, {counts['skipped']} have left.")


def _is_known(person: RosterPerson, tree: Tree, known: set[Any], codes: set[str]) -> bool:
    if person.code:
        return person.code.upper() in codes
    unit_id = tree.by_code[person.unit_code].id
    return any((n, u, c) == (fold(person.name), unit_id, fold(person.cell)) for _, n, u, c in known)


def _row(parts: AppContext, tree: Tree, person: RosterPerson) -> dict[str, Any]:
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


async def person_list(parts: AppContext, unit: str, *, as_json: bool) -> None:
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        members = await stored.network(connection, Scope.office(unit_meant(tree, unit)), tree) if tree.root else []
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
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print_line(f"{row['id']}  {row['name'] or '–'}  {row['unit']}  {row['role']}  {row['state']}")


async def person_move(parts: AppContext, id: str, unit: str) -> None:
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        target = unit_meant(tree, unit)
        await _change(connection, id, "person.move", unit_id=target.id)
    print_line(f"{id}: {target.name}")


async def person_disable(parts: AppContext, id: str) -> None:
    """They have left: cards are revoked and doors let go; counts stay."""
    async with parts.database.writing() as connection:
        await _change(connection, id, "person.disable", state="left")
        await invites.revoke_cards(connection, id)
        await contacts.release_contacts(connection, id, datetime.now(UTC))
    print_line(f"{id}: left")


async def person_replace(parts: AppContext, id: str, name: str, *, as_json: bool) -> None:
    """They leave, and a successor with a card of their own takes over what is open; nothing they wrote goes along."""
    successor = clean_name(name)
    if not successor:
        raise WrongUse(f"--name {name!r}: a person's name, of at most 80 letters.")
    now = datetime.now(UTC)
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        person = (await stored.find_people(connection, tree, [id])).get(id)
        if person is None:
            raise WrongUse(f"No person {id}: see `nhipcau person list`.")
        if person.state == "left":
            raise CommandFailed(f"{id} has left already.")
        row = ReplacePerson(id, new_id("id"), new_id("id"), successor, OFFICE)
        await handover.replace(connection, row, parts.settings.language, now)
        code, links = await make_invite(
            parts, connection, person.unit, person.role, uses=1, days=CARD_DAYS, person_id=row.successor_id
        )
    if as_json:
        print_json({"id": row.successor_id, "code": code, "links": links})
        return
    print_line(f"{successor}: {code}")
    say_links(links)


async def person_relink(parts: AppContext, id: str, *, as_json: bool) -> None:
    """A new phone: doors are let go, a new card is made."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        person = (await stored.find_people(connection, tree, [id])).get(id)
        if person is None:
            raise WrongUse(f"No person {id}: see `nhipcau person list`.")
        if person.state == "left":
            raise CommandFailed(f"{id} has left: import them again first.")
        await invites.revoke_cards(connection, id)
        await contacts.release_contacts(connection, id, datetime.now(UTC))
        code, links = await make_invite(
            parts, connection, person.unit, person.role, uses=1, days=CARD_DAYS, person_id=id
        )
    if as_json:
        print_json({"code": code, "links": links})
        return
    print_line(f"{person.name}: {code}")
    say_links(links)


async def _change(connection: Any, id: str, act: str, **values: Any) -> None:
    if not await stored.change_person(connection, id, values):
        raise WrongUse(f"No person {id}: see `nhipcau person list`.")
    await record_audit(connection, datetime.now(UTC), act, id)
