"""People: the roster, and who coordinates which unit."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import ChangePerson, DeletePerson
from nhipcau.model.people import COORDINATORS, Member, Person, PersonState, Role
from nhipcau.model.queries import AreaReaders, Network, Responsible, UnitCoordinators
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.contacts import contacts_of, release_contacts
from nhipcau.storage.database import in_chunks
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.sealed_people import change_people, depart, details_of, digest_of_code, forget_sign_in
from nhipcau.storage.tables import (
    contacts,
    invites,
    participation,
    people,
    requests,
    rules,
    units,
)
from nhipcau.storage.trials import forget_trials
from nhipcau.storage.units import inside, within


def read_person(row: RowMapping, sealer: Sealer, tree: Tree, prefix: str = "") -> Person:
    """`row`: the columns of `people`, each after `prefix`."""
    details = details_of(sealer, row[f"{prefix}id"], row[f"{prefix}sealed"])
    consented: datetime | None = row[f"{prefix}consented_at"]
    return Person(
        id=row[f"{prefix}id"],
        tag_secret=details.tag_secret,
        name=details.name,
        unit=tree.by_id[row[f"{prefix}unit_id"]],
        role=Role(row[f"{prefix}role"]),
        state=PersonState(row[f"{prefix}state"]),
        language=row[f"{prefix}language"],
        cell=details.cell,
        consented_on=consented.date() if consented else None,
        consent_version=row[f"{prefix}consent_version"] or "",
        chosen=row[f"{prefix}chosen"],
        is_responsible=row[f"{prefix}responsible"],
        sections=tuple(filter(None, details.sections.split(","))),
    )


# ------------------------------------------------------------------ joining and leaving


async def forget_traces(connection: AsyncConnection, person_id: str, now: datetime) -> None:
    """Release their contacts, and put a random id where they took part in something or asked it."""
    await release_contacts(connection, person_id, now)
    await forget_trials(connection, person_id)
    await forget_sign_in(connection, person_id)
    asked = participation.c.person_id == person_id
    for request_id in list(await connection.scalars(select(participation.c.request_id).where(asked))):
        tombstone = update(participation).where(asked, participation.c.request_id == request_id)
        await connection.execute(tombstone.values(person_id=new_id("id")))
    # their requests go on, and the coordinators of the unit get the summaries
    for table in (requests, rules):
        await connection.execute(update(table).where(table.c.asked_by == person_id).values(asked_by=None))


@writes_each(DeletePerson)
async def delete_person(at: ChangeContext, row: DeletePerson) -> None:
    await _delete(at.connection, row.person_id, at.now)
    await depart(at.connection, row.person_id)


async def _delete(connection: AsyncConnection, person_id: str, now: datetime) -> None:
    await forget_traces(connection, person_id, now)
    await connection.execute(delete(invites).where(invites.c.person_id == person_id))
    await connection.execute(delete(people).where(people.c.id == person_id))


async def erase_person(connection: AsyncConnection, person_id: str, now: datetime) -> None:
    """Delete somebody of a restored backup who has no key, and their contacts at once: there is nobody to tell."""
    ids = await contacts_of(connection, person_id)
    await _delete(connection, person_id, now)
    await connection.execute(delete(contacts).where(contacts.c.id.in_(ids)))


@writes_each(ChangePerson)
async def _change_person(at: ChangeContext, row: ChangePerson) -> None:
    values = dict(row.values)
    if values.get("state") == PersonState.LEFT:
        values["sealed"] = None
        await depart(at.connection, row.person_id)
    await change_people(at.connection, at.sealer, row.person_id, values)


async def roster_keys(
    connection: AsyncConnection, sealer: Sealer, codes: Iterable[str]
) -> list[tuple[str | None, str, int, str]]:
    """By what an import recognises people of the roster: the office's number, name, unit id and cell. `codes`: the
    numbers of the import; of those who left nothing else is known any more."""
    numbers = {digest_of_code(sealer, code): code for code in codes if code}
    found = []
    columns = (people.c.id, people.c.sealed, people.c.code_lookup, people.c.unit_id)
    for row in await connection.execute(select(*columns)):
        details = details_of(sealer, row.id, row.sealed)
        number = details.code or numbers.get(row.code_lookup)
        found.append((number, details.name, row.unit_id, details.cell))
    return found


async def roster_names(connection: AsyncConnection, sealer: Sealer) -> list[str]:
    """Of everybody of the roster, to be compared with and shown to nobody."""
    rows = await connection.execute(select(people.c.id, people.c.sealed).where(people.c.sealed.is_not(None)))
    return [details_of(sealer, row.id, row.sealed).name for row in rows]


async def roster_numbers(connection: AsyncConnection, sealer: Sealer, ids: Sequence[str]) -> dict[str, str]:
    """Person id → the office's own number, for those of these people who have one."""
    found: dict[str, str] = {}
    for chunk in in_chunks(sorted(ids)):
        with_number = select(people.c.id, people.c.sealed).where(people.c.code_lookup.is_not(None))
        for row in await connection.execute(with_number.where(people.c.id.in_(chunk))):
            if number := details_of(sealer, row.id, row.sealed).code:
                found[row.id] = number
    return found


