"""People, invites and the network of a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import ColumnElement, RowMapping, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import DeletePerson, ForgetContact, Join, KeepInvitation, LinkContact, MakeInvite
from nhipcau.model.people import COORDINATORS, Person
from nhipcau.model.records import Invite, Member
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import in_chunks, wipe_after_commit
from nhipcau.storage.tables import (
    attention,
    audit,
    contacts,
    conversations,
    invites,
    learned,
    outbox,
    participation,
    people,
    posted,
    requests,
    rules,
    units,
)
from nhipcau.storage.units import inside


class ChangedMeanwhile(Exception):
    """Somebody else was quicker (the last use of a card): decide again with what holds now."""


def read_person(row: RowMapping, tree: Tree, prefix: str = "") -> Person:
    consented: datetime | None = row[f"{prefix}consented_at"]
    return Person(
        id=row[f"{prefix}id"],
        mark=row[f"{prefix}mark"],
        name=row[f"{prefix}name"],
        unit=tree.by_id[row[f"{prefix}unit_id"]],
        role=row[f"{prefix}role"],
        state=row[f"{prefix}state"],
        language=row[f"{prefix}language"],
        cell=row[f"{prefix}cell"],
        consented_on=consented.date() if consented else None,
        consent_version=row[f"{prefix}consent_version"] or "",
        last_contact_id=row[f"{prefix}door_id"],
        chosen=row[f"{prefix}chosen"],
    )


# ------------------------------------------------------------------ invites


async def find_invites(
    connection: AsyncConnection, tree: Tree, codes: Sequence[str], now: datetime
) -> dict[str, Invite]:
    statement = (
        select(invites, people)
        .select_from(invites.outerjoin(people, people.c.id == invites.c.person_id))
        .where(invites.c.code.in_(sorted(set(codes))))
        .set_label_style(_BY_TABLE)
    )
    rows = (await connection.execute(statement)).mappings().all()
    owners = sorted({row["people_id"] for row in rows if row["people_id"]})
    if owners and connection.dialect.name != "sqlite":
        # whoever joins one of them goes on with what they have half-written: nobody may write on meanwhile
        locked = select(people.c.id).where(people.c.id.in_(owners)).order_by(people.c.id)
        await connection.execute(locked.with_for_update(key_share=True))
    found = {}
    for row in rows:
        good = row["invites_uses_left"] > 0 and not row["invites_revoked"] and row["invites_expires_at"] > now
        found[row["invites_code"]] = Invite(
            code=row["invites_code"],
            unit=tree.by_id[row["invites_unit_id"]],
            role=row["invites_role"],
            person=read_person(row, tree, "people_") if row["people_id"] else None,
            good=good,
            adds=row["invites_adds"],
        )
    return found


async def make_invites(connection: AsyncConnection, rows: Sequence[MakeInvite], today: date) -> None:
    if rows:
        await connection.execute(
            insert(invites),
            [
                {
                    "code": row.code,
                    "unit_id": row.unit_id,
                    "role": row.role,
                    "person_id": row.person_id,
                    "uses_left": row.uses,
                    "expires_at": row.expires_at,
                    "revoked": False,
                    "created_on": today,
                    "adds": row.adds,
                }
                for row in rows
            ],
        )


async def revoke_cards(connection: AsyncConnection, person_id: str) -> None:
    """Every living card of this person."""
    await connection.execute(update(invites).where(invites.c.person_id == person_id).values(revoked=True))


# ------------------------------------------------------------------ joining and leaving


async def keep_invitation(connection: AsyncConnection, row: KeepInvitation) -> None:
    fresh = {"invite_code": row.code, "since": row.at}
    await connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(**fresh))


async def forget_contact(connection: AsyncConnection, row: ForgetContact) -> None:
    """The invitation goes now; the row itself goes once the last words to it are delivered (storage/outbox.py)."""
    await connection.execute(
        update(contacts).where(contacts.c.id == row.contact_id, contacts.c.person_id.is_(None)).values(invite_code=None)
    )


async def join(connection: AsyncConnection, row: Join, language: str) -> None:
    """Spend one use of the card and give the door to its person. Raises Conflict when the last use is gone."""
    await _spend(connection, row.invite_code)
    consent = {"state": "consented", "consented_at": row.at, "consent_version": row.consent_version, "mark": row.mark}
    consent |= {"door_id": row.contact_id}
    if row.is_new:
        values = {"id": row.person_id, "name": row.name, "unit_id": row.unit_id, "role": row.role, "language": language}
        await connection.execute(insert(people).values(**values, **consent, cell=""))
    else:
        await connection.execute(update(people).where(people.c.id == row.person_id).values(**consent))
        await release_contacts(connection, row.person_id, row.at)
    await connection.execute(
        update(contacts)
        .where(contacts.c.id == row.contact_id)
        .values(person_id=row.person_id, invite_code=None, reachable=True)
    )


async def _spend(connection: AsyncConnection, code: str) -> None:
    spent = await connection.execute(
        update(invites)
        .where(invites.c.code == code, invites.c.uses_left > 0, invites.c.revoked.is_(False))
        .values(uses_left=invites.c.uses_left - 1)
    )
    if spent.rowcount != 1:
        raise ChangedMeanwhile(code)


async def link_contact(connection: AsyncConnection, row: LinkContact) -> None:
    """Spend the code and give the door to its person, beside those they have. Raises Conflict when it was spent."""
    await _spend(connection, row.invite_code)
    mine = {"person_id": row.person_id, "invite_code": None, "reachable": True}
    await connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(**mine))
    await connection.execute(update(people).where(people.c.id == row.person_id).values(door_id=row.contact_id))
    back = update(people).where(people.c.id == row.person_id, people.c.state == "unreachable")
    await connection.execute(back.values(state="consented"))


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


async def delete_person(connection: AsyncConnection, row: DeletePerson, now: datetime) -> None:
    await release_contacts(connection, row.person_id, now)
    asked = participation.c.person_id == row.person_id
    for request_id in list(await connection.scalars(select(participation.c.request_id).where(asked))):
        tombstone = update(participation).where(asked, participation.c.request_id == request_id)
        await connection.execute(tombstone.values(person_id=new_id("id")))
    # what they asked for their unit goes on: its coordinators hear the end of it
    for table in (requests, rules):
        await connection.execute(update(table).where(table.c.asked_by == row.person_id).values(asked_by=None))
    await connection.execute(delete(invites).where(invites.c.person_id == row.person_id))
    await connection.execute(delete(people).where(people.c.id == row.person_id))


async def close_contact(connection: AsyncConnection, contact_id: int) -> None:
    """This door is gone for good with what waits there; whoever holds its address is a stranger."""
    person_id = await connection.scalar(select(contacts.c.person_id).where(contacts.c.id == contact_id))
    await connection.execute(delete(contacts).where(contacts.c.id == contact_id))
    if person_id is not None:
        await mark_unreachable(connection, [person_id])


async def mark_unreachable(connection: AsyncConnection, person_ids: Sequence[str]) -> None:
    """People whose every door is closed; they are back the moment they write."""
    if not person_ids:
        return
    open_door = select(contacts.c.id).where(contacts.c.person_id == people.c.id, contacts.c.reachable.is_(True))
    closed = update(people).where(people.c.id.in_(sorted(set(person_ids))), people.c.state == "consented")
    await connection.execute(closed.where(~open_door.exists()).values(state="unreachable"))


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


async def change_person(connection: AsyncConnection, person_id: str, values: Mapping[str, Any]) -> None:
    await connection.execute(update(people).where(people.c.id == person_id).values(**values))


# ------------------------------------------------------------------ the network


async def network(connection: AsyncConnection, tree: Tree, path: str) -> list[Member]:
    """Everybody of this unit and below, with their channels."""
    statement = (
        select(people, contacts.c.channel, contacts.c.reachable)
        .select_from(
            people.join(units, units.c.id == people.c.unit_id).outerjoin(contacts, contacts.c.person_id == people.c.id)
        )
        .where(inside(path))
        .order_by(people.c.name, people.c.id)
    )
    found: dict[str, tuple[Person, list[str], bool]] = {}
    for row in (await connection.execute(statement)).mappings():
        person, channels, reachable = found.get(row["id"]) or (read_person(row, tree), [], False)
        if row["channel"]:
            channels.append(row["channel"])
        found[person.id] = (person, channels, reachable or bool(row["reachable"]))
    return [
        Member(p.id, p.name, p.unit, p.role, p.state, tuple(sorted(set(channels))), reachable)
        for p, channels, reachable in found.values()
    ]


async def find_people(connection: AsyncConnection, tree: Tree, ids: Sequence[str]) -> dict[str, Person]:
    wanted = sorted(set(ids))
    found: dict[str, Person] = {}
    for some in in_chunks(wanted):
        rows = await connection.execute(select(people).where(people.c.id.in_(some)))
        found |= {row["id"]: read_person(row, tree) for row in rows.mappings()}
    return found


async def consent_moments(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, datetime]:
    """When each of these people agreed; who has not is missing."""
    wanted, found = sorted(set(ids)), {}
    for some in in_chunks(wanted):
        moments = select(people.c.id, people.c.consented_at).where(people.c.id.in_(some))
        for row in await connection.execute(moments):
            if row.consented_at is not None:
                found[row.id] = row.consented_at
    return found


async def coordinators(connection: AsyncConnection, tree: Tree, path: str) -> list[Person]:
    """Coordinators who joined, of this unit, or of the next one above that has any."""
    codes = path.strip("/").split("/")
    paths = ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    statement = (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(units.c.path.in_(paths), people.c.role.in_(sorted(COORDINATORS)), people.c.state == "consented")
        .order_by(people.c.name, people.c.id)
    )
    found = [read_person(row, tree) for row in (await connection.execute(statement)).mappings()]
    deepest = max((len(p.unit.path) for p in found), default=0)
    return [p for p in found if len(p.unit.path) == deepest]


async def responsible(connection: AsyncConnection, tree: Tree, path: str) -> list[Person]:
    """Who answers for this unit: named so by the roster, else its coordinators, or those of the next unit above."""
    named = (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(units.c.path == path, people.c.responsible.is_(True), people.c.state == "consented")
        .order_by(people.c.id)
    )
    found = [read_person(row, tree) for row in (await connection.execute(named)).mappings()]
    return found or await coordinators(connection, tree, path)


async def tag_secrets(connection: AsyncConnection) -> list[tuple[str, str, str]]:
    """Everybody's id and mark, and the path of their unit."""
    statement = select(people.c.id, people.c.mark, units.c.path).join(units, units.c.id == people.c.unit_id)
    return [(row.id, row.mark, row.path) for row in await connection.execute(statement)]


