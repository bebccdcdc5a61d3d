"""Contacts: a person's chats on each app, let go, closed, found by their lookup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import CloseContact, ForgetContact, ReleaseContacts
from nhipcau.model.people import PersonState
from nhipcau.model.scope import Scope
from nhipcau.storage.database import wipe_after_commit
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.tables import contacts, conversations, outbox, people, posted, units


@writes_each(ForgetContact)
async def forget_contact(at: ChangeContext, row: ForgetContact) -> None:
    """The invitation goes now; the row itself goes once the last words to it are delivered (storage/outbox.py)."""
    nobody = (contacts.c.id == row.contact_id, contacts.c.person_id.is_(None))
    await at.connection.execute(update(contacts).where(*nobody).values(invite_code=None))


async def release_contacts(connection: AsyncConnection, person_id: str, now: datetime) -> list[int]:
    """The person's doors belong to nobody from now on; what waited there is dropped. Returns their ids."""
    ids = list(await connection.scalars(select(contacts.c.id).where(contacts.c.person_id == person_id)))
    if ids:
        wipe_after_commit(connection)
        await connection.execute(delete(conversations).where(conversations.c.person_id == person_id))
        await connection.execute(delete(outbox).where(outbox.c.contact_id.in_(ids)))
        # whoever has the door next is not told anew what was read here, and no board of ours is edited there
        await connection.execute(delete(posted).where(posted.c.contact_id.in_(ids)))
        # "since" anew: a door that is nobody's is deleted a day later, and may take up a card until then
        free = {"person_id": None, "shown_request": None, "since": now}
        await connection.execute(update(contacts).where(contacts.c.id.in_(ids)).values(**free))
    return ids


@writes_each(ReleaseContacts)
async def _release_contacts(at: ChangeContext, row: ReleaseContacts) -> None:
    await release_contacts(at.connection, row.person_id, at.now)


async def close_contact(connection: AsyncConnection, contact_id: int) -> None:
    """This door is gone for good with what waits there; whoever holds its address is a stranger."""
    person_id = await connection.scalar(select(contacts.c.person_id).where(contacts.c.id == contact_id))
    await connection.execute(delete(contacts).where(contacts.c.id == contact_id))
    if person_id is not None:
        await mark_unreachable(connection, [person_id])


@writes_each(CloseContact)
async def mark_closed(at: ChangeContext, row: CloseContact) -> None:
    """The app says this person has blocked us there: nothing is sent to it until they write."""
    await at.connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(reachable=False))
    person_id = await at.connection.scalar(select(contacts.c.person_id).where(contacts.c.id == row.contact_id))
    await mark_unreachable(at.connection, [person_id] if person_id else [])


async def mark_unreachable(connection: AsyncConnection, person_ids: Sequence[str]) -> None:
    """People whose every door is closed; they are back the moment they write."""
    if not person_ids:
        return
    open_door = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True))
    closed = update(people).where(people.c.id.in_(sorted(set(person_ids))), people.c.state == PersonState.CONSENTED)
    await connection.execute(closed.where(~open_door.exists()).values(state=PersonState.UNREACHABLE))


async def delete_strangers(connection: AsyncConnection, contact_ids: Sequence[int]) -> None:
    """Doors of nobody, without an invitation and with nothing left to say to them."""
    if not contact_ids:
        return
    waiting = select(outbox.c.id).where(outbox.c.contact_id == contacts.c.id).exists()
    await connection.execute(
        delete(contacts).where(
            contacts.c.id.in_(contact_ids), contacts.c.person_id.is_(None), contacts.c.invite_code.is_(None), ~waiting
        )
    )


async def contact_behind(connection: AsyncConnection, lookup: bytes) -> int | None:
    """The id of the contact with this lookup (`Sealer.lookup`)."""
    found: int | None = await connection.scalar(select(contacts.c.id).where(contacts.c.lookup == lookup))
    return found


async def scope_behind(connection: AsyncConnection, lookup: bytes) -> Scope | None:
    """What the person behind this contact may read; None where nobody has joined there."""
    statement = (
        select(units.c.path, people.c.role)
        .join(people, people.c.unit_id == units.c.id)
        .join(contacts, contacts.c.person_id == people.c.id)
        .where(contacts.c.lookup == lookup)
    )
    row = (await connection.execute(statement)).one_or_none()
    return Scope(row.role, row.path) if row is not None else None


async def contacts_of(connection: AsyncConnection, person_id: str) -> list[int]:
    return list(await connection.scalars(select(contacts.c.id).where(contacts.c.person_id == person_id)))
