"""`/mangluoi` and `/moi`: who joined, who is unreachable; a new card, a successor, removing, an invite link."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.membership import handover
from nhipcau.handlers.screens import channel_name, join_links, menu, page_of, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Audit, DeletePerson, MakeInvite, RevokeCards
from nhipcau.model.people import Person
from nhipcau.model.queries import Network
from nhipcau.model.records import Member

_SHOWN = 6
_CARD_DAYS, _LINK_DAYS, _LINK_USES = 30, 14, 50
#: Those who need something done come first.
_ORDER = ("unreachable", "invited", "paused", "consented", "left")


def listing(situation: Situation, start: str = "") -> Decision[DecisionResult]:
    t = situation.texts
    members = yield from load(Network(situation.me.unit.path))
    counts = Counter(_state(m) for m in members)
    lines = [t("network.head", unit=unit_name(situation.me.unit.name), n=len(members))]
    lines += [f"• {t('person.' + state)}: {counts[state]}" for state in _ORDER if counts[state]]
    ordered = sorted(members, key=lambda m: (_ORDER.index(_state(m)), m.name))
    shown, following = page_of(ordered, start, _SHOWN)
    choices = [
        Choice(
            f"{m.name or t('network.unnamed')} – {t('person.' + _state(m)).lower()}"[:60], f"k:{m.id}:show", stays=True
        )
        for m in shown
    ]
    if following:
        choices.append(Choice(t("form.more"), f"k:{following}:page", stays=True))
    choices.append(Choice(t("menu.moi"), "c:moi"))
    return reply(Message("\n".join(lines), tuple(choices)))


def _state(member: Member) -> str:
    if member.state == "consented" and not member.reachable:
        return "unreachable"
    return member.state


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    id, _, verb = rest.partition(":")
    t = situation.texts
    if situation.me.role not in {"coordinator", "admin"}:
        return reply(menu(situation, t("menu.not_yours")))
    if verb == "page":
        return (yield from listing(situation, id))
    members = yield from load(Network(situation.me.unit.path))
    member = next((m for m in members if m.id == id), None)
    if member is None:
        return reply(menu(situation, t("network.gone")))
    if verb != "show" and not may_change(situation.me, member):
        return reply(_show(situation, member, t("network.not_theirs")))
    if verb == "card":
        return _card(situation, member)
    if verb in {"remove", "remove!"}:
        return _remove(situation, member, sure=verb.endswith("!"))
    if verb in {"replace", "replace!"} and handover.may_be_replaced(situation.me, member):
        return handover.pressed(situation, member, sure=verb.endswith("!"))
    return reply(_show(situation, member))


def _remove(situation: Situation, member: Member, *, sure: bool) -> DecisionResult:
    t, name = situation.texts, member.name or situation.texts("network.unnamed")
    if not sure:
        yes = Choice(t("network.remove"), f"k:{member.id}:remove!")
        back = Choice(t("mine.keep"), f"k:{member.id}:show")
        return reply(Message(t("network.sure", name=name), (yes, back)))
    if member.id == situation.me.id:
        return reply(menu(situation, t("network.not_self")))
    writes = [DeletePerson(member.id), Audit("person.remove", member.id, situation.me.id)]
    return reply(menu(situation, t("network.removed", name=name)), writes=list(writes))


def named(situation: Situation, id: str, text: str) -> Decision[DecisionResult]:
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
    t = situation.texts
    doors = ", ".join(channel_name(channel, t) for channel in member.channels) or t("network.no_door")
    lines = [preface] if preface else []
    lines += [
        f"{member.name or t('network.unnamed')} – {t('role.' + member.role)} {unit_name(member.unit.name)}",
        t("network.state", state=t("person." + _state(member)), doors=doors),
    ]
    mine = may_change(situation.me, member)
    choices = [Choice(t("network.card"), f"k:{member.id}:card")] if mine else []
    if mine and handover.may_be_replaced(situation.me, member):
        choices.append(Choice(t("handover.label"), f"k:{member.id}:replace", beside=True))
    if mine and member.id != situation.me.id:
        choices.append(Choice(t("network.remove"), f"k:{member.id}:remove", beside=True))
    choices.append(Choice(t("menu.mangluoi"), "c:mangluoi"))
    return Message("\n".join(lines), tuple(choices))


def _card(situation: Situation, member: Member) -> DecisionResult:
    code = situation.new_id("invite")
    expires = situation.now + timedelta(days=_CARD_DAYS)
    make = MakeInvite(code, member.unit.id, member.role, member.id, 1, expires, situation.me.id)
    text = situation.texts("network.new_card", name=member.name, code=code, days=_CARD_DAYS)
    return reply(
        Message(text + join_links(situation, code), (Choice(situation.texts("menu.mangluoi"), "c:mangluoi"),)),
        writes=[RevokeCards(member.id), make],
    )


def invite(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/moi`: a link for collaborators of one's own unit; an admin invites coordinators."""
    person, t = situation.me, situation.texts
    role = "coordinator" if person.role == "admin" else "collaborator"
    code = situation.new_id("invite")
    expires = situation.now + timedelta(days=_LINK_DAYS)
    text = t(
        "network.invite",
        role=t(f"role.{role}"),
        unit=unit_name(person.unit.name),
        code=code,
        uses=_LINK_USES,
        days=_LINK_DAYS,
    )
    make = MakeInvite(code, person.unit.id, role, None, _LINK_USES, expires, person.id)
    back = Choice(t("menu.mangluoi"), "c:mangluoi")
    return reply(Message(text + join_links(situation, code), (back,)), writes=[make])
    yield
