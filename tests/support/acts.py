"""What contacts' rows know of the last act, which is sealed, opened for a test."""

from __future__ import annotations

from sqlalchemy import select

from nhipcau.storage.last_acts import LastAct, open_act
from nhipcau.storage.tables import contacts
from tests.support.world import World


async def acts(world: World) -> list[LastAct]:
    """Of every contact, in the order in which they came."""
    rows = await world.rows(select(contacts.c.last_act).order_by(contacts.c.id))
    return [open_act(world.parts.sealer, row.last_act) for row in rows]
