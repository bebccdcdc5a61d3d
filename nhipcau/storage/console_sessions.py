"""Who is signed in at the console: one-time links with their six digits, sessions, kept drafts, sent forms.

Tokens are stored nowhere, only their digests. The caller gives the digest (`digest_of`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.actions.permissions import OFFICE_ROLES
from nhipcau.bot.units.tree import Tree
from nhipcau.model.console_changes import MakeConsoleLink
from nhipcau.model.people import RESTING, Person
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import insert_into
from nhipcau.storage.people import find_people
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.tables import console_drafts, console_forms, console_links, console_sessions, people, units
from nhipcau.storage.units import within

#: A session ends so long after it was last used.
IDLE = timedelta(hours=12)
#: The moment of use is written this seldom.
USE_NOTED_EVERY = timedelta(minutes=5)
#: Days after which drafts nobody came back for and forms that were sent are deleted.
FORGOTTEN_AFTER = timedelta(days=2)
_DRAFT = "console"


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    begun: date
    used_at: datetime
    device: str


# ------------------------------------------------------------------ links


@writes_each(MakeConsoleLink)
async def make_link(at: ChangeContext, row: MakeConsoleLink) -> None:
    """A person has one living link: an earlier one is no longer good."""
    await at.connection.execute(delete(console_links).where(console_links.c.person_id == row.person_id))
    code = digest_of(row.code) if row.code else None
    values = {"digest": digest_of(row.token), "code": code, "person_id": row.person_id, "until": row.until}
    await at.connection.execute(insert(console_links).values(**values))


async def is_good(connection: AsyncConnection, token: str, now: datetime) -> bool:
    """Whether a link opens the console; reading uses nothing up."""
    statement = select(console_links.c.digest).where(console_links.c.digest == digest_of(token))
    return await connection.scalar(statement.where(console_links.c.until > now)) is not None


async def spend(connection: AsyncConnection, secret: str, now: datetime) -> str:
    """Use up the link of this token or of these six digits; the person it was made for, or "" where none is good. Where
    two people hold the same digits neither is let in."""
    digest = digest_of(secret)
    named = or_(console_links.c.digest == digest, console_links.c.code == digest)
    spent = await connection.execute(
        delete(console_links).where(named, console_links.c.until > now).returning(console_links.c.person_id)
    )
    people = list(spent.scalars())
    return people[0] if len(people) == 1 else ""


# ------------------------------------------------------------------ sessions


async def begin(connection: AsyncConnection, id: str, token: str, person_id: str, now: datetime, device: str) -> None:
    values = {"id": id, "digest": digest_of(token), "person_id": person_id, "begun": now.date(), "used_at": now}
    await connection.execute(insert(console_sessions).values(**values, device=device[:60]))


async def has_begun(connection: AsyncConnection, token: str) -> bool:
    """Whether there is a session of this token."""
    statement = select(console_sessions.c.id).where(console_sessions.c.digest == digest_of(token))
    return await connection.scalar(statement) is not None


async def find(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, token: str, now: datetime
) -> tuple[Session, Person] | None:
    """The living session of this token with its person; None where it is over or they have no right to the console."""
    statement = select(console_sessions).where(console_sessions.c.digest == digest_of(token))
    row = (await connection.execute(statement.where(console_sessions.c.used_at > now - IDLE))).one_or_none()
    if row is None:
        return None
    person = await office_person(connection, sealer, tree, row.person_id)
    return (Session(row.id, row.begun, row.used_at, row.device), person) if person else None


async def office_person(connection: AsyncConnection, sealer: Sealer, tree: Tree, person_id: str) -> Person | None:
    """This person, if they have a right to the console now."""
    person = (await find_people(connection, sealer, tree, [person_id])).get(person_id)
    return None if person is None or person.state in RESTING or person.role not in OFFICE_ROLES else person


async def note_use(connection: AsyncConnection, id: str, now: datetime) -> None:
    await connection.execute(update(console_sessions).where(console_sessions.c.id == id).values(used_at=now))


async def sessions_of(connection: AsyncConnection, person_id: str, now: datetime) -> Sequence[Session]:
    """Living sessions of a person, the last used first."""
    statement = select(console_sessions).where(
        console_sessions.c.person_id == person_id, console_sessions.c.used_at > now - IDLE
    )
    rows = await connection.execute(statement.order_by(console_sessions.c.used_at.desc()))
    return [Session(row.id, row.begun, row.used_at, row.device) for row in rows]


async def sessions_in(
    connection: AsyncConnection, scope: Scope, sealer: Sealer, tree: Tree, now: datetime
) -> Sequence[tuple[Person, Session]]:
    """Living sessions of the people of a scope's network, by unit and name."""
    statement = select(console_sessions).join(people, people.c.id == console_sessions.c.person_id)
    statement = statement.join(units, units.c.id == people.c.unit_id)
    rows = (await connection.execute(statement.where(within(scope, Access.NETWORK), _is_living(now)))).all()
    found = await find_people(connection, sealer, tree, [row.person_id for row in rows])
    pairs = [(found[row.person_id], Session(row.id, row.begun, row.used_at, row.device)) for row in rows]
    return sorted(pairs, key=lambda pair: (pair[0].unit.path, pair[0].name, pair[1].id))


