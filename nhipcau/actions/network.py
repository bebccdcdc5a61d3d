"""The network of a unit: invites and cards; move, relink, disable or remove people; hand over to a successor."""

from __future__ import annotations

from datetime import datetime, timedelta

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.actions.permissions import may_be_replaced, may_change_member
from nhipcau.bot.units.tree import Unit
from nhipcau.model.changes import (
    Audit,
    Change,
    ChangePerson,
    DeletePerson,
    MakeInvite,
    ReleaseContacts,
    ReplacePerson,
    RevokeCards,
    RevokeInvite,
)
from nhipcau.model.people import Invite, Member, Person, PersonState, Role

#: How long a personal card and an invite link are valid.
CARD_DAYS, LINK_DAYS = 30, 14
#: How many people may join by one invite link made in the chat.
LINK_USES = 50


def invite(
    actor: Actor, role: Role, now: datetime, new_id: NewId, *, uses: int = LINK_USES, days: int = LINK_DAYS
) -> MakeInvite:
    """An invite by which people of this role join the actor's unit."""
    return MakeInvite(new_id("invite"), actor.unit.id, role, None, uses, now + timedelta(days=days), actor.id)


def invited_by(role: str) -> Role:
    """Whom somebody of this role invites without a name: an admin coordinators, a coordinator collaborators."""
    return Role.COORDINATOR if role == Role.ADMIN else Role.COLLABORATOR


def revoke(actor: Actor, found: Invite) -> list[Change]:
    """Revoke an invite."""
    return [RevokeInvite(found.code), Audit("invite.revoke", actor.id)]


def make_card(
    actor: Actor,
    member: Member | Person,
    now: datetime,
    new_id: NewId,
    *,
    days: int = CARD_DAYS,
    is_back: bool = True,
) -> tuple[MakeInvite, list[Change]] | Refusal:
    """A new card for somebody of the network; their earlier cards are revoked. `is_back`: whom the roster calls paused,
    and who can't join by themselves, serves again; False for the cards of a whole roster."""
    if member.state is PersonState.LEFT:
        return Refusal("network.left")
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    card = _card(actor, member, member.id, now, new_id, days)
    changes: list[Change] = [RevokeCards(member.id), card]
    if is_back and _is_paused_by_office(member):
        changes.insert(0, ChangePerson(member.id, {"state": PersonState.INVITED}))
    return card, changes


def _is_paused_by_office(member: Member | Person) -> bool:
    if isinstance(member, Person):
        return member.is_paused_by_office
    return member.state is PersonState.PAUSED and not member.channels


def link_anew(
    actor: Actor, member: Member | Person, now: datetime, new_id: NewId
) -> tuple[MakeInvite, list[Change]] | Refusal:
    """A card for a new phone; the contacts so far are released at once, not only when the card is used."""
    decided = make_card(actor, member, now, new_id)
    if isinstance(decided, Refusal):
        return decided
    card, changes = decided
    return card, [ReleaseContacts(member.id), *changes, Audit("person.relink", actor.id)]


def move(actor: Actor, member: Member | Person, unit: Unit) -> list[Change] | Refusal:
    """Move them to another unit."""
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    return [ChangePerson(member.id, {"unit_id": unit.id}), Audit("person.move", actor.id)]


def disable(actor: Actor, member: Member | Person) -> list[Change] | Refusal:
    """They have left: they get no messages and can't join; the row stays so that a roster import does not add them."""
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    left = ChangePerson(member.id, {"state": PersonState.LEFT})
    return [left, RevokeCards(member.id), ReleaseContacts(member.id), Audit("person.disable", actor.id)]


def remove(actor: Actor, member: Member | Person) -> list[Change] | Refusal:
    """Delete them from the network with all their personal data; what they wrote carries no owner."""
    if not may_change_member(actor, member):
        return Refusal("network.not_theirs")
    if member.id == actor.id:
        return Refusal("network.not_self")
    return [DeletePerson(member.id), Audit("person.remove", actor.id)]


def hand_over(
    actor: Actor, member: Member | Person, successor: str, now: datetime, new_id: NewId
) -> tuple[MakeInvite, list[Change]] | Refusal:
    """They leave; a successor of this name gets a card, and with it the open requests but nothing they wrote."""
    if member.state is PersonState.LEFT:
        return Refusal("network.left")
    if not (may_change_member(actor, member) and may_be_replaced(actor, member)):
        return Refusal("network.not_theirs")
    replace = ReplacePerson(member.id, new_id("id"), new_id("id"), successor, actor.id)
    card = _card(actor, member, replace.successor_id, now, new_id)
    return card, [replace, card]


def _card(
    actor: Actor, member: Member | Person, person_id: str, now: datetime, new_id: NewId, days: int = CARD_DAYS
) -> MakeInvite:
    expires = now + timedelta(days=days)
    return MakeInvite(new_id("invite"), member.unit.id, member.role, person_id, 1, expires, actor.id)
