"""Deletes what has reached the end of its term: pending invites, drafts, claims, messages, content, tags and keys."""

from __future__ import annotations

import asyncio
import calendar
import json
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Table, and_, delete, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.actions.issues import UNDO_DAYS
from nhipcau.model.conversation import pictures_in
from nhipcau.model.requests import RequestState, RuleState
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer, day_key
from nhipcau.storage.editable_messages import NOTICE
from nhipcau.storage.outbox import LATER, not_delivered
from nhipcau.storage.regroupings import may_be_undone
from nhipcau.storage.search_index import drop_months
from nhipcau.storage.tables import (
    contacts,
    conversations,
    data_requests,
    events,
    guards,
    issues,
    official_answers,
    outbox,
    participation,
    poll_answers,
    posted,
    regrouped,
    regroupings,
    report_photos,
    reports,
    requests,
    rules,
    supports,
    syntheses,
)
from nhipcau.storage.talks import DRAFT_DAYS, files_in_talks

PENDING = timedelta(hours=24)
#: What a restore replaced, and kept aside.
KEPT_DAYS = 7
DAY_KEY_DAYS = 8
CLAIM_DAYS = 14
#: The key of a poll without a row is destroyed at this age: a younger one may belong to a request being made.
ORPHAN = timedelta(hours=24)
#: Rows of one delete at most, to keep transactions short.
BATCH = 2000


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long things are kept, as set by the office."""

    follow_up_days: int
    #: Months reports, requests and their answers are kept (rule R23).
    report_months: int


async def sweep_batch(connection: AsyncConnection, now: datetime, today: date, terms: RetentionTerms) -> int:
    """Delete expired rows, at most `BATCH` of each table; returns how many. Less than `BATCH`: none is left."""
    oldest = _months_before(today, terms.report_months)
    undoable = today - timedelta(days=UNDO_DAYS)
    ended: list[tuple[Table, ColumnElement[bool]]] = [
        (events, events.c.day < today - timedelta(days=CLAIM_DAYS)),
        (contacts, and_(contacts.c.person_id.is_(None), contacts.c.since < now - PENDING)),
        (conversations, conversations.c.day < today - timedelta(days=DRAFT_DAYS)),
        # cascades delete notes and acts with their report, supports and acts with their issue
        (reports, reports.c.day < oldest),
        (supports, supports.c.day < oldest),
        (issues, and_(issues.c.opened < oldest, ~_has_reports(), ~may_be_undone(undoable))),
        # what went along is needed for undoing alone
        (regrouped, regrouped.c.regrouping.in_(select(regroupings.c.id).where(regroupings.c.day < undoable))),
        (regroupings, regroupings.c.day < oldest),
        (data_requests, data_requests.c.done < oldest),
        (syntheses, syntheses.c.changed < oldest),
        (posted, and_(posted.c.key.startswith(NOTICE), ~_may_be_corrected())),
    ]
    ended += _ended_requests(oldest)
    removed = await _sweep_outbox(connection, now)
    await drop_months(connection, oldest)
    for table, condition in ended:
        removed += await _delete_some(connection, table, condition)
    return removed


def _ended_requests(oldest: date) -> list[tuple[Table, ColumnElement[bool]]]:
    """Requests that closed before this day, without the rows of people and answers first, as there may be very many of
    them; notes and counts go with their request. Then rules that are over and have no request any more."""
    # the day begins at midnight of UTC: a few hours more or less in a term of months
    before = datetime.combine(oldest, time.min, UTC)
    is_over = and_(requests.c.state.in_((RequestState.CLOSED, RequestState.STOPPED)), requests.c.closes_at < before)
    over = select(requests.c.id).where(is_over)
    parts = (participation, guards, poll_answers, official_answers)
    are_left = [select(table.c.request_id).where(table.c.request_id == requests.c.id).exists() for table in parts]
    made = select(requests.c.id).where(requests.c.rule_id == rules.c.id).exists()
    return [
        *((table, table.c.request_id.in_(over)) for table in parts),
        (requests, and_(is_over, *(~left for left in are_left))),
        (rules, and_(rules.c.state == RuleState.ENDED, rules.c.due < before, ~made)),
    ]


def _has_reports() -> ColumnElement[bool]:
    return select(reports.c.code).where(reports.c.issue == issues.c.code).exists()


def _may_be_corrected() -> ColumnElement[bool]:
    is_open = requests.c.state == RequestState.OPEN
    return select(requests.c.id).where(is_open, NOTICE + requests.c.id == posted.c.key).exists()


async def _delete_some(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> int:
    key = tuple_(*table.primary_key)
    batch = select(*table.primary_key).where(condition).limit(BATCH)
    return int((await connection.execute(delete(table).where(key.in_(batch)))).rowcount)


async def _sweep_outbox(connection: AsyncConnection, now: datetime) -> int:
    """Delete expired messages; questions among them are recorded as undeliverable."""
    expired = select(outbox.c.id, contacts.c.person_id, outbox.c.request_id, outbox.c.purpose, outbox.c.lane)
    expired = expired.join(contacts, contacts.c.id == outbox.c.contact_id).where(outbox.c.expires_at < now).limit(BATCH)
    rows = (await connection.execute(expired)).all()
    if rows:
        # first, as where a delivery is recorded: the other way round the two would wait for each other
        await connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
    await not_delivered(connection, [(row, "budget" if row.lane == LATER else "expired") for row in rows])
    return len(rows)


async def sweep_keys(connection: AsyncConnection, key_ring: KeyRing, today: date, terms: RetentionTerms) -> list[str]:
    """Delete the tags of expired keys; returns the names of keys to destroy after the commit."""
    ended = [name for name in key_ring.names("month-") if month_is_over(name, today, terms.follow_up_days)]
    if ended:
        for table in (reports, supports):
            await connection.execute(update(table).where(table.c.month.in_(ended)).values(tag=null()))
    days = [name for name in key_ring.names("day-") if name < day_key(today - timedelta(days=DAY_KEY_DAYS))]
    return [*ended, *days, *await _expired_poll_keys(connection, key_ring)]


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months earlier: older rows have been kept for the whole term."""
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


