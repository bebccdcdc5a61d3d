"""The network of a unit: invite, make a card, remove, hand over to a successor."""

from __future__ import annotations

from datetime import datetime, timedelta

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.actions.permissions import may_be_replaced, may_change_member
from nhipcau.model.changes import Audit, Change, DeletePerson, MakeInvite, ReplacePerson, RevokeCards
from nhipcau.model.people import Member, Role

#: How long a personal card, and a link of a unit, are good.
CARD_DAYS, LINK_DAYS = 30, 14
#: How many people may join by one link made in the chat.
LINK_USES = 50


def invite(actor: Actor, role: Role, now: datetime, new_id: NewId) -> MakeInvite:
    """A link by which people of this role join the actor's unit."""
    return MakeInvite(new_id("invite"), actor.unit.id, role, None, LINK_USES, now + timedelta(days=LINK_DAYS), actor.id)


def make_card(actor: Actor, member: Member, now: datetime, new_id: NewId) -> tuple[MakeInvite, list[Change]] | Refusal:
    """A new card for somebody of the network; their earlier cards end."""
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    card = _card(actor, member, member.id, now, new_id)
    return card, [RevokeCards(member.id), card]


def remove(actor: Actor, member: Member) -> list[Change] | Refusal:
    """They leave the network: what is theirs goes at once, what they wrote has no owner to lose."""
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    if member.id == actor.id:
        return Refusal("network.not_self")
    return [DeletePerson(member.id), Audit("person.remove", member.id, actor.id)]


def hand_over(
    actor: Actor, member: Member, successor: str, now: datetime, new_id: NewId
) -> tuple[MakeInvite, list[Change]] | Refusal:
    """They leave, and somebody of this name takes their place by the card: open work, nothing that was written."""
    if not (may_change_member(actor, member) and may_be_replaced(actor, member)):
        return Refusal("network.not_theirs")
    replace = ReplacePerson(member.id, new_id("id"), new_id("id"), successor, actor.id)
    card = _card(actor, member, replace.successor_id, now, new_id)
    return card, [replace, card]


def _card(actor: Actor, member: Member, person_id: str, now: datetime, new_id: NewId) -> MakeInvite:
    expires = now + timedelta(days=CARD_DAYS)
    return MakeInvite(new_id("invite"), member.unit.id, member.role, person_id, 1, expires, actor.id)
