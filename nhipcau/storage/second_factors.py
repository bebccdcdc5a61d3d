"""Second factors at the console: the secret of an app lies with what is personal of its person, of recovery codes only
digests are kept, and passkeys are public."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.console_changes import AddPasskey, DropPasskeys, KeepRecoveryCodes, RequireSecondFactor
from nhipcau.model.second_factor import Passkey, SecondFactor
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.sealed_people import details_of
from nhipcau.storage.shared_values import delete_fact, read_fact, set_fact
from nhipcau.storage.tables import console_passkeys, console_recovery_codes, console_sessions, people

_REQUIRED = "console.second_factor"


async def is_required(connection: AsyncConnection) -> bool:
    """Whether the office asks it of everybody."""
    return await read_fact(connection, _REQUIRED) != ""


async def second_factor_of(connection: AsyncConnection, sealer: Sealer, person_id: str) -> SecondFactor:
    sealed = await connection.scalar(select(people.c.sealed).where(people.c.id == person_id))
    own = console_passkeys.c.person_id == person_id
    rows = await connection.execute(
        select(console_passkeys).where(own).order_by(console_passkeys.c.added, console_passkeys.c.id)
    )
    passkeys = tuple(Passkey(row.id, row.credential, row.public_key, row.uses, row.device, row.added) for row in rows)
    left = select(func.count()).select_from(console_recovery_codes)
    left = left.where(console_recovery_codes.c.person_id == person_id)
    secret = details_of(sealer, person_id, sealed).totp_secret
    return SecondFactor(secret, passkeys, int(await connection.scalar(left) or 0))


async def spend_recovery_code(connection: AsyncConnection, sealer: Sealer, person_id: str, code: str) -> bool:
    """Use up a code; False: it is none of this person's."""
    digest = sealer.recovery_digest(person_id, code)
    spent = await connection.execute(
        delete(console_recovery_codes).where(
            console_recovery_codes.c.digest == digest, console_recovery_codes.c.person_id == person_id
        )
    )
    return spent.rowcount == 1


async def is_recovery_code(connection: AsyncConnection, sealer: Sealer, person_id: str, code: str) -> bool:
    digest = console_recovery_codes.c.digest == sealer.recovery_digest(person_id, code)
    return await connection.scalar(select(console_recovery_codes.c.digest).where(digest)) is not None


async def note_passkey_use(connection: AsyncConnection, id: str, uses: int) -> None:
    await connection.execute(update(console_passkeys).where(console_passkeys.c.id == id).values(uses=uses))


@writes_each(KeepRecoveryCodes)
async def _keep_recovery_codes(at: ChangeContext, row: KeepRecoveryCodes) -> None:
    earlier = console_recovery_codes.c.person_id == row.person_id
    await at.connection.execute(delete(console_recovery_codes).where(earlier))
    values = [
        {"digest": at.sealer.recovery_digest(row.person_id, code), "person_id": row.person_id} for code in row.codes
    ]
    if values:
        await at.connection.execute(insert(console_recovery_codes), values)


@writes_each(AddPasskey)
async def _add_passkey(at: ChangeContext, row: AddPasskey) -> None:
    made = row.passkey
    values = {"id": made.id, "person_id": row.person_id, "credential": made.credential, "added": made.added}
    values |= {"public_key": made.public_key, "uses": made.uses, "device": made.device[:60]}
    await at.connection.execute(insert(console_passkeys).values(**values))


@writes_each(DropPasskeys)
async def _drop_passkeys(at: ChangeContext, row: DropPasskeys) -> None:
    theirs = console_passkeys.c.person_id == row.person_id
    await at.connection.execute(delete(console_passkeys).where(theirs, console_passkeys.c.id.in_(row.ids)))


@writes_each(RequireSecondFactor)
async def _require(at: ChangeContext, row: RequireSecondFactor) -> None:
    if not row.required:
        await delete_fact(at.connection, _REQUIRED)
        return
    await set_fact(at.connection, _REQUIRED, "required")
    for person_id in set(await at.connection.scalars(select(console_sessions.c.person_id))):
        if not (await second_factor_of(at.connection, at.sealer, person_id)).is_set:
            await at.connection.execute(delete(console_sessions).where(console_sessions.c.person_id == person_id))
