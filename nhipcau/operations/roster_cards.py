"""Personal cards for everybody of a roster who has not joined; cards that still work stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.network import make_card
from nhipcau.actions.permissions import may_change_member
from nhipcau.model.changes import Change
from nhipcau.model.people import Member, PersonState
from nhipcau.model.scope import Scope
from nhipcau.office.cards import Card
from nhipcau.operations.commit import apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.invites import good_cards
from nhipcau.storage.people import network, roster_numbers


@dataclass(frozen=True, slots=True)
class RosterCard:
    member: Member
    #: The commune of a cell; "" for people of another unit.
    commune: str
    #: The office's own number; "" for none.
    number: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RosterCards:
    """Cards that work, and who has none."""

    cards: list[RosterCard] = field(default_factory=list)
    #: Whom the roster calls paused: a card opens nothing for them until one is made for them alone.
    paused: list[Member] = field(default_factory=list)
    #: They are asked again by name only.
    withdrew: list[Member] = field(default_factory=list)
    #: Those without a card that works, for whom the actor may make one.
    without: list[Member] = field(default_factory=list)


async def find_roster_cards(context: OperationContext, scope: Scope, actor: Actor) -> RosterCards:
    """Who of this scope has not joined, with the cards that work."""
    good = await good_cards(context.connection, context.now)
    members = await network(context.connection, scope, context.sealer, context.tree)
    carded = [member.id for member in members if member.id in good]
    numbers = await roster_numbers(context.connection, context.sealer, carded)
    found = RosterCards()
    for member in members:
        if member.state not in {PersonState.INVITED, PersonState.PAUSED} or member.channels:
            continue
        if not may_change_member(actor, member):
            continue
        if member.state is PersonState.PAUSED:
            found.paused.append(member)
        if member.withdrew:
            found.withdrew.append(member)
        elif member.id in good:
            code, expires_at = good[member.id]
            commune = context.tree.commune_of(member.unit).name if member.unit.is_cell else ""
            found.cards.append(RosterCard(member, commune, numbers.get(member.id, ""), code, expires_at))
        else:
            found.without.append(member)
    return found


async def make_roster_cards(context: OperationContext, scope: Scope, actor: Actor, days: int) -> RosterCards:
    """The same, after cards were made for those without one; in the order of names."""
    found = await find_roster_cards(context, scope, actor)
    changes: list[Change] = []
    for member in found.without:
        decided = make_card(actor, member, context.now, new_id, days=days, is_back=False)
        assert not isinstance(decided, Refusal), "who has not joined, and may be changed, can have a card"
        changes += decided[1]
    if not changes:
        return found
    await apply(context, changes)
    return await find_roster_cards(context, scope, actor)


def printed(card: RosterCard, link: str, zone: ZoneInfo) -> Card:
    """The card as it is printed, with a square that leads to this link."""
    return Card(
        name=card.member.name,
        units=tuple(filter(None, (card.member.unit.name, card.commune))),
        number=card.number,
        code=card.code,
        link=link,
        is_typed=card.code not in link,
        last_day=card.expires_at.astimezone(zone).date(),
    )
