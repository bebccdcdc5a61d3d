"""The unit tree: read whole, written in sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, false, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.place_names import former_names
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.scope import Access, Scope
from nhipcau.storage.tables import units


def inside(path: str) -> ColumnElement[bool]:
    """Whether a joined unit is the one of this path or lies below it. (Not LIKE: SQLite's ignores case.)"""
    return func.substr(units.c.path, 1, len(path)) == path


def within(scope: Scope, access: Access) -> ColumnElement[bool]:
    """Whether a joined unit lies in the scope; of none does it where the scope's role does not read what is asked."""
    return inside(scope.path) if scope.reads(access) else false()


async def load_tree(connection: AsyncConnection) -> Tree:
    rows = (await connection.execute(select(units))).all()
    found = [Unit(r.id, r.code, r.name, r.kind, r.path, r.parent_id) for r in rows]
    root = next((unit.code for unit in found if unit.parent_id is None), "")
    return Tree(found, former_names(root.removeprefix("T")))


async def tree_version(connection: AsyncConnection) -> tuple[int, int]:
    """Changes whenever units were added (they are never changed or deleted): how many, and the highest id."""
    row = (await connection.execute(select(func.count(units.c.id), func.max(units.c.id)))).one()
    return row[0], row[1] or 0


async def add_units(connection: AsyncConnection, rows: Sequence[Mapping[str, str]]) -> int:
    """Add units (code, name, kind, parent: a code or ""), parents first; known codes are left as they are.

    Returns how many were added. Raises KeyError for a parent that is not there.
    """
    tree = await load_tree(connection)
    places = {u.code: (u.id, u.path) for u in tree.units}
    added = 0
    for row in rows:
        if row["code"] in places:
            continue
        parent_id, parent_path = places[row["parent"]] if row["parent"] else (None, "/")
        path = f"{parent_path}{row['code']}/"
        values = {"code": row["code"], "name": row["name"], "kind": row["kind"], "parent_id": parent_id, "path": path}
        result = await connection.execute(insert(units).values(**values).returning(units.c.id))
        places[row["code"]] = (result.scalar_one(), path)
        added += 1
    return added
