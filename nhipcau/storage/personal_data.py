"""Everything stored about one person, for that person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.queries import PersonalData
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.tables import (
    attention,
    audit,
    contacts,
    conversations,
    learned,
    participation,
    people,
    posted,
    requests,
    rules,
)


@answers_each(PersonalData)
async def personal_data_of(at: QueryContext, need: PersonalData) -> dict[str, object]:
    """Everything stored about one person, for that person; keys are those of the catalogue's `held.`."""
    connection, person_id = at.connection, need.person_id
    row = (await connection.execute(select(people).where(people.c.id == person_id))).mappings().one()
    own_contacts = (await connection.execute(select(contacts).where(contacts.c.person_id == person_id))).all()
    channels = [contact.channel for contact in own_contacts]
    states = list(await connection.scalars(select(participation.c.state).where(participation.c.person_id == person_id)))
    lessons = await _count(connection, learned, learned.c.person_id == person_id)
    from_roster = at.sealer.open_lasting(row["sealed_contact"], f"person:{person_id}") if row["sealed_contact"] else ""
    consented: datetime | None = row["consented_at"]
    return {
        "name": row["name"],
        "code": row["code"],
        "role": row["role"],
        "state": row["state"],
        "unit": at.tree.by_id[row["unit_id"]].name,
        "cell": row["cell"],
        "contact": from_roster,
        "consented_on": f"{consented.astimezone(at.zone):%d/%m/%Y}" if consented else "",
        "consent_version": row["consent_version"],
        "channels": ", ".join(sorted(set(channels))),
        "language": row["language"],
        "asked": len(states),
        "answered": states.count("answered"),
        "learned": lessons,
        "responsible": "✓" if row["responsible"] else "",
        "last_on": f"{max(contact.last_on for contact in own_contacts):%d/%m/%Y}" if own_contacts else "",
        "received": await _sum(connection, attention.c.number, attention.c.person_id == person_id),
        "posted": await _count(connection, posted, posted.c.contact_id.in_([contact.id for contact in own_contacts])),
        "draft": await _count(connection, conversations, conversations.c.person_id == person_id),
        "acts": await _count(connection, audit, audit.c.actor == person_id),
        "requests": await _count(connection, requests, requests.c.asked_by == person_id)
        + await _count(connection, rules, rules.c.asked_by == person_id),
    }


async def _count(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table).where(condition)) or 0)


async def _sum(connection: AsyncConnection, column: ColumnElement[int], condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.sum(column)).where(condition)) or 0)
