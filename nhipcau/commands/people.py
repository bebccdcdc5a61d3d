"""`roster` and `person`: who collaborates."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from nhipcau.bot.units import Tree
from nhipcau.bot.vietnamese import fold
from nhipcau.commands.frame import Failed, WrongUse, say, say_json, unit_meant
from nhipcau.commands.invites import CARD_DAYS, make_invite, say_links
from nhipcau.handlers.joining import clean_name
from nhipcau.model.writes import ReplacePerson
from nhipcau.office.roster import RosterPerson, read_roster
from nhipcau.office.tables import FileWrong, RowsWrong
from nhipcau.parts import Parts
from nhipcau.privacy.codes import new_id
from nhipcau.storage import handover, saving
from nhipcau.storage import people as stored
from nhipcau.storage.tables import people
from nhipcau.storage.units import load_tree


async def roster_import(parts: Parts, path: Path, *, dry_run: bool, as_json: bool) -> None:
    """All rows or none. By Mã CTV a second import changes nothing."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        try:
            roster = read_roster(path, tree)
        except (FileWrong, RowsWrong) as wrong:
            raise Failed(str(wrong)) from None
        known = {(r.code, fold(r.name), r.unit_id, fold(r.cell)) for r in await connection.execute(select(people))}
        codes = {code.upper() for code, *_ in known if code}
        fresh = [p for p in roster.people if not _is_known(p, tree, known, codes)]
        if not dry_run:
            for person in fresh:
                await connection.execute(insert(people).values(**_row(parts, tree, person)))
            await saving.note(connection, datetime.now(UTC), "roster.import", str(len(fresh)))
    counts = {"added": len(fresh), "known": len(roster.people) - len(fresh), "skipped": roster.skipped}
    for note in roster.notes:
        print(note, file=sys.stderr)
    if roster.dropped:
        print(f"Không giữ các cột: {', '.join(roster.dropped)}.", file=sys.stderr)
    if as_json:
        say_json(counts)
        return
    verb = "would be added" if dry_run else "added"
    say(f"{counts['added']} people {verb}, {counts['known']} were there already, {counts['skipped']} have left.")


def _is_known(person: RosterPerson, tree: Tree, known: set[Any], codes: set[str]) -> bool:
    if person.code:
        return person.code.upper() in codes
    unit_id = tree.by_code[person.unit_code].id
    return any((n, u, c) == (fold(person.name), unit_id, fold(person.cell)) for _, n, u, c in known)


def _row(parts: Parts, tree: Tree, person: RosterPerson) -> dict[str, Any]:
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


async def person_list(parts: Parts, unit: str, *, as_json: bool) -> None:
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        members = await stored.network(connection, tree, unit_meant(tree, unit).path) if tree.root else []
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
        say_json(rows)
        return
    for row in rows:
        say(f"{row['id']}  {row['name'] or '–'}  {row['unit']}  {row['role']}  {row['state']}")


async def person_move(parts: Parts, id: str, unit: str) -> None:
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        target = unit_meant(tree, unit)
        await _change(connection, id, "person.move", unit_id=target.id)
    say(f"{id}: {target.name}")


async def person_disable(parts: Parts, id: str) -> None:
    """They have left: cards are revoked and doors let go; counts stay."""
    async with parts.database.writing() as connection:
        await _change(connection, id, "person.disable", state="left")
        await stored.revoke_cards(connection, id)
        await stored.let_doors_go(connection, id, datetime.now(UTC))
    say(f"{id}: left")


async def person_replace(parts: Parts, id: str, name: str, *, as_json: bool) -> None:
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
            raise Failed(f"{id} has left already.")
        row = ReplacePerson(id, new_id("id"), new_id("id"), successor, saving.OFFICE)
        await handover.replace(connection, row, parts.settings.language, now)
        await saving.note(connection, now, "person.replace", id)
        code, links = await make_invite(
            parts, connection, person.unit, person.role, uses=1, days=CARD_DAYS, person_id=row.successor_id
        )
    if as_json:
        say_json({"id": row.successor_id, "code": code, "links": links})
        return
    say(f"{successor}: {code}")
    say_links(links)


async def person_relink(parts: Parts, id: str, *, as_json: bool) -> None:
    """A new phone: doors are let go, a new card is made."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        person = (await stored.find_people(connection, tree, [id])).get(id)
        if person is None:
            raise WrongUse(f"No person {id}: see `nhipcau person list`.")
        if person.state == "left":
            raise Failed(f"{id} has left: import them again first.")
        await stored.revoke_cards(connection, id)
        await stored.let_doors_go(connection, id, datetime.now(UTC))
        code, links = await make_invite(
            parts, connection, person.unit, person.role, uses=1, days=CARD_DAYS, person_id=id
        )
    if as_json:
        say_json({"code": code, "links": links})
        return
    say(f"{person.name}: {code}")
    say_links(links)


async def _change(connection: Any, id: str, act: str, **values: Any) -> None:
    done = await connection.execute(update(people).where(people.c.id == id).values(**values))
    if done.rowcount != 1:
        raise WrongUse(f"No person {id}: see `nhipcau person list`.")
    await saving.note(connection, datetime.now(UTC), act, id)
