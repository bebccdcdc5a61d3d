"""Who may do what, by role, and who may change one issue or person. What a role may read where: model/scope.py."""

from __future__ import annotations

from nhipcau.actions.decision import Actor
from nhipcau.model.issues import Issue
from nhipcau.model.people import Member, Person
from nhipcau.model.scope import OFFICE, READERS_OF, Access

Roles = frozenset[str]
ALL: Roles = frozenset({"collaborator", "coordinator", "leader", "admin", OFFICE})
#: May file reports, and practise it.
REPORTERS: Roles = frozenset({"collaborator", "coordinator"})
#: May read reports, make requests, inform, answer.
COORDINATORS: Roles = READERS_OF[Access.CONTENT]
#: May read counts, issues, boards, results and figures.
READERS: Roles = READERS_OF[Access.FIGURES]
#: May invite, make cards, hand over, remove.
NETWORKERS: Roles = READERS_OF[Access.NETWORK]
#: May do something that collaborators may not.
OFFICE_ROLES: Roles = COORDINATORS | READERS | NETWORKERS


def may(who: Person | Actor, roles: Roles) -> bool:
    """Whoever has paused has a collaborator's rights only."""
    return (who.acting_role if isinstance(who, Person) else who.role) in roles


def may_change_issue(actor: Person | Actor, issue: Issue) -> bool:
    """For coordinators of the owning unit or of a unit above."""
    return may(actor, COORDINATORS) and actor.unit.holds(issue.owner)


def may_change_member(actor: Person | Actor, member: Member | Person) -> bool:
    """Every collaborator, coordinators of other units, and oneself; for admins and the office, everybody. That the
    member is in the actor's scope was checked when they were loaded."""
    if actor.role in {"admin", OFFICE} or member.role == "collaborator":
        return True
    return member.role == "coordinator" and (member.unit.id != actor.unit.id or member.id == actor.id)


def may_be_replaced(actor: Person | Actor, member: Member | Person) -> bool:
    """Not oneself, as the actor must still be there afterwards; and nobody who has left already."""
    return member.id != actor.id and member.state != "left"