async def collaborators(connection: AsyncConnection, tree: Tree, path: str) -> list[Person]:
    """Collaborators who joined, of this unit and below."""
    statement = select(people).join(units, units.c.id == people.c.unit_id)
    statement = statement.where(inside(path), people.c.role == "collaborator", people.c.state == "consented")
    return [read_person(row, tree) for row in (await connection.execute(statement.order_by(people.c.id))).mappings()]


async def count_readers(connection: AsyncConnection, path: str) -> int:
    """Collaborators of this unit and below, joined or invited."""
    statement = (
        select(func.count())
        .select_from(people.join(units, units.c.id == people.c.unit_id))
        .where(
            inside(path),
            people.c.role == "collaborator",
            people.c.state.in_(("consented", "invited", "paused", "unreachable")),
        )
    )
    return int(await connection.scalar(statement) or 0)


async def personal_data_of(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, person_id: str, zone: ZoneInfo
) -> dict[str, object]:
    """Everything kept about one person, for their own eyes; keys are those of the catalogue's `held.`."""
    row = (await connection.execute(select(people).where(people.c.id == person_id))).mappings().one()
    doors = (await connection.execute(select(contacts).where(contacts.c.person_id == person_id))).all()
    channels = [door.channel for door in doors]
    states = list(await connection.scalars(select(participation.c.state).where(participation.c.person_id == person_id)))
    lessons = await _count(connection, learned, learned.c.person_id == person_id)
    contact = sealer.open_lasting(row["sealed_contact"], f"person:{person_id}") if row["sealed_contact"] else ""
    consented: datetime | None = row["consented_at"]
    return {
        "name": row["name"],
        "code": row["code"],
        "role": row["role"],
        "state": row["state"],
        "unit": tree.by_id[row["unit_id"]].name,
        "cell": row["cell"],
        "contact": contact,
        "consented_on": f"{consented.astimezone(zone):%d/%m/%Y}" if consented else "",
        "consent_version": row["consent_version"],
        "channels": ", ".join(sorted(set(channels))),
        "language": row["language"],
        "asked": len(states),
        "answered": states.count("answered"),
        "learned": lessons,
        "responsible": "✓" if row["responsible"] else "",
        "last_on": f"{max(door.last_on for door in doors):%d/%m/%Y}" if doors else "",
        "received": await _sum(connection, attention.c.number, attention.c.person_id == person_id),
        "posted": await _count(connection, posted, posted.c.contact_id.in_([door.id for door in doors])),
        "draft": await _count(connection, conversations, conversations.c.person_id == person_id),
        "acts": await _count(connection, audit, audit.c.actor == person_id),
        "requests": await _count(connection, requests, requests.c.asked_by == person_id)
        + await _count(connection, rules, rules.c.asked_by == person_id),
    }


async def _count(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table).where(condition)) or 0)


async def _sum(connection: AsyncConnection, column: ColumnElement[int], condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.sum(column)).where(condition)) or 0)


async def contacts_of(connection: AsyncConnection, person_id: str) -> list[int]:
    return list(await connection.scalars(select(contacts.c.id).where(contacts.c.person_id == person_id)))


async def phone_numbers(connection: AsyncConnection, sealer: Sealer, persons: Sequence[Person]) -> dict[str, str]:
    """What the roster says of how to reach these people, by id; nothing where it says nothing."""
    rows = await connection.execute(
        select(people.c.id, people.c.sealed_contact).where(people.c.id.in_(sorted(p.id for p in persons)))
    )
    return {row.id: sealer.open_lasting(row.sealed_contact, f"person:{row.id}") for row in rows if row.sealed_contact}
