"""Hand-over: a successor stands where somebody stood; what was said there stays with nobody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import ReplacePerson
from nhipcau.model.people import PersonState
from nhipcau.model.requests import RequestState
from nhipcau.storage.audit import record_audit
from nhipcau.storage.contacts import release_contacts
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.invites import revoke_cards
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.tables import people, requests, rules

#: Requests whose end is still to be told.
_OPEN = (RequestState.SCHEDULED, RequestState.OPEN)


async def replace(connection: AsyncConnection, row: ReplacePerson, language: str, now: datetime) -> None:
    """The one leaves: doors, drafts, contact and cards go; the row stays as left, for the roster's number. The other
    takes unit, cell, role, and who hears of what runs. Raises ChangedMeanwhile where somebody else was quicker.

    No tag, no participation: who joins with the card is asked what is open then.
    """
    left = update(people).where(people.c.id == row.person_id, people.c.state != PersonState.LEFT)
    if (await connection.execute(left.values(state=PersonState.LEFT, sealed_contact=None))).rowcount != 1:
        raise ChangedMeanwhile(row.person_id)
    await revoke_cards(connection, row.person_id)
    await release_contacts(connection, row.person_id, now)
    place = select(people.c.unit_id, people.c.cell, people.c.role, people.c.responsible)
    found = (await connection.execute(place.where(people.c.id == row.person_id))).mappings().one()
    fresh = {
        "id": row.successor_id,
        "mark": row.tag_secret,
        "name": row.name,
        "state": PersonState.INVITED,
        "language": language,
    }
    await connection.execute(insert(people).values(**found, **fresh))
    ours = {"asked_by": row.successor_id}
    await connection.execute(update(rules).where(rules.c.asked_by == row.person_id).values(**ours))
    running = update(requests).where(requests.c.asked_by == row.person_id, requests.c.state.in_(_OPEN))
    await connection.execute(running.values(**ours))
    await record_audit(connection, now, "person.replace", row.person_id, row.actor)


@writes_each(ReplacePerson)
async def _replace(at: ChangeContext, row: ReplacePerson) -> None:
    await replace(at.connection, row, at.language, at.now)
