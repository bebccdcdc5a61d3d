"""Values one process found and others need, by name; for example the public name of a bot."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.database import insert_into
from nhipcau.storage.tables import facts

_PUBLIC_NAME = ".username"


async def public_names(connection: AsyncConnection) -> dict[str, str]:
    """Channel → our public name there, where it is known."""
    rows = await connection.execute(select(facts).where(facts.c.name.endswith(_PUBLIC_NAME, autoescape=True)))
    return {row.name.removesuffix(_PUBLIC_NAME): row.value for row in rows}


async def keep_public_name(connection: AsyncConnection, channel: str, name: str) -> None:
    statement = insert_into(connection, facts).values(name=channel + _PUBLIC_NAME, value=name)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    )


_TROUBLE = "trouble."


async def troubles(connection: AsyncConnection) -> dict[str, str]:
    """Channel → why it does not work, as the process that receives from it says."""
    rows = await connection.execute(select(facts).where(facts.c.name.startswith(_TROUBLE, autoescape=True)))
    return {row.name.removeprefix(_TROUBLE): row.value for row in rows}


async def share_trouble(connection: AsyncConnection, channel: str, why: str) -> None:
    """`why`: "" where it works."""
    await (set_fact(connection, _TROUBLE + channel, why) if why else delete_fact(connection, _TROUBLE + channel))


async def claim_fact(connection: AsyncConnection, name: str, value: str) -> bool:
    """Store the value if none has this name, to claim work that is done once. False: somebody else has claimed it."""
    statement = insert_into(connection, facts).values(name=name, value=value).on_conflict_do_nothing()
    return (await connection.execute(statement)).rowcount == 1


async def read_fact(connection: AsyncConnection, name: str) -> str:
    """The value of this name; "" where there is none."""
    return await connection.scalar(select(facts.c.value).where(facts.c.name == name)) or ""


async def set_fact(connection: AsyncConnection, name: str, value: str) -> None:
    statement = insert_into(connection, facts).values(name=name, value=value)
    await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


async def advance_fact(connection: AsyncConnection, name: str, value: str) -> bool:
    """Store a greater value, to claim work that is done once a day. False: somebody has claimed it already."""
    statement = insert_into(connection, facts).values(name=name, value=value)
    newer = statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}, where=facts.c.value < value)
    return (await connection.execute(newer)).rowcount == 1


async def delete_fact(connection: AsyncConnection, name: str) -> None:
    await connection.execute(delete(facts).where(facts.c.name == name))


_KEY_MARK = "key."


async def key_marks(connection: AsyncConnection) -> dict[str, str]:
    """Name of a lasting key → its check value, of those that are known."""
    rows = await connection.execute(select(facts).where(facts.c.name.startswith(_KEY_MARK, autoescape=True)))
    return {row.name.removeprefix(_KEY_MARK): row.value for row in rows}


async def forget_key_marks(connection: AsyncConnection) -> None:
    """For a database whose keys are lost for good: the keys that are here are the right ones from now on."""
    await connection.execute(delete(facts).where(facts.c.name.startswith(_KEY_MARK, autoescape=True)))


async def keep_key_mark(connection: AsyncConnection, key: str, value: str) -> None:
    await set_fact(connection, _KEY_MARK + key, value)
