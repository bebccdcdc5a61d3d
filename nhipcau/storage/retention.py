"""What ends by itself: pending invitations, drafts, claims, bodies, tags and the keys they were made under."""

from __future__ import annotations

import calendar
import json
import re
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.seal import Sealer, day_key
from nhipcau.storage.inbox import all_talks
from nhipcau.storage.tables import (
    contacts,
    conversations,
    events,
    official_answers,
    outbox,
    participation,
    report_photos,
    reports,
    requests,
)

PENDING = timedelta(hours=24)
DRAFT_DAYS = 7
DAY_KEY_DAYS = 8
CLAIM_DAYS = 14
#: A key file without a row, or a picture without a report, this old belongs to nothing.
ORPHAN = timedelta(hours=24)
#: Rows of one delete at most, so that no transaction is long.
_BATCH = 5000


async def sweep(
    connection: AsyncConnection, ring: KeyRing, now: datetime, today: date, follow_up_days: int
) -> list[str]:
    """Delete what has ended; returns the names of keys to destroy after the commit."""
    await _sweep_people(connection, now, today)
    await _sweep_outbox(connection, now)
    old = select(events.c.channel, events.c.id).where(events.c.day < today - timedelta(days=CLAIM_DAYS)).limit(_BATCH)
    for channel, id in (await connection.execute(old)).all():
        await connection.execute(delete(events).where(events.c.channel == channel, events.c.id == id))
    ended = [name for name in ring.names("month-") if month_is_over(name, today, follow_up_days)]
    if ended:
        await connection.execute(update(reports).where(reports.c.month.in_(ended)).values(tag=null()))
    days = [name for name in ring.names("day-") if name < day_key(today - timedelta(days=DAY_KEY_DAYS))]
    return [*ended, *days, *await _dead_polls(connection, ring)]


async def _sweep_people(connection: AsyncConnection, now: datetime, today: date) -> None:
    stranger = contacts.c.person_id.is_(None)
    await connection.execute(delete(contacts).where(stranger, contacts.c.since < now - PENDING))
    await connection.execute(delete(conversations).where(conversations.c.day < today - timedelta(days=DRAFT_DAYS)))


async def _sweep_outbox(connection: AsyncConnection, now: datetime) -> None:
    """Messages past their use; a question among them was not deliverable."""
    past = outbox.c.expires_at < now
    asked = (
        select(contacts.c.person_id, outbox.c.request_id)
        .join(contacts, contacts.c.id == outbox.c.contact_id)
        .where(past, outbox.c.purpose == "ask")
    )
    for person_id, request_id in (await connection.execute(asked)).all():
        await connection.execute(
            update(participation)
            .where(
                participation.c.request_id == request_id,
                participation.c.person_id == person_id,
                participation.c.state == "asked",
            )
            .values(state="undeliverable", reason="expired")
        )
    await connection.execute(delete(outbox).where(past))


def month_is_over(name: str, today: date, follow_up_days: int) -> bool:
    """Whether `month-2026-11` ended more than `follow_up_days` ago."""
    match = re.fullmatch(r"month-(\d{4})-(\d{2})", name)
    if match is None:
        return False
    year, month = int(match[1]), int(match[2])
    last = date(year, month, calendar.monthrange(year, month)[1])
    return today > last + timedelta(days=follow_up_days)


async def _dead_polls(connection: AsyncConnection, ring: KeyRing) -> Sequence[str]:
    """Keys of polls that are over, and keys without a row that are old enough to be nobody's."""
    names = ring.names("poll-")
    if not names:
        return []
    states = {
        f"poll-{id.lower()}": state for id, state in (await connection.execute(select(requests.c.id, requests.c.state)))
    }
    dead = [name for name in names if states.get(name) in {"closed", "stopped"}]
    return dead + [name for name in names if name not in states and ring.age(name) > ORPHAN.total_seconds()]


async def unused_pictures(connection: AsyncConnection, sealer: Sealer, folder: Path) -> list[Path]:
    """Picture files of no report, no answer and no living draft."""
    if not folder.is_dir():
        return []
    used = set(await connection.scalars(select(report_photos.c.name)))
    with_pictures = select(official_answers.c.answers).where(official_answers.c.answers.contains(".jpg"))
    for line in await connection.scalars(with_pictures):
        used |= {item for value in json.loads(line).values() if isinstance(value, list) for item in value}
    for talk in await all_talks(connection, sealer):
        used |= talk.pictures()
    # a file's time is its day's midnight: two days leave room for one that is on its way into a draft
    oldest = time.time() - timedelta(days=2).total_seconds()
    return [path for path in folder.iterdir() if path.name not in used and path.stat().st_mtime < oldest]