async def is_anybody_known(connection: AsyncConnection) -> bool:
    """Whether anybody is on record or invited."""
    known = union_all(select(people.c.id), select(invites.c.code)).subquery()
    return await connection.scalar(select(known).limit(1)) is not None


# ------------------------------------------------------------------ the network


async def network(connection: AsyncConnection, scope: Scope, sealer: Sealer, tree: Tree) -> list[Member]:
    """All people of this scope, with their channels."""
    statement = (
        select(people, contacts.c.channel, contacts.c.reachable)
        .select_from(
            people.join(units, units.c.id == people.c.unit_id).outerjoin(contacts, contacts.c.person_id == people.c.id)
        )
        .where(within(scope, Access.NETWORK))
    )
    found: dict[str, tuple[Person, list[str], bool]] = {}
    withdrew: set[str] = set()
    for row in (await connection.execute(statement)).mappings():
        person, channels, reachable = found.get(row["id"]) or (read_person(row, sealer, tree), [], False)
        if row["channel"]:
            channels.append(row["channel"])
        found[person.id] = (person, channels, reachable or bool(row["reachable"]))
        if row["withdrew_on"] and person.state is PersonState.INVITED:
            withdrew.add(person.id)
    return [
        Member(p.id, p.name, p.unit, p.role, p.state, tuple(sorted(set(channels))), reachable, p.id in withdrew)
        for p, channels, reachable in sorted(found.values(), key=lambda each: _by_name(each[0]))
    ]


def _by_name(person: Person) -> tuple[str, str]:
    return person.name, person.id


@answers_each(Network)
async def _network(at: QueryContext, need: Network) -> list[Member]:
    return await network(at.connection, need.scope, at.sealer, at.tree)


async def find_people(connection: AsyncConnection, sealer: Sealer, tree: Tree, ids: Sequence[str]) -> dict[str, Person]:
    wanted = sorted(set(ids))
    found: dict[str, Person] = {}
    for chunk in in_chunks(wanted):
        rows = await connection.execute(select(people).where(people.c.id.in_(chunk)))
        found |= {row["id"]: read_person(row, sealer, tree) for row in rows.mappings()}
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


async def coordinators(connection: AsyncConnection, sealer: Sealer, tree: Tree, unit: Unit) -> list[Person]:
    """Coordinators of this unit who have joined, or else of the next unit above that has any."""
    codes = unit.path.strip("/").split("/")
    paths = ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    statement = (
        select(people)
        .join(units, units.c.id == people.c.unit_id)
        .where(
            units.c.path.in_(paths), people.c.role.in_(sorted(COORDINATORS)), people.c.state == PersonState.CONSENTED
        )
    )
    found = [read_person(row, sealer, tree) for row in (await connection.execute(statement)).mappings()]
    deepest = max((len(p.unit.path) for p in found), default=0)
    return sorted((p for p in found if len(p.unit.path) == deepest), key=_by_name)


@answers_each(UnitCoordinators)
async def coordinators_with_phones(at: QueryContext, need: UnitCoordinators) -> list[str]:
    """ "Name (phone)" of each coordinator, for somebody who needs help."""
    found = await coordinators(at.connection, at.sealer, at.tree, need.unit)
    phones = await phone_numbers(at.connection, at.sealer, found)
    return [f"{p.name} ({phones[p.id]})" if p.id in phones else p.name for p in found if p.name]


