"""Handover: a successor takes the place of somebody who leaves, without their answers and conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import ReplacePerson
from nhipcau.model.people import PersonState
from nhipcau.model.requests import RequestState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.audit import record_audit
from nhipcau.storage.contacts import release_contacts
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.invites import revoke_cards
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.sealed_people import add_people, depart, details_of
from nhipcau.storage.tables import people, requests, rules

#: States of requests whose summary is still to be sent.
_OPEN = (RequestState.SCHEDULED, RequestState.OPEN)


async def replace(
    connection: AsyncConnection, sealer: Sealer, row: ReplacePerson, language: str, now: datetime
) -> None:
    """The leaver loses contacts, drafts, cards and, with their key, all that is personal; their row stays, as left, for
    the digest of its number in the roster. The successor gets unit, cell, role and the summaries of running requests
    and rules, but no tags and no participation: once they join they are asked what is open then.

    Raises ChangedMeanwhile where the person has left already.
    """
    left = update(people).where(people.c.id == row.person_id, people.c.state != PersonState.LEFT)
    sealed = await connection.scalar(select(people.c.sealed).where(people.c.id == row.person_id))
    cell = details_of(sealer, row.person_id, sealed).cell
    if (await connection.execute(left.values(state=PersonState.LEFT, sealed=None))).rowcount != 1:
        raise ChangedMeanwhile(row.person_id)
    await depart(connection, row.person_id)
    await revoke_cards(connection, row.person_id)
    await release_contacts(connection, row.person_id, now)
    position = select(people.c.unit_id, people.c.role, people.c.responsible, people.c.on_roster)
    found = (await connection.execute(position.where(people.c.id == row.person_id))).mappings().one()
    successor = {"id": row.successor_id, "tag_secret": row.tag_secret, "name": row.name, "cell": cell}
    place = {**found, "language": language, "state": PersonState.INVITED}
    await add_people(connection, sealer, [{**place, **successor}])
    new_owner = {"asked_by": row.successor_id}
    await connection.execute(update(rules).where(rules.c.asked_by == row.person_id).values(**new_owner))
    running = update(requests).where(requests.c.asked_by == row.person_id, requests.c.state.in_(_OPEN))
    await connection.execute(running.values(**new_owner))


@writes_each(ReplacePerson)
async def _replace(at: ChangeContext, row: ReplacePerson) -> None:
    await replace(at.connection, at.sealer, row, at.language, at.now)
    record_audit(at, "person.replace", row.actor)
