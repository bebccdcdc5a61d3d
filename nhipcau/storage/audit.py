"""The audit: who of the office did what kind of thing to how many on which day; never content, never to what.

Lines of a transaction are written last, just before its commit, one for each person and kind. They extend the chain of
days (privacy/audit_chain.py) under a lock that is held for this moment only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.audit_kinds import AUDIT_KINDS, OUTSIDE
from nhipcau.model.changes import Audit
from nhipcau.model.scope import OFFICE as OFFICE
from nhipcau.privacy.atomic_files import write_file
from nhipcau.privacy.audit_chain import (
    KEY,
    AuditSeals,
    Break,
    Day,
    Head,
    Line,
    first_break,
    new_day,
    reaches,
    with_lines,
)
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import before_commit, execute_many, insert_into
from nhipcau.storage.registry import ChangeContext, writes
from nhipcau.storage.tables import audit, audit_days

log = structlog.get_logger()

#: Key of the PostgreSQL lock under which the chain is extended; any number. Taken last, so nobody waits in a circle.
_LOCK = 7_041_957
_HEAD_FILE = "audit.head"


class Auditing(Protocol):
    """What a record needs; contexts of changes and of operations have it."""

    @property
    def connection(self) -> AsyncConnection: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def today(self) -> date: ...


@dataclass(frozen=True, slots=True)
class AuditContext:
    connection: AsyncConnection
    sealer: Sealer
    today: date


# ------------------------------------------------------------------ writing


def record_audit(at: Auditing, kind: str, actor: str = OFFICE, number: int = 1) -> None:
    """Note one act, written just before the commit. `actor`: a person's id, OFFICE, or OUTSIDE."""
    assert kind in AUDIT_KINDS, kind
    before_commit(at.connection, _write, (at, kind, actor, number))


def record_refusals(at: Auditing, *, codes: int = 0, rights: int = 0) -> None:
    """Note how many wrong codes were typed, and how often something was refused that only the office may do. Of people
    outside the office, so nobody's handle."""
    for kind, number in (("refused.code", codes), ("refused.right", rights)):
        if number:
            record_audit(at, kind, OUTSIDE, number)


@writes(Audit)
async def record_all(at: ChangeContext, rows: Sequence[Audit]) -> None:
    for row in rows:
        record_audit(at, row.kind, row.actor, row.number)


async def _write(noted: Sequence[tuple[Auditing, str, str, int]]) -> None:
    at = noted[0][0]
    seals = seals_of(at.sealer)
    await _lock(at.connection)
    await seal_earlier_lines(at.connection, at.sealer)
    numbers: Counter[tuple[date, str, str]] = Counter()
    for each, kind, actor, number in noted:
        numbers[each.today, _who(seals, actor), kind] += number
    by_day: dict[date, list[Line]] = defaultdict(list)
    for (day, who, kind), number in numbers.items():
        by_day[day].append(Line(new_id("id"), day, who, kind, number))
    for day, lines in sorted(by_day.items()):
        day, links, before = await _links_from(at.connection, day)
        lines = [seals.sealed(replace(line, day=day)) for line in lines]
        await execute_many(at.connection, insert(audit), [asdict(line) for line in lines])
        await _extend(at.connection, seals, links, before, lines)


def seals_of(sealer: Sealer) -> AuditSeals:
    return AuditSeals(sealer.ring.get(KEY))


def _who(seals: AuditSeals, actor: str) -> str:
    return actor if actor in {OFFICE, OUTSIDE} else seals.handle(actor)


async def _lock(connection: AsyncConnection) -> None:
    # on SQLite a transaction that writes is alone anyway
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def _links_from(connection: AsyncConnection, day: date) -> tuple[date, list[Day], bytes]:
    """The day to write on, its link and those after it, and the seal before them. A clock set back behind what was cut
    off writes on the first day that is kept."""
    found = await connection.execute(select(audit_days).where(audit_days.c.day >= day).order_by(audit_days.c.day))
    links = [_day(row) for row in found]
    if stub := next((link for link in links if link.lines is None), None):
        return await _links_from(connection, stub.day + timedelta(days=1))
    if not links or links[0].day != day:
        links.insert(0, new_day(day))
    earlier = select(audit_days.c.seal).where(audit_days.c.day < day).order_by(audit_days.c.day.desc()).limit(1)
    return day, links, await connection.scalar(earlier) or b""


async def _extend(
    connection: AsyncConnection, seals: AuditSeals, links: Sequence[Day], before: bytes, lines: Sequence[Line]
) -> None:
    """Add the lines to the first link, and seal it and those after it anew: usually there is none after it."""
    sealed = []
    for link in (with_lines(links[0], lines), *links[1:]):
        sealed.append(seals.day(link, before))
        before = sealed[-1].seal
    statement = insert_into(connection, audit_days)
    changed = {name: statement.excluded[name] for name in ("lines", "total", "seal")}
    statement = statement.on_conflict_do_update(index_elements=["day"], set_=changed)
    await execute_many(connection, statement, [asdict(link) for link in sealed])


async def is_unsealed(connection: AsyncConnection) -> bool:
    """Whether there are lines and no chain yet."""
    has_days = await connection.scalar(select(audit_days.c.day).limit(1))
    return not has_days and await connection.scalar(select(audit.c.id).limit(1)) is not None


