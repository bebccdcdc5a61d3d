"""Invites and personal cards: making, finding, using and revoking them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import Join, KeepInvitation, LinkContact, MakeInvite, RevokeCards, RevokeInvite
from nhipcau.model.people import Invite, PersonState, Role
from nhipcau.model.queries import FindInvite
from nhipcau.storage.audit import record_audit
from nhipcau.storage.contacts import release_contacts
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.people import read_person
from nhipcau.storage.registry import ChangeContext, QueryContext, answers, writes, writes_each
from nhipcau.storage.sealed_people import add_people, change_people
from nhipcau.storage.tables import contacts, invites, people


@answers(FindInvite)
async def find_invites(at: QueryContext, needs: Sequence[FindInvite]) -> dict[FindInvite, Invite | None]:
    connection = at.connection
    statement = (
        select(invites, people)
        .select_from(invites.outerjoin(people, people.c.id == invites.c.person_id))
        .where(invites.c.code.in_(sorted({need.code for need in needs})))
        .set_label_style(_BY_TABLE)
    )
    rows = (await connection.execute(statement)).mappings().all()
    owners = sorted({row["people_id"] for row in rows if row["people_id"]})
    if owners and connection.dialect.name != "sqlite":
        # joining continues the drafts of this person, so they must not change meanwhile
        locked = select(people.c.id).where(people.c.id.in_(owners)).order_by(people.c.id)
        await connection.execute(locked.with_for_update(key_share=True))
    found: dict[FindInvite, Invite | None] = dict.fromkeys(needs)
    for row in rows:
        good = row["invites_uses_left"] > 0 and not row["invites_revoked"] and row["invites_expires_at"] > at.now
        found[FindInvite(row["invites_code"])] = Invite(
            code=row["invites_code"],
            unit=at.tree.by_id[row["invites_unit_id"]],
            role=Role(row["invites_role"]),
            person=read_person(row, at.sealer, at.tree, "people_") if row["people_id"] else None,
            good=good,
            used=_is_used_card(row["invites_person_id"], row["invites_uses_left"], revoked=row["invites_revoked"]),
            adds=row["invites_adds"],
        )
    return found


async def make_invites(connection: AsyncConnection, rows: Sequence[MakeInvite], today: date) -> None:
    if rows:
        await connection.execute(
            insert(invites),
            [
                {
                    "code": row.code,
                    "unit_id": row.unit_id,
                    "role": row.role,
                    "person_id": row.person_id,
                    "uses_left": row.uses,
                    "expires_at": row.expires_at,
                    "revoked": False,
                    "created_on": today,
                    "adds": row.adds,
                }
                for row in rows
            ],
        )


@writes(MakeInvite)
async def _make_invites(at: ChangeContext, rows: Sequence[MakeInvite]) -> None:
    await make_invites(at.connection, rows, at.today)
    for row in rows:
        record_audit(at, "invite.make", row.actor)


async def revoke_cards(connection: AsyncConnection, person_id: str) -> None:
    """Revoke every card of this person."""
    await connection.execute(update(invites).where(invites.c.person_id == person_id).values(revoked=True))


@writes_each(RevokeCards)
async def _revoke_cards(at: ChangeContext, row: RevokeCards) -> None:
    await revoke_cards(at.connection, row.person_id)


async def _spend(connection: AsyncConnection, code: str) -> None:
    """Take one use of this code. Raises ChangedMeanwhile where none is left."""
    spent = await connection.execute(
        update(invites)
        .where(invites.c.code == code, invites.c.uses_left > 0, invites.c.revoked.is_(False))
        .values(uses_left=invites.c.uses_left - 1)
    )
    if spent.rowcount != 1:
        raise ChangedMeanwhile(code)


@dataclass(frozen=True, slots=True)
class IssuedInvite:
    """An invite as its managers see it."""

    code: str
    unit: Unit
    role: Role
    person_id: str | None
    uses_left: int
    expires_at: datetime
    revoked: bool


async def list_invites(connection: AsyncConnection, tree: Tree) -> list[IssuedInvite]:
    """Every invite, earliest expiry first, but for codes people made for themselves, which only they may see."""
    rows = await connection.execute(select(invites).where(invites.c.adds.is_(False)).order_by(invites.c.expires_at))
    return [
        IssuedInvite(r.code, tree.by_id[r.unit_id], Role(r.role), r.person_id, r.uses_left, r.expires_at, r.revoked)
        for r in rows
    ]


def _is_used_card(person_id: str | None, uses_left: int, *, revoked: bool) -> bool:
    return person_id is not None and uses_left <= 0 and not revoked


@dataclass(frozen=True, slots=True)
class CodeState:
    """What a code is to somebody who has only its link."""

    unit_id: int
    #: Not used up, revoked or expired.
    good: bool
    #: A personal card, or a code somebody made for themselves, with which they have joined.
    used: bool


async def state_of_code(connection: AsyncConnection, code: str, now: datetime) -> CodeState | None:
    """None: no invite has this code."""
    row = (await connection.execute(select(invites).where(invites.c.code == code))).one_or_none()
    if row is None:
        return None
    good = row.uses_left > 0 and not row.revoked and row.expires_at > now
    return CodeState(row.unit_id, good, _is_used_card(row.person_id, row.uses_left, revoked=row.revoked))


async def good_cards(connection: AsyncConnection, now: datetime) -> dict[str, tuple[str, datetime]]:
    """Person id → code of a usable card of theirs, and when it expires."""
    good = (
        invites.c.person_id.is_not(None),
        invites.c.adds.is_(False),
        invites.c.uses_left > 0,
        invites.c.revoked.is_(False),
        invites.c.expires_at > now,
    )
    rows = await connection.execute(select(invites.c.person_id, invites.c.code, invites.c.expires_at).where(*good))
    return {row.person_id: (row.code, row.expires_at) for row in rows}


async def collaborators_invited(connection: AsyncConnection, now: datetime) -> int:
    """How many usable cards and links are out for collaborators."""
    good = (invites.c.uses_left > 0, invites.c.revoked.is_(False), invites.c.expires_at > now)
    statement = select(func.count()).where(*good, invites.c.adds.is_(False), invites.c.role == Role.COLLABORATOR)
    return await connection.scalar(statement) or 0


@writes_each(RevokeInvite)
async def _revoke_invite(at: ChangeContext, row: RevokeInvite) -> None:
    await at.connection.execute(update(invites).where(invites.c.code == row.code).values(revoked=True))


@writes_each(KeepInvitation)
async def keep_invitation(at: ChangeContext, row: KeepInvitation) -> None:
    pending = {"invite_code": row.code, "since": row.at}
    await at.connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(**pending))


@writes_each(Join)
async def join(at: ChangeContext, row: Join) -> None:
    """Take one use of the card and give the contact to its person. Raises ChangedMeanwhile when no use is left."""
    connection = at.connection
    await _spend(connection, row.invite_code)
    consent = {
        "state": PersonState.CONSENTED,
        "consented_at": row.at,
        "consent_version": row.consent_version,
        "withdrew_on": None,
        "tag_secret": row.tag_secret,
    }
    if row.is_new:
        values = {"id": row.person_id, "name": row.name, "unit_id": row.unit_id, "role": row.role}
        newcomer = {**values, **consent, "language": at.language, "on_roster": False}
        await add_people(connection, at.sealer, [newcomer])
    else:
        if not await change_people(connection, at.sealer, row.person_id, consent):
            # they have left, and so has what is personal of them
            raise ChangedMeanwhile(row.invite_code)
        await release_contacts(connection, row.person_id, row.at)
    await connection.execute(
        update(contacts)
        .where(contacts.c.id == row.contact_id)
        .values(person_id=row.person_id, invite_code=None, reachable=True)
    )


@writes_each(LinkContact)
async def link_contact(at: ChangeContext, row: LinkContact) -> None:
    """Use the code and add the contact to those of its person. Raises ChangedMeanwhile when it was used already."""
    connection = at.connection
    await _spend(connection, row.invite_code)
    linked = {"person_id": row.person_id, "invite_code": None, "reachable": True}
    await connection.execute(update(contacts).where(contacts.c.id == row.contact_id).values(**linked))
    back = update(people).where(people.c.id == row.person_id, people.c.state == PersonState.UNREACHABLE)
    await connection.execute(back.values(state=PersonState.CONSENTED))
