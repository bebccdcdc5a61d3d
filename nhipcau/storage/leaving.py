"""Withdrawing consent, and the look afterwards for what is left of somebody who left (rule R08)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import WithdrawConsent
from nhipcau.model.people import PersonState
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.people import forget_traces
from nhipcau.storage.person_references import tables_naming
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.sealed_people import change_people, is_departing
from nhipcau.storage.tables import attention, contacts, invites, learned, people


@writes_each(WithdrawConsent)
async def withdraw_consent(at: ChangeContext, row: WithdrawConsent) -> None:
    """What was kept by consent goes; the office's own line of its roster stays, as of somebody never asked."""
    await forget_traces(at.connection, row.person_id, at.now)
    for table in (attention, learned, invites):
        await at.connection.execute(delete(table).where(table.c.person_id == row.person_id))
    values = {
        "state": PersonState.INVITED,
        "consented_at": None,
        "consent_version": None,
        "withdrew_on": at.today,
        "tag_secret": row.tag_secret,
        "totp_secret": "",
        "chosen": "",
        "sections": "",
        "responsible": False,
    }
    await change_people(at.connection, at.sealer, row.person_id, values)


@dataclass(frozen=True, slots=True)
class SelfCheck:
    #: How many places were searched: tables that may name a person, and the book of keys.
    places: int
    #: Names of those in which something is left.
    left: tuple[str, ...]


async def look_for(
    connection: AsyncConnection, sealer: Sealer, person_id: str, contact_ids: Collection[int], *, stays: Collection[str]
) -> SelfCheck:
    """Search for the person and their contacts in every table but `stays` (names), and in the book of keys: where
    nothing of them stays, their key has to be dead, or to die after this commit. A contact without a person waits only
    for the last message to it, and is not counted."""
    left = []
    conditions = {
        table: where for table, where in tables_naming(person_id, contact_ids).items() if table.name not in stays
    }
    for table, condition in conditions.items():
        statement = select(*table.primary_key).where(condition).limit(1)
        if table is contacts:
            statement = statement.where(contacts.c.person_id.is_not(None))
        if (await connection.execute(statement)).first() is not None:
            left.append(table.name)
    is_ended = is_departing(connection, person_id) or not sealer.people.lives(person_id)
    if people.name not in stays and not is_ended:
        left.append("keys")
    return SelfCheck(len(conditions) + 1, tuple(left))
