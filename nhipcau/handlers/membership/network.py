"""`/mangluoi` and `/moi`: who joined, who is unreachable; a new card, a successor, removing, an invite link."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.membership import handover
from nhipcau.handlers.screens import channel_name, join_links, menu, page_of, unit_name
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.changes import Audit, DeletePerson, MakeInvite, RevokeCards
from nhipcau.model.people import Person
from nhipcau.model.queries import Network
from nhipcau.model.records import Member

_SHOWN = 6
_CARD_DAYS, _LINK_DAYS, _LINK_USES = 30, 14, 50
#: Those who need something done come first.
_ORDER = ("unreachable", "invited", "paused", "consented", "left")


def listing(situation: Situation, start: str = "") -> Deciding[Outcome]:
    say = situation.texts
    members = yield from load(Network(situation.me.unit.path))
    counts = Counter(_state(m) for m in members)
    lines = [say("network.head", unit=unit_name(situation.me.unit.name), n=len(members))]
    lines += [f"• {say('person.' + state)}: {counts[state]}" for state in _ORDER if counts[state]]
    ordered = sorted(members, key=lambda m: (_ORDER.index(_state(m)), m.name))
    shown, following = page_of(ordered, start, _SHOWN)
    choices = [
        Choice(f"{m.name or say('network.unnamed')} – {say('person.' + _state(m)).lower()}"[:60], f"k:{m.id}:show")
        for m in shown
    ]
    if following:
        choices.append(Choice(say("form.more"), f"k:{following}:page"))
    choices.append(Choice(say("menu.moi"), "c:moi"))
    return reply(Message("\n".join(lines), tuple(choices)))


def _state(member: Member) -> str:
    if member.state == "consented" and not member.reachable:
        return "unreachable"
    return member.state


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    id, _, verb = rest.partition(":")
    say = situation.texts
    if situation.me.role not in {"coordinator", "admin"}:
        return reply(menu(situation, say("menu.not_yours")))
    if verb == "page":
        return (yield from listing(situation, id))
    members = yield from load(Network(situation.me.unit.path))
    member = next((m for m in members if m.id == id), None)
    if member is None:
        return reply(menu(situation, say("network.gone")))
    if verb != "show" and not may_change(situation.me, member):
        return reply(_show(situation, member, say("network.not_theirs")))
    if verb == "card":
        return _card(situation, member)
    if verb in {"remove", "remove!"}:
        return _remove(situation, member, sure=verb.endswith("!"))
    if verb in {"replace", "replace!"} and handover.may_be_replaced(situation.me, member):
        return handover.pressed(situation, member, sure=verb.endswith("!"))
    return reply(_show(situation, member))


def _remove(situation: Situation, member: Member, *, sure: bool) -> Outcome:
    say, name = situation.texts, member.name or situation.texts("network.unnamed")
    if not sure:
        yes = Choice(say("network.remove"), f"k:{member.id}:remove!")
        back = Choice(say("mine.keep"), f"k:{member.id}:show")
        return reply(Message(say("network.sure", name=name), (yes, back)))
    if member.id == situation.me.id:
        return reply(menu(situation, say("network.not_self")))
    writes = [DeletePerson(member.id), Audit("person.remove", member.id, situation.me.id)]
    return reply(menu(situation, say("network.removed", name=name)), writes=list(writes))


def named(situation: Situation, id: str, text: str) -> Deciding[Outcome]:
    """The name of somebody's successor, typed."""
    members = yield from load(Network(situation.me.unit.path))
    member = next((m for m in members if m.id == id), None)
    if member is None or not may_change(situation.me, member) or not handover.may_be_replaced(situation.me, member):
        return reply(menu(situation, situation.texts("network.gone")))
    return handover.named(situation, member, text)


def may_change(person: Person, member: Member) -> bool:
    """A coordinator's own network: collaborators, and coordinators of units below; admins may change everybody."""
    if person.role == "admin" or member.role == "collaborator":
        return True
    return member.role == "coordinator" and (member.unit.id != person.unit.id or member.id == person.id)


def _show(situation: Situation, member: Member, preface: str = "") -> Message:
    say = situation.texts
    doors = ", ".join(channel_name(channel, say) for channel in member.channels) or say("network.no_door")
    lines = [preface] if preface else []
    lines += [
        f"{member.name or say('network.unnamed')} – {say('role.' + member.role)} {unit_name(member.unit.name)}",
        say("network.state", state=say("person." + _state(member)), doors=doors),
    ]
    mine = may_change(situation.me, member)
    choices = [Choice(say("network.card"), f"k:{member.id}:card")] if mine else []
    if mine and handover.may_be_replaced(situation.me, member):
        choices.append(Choice(say("handover.label"), f"k:{member.id}:replace", beside=True))
    if mine and member.id != situation.me.id:
        choices.append(Choice(say("network.remove"), f"k:{member.id}:remove", beside=True))
    choices.append(Choice(say("menu.mangluoi"), "c:mangluoi"))
    return Message("\n".join(lines), tuple(choices))


def _card(situation: Situation, member: Member) -> Outcome:
    code = situation.new_id("invite")
    expires = situation.now + timedelta(days=_CARD_DAYS)
    make = MakeInvite(code, member.unit.id, member.role, member.id, 1, expires, situation.me.id)
    text = situation.texts("network.new_card", name=member.name, code=code, days=_CARD_DAYS)
    return reply(
        Message(text + join_links(situation, code), (Choice(situation.texts("menu.mangluoi"), "c:mangluoi"),)),
        writes=[RevokeCards(member.id), make],
    )


def invite(situation: Situation, _: str) -> Deciding[Outcome]:
    """`/moi`: a link for collaborators of one's own unit; an admin invites coordinators."""
    person, say = situation.me, situation.texts
    role = "coordinator" if person.role == "admin" else "collaborator"
    code = situation.new_id("invite")
    expires = situation.now + timedelta(days=_LINK_DAYS)
    text = say(
        "network.invite",
        role=say(f"role.{role}"),
        unit=unit_name(person.unit.name),
        code=code,
        uses=_LINK_USES,
        days=_LINK_DAYS,
    )
    make = MakeInvite(code, person.unit.id, role, None, _LINK_USES, expires, person.id)
    back = Choice(say("menu.mangluoi"), "c:mangluoi")
    return reply(Message(text + join_links(situation, code), (back,)), writes=[make])
    yield
