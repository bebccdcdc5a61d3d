"""The network of a unit in lists: its people page after page, how many of each state, one person and their card.

Names lie sealed, so no statement sorts or searches by them: of a list by unit only the units of the page are opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import Tree
from nhipcau.model.network_queries import CardOf, MemberFilter, MemberIn, MemberPage, MembersOf, StatesOf, ValidCard
from nhipcau.model.people import WITHDREW, Member, PersonState, Role, code_key
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import in_chunks
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.sealed_people import PersonDetails, details_of
from nhipcau.storage.tables import contacts, invites, people, units
from nhipcau.storage.units import inside, within

_IS_REACHABLE = exists().where(contacts.c.person_id == people.c.id, contacts.c.reachable)
#: As `Member.shown_state`.
_shown_state: ColumnElement[str] = case(
    (and_(people.c.state == PersonState.CONSENTED, ~_IS_REACHABLE), PersonState.UNREACHABLE.value),
    (and_(people.c.state == PersonState.INVITED, people.c.withdrew_on.is_not(None)), WITHDREW),
    else_=people.c.state,
)
_COLUMNS = (people.c.id, people.c.unit_id, people.c.role, people.c.state, people.c.sealed, people.c.withdrew_on)


@dataclass(frozen=True, slots=True)
class _Row:
    """Somebody of a list, with what orders it: the unit's path, the given name, the name, the id."""

    order: tuple[str, str, str, str]
    unit_id: int
    role: Role
    state: PersonState
    details: PersonDetails
    withdrew: bool

    @property
    def id(self) -> str:
        return self.order[-1]


def _conditions(scope: Scope, which: MemberFilter) -> list[ColumnElement[bool]]:
    found = [within(scope, Access.NETWORK)]
    if which.unit is not None:
        found.append(people.c.unit_id == which.unit.id if which.own else inside(which.unit.path))
    if which.role:
        found.append(people.c.role == which.role)
    if which.state in {"", PersonState.LEFT, PersonState.PAUSED}:
        found.append(people.c.state == which.state if which.state else people.c.state != PersonState.LEFT)
    else:
        found.append(_shown_state == which.state)
    return found


async def members_of(
    connection: AsyncConnection, scope: Scope, sealer: Sealer, tree: Tree, which: MemberFilter, after: str, size: int
) -> MemberPage:
    """A page of people, by unit and given name."""
    conditions = _conditions(scope, which)
    from_unit, _, from_id = after.rpartition(".")
    begin = tree.by_code[from_unit].path if from_unit in tree.by_code else ""
    if which.words:
        rows = await _rows(connection, sealer, tree, conditions, which.words)
        total = len(rows)
    else:
        counted = select(people.c.unit_id, func.count()).join(units, units.c.id == people.c.unit_id)
        found = await connection.execute(counted.where(*conditions).group_by(people.c.unit_id))
        numbers = {row[0]: row[1] for row in found}
        total = sum(numbers.values())
        wanted = _units_from(numbers, tree, begin, size)
        rows = await _rows(connection, sealer, tree, [*conditions, people.c.unit_id.in_(wanted)])
    rows.sort(key=lambda row: row.order)
    start = next((n + 1 for n, row in enumerate(rows) if row.id == from_id), None)
    if start is None:
        start = next((n for n, row in enumerate(rows) if row.order[0] >= begin), len(rows))
    page = rows[start : start + size]
    is_last = start + size >= len(rows)
    following = "" if is_last or not page else f"{tree.by_id[page[-1].unit_id].code}.{page[-1].id}"
    return MemberPage(await _members(connection, tree, page), total, following)


def _units_from(numbers: dict[int, int], tree: Tree, begin: str, size: int) -> list[int]:
    """The units a page that begins in the one of this path can reach, and one person more."""
    wanted: list[int] = []
    room = size
    for unit_id in sorted(numbers, key=lambda id: tree.by_id[id].path):
        if tree.by_id[unit_id].path < begin:
            continue
        # the first one may be read already
        room -= numbers[unit_id] if wanted else 0
        wanted.append(unit_id)
        if room < 0:
            break
    return wanted