async def _expired_poll_keys(connection: AsyncConnection, key_ring: KeyRing) -> Sequence[str]:
    """Names of keys of polls that are over, and of old keys without a poll."""
    names = key_ring.names("poll-")
    if not names:
        return []
    states = {
        f"poll-{id.lower()}": state for id, state in (await connection.execute(select(requests.c.id, requests.c.state)))
    }
    expired = [name for name in names if states.get(name) in {RequestState.CLOSED, RequestState.STOPPED}]
    orphans = [name for name in names if name not in states and key_ring.age(name) > ORPHAN.total_seconds()]
    return expired + orphans


async def unused_files(
    connection: AsyncConnection,
    sealer: Sealer,
    today: date,
    photos: Path,
    documents: Path,
    lessons: Collection[str] = (),
) -> tuple[list[Path], list[Path]]:
    """Pictures and documents that no report, answer, request, rule, draft, synthesis or lesson (`lessons`: file names)
    uses. `connection`: a `reading()`, since a file that goes from one to another meanwhile must be seen in one."""
    used = {*lessons, *await connection.scalars(select(report_photos.c.name))}
    used.update(await connection.scalars(select(syntheses.c.file)))
    for table in (requests, rules):
        for attached in await connection.execute(select(table.c.photo, table.c.file)):
            used.update(attached)
    with_pictures = select(official_answers.c.answers).where(official_answers.c.answers.contains(".jpg"))
    lines = list(await connection.scalars(with_pictures))
    # thousands of answers, talks and files: others must not wait for the loop meanwhile
    used |= await asyncio.to_thread(_pictures_in, lines)
    used |= await files_in_talks(connection, sealer, today)
    return await asyncio.to_thread(_unused, photos, used), await asyncio.to_thread(_unused, documents, used)


def _pictures_in(lines: Sequence[str]) -> set[str]:
    return {name for line in lines for name in pictures_in(json.loads(line))}


def _unused(folder: Path, used: Collection[str]) -> list[Path]:
    """Files of a folder that are not among the used ones, and old enough to be sure; not those that a writer moves to
    their name in a moment."""
    if not folder.is_dir():
        return []
    # files carry the midnight of their day as time: two days leave time for a new one to get into a draft
    oldest = datetime.now(UTC).timestamp() - timedelta(days=2).total_seconds()
    found = []
    for path in folder.iterdir():
        # deleted meanwhile
        with suppress(FileNotFoundError):
            if path.name not in used and not path.name.startswith(".") and path.stat().st_mtime < oldest:
                found.append(path)
    return found


def kept_copies(database: Path | None, data: Path) -> list[Path]:
    """Copies that restores made of what they replaced, and whose term is over. `database`: the SQLite file, or None."""
    oldest = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).timestamp()
    found = [*data.glob("before-restore*.db")]
    if database is not None:
        found += database.parent.glob(f"{database.name}.before-restore*")
    return [path for path in found if path.stat().st_mtime < oldest]
