"""Sent messages that can be edited later, one row for each contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.messages import Message
from nhipcau.storage.database import execute_many, insert_into
from nhipcau.storage.tables import contacts, outbox, posted

#: A board is edited at most once in this time, and no longer than so long after its last change.
MIN_EDIT_INTERVAL = timedelta(seconds=3)
FOLLOW_TIME = timedelta(days=3)
#: Prefixes of keys: progress boards, and notices, which may be corrected while they are open.
BOARD = "board:"
NOTICE = "notice:"


@dataclass(frozen=True, slots=True)
class EditableMessage:
    """One message at one contact."""

    key: str
    contact_id: int
    person_id: str | None
    ref: str
    #: Of its present text.
    digest: str
    changed_at: datetime


async def remember(connection: AsyncConnection, sent: Sequence[tuple[Message, int, str]], now: datetime) -> None:
    """Store sent messages, each with its contact id and the app's id of it; without the latter it can't be edited."""
    found = {}
    for message, contact_id, ref in sent:
        kind, id, digest = [*message.keeps.split(":"), "", ""][:3]
        if kind and ref:
            found[f"{kind}:{id}", contact_id] = {"ref": ref, "mark": digest, "changed_at": now}
    statement = insert_into(connection, posted)
    new_values = {name: statement.excluded[name] for name in ("ref", "mark", "changed_at")}
    await execute_many(
        connection,
        statement.on_conflict_do_update(index_elements=["key", "contact_id"], set_=new_values),
        [{"key": key, "contact_id": contact, **values} for (key, contact), values in sorted(found.items())],
    )


async def copies_of(connection: AsyncConnection, key: str) -> list[EditableMessage]:
    """This message at every contact it was sent to."""
    return await _read(connection, posted.c.key == key)


async def boards(connection: AsyncConnection, now: datetime) -> list[EditableMessage]:
    """Boards that may be edited now: not just changed, and with no edit waiting in the outbox."""
    under_way = select(outbox.c.id).where(
        outbox.c.contact_id == posted.c.contact_id,
        outbox.c.purpose == "edit",
        posted.c.key == BOARD + func.coalesce(outbox.c.request_id, ""),
    )
    is_board = func.substr(posted.c.key, 1, len(BOARD)) == BOARD
    return await _read(connection, is_board, posted.c.changed_at <= now - MIN_EDIT_INTERVAL, ~under_way.exists())


async def any_board(connection: AsyncConnection) -> bool:
    is_board = func.substr(posted.c.key, 1, len(BOARD)) == BOARD
    return await connection.scalar(select(posted.c.key).where(is_board).limit(1)) is not None


async def _read(connection: AsyncConnection, *conditions: object) -> list[EditableMessage]:
    statement = select(posted, contacts.c.person_id).join(contacts, contacts.c.id == posted.c.contact_id)
    statement = statement.where(*conditions).order_by(posted.c.key, posted.c.contact_id)  # type: ignore[arg-type]
    return [
        EditableMessage(row.key, row.contact_id, row.person_id, row.ref, row.mark, row.changed_at)
        for row in await connection.execute(statement)
    ]


async def claim_edit(connection: AsyncConnection, message: EditableMessage, digest: str, now: datetime) -> bool:
    """Claim an edit of this message by storing the digest of its new text. False: somebody else has changed it."""
    unchanged = (posted.c.contact_id == message.contact_id, posted.c.mark == message.digest)
    statement = update(posted).where(posted.c.key == message.key, *unchanged)
    return (await connection.execute(statement.values(mark=digest, changed_at=now))).rowcount == 1


async def forget(connection: AsyncConnection, contacts_by_key: Mapping[str, Sequence[int]]) -> None:
    """Stop editing these messages. `contacts_by_key`: key → contact ids."""
    for key, contact_ids in sorted(contacts_by_key.items()):
        await connection.execute(delete(posted).where(posted.c.key == key, posted.c.contact_id.in_(list(contact_ids))))
