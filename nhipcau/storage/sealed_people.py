"""What is personal of people, as it is stored: sealed under a key of each person. Every reader and writer goes here.

Beside it stands a digest of the office's number (Mã CTV), which a roster's import looks up without opening anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.people import code_key
from nhipcau.privacy.person_keys import hashed
from nhipcau.privacy.sealing import Sealer, Unreadable
from nhipcau.storage.database import execute_many, insert_into, wipe_after_commit
from nhipcau.storage.tables import (
    console_links,
    console_passkeys,
    console_recovery_codes,
    console_sessions,
    departed,
    people,
)


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What is personal of somebody. Stored in this order: a new field goes to the end."""

    name: str = ""
    #: The secret from which this person's tags are made: random, new after each joining.
    tag_secret: str = ""
    #: The office's number of a collaborator (Mã CTV).
    code: str = ""
    #: Chi bộ, thôn or khối, as in the roster, where it is no unit.
    cell: str = ""
    #: Phone and e-mail from the roster.
    contact: str = ""
    #: Ids of the sections of their unit that they chose, divided by commas.
    sections: str = ""
    #: The secret of their authenticator app at the console, base32; "": none.
    totp_secret: str = ""


_FIELDS = frozenset(field.name for field in fields(PersonDetails))
_NOTHING = PersonDetails()


def details_of(sealer: Sealer, person_id: str, sealed: bytes | None) -> PersonDetails:
    """Their details; empty ones where they have left, or their key is gone."""
    if sealed is None:
        return _NOTHING
    try:
        return sealer.open_person(person_id, sealed, PersonDetails)
    except Unreadable:
        return _NOTHING


def digest_of_code(sealer: Sealer, code: str) -> str | None:
    return sealer.code_lookup(code_key(code)) if code else None


def _columns(sealer: Sealer, person_id: str, details: PersonDetails) -> dict[str, Any]:
    sealed = sealer.seal_person(person_id, astuple(details))
    return {"sealed": sealed, "code_lookup": digest_of_code(sealer, details.code)}


async def add_people(connection: AsyncConnection, sealer: Sealer, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put people on the roster; each row holds columns of `people` and fields of PersonDetails. Their keys are on the
    disk before the rows are."""
    sealer.people.make(row["id"] for row in rows)
    stored = []
    for row in rows:
        details = PersonDetails(**{name: row[name] or "" for name in _FIELDS & row.keys()})
        plain = {name: value for name, value in row.items() if name not in _FIELDS}
        stored.append({**plain, **_columns(sealer, row["id"], details)})
    await execute_many(connection, insert(people), stored)


async def change_people(connection: AsyncConnection, sealer: Sealer, person_id: str, values: Mapping[str, Any]) -> bool:
    """Set columns of `people` and fields of PersonDetails of one person. False: there is no such person, or what is to
    be changed was destroyed when they left."""
    changed = {name: value for name, value in values.items() if name not in _FIELDS}
    if personal := {name: value for name, value in values.items() if name in _FIELDS}:
        # locked: of two who change different fields at once neither loses theirs
        theirs = select(people.c.sealed).where(people.c.id == person_id).with_for_update()
        sealed = await connection.scalar(theirs)
        if sealed is None:
            return False
        details = sealer.open_person(person_id, sealed, PersonDetails)
        changed |= _columns(sealer, person_id, replace(details, **personal))
    done = await connection.execute(update(people).where(people.c.id == person_id).values(**changed))
    return done.rowcount == 1


#: Key in `connection.info`: ids of those whose keys are to be destroyed after the commit.
_LEAVING = "leaving"


async def depart(connection: AsyncConnection, person_id: str) -> None:
    """They leave: their key dies after this commit (`take_departures`), or in the next sweep."""
    wipe_after_commit(connection)
    await forget_sign_in(connection, person_id)
    gone = insert_into(connection, departed).values(hashed_id=hashed(person_id)).on_conflict_do_nothing()
    await connection.execute(gone)
    connection.info.setdefault(_LEAVING, []).append(person_id)


async def forget_sign_in(connection: AsyncConnection, person_id: str) -> None:
    """End their sessions at the console, and forget all by which they sign in but the secret of their app."""
    for table in (console_sessions, console_links, console_passkeys, console_recovery_codes):
        await connection.execute(delete(table).where(table.c.person_id == person_id))


def is_departing(connection: AsyncConnection, person_id: str) -> bool:
    """Whether their key dies after the commit of this transaction."""
    return person_id in connection.info.get(_LEAVING, ())


def take_departures(connection: AsyncConnection) -> list[str]:
    """Ids of those who leave in this transaction; asked once, at its end."""
    found: list[str] = connection.info.pop(_LEAVING, [])
    return found


async def destroy_departed(connection: AsyncConnection, sealer: Sealer) -> int:
    """Destroy the keys that a crash left of people who are gone, also of those whose key is listed as dead but still
    lies in the book; returns how many."""
    gone = set(await connection.scalars(select(departed.c.hashed_id)))
    return sealer.people.destroy_hashed(gone & sealer.people.living().keys())


async def is_anybody_sealed(connection: AsyncConnection) -> bool:
    """Whether there are people who can be read only with the key book."""
    return await connection.scalar(select(people.c.id).where(people.c.sealed.is_not(None)).limit(1)) is not None