async def seal_earlier_lines(connection: AsyncConnection, sealer: Sealer) -> None:
    """Seal what a version without seals has written: once, while there is no chain and was none."""
    if not await is_unsealed(connection) or _head(sealer):
        return
    seals, by_day = seals_of(sealer), defaultdict(list)
    for row in await connection.execute(select(audit).where(audit.c.seal.is_(None))):
        by_day[row.day].append(seals.sealed(replace(_line(row), who=_who(seals, row.who))))
    for day, lines in sorted(by_day.items()):
        for line in lines:
            values = {"who": line.who, "seal": line.seal}
            await connection.execute(update(audit).where(audit.c.id == line.id).values(**values))
        _, links, before = await _links_from(connection, day)
        await _extend(connection, seals, links, before, lines)


# ------------------------------------------------------------------ terms and the head


async def cut_off(connection: AsyncConnection, sealer: Sealer, before: date) -> int:
    """Delete the lines of all days before this one; returns how many. The last such day stays as a stub."""
    await _lock(connection)
    ended = (audit_days.c.day < before, audit_days.c.lines.is_not(None))
    row = (await connection.execute(select(audit_days).where(*ended).order_by(audit_days.c.day.desc()))).first()
    if row is None:
        return 0
    last = seals_of(sealer).stub(_day(row))
    deleted = await connection.execute(delete(audit).where(audit.c.day <= last.day))
    await connection.execute(delete(audit_days).where(audit_days.c.day < last.day))
    stub = update(audit_days).where(audit_days.c.day == last.day)
    await connection.execute(stub.values(lines=last.lines, total=last.total))
    return int(deleted.rowcount)


async def keep_head(connection: AsyncConnection, sealer: Sealer) -> None:
    """Write down beside the keys how far the chain has come; not where it has gone back, which stays to be found.
    `connection`: a `reading()` of its own."""
    # before the view begins: of a head that another process writes meanwhile it would not know the lines
    head = _head(sealer)
    links = {day.day: day for day in await _days(connection)}
    if head and not reaches(links, head):
        log.error("the audit is an older copy, see verify-audit")
        return
    newest = max(links.values(), key=lambda link: link.day, default=None)
    if newest is not None and newest.lines is not None:
        now = Head(newest.day, newest.nonce, newest.lines)
        if now != head:
            write_file(_head_path(sealer), now.packed(), newest.day)


def forget_head(sealer: Sealer) -> None:
    """For a backup that the office itself has restored: its older audit is what it has now."""
    _head_path(sealer).unlink(missing_ok=True)


def _head(sealer: Sealer) -> Head | None:
    try:
        return Head.unpacked(_head_path(sealer).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        # damaged: a day that never was, so that verifying says so
        return Head(date.min, b"", 0)


def _head_path(sealer: Sealer) -> Path:
    return sealer.ring.folder / _HEAD_FILE


# ------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lines of one day, person and kind add up to."""

    day: date
    who: str
    kind: str
    number: int


async def entries(connection: AsyncConnection, since: date | None = None, kind: str = "") -> list[Entry]:
    """By day, person and kind. `kind`: "report.answer", or "report" for all of reports."""
    key = (audit.c.day, audit.c.who, audit.c.kind)
    statement = select(*key, func.sum(audit.c.number)).group_by(*key).order_by(*key)
    if since:
        statement = statement.where(audit.c.day >= since)
    if kind:
        statement = statement.where(_is_kind(kind))
    return [Entry(*row) for row in await connection.execute(statement)]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are meant, of which days at most; "" and None: all."""

    since: date | None = None
    until: date | None = None
    kind: str = ""


async def newest_entries(
    connection: AsyncConnection, which: AuditFilter, size: int, after: tuple[date, str, str] | None = None
) -> list[Entry]:
    """Entries, the newest day first; `after`: day, who and kind of the last one of the page before."""
    key = (audit.c.day, audit.c.who, audit.c.kind)
    statement = select(*key, func.sum(audit.c.number)).group_by(*key)
    statement = statement.order_by(audit.c.day.desc(), audit.c.who, audit.c.kind).limit(size)
    if which.since:
        statement = statement.where(audit.c.day >= which.since)
    if which.until:
        statement = statement.where(audit.c.day <= which.until)
    if which.kind:
        statement = statement.where(_is_kind(which.kind))
    if after:
        day, who, kind = after
        further = or_(audit.c.who > who, and_(audit.c.who == who, audit.c.kind > kind))
        statement = statement.where(audit.c.day <= day, or_(audit.c.day < day, further))
    return [Entry(*row) for row in await connection.execute(statement)]


def _is_kind(kind: str) -> ColumnElement[bool]:
    return (audit.c.kind == kind) | audit.c.kind.startswith(f"{kind}.", autoescape=True)


async def verify(connection: AsyncConnection, sealer: Sealer) -> Break | tuple[int, int]:
    """What does not hold first, or how many lines and days hold. `connection`: a `reading()` of its own."""
    # before the view begins, as in `keep_head`
    head = _head(sealer)
    lines = [_line(row) for row in await connection.execute(select(audit))]
    days = await _days(connection)
    found = first_break(seals_of(sealer), lines, days, head)
    return found or (len(lines), sum(1 for day in days if day.lines is not None))


async def acts_of(connection: AsyncConnection, sealer: Sealer, person_id: str) -> int:
    """How many lines tell of this person."""
    mine = audit.c.who == seals_of(sealer).handle(person_id)
    return int(await connection.scalar(select(func.count()).select_from(audit).where(mine)) or 0)


async def _days(connection: AsyncConnection) -> list[Day]:
    return [_day(row) for row in await connection.execute(select(audit_days))]


def _line(row: Any) -> Line:
    return Line(row.id, row.day, row.who, row.kind, row.number, row.seal or b"")


def _day(row: Any) -> Day:
    return Day(row.day, row.nonce, row.lines, row.total, row.seal)
