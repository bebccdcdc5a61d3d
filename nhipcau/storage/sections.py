"""Sections of units' offices, to which reports are assigned. Who chose one is sealed with the person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.office_changes import AddSection, ChangeSection
from nhipcau.model.office_queries import Sections
from nhipcau.model.scope import Access
from nhipcau.model.sections import Section
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, in_chunks
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import sections, units
from nhipcau.storage.units import within


@writes_each(AddSection)
async def add(at: ChangeContext, row: AddSection) -> None:
    new = row.section
    values = {"id": new.id, "unit_id": new.unit.id, "name": new.name, "closed": new.closed}
    await at.connection.execute(insert(sections).values(**values))
    record_audit(at, "section.add", row.actor)


@writes_each(ChangeSection)
async def change(at: ChangeContext, row: ChangeSection) -> None:
    """Raises ChangedMeanwhile where somebody has changed it meanwhile."""
    new, seen = row.section, row.seen
    as_seen = (sections.c.id == seen.id, sections.c.name == seen.name, sections.c.closed.is_(seen.closed))
    done = await at.connection.execute(update(sections).where(*as_seen).values(name=new.name, closed=new.closed))
    if done.rowcount != 1:
        raise ChangedMeanwhile(new.id)
    record_audit(at, _act(row), row.actor)


def _act(row: ChangeSection) -> str:
    if row.section.closed == row.seen.closed:
        return "section.rename"
    return "section.close" if row.section.closed else "section.open"


@answers_each(Sections)
async def _sections(at: QueryContext, need: Sections) -> Sequence[Section]:
    statement = select(sections).join(units, units.c.id == sections.c.unit_id)
    statement = statement.where(within(need.scope, Access.CONTENT), units.c.path == need.scope.path)
    found = [_read(row, at.tree) for row in await at.connection.execute(statement)]
    return sorted(found, key=lambda section: (section.closed, section.name.casefold()))


async def sections_by_id(connection: AsyncConnection, tree: Tree, ids: Collection[str]) -> dict[str, Section]:
    """Those of reports that somebody may read."""
    found: dict[str, Section] = {}
    for chunk in in_chunks(sorted(ids)):
        rows = await connection.execute(select(sections).where(sections.c.id.in_(chunk)))
        found |= {row.id: _read(row, tree) for row in rows}
    return found


def _read(row: object, tree: Tree) -> Section:
    id, unit_id, name, closed = (getattr(row, column) for column in ("id", "unit_id", "name", "closed"))
    return Section(id, tree.by_id[unit_id], name, closed)
