"""Who is on the roster: what is personal of them lies sealed, so tests open it as the program does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.sealed_people import PersonDetails, add_people, change_people, details_of
from nhipcau.storage.tables import people
from nhipcau.storage.units import load_tree
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


async def many(world: World, number: int, unit: str = "X06040", state: str = "invited") -> list[str]:
    """So many people of the roster in this unit; their names."""
    async with world.parts.database.writing() as connection:
        tree = await load_tree(connection)
        rows = [
            {
                "id": f"{unit}{n:03}",
                "tag_secret": f"s{n}",
                "name": f"Lý Văn Số{n:03}",
                "unit_id": tree.by_code[unit].id,
                "role": "collaborator",
                "state": state,
                "language": "vi",
            }
            for n in range(number)
        ]
        await add_people(connection, world.parts.sealer, rows)
    return [str(row["name"]) for row in rows]


def names_in(folder: Path, rows: Iterable[Any]) -> list[str]:
    """The names of (id, sealed) rows of the installation in this folder."""
    sealer = Sealer(KeyRing(folder / "keys"))
    return [details_of(sealer, id, sealed).name for id, sealed in rows]