def _is_living(now: datetime) -> ColumnElement[bool]:
    return console_sessions.c.used_at > now - IDLE


async def end(connection: AsyncConnection, person_id: str, id: str = "") -> int:
    """End one session of a person, or all of them; how many there were."""
    statement = delete(console_sessions).where(console_sessions.c.person_id == person_id)
    done = await connection.execute(statement.where(console_sessions.c.id == id) if id else statement)
    return int(done.rowcount)


# ------------------------------------------------------------------ drafts and forms


async def keep_draft(connection: AsyncConnection, sealer: Sealer, token: str, today: date, content: str) -> None:
    digest = digest_of(token)
    sealed = sealer.seal(today, content, _DRAFT)
    await connection.execute(insert(console_drafts).values(digest=digest, day=today, sealed=sealed))


async def read_draft(connection: AsyncConnection, sealer: Sealer, token: str) -> str:
    """What was kept under this token; "" where there is nothing any more."""
    statement = select(console_drafts).where(console_drafts.c.digest == digest_of(token))
    row = (await connection.execute(statement)).one_or_none()
    try:
        return sealer.open(row.day, row.sealed, _DRAFT) if row else ""
    except Unreadable:
        return ""


async def drop_draft(connection: AsyncConnection, token: str) -> None:
    await connection.execute(delete(console_drafts).where(console_drafts.c.digest == digest_of(token)))


async def claim_form(connection: AsyncConnection, digest: bytes, today: date) -> str | None:
    """Claim a form that is sent for the first time: None; else the address shown after it was acted on."""
    statement = insert_into(connection, console_forms).values(digest=digest, day=today, place="")
    if (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1:
        return None
    found = await connection.scalar(select(console_forms.c.place).where(console_forms.c.digest == digest))
    return found or ""


async def settle_form(connection: AsyncConnection, digest: bytes, place: str) -> None:
    """What is shown after it; "": nothing was done, so that it may be sent again."""
    mine = console_forms.c.digest == digest
    if place:
        await connection.execute(update(console_forms).where(mine).values(place=place[:300]))
    else:
        await connection.execute(delete(console_forms).where(mine))


async def forget_old(connection: AsyncConnection, now: datetime, today: date) -> int:
    """Delete links and sessions that are over, drafts nobody came back for, and forms sent days ago."""
    ended = (
        delete(console_links).where(console_links.c.until <= now),
        delete(console_sessions).where(console_sessions.c.used_at <= now - IDLE),
        delete(console_drafts).where(console_drafts.c.day < today - FORGOTTEN_AFTER),
        delete(console_forms).where(console_forms.c.day < today - FORGOTTEN_AFTER),
    )
    return sum([int((await connection.execute(statement)).rowcount) for statement in ended])
