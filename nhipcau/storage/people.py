"""People: the roster, and who coordinates which unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import ChangePerson, DeletePerson
from nhipcau.model.people import COORDINATORS, Member, Person, PersonState, Role
from nhipcau.model.queries import AreaReaders, Network, Responsible, UnitCoordinators
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.contacts import release_contacts
from nhipcau.storage.database import execute_many, in_chunks
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import (
    contacts,
    invites,
    participation,
    people,
    requests,
    rules,
    units,
)
from nhipcau.storage.units import inside, within


def read_person(row: RowMapping, tree: Tree, prefix: str = "") -> Person:
    consented: datetime | None = row[f"{prefix}consented_at"]
    return Person(
        id=row[f"{prefix}id"],
        tag_secret=row[f"{prefix}mark"],
        name=row[f"{prefix}name"],
        unit=tree.by_id[row[f"{prefix}unit_id"]],
        role=Role(row[f"{prefix}role"]),
        state=PersonState(row[f"{prefix}state"]),
        language=row[f"{prefix}language"],
        cell=row[f"{prefix}cell"],
        consented_on=consented.date() if consented else None,
        consent_version=row[f"{prefix}consent_version"] or "",
        last_contact_id=row[f"{prefix}door_id"],
        chosen=row[f"{prefix}chosen"],
    )


# ------------------------------------------------------------------ joining and leaving


async def forget_traces(connection: AsyncConnection, person_id: str, now: datetime) -> None:
    """Release their contacts, and put a random id where they took part in something or asked it."""
    await release_contacts(connection, person_id, now)
    asked = participation.c.person_id == person_id
    for request_id in list(await connection.scalars(select(participation.c.request_id).where(asked))):
        tombstone = update(participation).where(asked, participation.c.request_id == request_id)
        await connection.execute(tombstone.values(person_id=new_id("id")))
    # their requests go on, and the coordinators of the unit get the summaries
    for table in (requests, rules):
        await connection.execute(update(table).where(table.c.asked_by == person_id).values(asked_by=None))


@writes_each(DeletePerson)
async def delete_person(at: ChangeContext, row: DeletePerson) -> None:
    connection = at.connection
    await forget_traces(connection, row.person_id, at.now)
    await connection.execute(delete(invites).where(invites.c.person_id == row.person_id))
    await connection.execute(delete(people).where(people.c.id == row.person_id))


async def change_person(connection: AsyncConnection, person_id: str, values: Mapping[str, Any]) -> bool:
    """Set these columns. False: there is no such person."""
    done = await connection.execute(update(people).where(people.c.id == person_id).values(**values))
    return done.rowcount == 1


@writes_each(ChangePerson)
async def _change_person(at: ChangeContext, row: ChangePerson) -> None:
    await change_person(at.connection, row.person_id, row.values)


async def add_people(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put people on the roster; each row holds columns of `people`."""
    await execute_many(connection, insert(people), [{"cell": "", **row} for row in rows])


async def roster_keys(connection: AsyncConnection) -> list[tuple[str | None, str, int, str]]:
    """By what an import recognises people of the roster: the office's number, name, unit id and cell."""
    statement = select(people.c.code, people.c.name, people.c.unit_id, people.c.cell)
    return [(row.code, row.name, row.unit_id, row.cell) for row in await connection.execute(statement)]


async def roster_numbers(connection: AsyncConnection) -> dict[str, str]:
    """Person id → the office's own number, for those who have one."""
    rows = await connection.execute(select(people.c.id, people.c.code).where(people.c.code.is_not(None)))
    return {row.id: row.code for row in rows}


async def is_anybody_known(connection: AsyncConnection) -> bool:
    """Whether anybody is on record or invited."""
    known = union_all(select(people.c.id), select(invites.c.code)).subquery()
    return await connection.scalar(select(known).limit(1)) is not None


# ------------------------------------------------------------------ the network


async def network(connection: AsyncConnection, scope: Scope, tree: Tree) -> list[Member]:
    """All people of this scope, with their channels."""
    statement = (
        select(people, contacts.c.channel, contacts.c.reachable)
        .select_from(
            people.join(units, units.c.id == people.c.unit_id).outerjoin(contacts, contacts.c.person_id == people.c.id)
        )
        .where(within(scope, Access.NETWORK))
        .order_by(people.c.name, people.c.id)
    )
    found: dict[str, tuple[Person, list[str], bool]] = {}
    for row in (await connection.execute(statement)).mappings():
        person, channels, reachable = found.get(row["id"]) or (read_person(row, tree), [], False)
        if row["channel"]:
            channels.append(row["channel"])
        found[person.id] = (person, channels, reachable or bool(row["reachable"]))
    return [
        Member(p.id, p.name, p.unit, p.role, p.state, tuple(sorted(set(channels))), reachable)
        for p, channels, reachable in found.values()
    ]


@answers_each(Network)
async def _network(at: QueryContext, need: Network) -> list[Member]:
    return await network(at.connection, need.scope, at.tree)


async def find_people(connection: AsyncConnection, tree: Tree, ids: Sequence[str]) -> dict[str, Person]:
    wanted = sorted(set(ids))
    found: dict[str, Person] = {}
    for chunk in in_chunks(wanted):
        rows = await connection.execute(select(people).where(people.c.id.in_(chunk)))
        found |= {row["id"]: read_person(row, tree) for row in rows.mappings()}
    return found


