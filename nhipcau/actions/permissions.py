"""The table of who may do what where (rule R25), and who may change one issue or person. What a role may read where:
model/scope.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.units.tree import Unit
from nhipcau.model.issues import Issue, IssueState
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
#: May change what holds for the whole office.
ADMINS: Roles = frozenset({"admin", OFFICE})
#: May do something that collaborators may not.
OFFICE_ROLES: Roles = COORDINATORS | READERS | NETWORKERS


class Where(StrEnum):
    """What a right reaches to; its words are in docs/reference/roles.md."""

    OWN = "own"
    """What the person sent or contributed to themselves."""
    OWN_UNIT = "own_unit"
    """New things, in the name of the own unit."""
    BELOW = "below"
    """What belongs to the own unit or one below it."""
    OWNED = "owned"
    """Issues that the own unit or one below it has opened."""
    MEMBERS = "members"
    """People of the own unit and below, as `may_change_member` says."""
    INSTALLATION = "installation"
    """Everything, at the command line."""


@dataclass(frozen=True, slots=True)
class Right:
    roles: Roles
    where: Where


_WITHIN = Right(COORDINATORS, Where.BELOW)
_OWNED = Right(COORDINATORS, Where.OWNED)
_MEMBERS = Right(NETWORKERS, Where.MEMBERS)
_COMMAND_LINE = Right(frozenset({OFFICE}), Where.INSTALLATION)
#: Every action, by module and name → who may, and where. Whoever has paused has a collaborator's role here.
RIGHTS: Mapping[str, Right] = {
    "reports.set_state": _WITHIN,
    "reports.speak": _WITHIN,
    "reports.pass_on": _WITHIN,
    "reports.assign": _WITHIN,
    "reports.mark_read": _WITHIN,
    "reports.set_topic": _WITHIN,
    "reports.correct": Right(ALL, Where.OWN),
    "reports.say_if_settled": Right(ALL, Where.OWN),
    "reports.withdraw": Right(ALL, Where.OWN),
    "issues.open_issue": _WITHIN,
    "issues.merge": _WITHIN,
    "issues.split": _WITHIN,
    "issues.change_issue": _OWNED,
    "issues.say_if_settled": Right(ALL, Where.OWN),
    "regroupings.merge": _OWNED,
    "regroupings.split": _WITHIN,
    "regroupings.split_into_new": _WITHIN,
    "regroupings.undo": _OWNED,
    "strands.add": _OWNED,
    "strands.change": _OWNED,
    "strands.delete": _OWNED,
    "strands.mark_latent": _OWNED,
    "requests.create": Right(COORDINATORS, Where.OWN_UNIT),
    "requests.create_rule": Right(COORDINATORS, Where.OWN_UNIT),
    "requests.close": _WITHIN,
    "requests.stop": _WITHIN,
    "requests.prolong": _WITHIN,
    "requests.remind": _WITHIN,
    "requests.correct_notice": _WITHIN,
    "requests.tell_decision": _WITHIN,
    "requests.end_rule": _WITHIN,
    "question_bank.keep": Right(COORDINATORS, Where.OWN_UNIT),
    "question_bank.change": _WITHIN,
    "question_bank.drop": _WITHIN,
    "answers.ask_back": _WITHIN,
    "replies.add": Right(COORDINATORS, Where.OWN_UNIT),
    "replies.change": Right(COORDINATORS, Where.OWN_UNIT),
    "replies.delete": Right(COORDINATORS, Where.OWN_UNIT),
    "sections.add": Right(COORDINATORS, Where.OWN_UNIT),
    "sections.rename": Right(COORDINATORS, Where.OWN_UNIT),
    "sections.close": Right(COORDINATORS, Where.OWN_UNIT),
    "sections.choose": Right(COORDINATORS, Where.OWN),
    "signals.mark_signal": _WITHIN,
    "syntheses.draft": _WITHIN,
    "syntheses.write": _WITHIN,
    "syntheses.refresh": _WITHIN,
    "syntheses.check": _WITHIN,
    "syntheses.sign": Right(READERS, Where.BELOW),
    "syntheses.take_back": Right(READERS, Where.BELOW),
    "syntheses.delete": _WITHIN,
    "console.make_link": Right(OFFICE_ROLES, Where.OWN),
    "second_factor.set_app": Right(OFFICE_ROLES, Where.OWN),
    "second_factor.add_passkey": Right(OFFICE_ROLES, Where.OWN),
    "second_factor.renew_codes": Right(OFFICE_ROLES, Where.OWN),
    "second_factor.remove": Right(OFFICE_ROLES, Where.OWN),
    "second_factor.forget": _COMMAND_LINE,
    "second_factor.require": Right(ADMINS, Where.BELOW),
    "network.invite": Right(NETWORKERS, Where.OWN_UNIT),
    "network.make_card": _MEMBERS,
    "network.remove": _MEMBERS,
    "network.hand_over": _MEMBERS,
    "network.revoke": _COMMAND_LINE,
    "network.link_anew": _COMMAND_LINE,
    "network.move": _COMMAND_LINE,
    "network.disable": _COMMAND_LINE,
    "units.set_cluster": Right(ADMINS, Where.BELOW),
    "units.make_cell": Right(NETWORKERS, Where.BELOW),
    "roster.place_roster": Right(NETWORKERS, Where.BELOW),
}


def may(who: Person | Actor, roles: Roles) -> bool:
    """Whoever has paused has a collaborator's rights only."""
    return (who.acting_role if isinstance(who, Person) else who.role) in roles


def may_place(actor: Person | Actor, role: str, unit: Unit) -> bool:
    """Whether a roster of theirs may put somebody of this role into this unit: coordinators collaborators, admins and
    the office everybody, in their own unit and below."""
    return may(actor, NETWORKERS) and actor.unit.holds(unit) and (role == "collaborator" or actor.role != "coordinator")


def owns_issue(actor: Person | Actor, issue: Issue) -> bool:
    """For coordinators of the owning unit or of a unit above."""
    return may(actor, COORDINATORS) and actor.unit.holds(issue.owner)


def may_change_issue(actor: Person | Actor, issue: Issue) -> bool:
    """Whoever owns it, while it is not merged into another."""
    return owns_issue(actor, issue) and issue.state != IssueState.MERGED


def why_unchangeable(issue: Issue) -> Refusal:
    """Why somebody who `may_change_issue` is not true of can't change it."""
    if issue.state == IssueState.MERGED:
        return Refusal("issue.merged_away", {"issue": issue.merged_into})
    return Refusal("issue.not_owner", {"unit": issue.owner.name})


def may_change_member(actor: Person | Actor, member: Member | Person) -> bool:
    """Every collaborator, coordinators of other units, and oneself; for admins and the office, everybody. That the
    member is in the actor's scope was checked when they were loaded."""
    if actor.role in {"admin", OFFICE} or member.role == "collaborator":
        return True
    return member.role == "coordinator" and (member.unit.id != actor.unit.id or member.id == actor.id)


def may_be_replaced(actor: Person | Actor, member: Member | Person) -> bool:
    """Not oneself, as the actor must still be there afterwards; and nobody who has left already."""
    return member.id != actor.id and member.state != "left"
