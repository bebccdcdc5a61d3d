"""Incoming events: claims each once, finds or makes its contact, and reads the person and conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import RowMapping, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.conversation import Conversation
from nhipcau.model.people import RESTING, Contact, Person, PersonState
from nhipcau.model.queries import FindConversation
from nhipcau.model.requests import ParticipationState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import execute_many, insert_for, insert_into
from nhipcau.storage.last_acts import LastAct, open_act, seal_act
from nhipcau.storage.people import read_person
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import contacts, conversations, events, participation, people
from nhipcau.storage.talks import StoredTalk, open_talk, read_talk

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ContactState:
    """A contact with its person and their conversation."""

    contact: Contact
    #: The chat's address in its app.
    address: str
    person: Person | None
    talk: Conversation
    #: What the contact's row knows of its last act.
    act: LastAct
    #: The conversation as its row has it; None: there is none, or it can't be opened.
    stored: StoredTalk | None
    #: Some request could not be delivered to this person.
    undelivered: bool


async def claim(connection: AsyncConnection, keys: Iterable[Key], today: date) -> set[Key]:
    """Claim (channel, event id) pairs; returns those that were not claimed before."""
    rows = [{"channel": channel, "id": id, "day": today} for channel, id in sorted(set(keys))]
    if not rows:
        return set()
    found = await connection.execute(_claim_events(connection.dialect.name), rows)
    return {(row.channel, row.id) for row in found}


async def unclaim(connection: AsyncConnection, keys: Iterable[Key]) -> None:
    """Take back claims made in this transaction: of what is decided later."""
    rows = [{"of_channel": channel, "of_id": id} for channel, id in sorted(set(keys))]
    await execute_many(connection, _UNCLAIM, rows)


async def is_fresh_and_known(
    connection: AsyncConnection, sealer: Sealer, channel: str, id: str, address: str, roles: Collection[str] = ()
) -> bool:
    """Whether this event is not handled yet and its sender has joined, in one of these roles where any are given."""
    claimed = select(events.c.id).where(events.c.channel == channel, events.c.id == id)
    known = select(contacts.c.person_id).where(contacts.c.lookup == sealer.lookup(channel, address))
    if roles:
        acting = (people.c.role.in_(sorted(roles)), people.c.state.not_in(RESTING))
        known = known.join(people, people.c.id == contacts.c.person_id).where(*acting)
    return await connection.scalar(claimed) is None and await connection.scalar(known) is not None


async def find_contacts(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, addresses: Sequence[Key], now: datetime, today: date
) -> dict[Key, ContactState]:
    """The contact of each (channel, address), created where missing, locked until the transaction ends."""
    wanted = {sealer.lookup(channel, address): (channel, address) for channel, address in addresses}
    if connection.dialect.name != "sqlite":
        await connection.execute(_lock_contacts(sorted(wanted)))
        # a conversation belongs to the person, so events from two of their contacts must not interleave
        await connection.execute(_LOCK_PEOPLE, {"lookups": sorted(wanted)})
    rows = await _read_contacts(connection, sorted(wanted))
    missing = sorted(set(wanted) - {row["contacts_lookup"] for row in rows})
    if missing:
        created = [_new_contact(sealer, lookup, *wanted[lookup], now, today) for lookup in missing]
        await execute_many(connection, insert_into(connection, contacts).on_conflict_do_nothing(), created)
        if connection.dialect.name != "sqlite":
            await connection.execute(_lock_contacts(missing))
        rows = [*rows, *await _read_contacts(connection, missing)]
    found = [(row, wanted[row["contacts_lookup"]]) for row in rows]
    return {key: _contact_state(row, key[1], sealer, tree, today) for row, key in found}


async def _read_contacts(connection: AsyncConnection, lookups: Sequence[bytes]) -> Sequence[RowMapping]:
    return (await connection.execute(_SELECT_CONTACTS, {"lookups": lookups})).mappings().all()


# Statements used for every batch are built once: building one costs as much as running it.
_UNDELIVERED = select(participation.c.request_id).where(
    participation.c.person_id == people.c.id, participation.c.state == ParticipationState.UNDELIVERABLE
)
_SELECT_CONTACTS = (
    select(contacts, people, conversations.c.sealed, conversations.c.day)
    .add_columns(_UNDELIVERED.exists().label("undelivered"))
    .select_from(
        contacts.outerjoin(people, people.c.id == contacts.c.person_id).outerjoin(
            conversations, conversations.c.person_id == contacts.c.person_id
        )
    )
    .where(contacts.c.lookup.in_(bindparam("lookups", expanding=True)))
    .set_label_style(_BY_TABLE)
)


_LOCK_PEOPLE = (
    select(people.c.id)
    .join(contacts, contacts.c.person_id == people.c.id)
    .where(contacts.c.lookup.in_(bindparam("lookups", expanding=True)))
    .order_by(people.c.id)
    .with_for_update(of=people, key_share=True)
)


_UPDATE_CONTACT = (
    update(contacts).where(contacts.c.id == bindparam("contact")).values(last_act=bindparam("sealed"), reachable=True)
)
_UNCLAIM = delete(events).where(events.c.channel == bindparam("of_channel"), events.c.id == bindparam("of_id"))


@cache
def _claim_events(dialect: str) -> Any:
    return insert_for(dialect, events).on_conflict_do_nothing().returning(events.c.channel, events.c.id)


def _lock_contacts(lookups: Sequence[bytes]) -> Any:
    """Locks the existing contacts among these, in id order (on SQLite the transaction has locked everything)."""
    statement = select(contacts.c.id).where(contacts.c.lookup.in_(lookups))
    return statement.order_by(contacts.c.id).with_for_update(key_share=True)


def _new_contact(
    sealer: Sealer, lookup: bytes, channel: str, address: str, now: datetime, today: date
) -> dict[str, Any]:
    sealed = sealer.seal_lasting(address, f"contact:{channel}")
    address_values = {"channel": channel, "lookup": lookup, "sealed_address": sealed}
    act = seal_act(sealer, today, LastAct(today))
    return {**address_values, "reachable": True, "last_act": act, "since": now}


def _contact_state(row: RowMapping, address: str, sealer: Sealer, tree: Tree, today: date) -> ContactState:
    act = open_act(sealer, row["contacts_last_act"])
    contact = Contact(
        row["contacts_id"],
        row["contacts_channel"],
        row["contacts_invite_code"] or "",
        act.shown,
        row["contacts_reachable"],
        act.heard_at,
    )
    person = read_person(row, sealer, tree, "people_") if row["people_id"] else None
    talk, stored = Conversation(), None
    if person is not None and row["conversations_sealed"]:
        stored = open_talk(sealer, row["conversations_day"], person.id, row["conversations_sealed"])
    if stored is not None:
        talk = stored.conversation(today)
        if stored.contact_id != contact.id:
            talk.move()
    return ContactState(contact, address, person, talk, act, stored, row["undelivered"])


@answers_each(FindConversation)
async def conversation_of(at: QueryContext, need: FindConversation) -> Conversation:
    """One person's conversation, to be continued at another contact of theirs."""
    stored = await read_talk(at.connection, at.sealer, need.person_id)
    talk = stored.conversation(at.today) if stored is not None else Conversation()
    talk.move()
    return talk


async def touch_contacts(
    connection: AsyncConnection,
    sealer: Sealer,
    seen: Sequence[ContactState],
    shown: Mapping[int, str],
    today: date,
    written_at: Mapping[int, datetime],
) -> None:
    """Record that these contacts were used today, so they are reachable.

    `shown`: contact id → value for `Contact.shown_request`; `written_at`: contact id → time of the act, where the app
    has a delivery window after it.
    """
    rows = []
    for d in sorted(seen, key=lambda d: d.contact.id):
        shows = shown.get(d.contact.id, "")
        shown_on = d.act.shown_on if shows == d.act.shown else None
        act = LastAct(today, written_at.get(d.contact.id), shows, shown_on)
        if act != d.act or not d.contact.reachable:
            rows.append({"contact": d.contact.id, "sealed": seal_act(sealer, today, act)})
    await execute_many(connection, _UPDATE_CONTACT, rows)
    back = sorted(d.person.id for d in seen if d.person is not None and d.person.state == PersonState.UNREACHABLE)
    if back:
        statement = update(people).where(people.c.id.in_(back), people.c.state == PersonState.UNREACHABLE)
        await connection.execute(statement.values(state=PersonState.CONSENTED))
