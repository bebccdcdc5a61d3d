"""Who may do what, by role; what of it lies in their unit or below is a matter of scope, not of these."""

from __future__ import annotations

from nhipcau.actions.decision import Actor
from nhipcau.model.issues import Issue
from nhipcau.model.people import Member, Person
from nhipcau.model.scope import OFFICE, READERS_OF, Access

#: Roles that may use something.
Roles = frozenset[str]
ALL: Roles = frozenset({"collaborator", "coordinator", "leader", "admin", OFFICE})
#: File reports, and practise it.
REPORTERS: Roles = frozenset({"collaborator", "coordinator"})
#: Read reports, ask, inform, answer.
COORDINATORS: Roles = READERS_OF[Access.CONTENT]
#: Read counts, issues, boards, results and figures.
READERS: Roles = READERS_OF[Access.FIGURES]
#: Invite, make cards, hand over, remove.
NETWORKERS: Roles = READERS_OF[Access.NETWORK]


def may(who: Person | Actor, roles: Roles) -> bool:
    return who.role in roles


def may_change_issue(actor: Person | Actor, issue: Issue) -> bool:
    """Coordinators of the unit that owns it, or of a unit above."""
    return may(actor, COORDINATORS) and actor.unit.holds(issue.owner)


def may_change_member(actor: Person | Actor, member: Member | Person) -> bool:
    """One's own network: collaborators, and coordinators of units below; admins and the office may change everybody."""
    if actor.role in {"admin", OFFICE} or member.role == "collaborator":
        return True
    return member.role == "coordinator" and (member.unit.id != actor.unit.id or member.id == actor.id)


def may_be_replaced(actor: Person | Actor, member: Member | Person) -> bool:
    """Not oneself: whoever asks must be there afterwards. Who has left has nothing to hand over any more."""
    return member.id != actor.id and member.state != "left"
