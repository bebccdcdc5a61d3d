"""An office and its people put into the database in sets: thousands who joined earlier, in a second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from nhipcau.context import AppContext, build
from nhipcau.handlers.membership.join import CONSENT_VERSION
from nhipcau.office.provinces import find_province, province_units
from nhipcau.privacy.identifiers import new_id
from nhipcau.scheduler.nightly_mix import NightlyMix
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.database import execute_many
from nhipcau.storage.last_acts import LastAct, seal_act
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.tables import contacts
from nhipcau.storage.units import add_units, load_tree

#: The commune that is asked, and another one, whose people only write.
ASKED, WRITING = "X06184", "X06040"
_CHANNEL = "telegram"


@asynccontextmanager
async def office(folder: Path, url: str = "") -> AsyncIterator[AppContext]:
    """A province ready in this folder, on SQLite as `tests.support.processes` runs it, or on another database."""
    settings = Settings(
        _env_file=None, data_dir=folder, database_url=url or f"sqlite+aiosqlite:///{folder}/n.db", timezone="UTC"
    )
    parts = build(settings)
    try:
        await schema.prepare(parts.database)
        async with parts.database.writing() as connection:
            rows = province_units(find_province("Lạng Sơn"))
            named = [{"code": r.code, "name": r.name, "kind": r.kind, "parent": r.parent} for r in rows]
            await add_units(connection, named)
        yield parts
    finally:
        await parts.database.close()


async def settle(parts: AppContext, chats: Iterable[int], unit: str = ASKED) -> list[str]:
    """Collaborators of this unit who joined through these Telegram chats; their ids."""
    now = datetime.now(UTC)
    doors = [(new_id("id"), chat) for chat in chats]
    async with parts.database.writing() as connection:
        at = (await load_tree(connection)).by_code[unit].id
        await add_people(
            connection,
            parts.sealer,
            [
                {
                    "id": id,
                    "tag_secret": new_id("id"),
                    "name": f"Người {chat}",
                    "unit_id": at,
                    "role": "collaborator",
                    "state": "consented",
                    "consented_at": now,
                    "consent_version": CONSENT_VERSION,
                }
                for id, chat in doors
            ],
        )
        await execute_many(
            connection,
            insert(contacts),
            [
                {
                    "channel": _CHANNEL,
                    "lookup": parts.sealer.lookup(_CHANNEL, str(chat)),
                    "sealed_address": parts.sealer.seal_lasting(str(chat), f"contact:{_CHANNEL}"),
                    "person_id": id,
                    "last_act": seal_act(parts.sealer, now.date(), LastAct(now.date())),
                    "since": now,
                }
                for id, chat in doors
            ],
        )
    return [id for id, _ in doors]


async def mixed(parts: AppContext) -> None:
    """Their first night is over: otherwise the service mixes as soon as it starts, while it is measured."""
    await NightlyMix(parts.database, parts.sealer, parts.settings).run_if_due()


async def settled(folder: Path, chats: Iterable[int], unit: str = ASKED) -> None:
    """The same in a folder that nothing serves."""
    async with office(folder) as parts:
        await settle(parts, chats, unit)
        await mixed(parts)