async def _rows(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, conditions: Sequence[ColumnElement[bool]], words: str = ""
) -> list[_Row]:
    """`words`: only of people who are called so."""
    wanted, number = [f" {word}" for word in fold(words).split()], code_key(words)
    statement = select(*_COLUMNS).join(units, units.c.id == people.c.unit_id).where(*conditions)
    found = []
    for id, unit_id, role, state, sealed, withdrew_on in await connection.execute(statement):
        details = details_of(sealer, id, sealed)
        if words and not _is_called(details, wanted, number):
            continue
        order = (tree.by_id[unit_id].path, *_by_given_name(details.name), id)
        withdrew = withdrew_on is not None and state == PersonState.INVITED
        found.append(_Row(order, unit_id, Role(role), PersonState(state), details, withdrew))
    return found


@lru_cache(20_000)
def _by_given_name(name: str) -> tuple[str, str]:
    """Vietnamese lists go by the given name, which stands last."""
    folded = fold(name)
    return folded.rpartition(" ")[2], folded


def _is_called(details: PersonDetails, words: Sequence[str], number: str) -> bool:
    """Whether each word begins one of the name, or all of it is their number."""
    name = f" {_by_given_name(details.name)[1]}"
    return all(word in name for word in words) or (bool(details.code) and code_key(details.code) == number)


async def _members(connection: AsyncConnection, tree: Tree, rows: Sequence[_Row]) -> list[Member]:
    channels: dict[str, set[str]] = defaultdict(set)
    reachable: set[str] = set()
    for chunk in in_chunks([row.id for row in rows]):
        theirs = select(contacts.c.person_id, contacts.c.channel, contacts.c.reachable)
        for id, channel, reaches in await connection.execute(theirs.where(contacts.c.person_id.in_(chunk))):
            channels[id].add(channel)
            reachable |= {id} if reaches else set()
    return [
        Member(
            *(row.id, row.details.name, tree.by_id[row.unit_id], row.role, row.state),
            *(tuple(sorted(channels[row.id])), row.id in reachable, row.withdrew),
        )
        for row in rows
    ]


@answers_each(MembersOf)
async def _members_of(at: QueryContext, need: MembersOf) -> MemberPage:
    return await members_of(at.connection, need.scope, at.sealer, at.tree, need.which, need.after, need.size)


@answers_each(MemberIn)
async def _member_in(at: QueryContext, need: MemberIn) -> Member | None:
    conditions = [within(need.scope, Access.NETWORK), people.c.id == need.id]
    rows = await _rows(at.connection, at.sealer, at.tree, conditions)
    return next(iter(await _members(at.connection, at.tree, rows)), None)


@answers_each(StatesOf)
async def _states_of(at: QueryContext, need: StatesOf) -> dict[int, dict[str, int]]:
    statement = select(people.c.unit_id, _shown_state.label("shown"), func.count()).join(
        units, units.c.id == people.c.unit_id
    )
    grouped = statement.where(within(need.scope, Access.NETWORK)).group_by(people.c.unit_id, "shown")
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for unit_id, state, number in await at.connection.execute(grouped):
        found[unit_id][state] = number
    return dict(found)


@answers_each(CardOf)
async def _card_of(at: QueryContext, need: CardOf) -> ValidCard | None:
    """Codes people made for themselves stay theirs."""
    statement = (
        select(invites.c.code, invites.c.expires_at)
        .join(people, people.c.id == invites.c.person_id)
        .join(units, units.c.id == people.c.unit_id)
        .where(within(need.scope, Access.NETWORK), people.c.id == need.person_id, invites.c.adds.is_(False))
        .where(invites.c.uses_left > 0, invites.c.revoked.is_(False), invites.c.expires_at > at.now)
        .order_by(invites.c.expires_at.desc())
    )
    row = (await at.connection.execute(statement.limit(1))).one_or_none()
    return ValidCard(row.code, row.expires_at) if row else None