async def consent_moments(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, datetime]:
    """Person id → when they consented; without those who have not."""
    wanted, found = sorted(set(ids)), {}
    for chunk in in_chunks(wanted):
        moments = select(people.c.id, people.c.consented_at).where(people.c.id.in_(chunk))
        for row in await connection.execute(moments):
            if row.consented_at is not None:
                found[row.id] = row.consented_at
    return found


async def coordinators(connection: AsyncConnection, tree: Tree, unit: Unit) -> list[Person]:
    """Coordinators of this unit who have joined, or else of the next unit above that has any."""
    codes = unit.path.strip("/").split("/")
    paths = ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    statement = (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(
            units.c.path.in_(paths), people.c.role.in_(sorted(COORDINATORS)), people.c.state == PersonState.CONSENTED
        )
        .order_by(people.c.name, people.c.id)
    )
    found = [read_person(row, tree) for row in (await connection.execute(statement)).mappings()]
    deepest = max((len(p.unit.path) for p in found), default=0)
    return [p for p in found if len(p.unit.path) == deepest]


@answers_each(UnitCoordinators)
async def coordinators_with_phones(at: QueryContext, need: UnitCoordinators) -> list[str]:
    """ "Name (phone)" of each coordinator, for somebody who needs help."""
    found = await coordinators(at.connection, at.tree, need.unit)
    phones = await phone_numbers(at.connection, at.sealer, found)
    return [f"{p.name} ({phones[p.id]})" if p.id in phones else p.name for p in found if p.name]


async def responsible(connection: AsyncConnection, tree: Tree, unit: Unit) -> list[Person]:
    """People who answer for this unit: those the roster marks responsible, or else as `coordinators`."""
    named = (
        select(people)
        .where(people.c.unit_id == unit.id, people.c.responsible.is_(True), people.c.state == PersonState.CONSENTED)
        .order_by(people.c.id)
    )
    found = [read_person(row, tree) for row in (await connection.execute(named)).mappings()]
    return found or await coordinators(connection, tree, unit)


#: Names given for one unit at most.
_MAX_NAMES = 2


async def responsible_names(connection: AsyncConnection, scope: Scope, unit_ids: Collection[int]) -> dict[int, str]:
    """As the query Responsible says; units without anybody by name are left out."""
    wanted = sorted(set(unit_ids))
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for chunk in in_chunks(wanted):
        statement = (
            select(people.c.unit_id, people.c.name, people.c.responsible, people.c.role)
            .join(units, units.c.id == people.c.unit_id)
            .where(within(scope, Access.NETWORK), people.c.unit_id.in_(chunk))
            .where(people.c.state != PersonState.LEFT, people.c.name != "")
            .order_by(people.c.name, people.c.id)
        )
        for row in await connection.execute(statement):
            rank = 0 if row.responsible else 1 if row.role in COORDINATORS else 2
            found[row.unit_id][rank].append(row.name)
    return {unit_id: _listed(ranks[min(ranks)]) for unit_id, ranks in found.items()}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")


@answers_each(Responsible)
async def _responsible_names(at: QueryContext, need: Responsible) -> dict[int, str]:
    return await responsible_names(at.connection, need.scope, need.unit_ids)


async def tag_secrets(connection: AsyncConnection) -> list[tuple[str, str, int]]:
    """Id, tag secret and unit id of everybody."""
    statement = select(people.c.id, people.c.mark, people.c.unit_id)
    return [(row.id, row.mark, row.unit_id) for row in await connection.execute(statement)]


async def collaborators(connection: AsyncConnection, tree: Tree, area: Unit) -> list[Person]:
    """Collaborators of this unit and below who have joined."""
    statement = select(people).join(units, units.c.id == people.c.unit_id)
    statement = statement.where(
        inside(area.path), people.c.role == Role.COLLABORATOR, people.c.state == PersonState.CONSENTED
    )
    return [read_person(row, tree) for row in (await connection.execute(statement.order_by(people.c.id))).mappings()]


@answers_each(AreaReaders)
async def count_readers(at: QueryContext, need: AreaReaders) -> int:
    """Number of collaborators of this unit and below who have not left."""
    statement = (
        select(func.count())
        .select_from(people.join(units, units.c.id == people.c.unit_id))
        .where(
            inside(need.area.path),
            people.c.role == Role.COLLABORATOR,
            people.c.state.in_(
                (PersonState.CONSENTED, PersonState.INVITED, PersonState.PAUSED, PersonState.UNREACHABLE)
            ),
        )
    )
    return int(await at.connection.scalar(statement) or 0)


async def phone_numbers(connection: AsyncConnection, sealer: Sealer, persons: Sequence[Person]) -> dict[str, str]:
    """Person id → phone and e-mail from the roster, where it has any."""
    rows = await connection.execute(
        select(people.c.id, people.c.sealed_contact).where(people.c.id.in_(sorted(p.id for p in persons)))
    )
    return {row.id: sealer.open_lasting(row.sealed_contact, f"person:{row.id}") for row in rows if row.sealed_contact}
