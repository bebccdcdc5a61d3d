"""What the database holds, by kind of data: how much, of how many people, since when, and which keys live.

For the dossier of the law and for a breach (rules R27, R28): counts only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Table, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.tables import (
    attention,
    contacts,
    conversations,
    invites,
    learned,
    metadata,
    participation,
    people,
    reports,
)

#: Kind of data → its tables. Tables that stand in none make the kind OTHER, so that none is left out.
KINDS: Mapping[str, tuple[str, ...]] = {
    "roster": ("people", "departed"),
    "apps": ("contacts", "events"),
    "cards": ("invites",),
    "drafts": ("conversations",),
    "messages": ("outbox", "posted", "attention"),
    "lessons": ("learned",),
    "taking_part": ("participation", "guards"),
    "reports": ("reports", "report_notes", "report_photos"),
    "issues": ("issues", "issue_acts", "regroupings", "regrouped", "strands", "supports"),
    "syntheses": ("syntheses",),
    "poll_answers": ("poll_answers",),
    "official_answers": ("official_answers", "answer_notes"),
    "requests": ("requests", "rules"),
    "acts": ("audit", "audit_days", "data_requests"),
    "counts": ("participation_counts", "official_counts", "poll_counts"),
    "program": ("units", "facts", "usage"),
}
OTHER = "other"
#: Kind → the column that says whose it is; of the other kinds nobody's name or number stands in the row.
_WHOSE: Mapping[str, ColumnElement[str]] = {
    "roster": people.c.id,
    "apps": contacts.c.person_id,
    "cards": invites.c.person_id,
    "drafts": conversations.c.person_id,
    "messages": attention.c.person_id,
    "lessons": learned.c.person_id,
    "taking_part": participation.c.person_id,
}
#: The columns that say since when rows are there, the best first.
_SINCE = ("day", "created_on", "received", "opened", "since", "consented_at", "opens_at")


@dataclass(frozen=True, slots=True)
class Holding:
    """What lies there of one kind of data."""

    kind: str
    #: Names of its tables.
    tables: tuple[str, ...]
    rows: int
    #: How many people's names or numbers stand in these rows; None: nobody's.
    people: int | None
    #: The earliest day in these rows; None: it can't be told.
    since: date | None


@dataclass(frozen=True, slots=True)
class Exposure:
    #: Persons on record.
    people: int
    by_role: Mapping[str, int]
    holdings: tuple[Holding, ...]
    #: Reports that whoever holds the database and the living keys could trace to their reporter.
    traceable_reports: int
    #: Names of the living keys of months and polls.
    month_keys: tuple[str, ...]
    poll_keys: int


def tables_by_kind() -> dict[str, list[Table]]:
    """Every table of the database, by kind."""
    of_kind = {name: kind for kind, names in KINDS.items() for name in names}
    found: dict[str, list[Table]] = {}
    for table in metadata.sorted_tables:
        found.setdefault(of_kind.get(table.name, OTHER), []).append(table)
    return {kind: found[kind] for kind in (*KINDS, OTHER) if kind in found}


async def exposure(connection: AsyncConnection, sealer: Sealer) -> Exposure:
    holdings = [await _holding(connection, kind, tables) for kind, tables in tables_by_kind().items()]
    roles = await connection.execute(select(people.c.role, func.count()).group_by(people.c.role))
    months = sealer.ring.names("month-")
    traceable = select(func.count()).where(reports.c.tag.is_not(None), reports.c.month.in_(months))
    return Exposure(
        people=await connection.scalar(select(func.count()).select_from(people)) or 0,
        by_role=dict(map(tuple, roles)),
        holdings=tuple(holdings),
        traceable_reports=await connection.scalar(traceable) or 0,
        month_keys=tuple(months),
        poll_keys=len(sealer.ring.names("poll-")),
    )


async def first_consent(connection: AsyncConnection) -> datetime | None:
    """When the first of those on record consented."""
    found: datetime | None = await connection.scalar(select(func.min(people.c.consented_at)))
    return found


async def _holding(connection: AsyncConnection, kind: str, tables: Sequence[Table]) -> Holding:
    rows, days = 0, []
    for table in tables:
        rows += await connection.scalar(select(func.count()).select_from(table)) or 0
        column = next((table.c[name] for name in _SINCE if name in table.c), None)
        if column is not None and (first := await connection.scalar(select(func.min(column)))) is not None:
            days.append(first.date() if isinstance(first, datetime) else first)
    whose = None
    if (owner := _WHOSE.get(kind)) is not None:
        known = select(func.count(distinct(owner))).where(owner.in_(select(people.c.id)))
        whose = await connection.scalar(known) or 0
    return Holding(kind, tuple(table.name for table in tables), rows, whose, min(days, default=None))