async def responsible(connection: AsyncConnection, sealer: Sealer, tree: Tree, unit: Unit) -> list[Person]:
    """People who answer for this unit: those the roster marks responsible, or else as `coordinators`."""
    named = (
        select(people)
        .where(people.c.unit_id == unit.id, people.c.responsible.is_(True), people.c.state == PersonState.CONSENTED)
        .order_by(people.c.id)
    )
    found = [read_person(row, sealer, tree) for row in (await connection.execute(named)).mappings()]
    return found or await coordinators(connection, sealer, tree, unit)


async def office_of(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, unit_ids: Collection[int]
) -> dict[int, list[Person]]:
    """Unit id → its coordinators and whoever the roster marks as responsible there, of those who have joined."""
    found: dict[int, list[Person]] = defaultdict(list)
    answers_for = or_(people.c.responsible.is_(True), people.c.role.in_(sorted(COORDINATORS)))
    joined = people.c.state == PersonState.CONSENTED
    for chunk in in_chunks(sorted(set(unit_ids))):
        statement = select(people).where(people.c.unit_id.in_(chunk), answers_for, joined).order_by(people.c.id)
        for row in (await connection.execute(statement)).mappings():
            found[row["unit_id"]].append(read_person(row, sealer, tree))
    return found


#: Names given for one unit at most.
_MAX_NAMES = 2


async def responsible_names(
    connection: AsyncConnection, scope: Scope, sealer: Sealer, unit_ids: Collection[int]
) -> dict[int, str]:
    """As the query Responsible says; units without anybody by name are left out."""
    wanted = sorted(set(unit_ids))
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for chunk in in_chunks(wanted):
        statement = (
            select(people.c.unit_id, people.c.id, people.c.sealed, people.c.responsible, people.c.role)
            .join(units, units.c.id == people.c.unit_id)
            .where(within(scope, Access.NETWORK), people.c.unit_id.in_(chunk))
            .where(people.c.state != PersonState.LEFT)
        )
        for row in await connection.execute(statement):
            rank = 0 if row.responsible else 1 if row.role in COORDINATORS else 2
            if name := details_of(sealer, row.id, row.sealed).name:
                found[row.unit_id][rank].append(name)
    return {unit_id: _listed(ranks[min(ranks)]) for unit_id, ranks in found.items()}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")


@answers_each(Responsible)
async def _responsible_names(at: QueryContext, need: Responsible) -> dict[int, str]:
    return await responsible_names(at.connection, need.scope, at.sealer, need.unit_ids)


async def tag_secrets(connection: AsyncConnection, sealer: Sealer) -> list[tuple[str, str, int]]:
    """Id, tag secret and unit id of everybody who has not left."""
    statement = select(people.c.id, people.c.sealed, people.c.unit_id).where(people.c.sealed.is_not(None))
    rows = (await connection.execute(statement)).all()

    def opened() -> list[tuple[str, str, int]]:
        found = ((id, details_of(sealer, id, sealed).tag_secret, unit_id) for id, sealed, unit_id in rows)
        return [each for each in found if each[1]]

    # the first time everybody is opened, which takes some 20 µs each
    return await asyncio.to_thread(opened)


async def collaborators(connection: AsyncConnection, sealer: Sealer, tree: Tree, area: Unit) -> list[Person]:
    """Collaborators of this unit and below who have joined."""
    statement = select(people).join(units, units.c.id == people.c.unit_id)
    statement = statement.where(
        inside(area.path), people.c.role == Role.COLLABORATOR, people.c.state == PersonState.CONSENTED
    )
    rows = (await connection.execute(statement.order_by(people.c.id))).mappings()
    return [read_person(row, sealer, tree) for row in rows]


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
    sealed = select(people.c.id, people.c.sealed).where(people.c.id.in_(sorted(p.id for p in persons)))
    found = {row.id: details_of(sealer, row.id, row.sealed).contact for row in await connection.execute(sealed)}
    return {id: contact for id, contact in found.items() if contact}
