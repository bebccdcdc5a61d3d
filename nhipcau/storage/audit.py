"""Audit records: who of the office did what kind of thing when, never content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.changes import Audit
from nhipcau.model.scope import OFFICE as OFFICE
from nhipcau.storage.database import execute_many
from nhipcau.storage.registry import ChangeContext, writes
from nhipcau.storage.tables import audit


async def record_audit(connection: AsyncConnection, now: datetime, act: str, subject: str, actor: str = OFFICE) -> None:
    """Add one record: `act` is what was done ("request.close"), `subject` to what, `actor` by whom (a person's id)."""
    await connection.execute(insert(audit).values(at=now, actor=actor, act=act, subject=subject))


@writes(Audit)
async def record_all(at: ChangeContext, rows: Sequence[Audit]) -> None:
    lines = [{"at": at.now, "actor": r.actor, "act": r.act, "subject": r.subject} for r in rows]
    await execute_many(at.connection, insert(audit), lines)
