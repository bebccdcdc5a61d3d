"""Conversations as their rows keep them: everybody who has joined has one, sealed anew each night, most of one length.

Neither that there is a row, nor a day in clear, nor a length tells who acted, unless a long text is half-written.
Inside the seal stand the contact used last, whether a report is half-written, and the day of the last save, besides the
conversation itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.conversation import Conversation
from nhipcau.privacy.sealing import Sealer, Unreadable, padded
from nhipcau.storage.database import execute_many, in_chunks, insert_for
from nhipcau.storage.rewriting import insert_shuffled, lock_tables
from nhipcau.storage.tables import contacts, conversations

#: Drafts end so many days after their last save.
DRAFT_DAYS = 7
#: Bytes to which most texts are filled up: such a row needs no page of its own.
_LEAST = 896
#: How a row begins that the migration took over from an earlier version.
_EARLIER = b"earlier:"
_EMPTY = Conversation().to_json()
#: Conversations that the sweep opens at once.
TALKS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredTalk:
    """An opened row."""

    #: The contact used last: its last message has no meaning at another contact.
    contact_id: int
    #: A report is half-written, so a push offers to go back to it.
    writing: bool
    saved_on: date
    #: The conversation as JSON.
    line: str

    @property
    def is_empty(self) -> bool:
        return self.line == _EMPTY

    def conversation(self, today: date) -> Conversation:
        """Empty where it was saved too long ago, or another version of the program wrote it."""
        if self.saved_on < today - timedelta(days=DRAFT_DAYS):
            return Conversation()
        try:
            return Conversation.from_json(self.line)
        except (ValueError, TypeError, KeyError, AttributeError):
            return Conversation()


def seal_talk(sealer: Sealer, today: date, person_id: str, talk: StoredTalk) -> bytes:
    head = json.dumps([talk.contact_id, talk.writing, talk.saved_on.isoformat()])
    return sealer.seal(today, padded(f"{head}\n{talk.line}", _LEAST), f"talk:{person_id}")


def open_talk(sealer: Sealer, day: date, person_id: str, sealed: bytes) -> StoredTalk | None:
    """None where its day's key was destroyed or another version of the program wrote it."""
    if sealed.startswith(_EARLIER):
        return _open_earlier(sealer, day, sealed)
    try:
        head, _, line = sealer.open(day, sealed, f"talk:{person_id}").partition("\n")
        contact_id, writing, saved_on = json.loads(head)
        return StoredTalk(contact_id, writing, date.fromisoformat(saved_on), line.rstrip(" "))
    except (Unreadable, ValueError, TypeError):
        return None


def is_writing(sealer: Sealer, day: date, person_id: str, sealed: bytes) -> bool:
    """Whether a report is half-written here: read for every push, so without opening the conversation itself."""
    if sealed.startswith(_EARLIER):
        talk = _open_earlier(sealer, day, sealed)
        return talk is not None and talk.writing
    try:
        text = sealer.open(day, sealed, f"talk:{person_id}")
    except Unreadable:
        return False
    return text[: text.find("\n")].split(", ")[1:2] == ["true"]


def _open_earlier(sealer: Sealer, day: date, sealed: bytes) -> StoredTalk | None:
    """A row that an earlier version wrote: the contact's id beside the seal, and no length of its own."""
    _, contact_id, content = sealed.split(b":", 2)
    try:
        line = sealer.open(day, content, f"talk:{int(contact_id)}")
        return StoredTalk(int(contact_id), "report" in json.loads(line)["drafts"], day, line)
    except (Unreadable, ValueError, TypeError, KeyError):
        return None


async def read_talk(connection: AsyncConnection, sealer: Sealer, person_id: str) -> StoredTalk | None:
    statement = select(conversations).where(conversations.c.person_id == person_id)
    row = (await connection.execute(statement)).one_or_none()
    return open_talk(sealer, row.day, row.person_id, row.sealed) if row is not None else None


async def last_contacts(connection: AsyncConnection, sealer: Sealer, person_ids: Sequence[str]) -> dict[str, int]:
    """Person id → the contact used last."""
    found = {}
    for chunk in in_chunks(sorted(person_ids)):
        for row in await connection.execute(select(conversations).where(conversations.c.person_id.in_(chunk))):
            if (talk := open_talk(sealer, row.day, row.person_id, row.sealed)) is not None:
                found[row.person_id] = talk.contact_id
    return found


