"""What ends by itself: pending invitations, drafts, claims, bodies, tags and the keys they were made under."""

from __future__ import annotations

import calendar
import json
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Table, and_, delete, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.conversation import pictures_in
from nhipcau.model.requests import RequestState
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer, day_key
from nhipcau.storage.editable_messages import NOTICE
from nhipcau.storage.inbound import all_conversations
from nhipcau.storage.outbox import LATER, not_delivered
from nhipcau.storage.tables import (
    audit,
    contacts,
    conversations,
    events,
    issues,
    official_answers,
    outbox,
    posted,
    report_photos,
    reports,
    requests,
    rules,
    supports,
)

PENDING = timedelta(hours=24)
DRAFT_DAYS = 7
DAY_KEY_DAYS = 8
CLAIM_DAYS = 14
#: A key file without a row, or a picture without a report, this old belongs to nothing.
ORPHAN = timedelta(hours=24)
#: Rows of one delete at most, so that no transaction is long.
BATCH = 2000
_DAYS_OF_A_MONTH = 30.5


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long things are kept, as the office has set it."""

    follow_up_days: int
    #: Months reports are kept, and lines of the audit (rule R23).
    report_months: int
    audit_months: int


async def sweep_batch(connection: AsyncConnection, now: datetime, today: date, terms: RetentionTerms) -> int:
    """Delete what has ended, so many rows of each table at most; returns how many. Less than `BATCH`: that was all."""
    oldest = _months_before(today, terms.report_months)
    ended: list[tuple[Table, ColumnElement[bool]]] = [
        (events, events.c.day < today - timedelta(days=CLAIM_DAYS)),
        (contacts, and_(contacts.c.person_id.is_(None), contacts.c.since < now - PENDING)),
        (conversations, conversations.c.day < today - timedelta(days=DRAFT_DAYS)),
        # notes and acts go with their report, supports and acts with their issue too
        (reports, reports.c.day < oldest),
        (supports, supports.c.day < oldest),
        (issues, and_(issues.c.opened < oldest, ~_has_reports())),
        (posted, and_(posted.c.key.startswith(NOTICE), ~_may_be_corrected())),
        (audit, audit.c.at < now - timedelta(days=_DAYS_OF_A_MONTH * terms.audit_months)),
    ]
    gone = await _sweep_outbox(connection, now)
    for table, condition in ended:
        gone += await _delete_some(connection, table, condition)
    return gone


def _has_reports() -> ColumnElement[bool]:
    return select(reports.c.code).where(reports.c.issue == issues.c.code).exists()


def _may_be_corrected() -> ColumnElement[bool]:
    is_open = requests.c.state == RequestState.OPEN
    return select(requests.c.id).where(is_open, NOTICE + requests.c.id == posted.c.key).exists()


async def _delete_some(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> int:
    key = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(condition).limit(BATCH)
    return int((await connection.execute(delete(table).where(key.in_(some)))).rowcount)


async def _sweep_outbox(connection: AsyncConnection, now: datetime) -> int:
    """Messages past their use; a question among them was not deliverable."""
    past = select(outbox.c.id, contacts.c.person_id, outbox.c.request_id, outbox.c.purpose, outbox.c.lane)
    past = past.join(contacts, contacts.c.id == outbox.c.contact_id).where(outbox.c.expires_at < now).limit(BATCH)
    rows = (await connection.execute(past)).all()
    await not_delivered(connection, [(row, "budget" if row.lane == LATER else "expired") for row in rows])
    if rows:
        await connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
    return len(rows)


async def sweep_keys(connection: AsyncConnection, ring: KeyRing, today: date, terms: RetentionTerms) -> list[str]:
    """Empty the tags of keys whose term is past; returns the names of keys to destroy after the commit."""
    ended = [name for name in ring.names("month-") if month_is_over(name, today, terms.follow_up_days)]
    if ended:
        for table in (reports, supports):
            await connection.execute(update(table).where(table.c.month.in_(ended)).values(tag=null()))
    days = [name for name in ring.names("day-") if name < day_key(today - timedelta(days=DAY_KEY_DAYS))]
    return [*ended, *days, *await _dead_polls(connection, ring)]


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months earlier: what is older has been kept for the whole term."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


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
    dead = [name for name in names if states.get(name) in {RequestState.CLOSED, RequestState.STOPPED}]
    return dead + [name for name in names if name not in states and ring.age(name) > ORPHAN.total_seconds()]


async def unused_files(
    connection: AsyncConnection, sealer: Sealer, photos: Path, documents: Path, lessons: Collection[str] = ()
) -> tuple[list[Path], list[Path]]:
    """Pictures and documents of no report, answer, request, rule, lesson (`lessons`) or living draft."""
    used = {*lessons, *await connection.scalars(select(report_photos.c.name))}
    for table in (requests, rules):
        for along in await connection.execute(select(table.c.photo, table.c.file)):
            used.update(along)
    with_pictures = select(official_answers.c.answers).where(official_answers.c.answers.contains(".jpg"))
    for line in await connection.scalars(with_pictures):
        used |= pictures_in(json.loads(line))
    for talk in await all_conversations(connection, sealer):
        used |= talk.files()
    return _others(photos, used), _others(documents, used)


def _others(folder: Path, used: Collection[str]) -> list[Path]:
    """Files of a folder that nobody uses."""
    if not folder.is_dir():
        return []
    # a file's time is its day's midnight: two days leave room for one that is on its way into a draft
    oldest = time.time() - timedelta(days=2).total_seconds()
    return [path for path in folder.iterdir() if path.name not in used and path.stat().st_mtime < oldest]
