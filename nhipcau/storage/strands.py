"""Strands of opinion of issues, and the mark "latent": coordinators' words, which no row joins to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.issue_changes import AddStrand, ChangeStrand, DeleteStrand, MarkLatent
from nhipcau.model.issues import Strand, StrandKind, in_order
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, in_chunks, wipe_after_commit
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.tables import issues, strands


@writes_each(AddStrand)
async def add(at: ChangeContext, row: AddStrand) -> None:
    new = row.strand
    values = {"id": new.id, "issue": new.issue, "kind": new.kind, "text": new.words, "day": new.day}
    await at.connection.execute(insert(strands).values(**values))
    record_audit(at, "strand.add", row.actor)


@writes_each(ChangeStrand)
async def change(at: ChangeContext, row: ChangeStrand) -> None:
    """Raises ChangedMeanwhile where somebody has changed or deleted it meanwhile."""
    new = row.strand
    values = {"kind": new.kind, "text": new.words, "day": new.day}
    if (await at.connection.execute(update(strands).where(_as_seen(row.seen)).values(**values))).rowcount != 1:
        raise ChangedMeanwhile(new.id)
    record_audit(at, "strand.change", row.actor)


@writes_each(DeleteStrand)
async def remove(at: ChangeContext, row: DeleteStrand) -> None:
    """Raises as `change`."""
    if (await at.connection.execute(delete(strands).where(_as_seen(row.seen)))).rowcount != 1:
        raise ChangedMeanwhile(row.seen.id)
    wipe_after_commit(at.connection)
    record_audit(at, "strand.delete", row.actor)


@writes_each(MarkLatent)
async def mark_latent(at: ChangeContext, row: MarkLatent) -> None:
    await at.connection.execute(update(issues).where(issues.c.code == row.code).values(latent=row.latent))
    record_audit(at, "issue.latent" if row.latent else "issue.not_latent", row.actor)


def _as_seen(seen: Strand) -> ColumnElement[bool]:
    return and_(strands.c.id == seen.id, strands.c.kind == seen.kind, strands.c.text == seen.words)


async def read_strands(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, tuple[Strand, ...]]:
    """Issue → its strands, as they are shown; issues without any are left out. Who may read these issues was checked
    when they were found."""
    found: dict[str, list[Strand]] = defaultdict(list)
    for chunk in in_chunks(codes):
        for row in await connection.execute(select(strands).where(strands.c.issue.in_(chunk))):
            found[row.issue].append(Strand(row.id, row.issue, StrandKind(row.kind), row.text, row.day))
    return {code: in_order(of_issue) for code, of_issue in found.items()}
