"""A few facts one process learned and others need, by name (the bot's public name on Telegram)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.database import insert_into
from nhipcau.storage.tables import facts


async def read_facts(connection: AsyncConnection) -> dict[str, str]:
    return {row.name: row.value for row in await connection.execute(select(facts))}


async def claim_fact(connection: AsyncConnection, name: str, value: str) -> bool:
    """Keep it if nobody has: whoever's row counts does the work. False: it was done."""
    statement = insert_into(connection, facts).values(name=name, value=value).on_conflict_do_nothing()
    return (await connection.execute(statement)).rowcount == 1


async def keep_fact(connection: AsyncConnection, name: str, value: str) -> None:
    statement = insert_into(connection, facts).values(name=name, value=value)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    )
