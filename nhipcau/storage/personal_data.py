"""Everything stored about one person, for that person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.messaging.messages import Message
from nhipcau.model.conversation import Conversation
from nhipcau.model.people import PersonalRecord
from nhipcau.model.queries import OwnContacts, PersonalData, PersonalRecords
from nhipcau.privacy.sealing import Unreadable
from nhipcau.storage.audit import acts_of, seals_of
from nhipcau.storage.contacts import contacts_of
from nhipcau.storage.last_acts import open_act
from nhipcau.storage.person_references import tables_naming
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.sealed_people import details_of
from nhipcau.storage.sections import sections_by_id
from nhipcau.storage.tables import (
    attention,
    audit,
    contacts,
    learned,
    participation,
    people,
    posted,
    requests,
    rules,
)
from nhipcau.storage.talks import open_talk, read_talk


@answers_each(PersonalData)
async def personal_data_of(at: QueryContext, need: PersonalData) -> dict[str, object]:
    """Everything stored about one person, for that person; keys are those of the catalogue's `held.`."""
    connection, person_id = at.connection, need.person_id
    row = (await connection.execute(select(people).where(people.c.id == person_id))).mappings().one()
    own_contacts = (await connection.execute(select(contacts).where(contacts.c.person_id == person_id))).all()
    days = [act.on for contact in own_contacts if (act := open_act(at.sealer, contact.last_act)).on]
    talk = await read_talk(connection, at.sealer, person_id)
    channels = [contact.channel for contact in own_contacts]
    states = list(await connection.scalars(select(participation.c.state).where(participation.c.person_id == person_id)))
    lessons = await _count(connection, learned, learned.c.person_id == person_id)
    details = details_of(at.sealer, person_id, row["sealed"])
    sections = await sections_by_id(connection, at.tree, details.sections.split(","))
    consented: datetime | None = row["consented_at"]
    return {
        "name": details.name,
        "code": details.code,
        "role": row["role"],
        "state": row["state"],
        "sections": ", ".join(sorted(each.name for each in sections.values())),
        "unit": at.tree.by_id[row["unit_id"]].name,
        "cell": details.cell,
        "contact": details.contact,
        "consented_on": f"{consented.astimezone(at.zone):%d/%m/%Y}" if consented else "",
        "consent_version": row["consent_version"],
        "channels": ", ".join(sorted(set(channels))),
        "language": row["language"],
        "asked": len(states),
        "answered": states.count("answered"),
        "learned": lessons,
        "responsible": "✓" if row["responsible"] else "",
        "last_on": f"{max(days):%d/%m/%Y}" if days else "",
        "received": await _sum(connection, attention.c.number, attention.c.person_id == person_id),
        "posted": await _count(connection, posted, posted.c.contact_id.in_([contact.id for contact in own_contacts])),
        "draft": len(_unfinished(talk.conversation(at.today))) if talk else 0,
        "acts": await acts_of(connection, at.sealer, person_id),
        "requests": await _count(connection, requests, requests.c.asked_by == person_id)
        + await _count(connection, rules, rules.c.asked_by == person_id),
    }


@answers_each(OwnContacts)
async def own_contacts(at: QueryContext, need: OwnContacts) -> list[int]:
    return await contacts_of(at.connection, need.person_id)


async def _count(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table).where(condition)) or 0)


async def _sum(connection: AsyncConnection, column: ColumnElement[int], condition: ColumnElement[bool]) -> int:
    return int(await connection.scalar(select(func.sum(column)).where(condition)) or 0)


#: Of rows that are the office's and only name who asked, these columns tell what it was.
OF_OFFICE = {
    "requests": ("id", "kind", "title", "state", "opens_at", "closes_at", "asked_by"),
    "rules": ("id", "kind", "title", "state", "asked_by"),
}
#: Columns that are secrets of the installation, or digests nobody can read back: they are named, and not copied. With
#: the tag secret whoever reads the chat could look for the person's reports.
WITHHELD = frozenset(
    {
        *(("people", "tag_secret"), ("people", "code_lookup"), ("posted", "mark")),
        *(("contacts", "lookup"), ("audit", "seal")),
        *(("people", "totp_secret"), ("console_passkeys", "credential"), ("console_passkeys", "public_key")),
        ("console_recovery_codes", "digest"),
        *(("console_sessions", "digest"), ("console_links", "digest"), ("console_links", "code")),
    }
)


@answers_each(PersonalRecords)
async def personal_records(at: QueryContext, need: PersonalRecords) -> list[PersonalRecord]:
    """Every row that names the person, table by table, with what is sealed opened (rule R09)."""
    contact_ids = await contacts_of(at.connection, need.person_id)
    found = []
    named = tables_naming(need.person_id, contact_ids)
    named[audit] = audit.c.who == seals_of(at.sealer).handle(need.person_id)
    for table, condition in named.items():
        chosen = OF_OFFICE.get(table.name)
        columns = [column for column in table.columns if not chosen or column.name in chosen]
        rows = (await at.connection.execute(select(*columns).where(condition))).mappings().all()
        read = [PersonalRecord(table.name, _values(at, table.name, row)) for row in rows]
        found += sorted(read, key=lambda record: sorted((name, str(value)) for name, value in record.values.items()))
    return found


def _values(at: QueryContext, table: str, row: RowMapping) -> dict[str, object]:
    """Column → value as the person reads it; None for what is withheld. Without what is empty."""
    values: dict[str, object] = {}
    for name, value in _columns(at, table, row):
        if value is None or value == "":
            continue
        if (table, name) in WITHHELD:
            values[name] = None
        else:
            values[name] = _opened(at, table, name, row) if _is_sealed(value) else value
    return values


def _columns(at: QueryContext, table: str, row: RowMapping) -> Iterator[tuple[str, object]]:
    """The columns of a row, what is sealed of a person as columns of its own."""
    for name, value in row.items():
        if (table, name) == ("people", "sealed"):
            yield from asdict(details_of(at.sealer, row["id"], row["sealed"])).items()
        else:
            yield name, value


def _is_sealed(value: object) -> bool:
    return isinstance(value, bytes)


def _opened(at: QueryContext, table: str, column: str, row: RowMapping) -> str | None:
    """What the sealed column of this row says; None where its key is gone."""
    sealer = at.sealer
    try:
        match table:
            case "contacts" if column == "last_act":
                # the choices of what was pushed last are withheld: they name a report
                act = open_act(sealer, row["last_act"])
                hour = f" {act.heard_at.astimezone(at.zone):%H} h" if act.heard_at else ""
                return f"{act.on:%d/%m/%Y}{hour}" if act.on else None
            case "contacts":
                return sealer.open_lasting(row["sealed_address"], f"contact:{row['channel']}")
            case "outbox":
                return Message.from_json(sealer.open(row["day"], row["sealed"], f"outbox:{row['contact_id']}")).text
            case "conversations":
                stored = open_talk(sealer, row["day"], row["person_id"], row["sealed"])
                return "; ".join(filter(None, _unfinished(stored.conversation(at.today)))) if stored else None
    except (Unreadable, ValueError):
        return None
    return None


def _unfinished(talk: Conversation) -> list[str]:
    """The words of each draft, and of each message of which its writer has not said yet what it is."""
    drafts = ["; ".join(map(str, draft.answers.values())) for draft in talk.drafts.values()]
    if talk.kept is None:
        return drafts
    parts = ((talk.kept.before, talk.kept.before_photos), (talk.kept.text, talk.kept.photos))
    return [*drafts, *(words for words, photos in parts if words or photos)]
