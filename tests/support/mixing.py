"""The nightly mix in a world, and the order in which rows lie on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from nhipcau.storage.mix import Folders, Mixed, mix
from tests.support.world import World


async def mixed(world: World) -> Mixed:
    """Mix now."""
    settings = world.parts.settings
    folders = Folders(Path(settings.photos), Path(settings.documents))
    return await mix(world.parts.database, world.parts.sealer, world.now, settings.zone, folders)


async def in_order(world: World, table: str, column: str) -> list[Any]:
    """A column in the order in which its rows lie."""
    place = "rowid" if world.parts.database.is_sqlite else "ctid"
    return [row[0] for row in await world.rows(text(f"SELECT {column} FROM {table} ORDER BY {place}"))]
