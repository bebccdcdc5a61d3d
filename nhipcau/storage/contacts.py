"""Contacts, the chats of a person on each app: releasing, closing and finding them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import CloseContact, CloseOtherContacts, ForgetContact, ReleaseContacts
from nhipcau.model.people import RESTING, PersonState, Role
from nhipcau.model.scope import Scope
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import wipe_after_commit
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.tables import contacts, conversations, outbox, people, posted, units


@writes_each(ForgetContact)
async def forget_contact(at: ChangeContext, row: ForgetContact) -> None:
    """Drop the pending invitation; `delete_strangers` deletes the row once the last message to it is delivered."""
    stranger = (contacts.c.id == row.contact_id, contacts.c.person_id.is_(None))
    await at.connection.execute(update(contacts).where(*stranger).values(invite_code=None))


async def release_contacts(connection: AsyncConnection, person_id: str, now: datetime) -> list[int]:
    """Take all contacts from their person and drop what waited for them. Returns the contacts' ids."""
    ids = list(await connection.scalars(select(contacts.c.id).where(contacts.c.person_id == person_id)))
    if ids:
        wipe_after_commit(connection)
        await connection.execute(delete(conversations).where(conversations.c.person_id == person_id))
        await connection.execute(delete(outbox).where(outbox.c.contact_id.in_(ids)))
        # the next owner of the contact gets no corrections of what this person read, and no edits of boards
        await connection.execute(delete(posted).where(posted.c.contact_id.in_(ids)))
        # a new "since": a contact without a person is deleted a day later, and can join with a card until then
        released = {"person_id": None, "last_act": None, "since": now}
        await connection.execute(update(contacts).where(contacts.c.id.in_(ids)).values(**released))
    return ids


@writes_each(ReleaseContacts)
async def _release_contacts(at: ChangeContext, row: ReleaseContacts) -> None:
    await release_contacts(at.connection, row.person_id, at.now)


@writes_each(CloseOtherContacts)
async def _close_others(at: ChangeContext, row: CloseOtherContacts) -> None:
    others = (contacts.c.person_id == row.person_id, contacts.c.id != row.contact_id)
    ids = list(await at.connection.scalars(select(contacts.c.id).where(*others)))
    wipe_after_commit(at.connection)
    await at.connection.execute(delete(outbox).where(outbox.c.contact_id.in_(ids)))
    await at.connection.execute(delete(posted).where(posted.c.contact_id.in_(ids)))
    await at.connection.execute(delete(contacts).where(contacts.c.id.in_(ids)))


async def delete_contact(connection: AsyncConnection, contact_id: int) -> None:
    """Delete this contact, which its person gives up, and what waits for it: its address belongs to nobody then."""
    person_id = await connection.scalar(select(contacts.c.person_id).where(contacts.c.id == contact_id))
    wipe_after_commit(connection)
    await connection.execute(delete(contacts).where(contacts.c.id == contact_id))
    if person_id is not None:
        await mark_unreachable(connection, [person_id])


@writes_each(CloseContact)
async def mark_blocked(at: ChangeContext, row: CloseContact) -> None:
    """Record that the app says this person has blocked us: nothing is sent to this contact until they write."""
    await at.connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(reachable=False))
    person_id = await at.connection.scalar(select(contacts.c.person_id).where(contacts.c.id == row.contact_id))
    await mark_unreachable(at.connection, [person_id] if person_id else [])


async def mark_unreachable(connection: AsyncConnection, person_ids: Sequence[str]) -> None:
    """Set the people among these whose contacts are all closed to unreachable, until they write."""
    if not person_ids:
        return
    open_contact = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True))
    unreachable = update(people).where(
        people.c.id.in_(sorted(set(person_ids))), people.c.state == PersonState.CONSENTED
    )
    await connection.execute(unreachable.where(~open_contact.exists()).values(state=PersonState.UNREACHABLE))


async def delete_strangers(connection: AsyncConnection, contact_ids: Sequence[int]) -> None:
    """Delete the contacts among these without a person, an invitation or a waiting message."""
    if not contact_ids:
        return
    waiting = select(outbox.c.id).where(outbox.c.contact_id == contacts.c.id).exists()
    await connection.execute(
        delete(contacts).where(
            contacts.c.id.in_(contact_ids), contacts.c.person_id.is_(None), contacts.c.invite_code.is_(None), ~waiting
        )
    )


async def find_contact(connection: AsyncConnection, lookup: bytes) -> int | None:
    """The id of the contact with this lookup (`Sealer.lookup`)."""
    found: int | None = await connection.scalar(select(contacts.c.id).where(contacts.c.lookup == lookup))
    return found


async def scope_of_contact(connection: AsyncConnection, lookup: bytes) -> Scope | None:
    """The scope of the person of this contact; None where it has no person."""
    statement = (
        select(units.c.path, people.c.role, people.c.state)
        .join(people, people.c.unit_id == units.c.id)
        .join(contacts, contacts.c.person_id == people.c.id)
        .where(contacts.c.lookup == lookup)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return Scope(Role.COLLABORATOR if row.state in RESTING else row.role, row.path)


async def has_joined(connection: AsyncConnection, lookup: bytes) -> bool:
    """Whether this contact's person agreed to take part and has not left."""
    joined = people.c.state.in_((PersonState.CONSENTED, PersonState.PAUSED, PersonState.UNREACHABLE))
    found = select(contacts.c.id).join(people, people.c.id == contacts.c.person_id)
    return await connection.scalar(found.where(contacts.c.lookup == lookup, joined)) is not None


async def change_address(connection: AsyncConnection, sealer: Sealer, channel: str, old: str, new: str) -> None:
    """Give the contact of the old address the new one; nothing where there is none."""
    lookup = sealer.lookup(channel, old)
    sealed = sealer.seal_lasting(new, f"contact:{channel}")
    values = {"lookup": sealer.lookup(channel, new), "sealed_address": sealed}
    await connection.execute(update(contacts).where(contacts.c.lookup == lookup).values(values))


async def contacts_of(connection: AsyncConnection, person_id: str) -> list[int]:
    return list(await connection.scalars(select(contacts.c.id).where(contacts.c.person_id == person_id)))