async def all_conversations(connection: AsyncConnection, sealer: Sealer, today: date) -> list[Conversation]:
    """Every conversation that can still be opened."""
    return _opened(sealer, today, (await connection.execute(select(conversations))).all())


async def files_in_talks(connection: AsyncConnection, sealer: Sealer, today: date) -> set[str]:
    """Names of the pictures and documents that some conversation refers to. Everybody has a conversation, so they are
    opened in slices, off the loop."""
    names: set[str] = set()
    rows: Sequence[Row[Any]] = ()
    while True:
        after = (conversations.c.person_id > rows[-1].person_id,) if rows else ()
        some = select(conversations).where(*after).order_by(conversations.c.person_id).limit(TALKS_AT_ONCE)
        if not (rows := (await connection.execute(some)).all()):
            return names
        names |= await asyncio.to_thread(_files_in, sealer, today, rows)


def _files_in(sealer: Sealer, today: date, rows: Sequence[Row[Any]]) -> set[str]:
    return {name for talk in _opened(sealer, today, rows) for name in talk.files()}


def _opened(sealer: Sealer, today: date, rows: Sequence[Row[Any]]) -> list[Conversation]:
    opened = [open_talk(sealer, row.day, row.person_id, row.sealed) for row in rows]
    return [talk.conversation(today) for talk in opened if talk is not None]


@cache
def _upsert(dialect: str) -> Any:
    statement = insert_for(dialect, conversations)
    new_values = {name: statement.excluded[name] for name in ("sealed", "day")}
    return statement.on_conflict_do_update(index_elements=["person_id"], set_=new_values)


async def save_conversations(
    connection: AsyncConnection, sealer: Sealer, today: date, talks: Mapping[str, tuple[int, Conversation, bool]]
) -> None:
    """Save conversations. `talks`: person id → contact id, conversation, whether it may have changed."""
    rows = [
        _row(sealer, today, person_id, StoredTalk(contact_id, "report" in talk.drafts, today, talk.to_json()))
        for person_id, (contact_id, talk, changed) in sorted(talks.items())
        if changed
    ]
    await execute_many(connection, _upsert(connection.dialect.name), rows)


def _row(sealer: Sealer, today: date, person_id: str, talk: StoredTalk) -> dict[str, Any]:
    return {"person_id": person_id, "sealed": seal_talk(sealer, today, person_id, talk), "day": today}


async def joined(connection: AsyncConnection) -> list[str]:
    """Ids of people with a contact or a conversation."""
    with_contact = select(contacts.c.person_id).where(contacts.c.person_id.is_not(None))
    return list(await connection.scalars(with_contact.union(select(conversations.c.person_id))))


async def write_anew(connection: AsyncConnection, sealer: Sealer, today: date, person_ids: Collection[str]) -> int:
    """Seal the conversations of these people anew and write them in random order; who has none gets an empty one, and
    drafts that were saved too long ago end. Returns how many."""
    await lock_tables(connection, conversations)
    mine = conversations.c.person_id.in_(sorted(person_ids))
    stored = {
        row.person_id: open_talk(sealer, row.day, row.person_id, row.sealed)
        for row in await connection.execute(select(conversations).where(mine))
    }
    some_contact = select(contacts.c.person_id, contacts.c.id).where(contacts.c.person_id.in_(sorted(person_ids)))
    contact_of = {row.person_id: row.id for row in await connection.execute(some_contact.order_by(contacts.c.id))}
    rows = []
    for person_id in set(stored) | set(contact_of):
        talk = stored.get(person_id)
        if talk is None or talk.saved_on < today - timedelta(days=DRAFT_DAYS):
            contact_id = talk.contact_id if talk else contact_of.get(person_id, 0)
            talk = StoredTalk(contact_id, False, today, _EMPTY)
        rows.append(_row(sealer, today, person_id, talk))
    await connection.execute(delete(conversations).where(mine))
    await insert_shuffled(connection, conversations, rows)
    return len(rows)
