"""Replies that offices keep; those of a unit are offered to the units below it too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from nhipcau.bot.units.tree import Unit
from nhipcau.model.office_changes import AddReply, ChangeReply, DeleteReply
from nhipcau.model.office_queries import SavedReplies
from nhipcau.model.saved_replies import SavedReply
from nhipcau.model.scope import Access
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, wipe_after_commit
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import saved_replies


@writes_each(AddReply)
async def add(at: ChangeContext, row: AddReply) -> None:
    new = row.reply
    values = {"id": new.id, "unit_id": new.unit.id, "title": new.title, "words": new.words}
    await at.connection.execute(insert(saved_replies).values(**values))
    record_audit(at, "reply.add", row.actor)


@writes_each(ChangeReply)
async def change(at: ChangeContext, row: ChangeReply) -> None:
    """Raises ChangedMeanwhile where somebody has changed or deleted it meanwhile."""
    new, c = row.reply, saved_replies.c
    as_seen = (c.id == row.seen.id, c.title == row.seen.title, c.words == row.seen.words)
    done = await at.connection.execute(update(saved_replies).where(*as_seen).values(title=new.title, words=new.words))
    if done.rowcount != 1:
        raise ChangedMeanwhile(new.id)
    record_audit(at, "reply.change", row.actor)


@writes_each(DeleteReply)
async def remove(at: ChangeContext, row: DeleteReply) -> None:
    """Raises as `change`."""
    if (await at.connection.execute(delete(saved_replies).where(saved_replies.c.id == row.seen.id))).rowcount != 1:
        raise ChangedMeanwhile(row.seen.id)
    wipe_after_commit(at.connection)
    record_audit(at, "reply.delete", row.actor)


@answers_each(SavedReplies)
async def _saved_replies(at: QueryContext, need: SavedReplies) -> Sequence[SavedReply]:
    above = [unit for unit in at.tree.units if need.scope.path.startswith(unit.path)]
    if not need.scope.reads(Access.CONTENT):
        return []
    statement = select(saved_replies).where(saved_replies.c.unit_id.in_([unit.id for unit in above]))
    rows = await at.connection.execute(statement)
    found = [SavedReply(row.id, at.tree.by_id[row.unit_id], row.title, row.words) for row in rows]
    return sorted(found, key=lambda reply: (-_depth(reply.unit), reply.title.casefold(), reply.id))


def _depth(unit: Unit) -> int:
    return unit.path.count("/")
