"""When the dossier of the law was last written, and since when a breach is known: values in `facts`."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.shared_values import claim_fact, read_fact, set_fact
from nhipcau.storage.tables import facts

_DOSSIER, _BREACH = "law.dossier", "law.breach"


@dataclass(frozen=True, slots=True)
class DossierRecord:
    version: int
    day: date
    #: What the version describes: tables, apps, terms.
    shape: Mapping[str, Any]


async def last_dossier(connection: AsyncConnection) -> DossierRecord | None:
    """None: none was written."""
    written = await read_fact(connection, _DOSSIER)
    if not written:
        return None
    found = json.loads(written)
    return DossierRecord(found["version"], date.fromisoformat(found["day"]), found["shape"])


async def record_dossier(connection: AsyncConnection, today: date, shape: Mapping[str, Any]) -> DossierRecord:
    """Note that a dossier is written today; a new version where what it describes has changed since the last one."""
    last = await last_dossier(connection)
    version = 1 if last is None else last.version + (dict(last.shape) != dict(shape))
    record = DossierRecord(version, today, shape)
    body = {"version": version, "day": today.isoformat(), "shape": dict(shape)}
    await set_fact(connection, _DOSSIER, json.dumps(body))
    return record


async def notice_breach(connection: AsyncConnection, now: datetime) -> datetime:
    """When the breach was noticed: now, or at an earlier call since the last one ended."""
    await claim_fact(connection, _BREACH, now.isoformat())
    return datetime.fromisoformat(await read_fact(connection, _BREACH))


async def breach_noticed(connection: AsyncConnection) -> datetime | None:
    """None: there is none."""
    written = await read_fact(connection, _BREACH)
    return datetime.fromisoformat(written) if written else None


async def end_breach(connection: AsyncConnection) -> None:
    await connection.execute(delete(facts).where(facts.c.name == _BREACH))


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
