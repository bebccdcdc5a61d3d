"""The unit tree, read as a whole; conditions on units for other queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, false, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.place_names import former_names
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import AddUnit, SetCluster
from nhipcau.model.request_queries import ClustersIn
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes, writes_each
from nhipcau.storage.shared_values import set_fact
from nhipcau.storage.tables import facts, units

#: The fact that differs after each change of clusters.
_CLUSTERS = "units.clusters"


def inside(path: str) -> ColumnElement[bool]:
    """Whether a joined unit is the one of this path or below it. (Not with LIKE, which ignores case on SQLite.)"""
    return func.substr(units.c.path, 1, len(path)) == path


def within(scope: Scope, access: Access) -> ColumnElement[bool]:
    """Whether a joined unit lies in the scope; never where the scope's role has no such access."""
    return inside(scope.path) if scope.reads(access) else false()


async def load_tree(connection: AsyncConnection) -> Tree:
    rows = (await connection.execute(select(units))).all()
    found = [Unit(r.id, r.code, r.name, r.kind, r.path, r.parent_id, r.cluster) for r in rows]
    root = next((unit.code for unit in found if unit.parent_id is None), "")
    return Tree(found, former_names(root.removeprefix("T")))


async def tree_version(connection: AsyncConnection) -> tuple[int, int, str]:
    """How many units there are, the highest id, and what `SetCluster` left: differs whenever a tree read before is no
    longer what is there. Nothing else of a unit changes."""
    clusters = select(facts.c.value).where(facts.c.name == _CLUSTERS).scalar_subquery()
    row = (await connection.execute(select(func.count(units.c.id), func.max(units.c.id), clusters))).one()
    return row[0], row[1] or 0, row[2] or ""


async def add_units(connection: AsyncConnection, rows: Sequence[Mapping[str, str]]) -> int:
    """Add units (code, name, kind, parent: a code or ""), parents first; units with known codes stay as they are.

    Returns how many were added. Raises KeyError for an unknown parent.
    """
    tree = await load_tree(connection)
    id_and_path = {u.code: (u.id, u.path) for u in tree.units}
    added = 0
    for row in rows:
        if row["code"] in id_and_path:
            continue
        parent_id, parent_path = id_and_path[row["parent"]] if row["parent"] else (None, "/")
        path = f"{parent_path}{row['code']}/"
        values = {"code": row["code"], "name": row["name"], "kind": row["kind"], "parent_id": parent_id, "path": path}
        result = await connection.execute(insert(units).values(**values).returning(units.c.id))
        id_and_path[row["code"]] = (result.scalar_one(), path)
        added += 1
    return added


@answers_each(ClustersIn)
async def _clusters(at: QueryContext, need: ClustersIn) -> Mapping[str, Sequence[Unit]]:
    return at.tree.clusters(need.scope.path) if need.scope.reads(Access.FIGURES) else {}


@writes_each(SetCluster)
async def _set_cluster(at: ChangeContext, row: SetCluster) -> None:
    await at.connection.execute(update(units).where(units.c.id.in_(row.unit_ids)).values(cluster=row.cluster))
    await set_fact(at.connection, _CLUSTERS, new_id("id"))


@writes(AddUnit)
async def _add_units(at: ChangeContext, rows: Sequence[AddUnit]) -> None:
    await add_units(at.connection, [asdict(row) for row in rows])
