"""`/mangluoi` and `/moi`: list the network; make cards and invite links, remove people, name a successor."""

from __future__ import annotations

from collections import Counter

from nhipcau.actions import network
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import may_be_replaced, may_change_member
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageMember, MemberAct, PagedList, RunCommand, ShowPage, choice
from nhipcau.handlers.membership import handover
from nhipcau.handlers.screens import channel_name, command_choice, join_links, menu, paged_list, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.network_queries import MemberIn
from nhipcau.model.people import SHOWN_STATES, Member, PersonState
from nhipcau.model.queries import Network

_PAGE_SIZE = 6


def list_members(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """`/mangluoi`: the people of the network, those who need action first."""
    t = situation.texts
    members = yield from load(Network(situation.scope))
    counts = Counter(m.shown_state for m in members)
    lines = [t("network.head", unit=unit_name(situation.me.unit.name), n=len(members))]
    lines += [f"• {t('person.' + state)}: {counts[state]}" for state in SHOWN_STATES if counts[state]]
    ordered = sorted(members, key=lambda m: (SHOWN_STATES.index(m.shown_state), m.name))

    def of(member: Member) -> Choice:
        label = f"{_name(member, t)} – {t('person.' + member.shown_state).lower()}"[:60]
        return choice(label, ManageMember(member.id), stays=True)

    _, choices = paged_list(ordered, start, _PAGE_SIZE, of, lambda start: ShowPage(PagedList.NETWORK, start), t)
    choices.append(choice(t("menu.moi"), RunCommand(Command.INVITE)))
    return reply(Message("\n".join(lines), tuple(choices)))


def _name(member: Member, t: Texts) -> str:
    """What was personal of those who left is destroyed, their name too."""
    return member.name or t("network.name_destroyed" if member.state is PersonState.LEFT else "network.unnamed")


def manage_member(situation: Situation, pressed: ManageMember) -> Decision[DecisionResult]:
    """Display a person of the actor's scope, or do something about them."""
    t, act = situation.texts, pressed.act
    member = yield from load(MemberIn(situation.scope, pressed.person))
    if member is None:
        return reply(menu(situation, t("network.gone")))
    if act is not MemberAct.SHOW and not may_change_member(situation.actor, member):
        return reply(_show(situation, member, t("network.not_theirs")))
    if act is MemberAct.CARD:
        return _card(situation, member)
    if act in {MemberAct.REMOVE, MemberAct.REMOVE_SURE}:
        return _remove(situation, member, sure=pressed.confirms)
    if act in {MemberAct.REPLACE, MemberAct.REPLACE_SURE} and may_be_replaced(situation.actor, member):
        return handover.hand_over(situation, member, sure=pressed.confirms)
    return reply(_show(situation, member))


def _remove(situation: Situation, member: Member, *, sure: bool) -> DecisionResult:
    t, name = situation.texts, _name(member, situation.texts)
    decided = network.remove(situation.actor, member)
    if isinstance(decided, Refusal):
        return reply(_show(situation, member, decided.words(t)))
    if not sure:
        yes = choice(t("network.remove"), ManageMember(member.id, MemberAct.REMOVE_SURE))
        back = choice(t("mine.keep"), ManageMember(member.id))
        return reply(Message(t("network.sure", name=name), (yes, back)))
    return reply(menu(situation, t("network.removed", name=name)), changes=decided)


def answer_successor(situation: Situation, id: str, text: str) -> Decision[DecisionResult]:
    """The typed name of somebody's successor."""
    member = yield from load(MemberIn(situation.scope, id))
    if member is None or not may_change_member(situation.actor, member) or not may_be_replaced(situation.actor, member):
        return reply(menu(situation, situation.texts("network.gone")))
    return handover.name_successor(situation, member, text)


def _show(situation: Situation, member: Member, preface: str = "") -> Message:
    t = situation.texts
    channels = ", ".join(channel_name(channel, t) for channel in member.channels) or t("network.no_door")
    lines = [preface] if preface else []
    lines += [
        f"{_name(member, t)} – {t('role.' + member.role)} {unit_name(member.unit.name)}",
        t("network.state", state=t("person." + member.shown_state), doors=channels),
    ]
    mine = may_change_member(situation.actor, member)
    may_join = mine and member.state is not PersonState.LEFT
    choices = [choice(t("network.card"), ManageMember(member.id, MemberAct.CARD))] if may_join else []
    if mine and may_be_replaced(situation.actor, member):
        choices.append(choice(t("handover.label"), ManageMember(member.id, MemberAct.REPLACE), beside=True))
    if mine and member.id != situation.me.id:
        choices.append(choice(t("network.remove"), ManageMember(member.id, MemberAct.REMOVE), beside=True))
    choices.append(choice(t("menu.mangluoi"), RunCommand(Command.NETWORK)))
    return Message("\n".join(lines), tuple(choices))


def _card(situation: Situation, member: Member) -> DecisionResult:
    t = situation.texts
    decided = network.make_card(situation.actor, member, situation.now, situation.new_id)
    if isinstance(decided, Refusal):
        return reply(_show(situation, member, decided.words(t)))
    card, changes = decided
    text = t("network.new_card", name=member.name, code=card.code, days=network.CARD_DAYS)
    back = command_choice(Command.NETWORK, t)
    return reply(Message(text + join_links(situation, card.code), (back,)), changes=changes)


def make_invite_link(situation: Situation) -> DecisionResult:
    """`/moi`: an invite link for collaborators of the own unit; from an admin, for coordinators."""
    person, t = situation.me, situation.texts
    role = network.invited_by(person.role)
    link = network.invite(situation.actor, role, situation.now, situation.new_id)
    facts = {"role": t(f"role.{role}"), "unit": unit_name(person.unit.name), "code": link.code}
    text = t("network.invite", uses=network.LINK_USES, days=network.LINK_DAYS, **facts)
    back = command_choice(Command.NETWORK, t)
    return reply(Message(text + join_links(situation, link.code), (back,)), changes=[link])
