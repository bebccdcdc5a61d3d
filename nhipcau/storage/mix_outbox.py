"""Waiting messages in the nightly mix: new ids, contacts in random order, everything sealed anew.

The k-th message would otherwise be the answer to the k-th report of the day. Within a contact the order stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.delivery_windows import hour_of
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.outbox import seal_message
from nhipcau.storage.rewriting import lock_tables, shuffle
from nhipcau.storage.tables import contacts, outbox


async def contacts_with_waiting(connection: AsyncConnection) -> list[int]:
    """Ids of the contacts that messages wait for."""
    return list(await connection.scalars(select(outbox.c.contact_id).distinct()))


#: What is due so soon counts as due: `now` is when the first slice began, and a reply written since must not wait for
#: an hour.
_SOON = timedelta(minutes=5)


async def write_anew(
    connection: AsyncConnection, sealer: Sealer, now: datetime, today: date, contact_ids: Sequence[int]
) -> int:
    """Write the messages waiting for these contacts anew, but those under lease. Returns how many."""
    if connection.dialect.name != "sqlite":
        # in the order in which everybody locks them, before the table: whoever writes a message holds its contact
        mine = select(contacts.c.id).where(contacts.c.id.in_(contact_ids)).order_by(contacts.c.id)
        await connection.execute(mine.with_for_update(key_share=True))
    await lock_tables(connection, outbox)
    free = (outbox.c.contact_id.in_(contact_ids), _is_free(now))
    rows = (await connection.execute(select(outbox).where(*free).order_by(outbox.c.id))).mappings().all()
    by_contact: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_contact[row["contact_id"]].append(_anew(dict(row), sealer, now, today))
    await connection.execute(delete(outbox).where(*free))
    order = list(by_contact)
    shuffle(order)
    values = [row for contact_id in order for row in by_contact[contact_id]]
    if values:
        await connection.execute(insert(outbox), values)
    return len(values)


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody is sending it."""
    return or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)


def _anew(row: dict[str, Any], sealer: Sealer, now: datetime, today: date) -> dict[str, Any]:
    """The row without its id, sealed anew, and without the minute in which it was written."""
    del row["id"]
    contact_id = row["contact_id"]
    # what can't be opened the sender gives up
    with suppress(Unreadable):
        line = sealer.open(row["day"], row["sealed"], f"outbox:{contact_id}")
        row["sealed"], row["day"] = seal_message(sealer, today, contact_id, line), today
    is_due = row["due_at"] <= now + _SOON
    # what is due stays so, and has waited for no more than an hour longer: at midnight the oldest would seem stuck
    row["due_at"] = hour_of(row["due_at"]) if is_due else _next_hour(row["due_at"])
    if row["request_id"] is None:
        row["expires_at"] = _next_hour(row["expires_at"])
    return row


def _next_hour(moment: datetime) -> datetime:
    hour = hour_of(moment)
    return hour if hour == moment else hour + timedelta(hours=1)
