"""Who is on the roster: what is personal of them lies sealed, so tests open it as the program does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.sealed_people import PersonDetails, change_people, details_of
from nhipcau.storage.tables import people
from tests.support.world import World


async def details(world: World) -> dict[str, PersonDetails]:
    """Person id → what is personal of them; of those who left, nothing."""
    rows = await world.rows(select(people.c.id, people.c.sealed))
    return {row.id: details_of(world.parts.sealer, row.id, row.sealed) for row in rows}


async def id_of(world: World, name: str) -> str:
    """The id of the only person of this name."""
    found = [id for id, person in (await details(world)).items() if person.name == name]
    assert len(found) == 1, name
    return found[0]


async def change(world: World, name: str, **values: Any) -> None:
    """Set columns and details of the only person of this name."""
    id = await id_of(world, name)
    async with world.parts.database.writing() as connection:
        assert await change_people(connection, world.parts.sealer, id, values)


def names_in(folder: Path, rows: Iterable[Any]) -> list[str]:
    """The names of (id, sealed) rows of the installation in this folder."""
    sealer = Sealer(KeyRing(folder / "keys"))
    return [details_of(sealer, id, sealed).name for id, sealed in rows]


#: What makes the table of people that of the version before (0015).
_READABLE = (
    "ALTER TABLE people RENAME COLUMN code_lookup TO code",
    "ALTER TABLE people RENAME COLUMN sealed TO sealed_contact",
    "ALTER TABLE people ADD COLUMN mark VARCHAR(32) NOT NULL DEFAULT ''",
    "ALTER TABLE people ADD COLUMN name VARCHAR(120) NOT NULL DEFAULT ''",
    "ALTER TABLE people ADD COLUMN cell VARCHAR(200) NOT NULL DEFAULT ''",
    "DROP TABLE departed",
)


async def unsealed(world: World, known: dict[str, PersonDetails]) -> None:
    """The database as the version before left it, with these people readable."""
    contact = {
        id: world.parts.sealer.seal_lasting(of.contact, f"person:{id}") for id, of in known.items() if of.contact
    }
    async with world.parts.database.writing() as connection:
        for statement in _READABLE:
            await connection.execute(text(statement))
        for id, of in known.items():
            values = {"name": of.name, "mark": of.tag_secret, "code": of.code or None, "cell": of.cell}
            columns = ", ".join(f"{name} = :{name}" for name in (*values, "sealed_contact"))
            statement = f"UPDATE people SET {columns} WHERE id = :id"
            await connection.execute(text(statement), {**values, "sealed_contact": contact.get(id), "id": id})
