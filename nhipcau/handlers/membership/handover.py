"""Hand over to a successor, who gets a card and the open requests, but nothing the predecessor wrote."""

from __future__ import annotations

from nhipcau.actions import network
from nhipcau.actions.decision import Refusal
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageMember, MemberAct, choice
from nhipcau.handlers.membership.join import clean_name
from nhipcau.handlers.screens import command_choice, join_links, menu
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.conversation import AwaitsSuccessor
from nhipcau.model.people import Member


def hand_over(situation: Situation, member: Member, *, sure: bool) -> DecisionResult:
    """Ask for the successor's name; with the name given and confirmed (`sure`), do it."""
    waiting = situation.waiting
    name = waiting.name if isinstance(waiting, AwaitsSuccessor) and waiting.id == member.id else ""
    return _replace(situation, member, name) if sure and name else reply(_ask(situation, member))


def name_successor(situation: Situation, member: Member, text: str) -> DecisionResult:
    """Explain the consequences, and ask for confirmation."""
    t, name = situation.texts, clean_name(text)
    if not name:
        return reply(_ask(situation, member, t("join.bad_name")))
    _await(situation, member, name)
    yes = choice(t("handover.yes"), ManageMember(member.id, MemberAct.REPLACE_SURE))
    back = choice(t("mine.keep"), ManageMember(member.id))
    return reply(Message(t("handover.sure", name=_display_name(situation, member), successor=name), (yes, back)))


def _ask(situation: Situation, member: Member, preface: str = "") -> Message:
    t = situation.texts
    _await(situation, member)
    ask = t("handover.ask", name=_display_name(situation, member))
    back = choice(t("form.back"), ManageMember(member.id), way=True)
    return Message("\n".join(line for line in (preface, ask) if line), (back,))


def _await(situation: Situation, member: Member, name: str = "") -> None:
    situation.conversation.pending = AwaitsSuccessor(member.id, name)


def _display_name(situation: Situation, member: Member) -> str:
    return member.name or situation.texts("network.unnamed")


def _replace(situation: Situation, member: Member, name: str) -> DecisionResult:
    t = situation.texts
    decided = network.hand_over(situation.actor, member, name, situation.now, situation.new_id)
    if isinstance(decided, Refusal):
        return reply(menu(situation, decided.words(t)))
    card, changes = decided
    facts = {"name": _display_name(situation, member), "successor": name, "code": card.code}
    text = t("handover.done", days=network.CARD_DAYS, **facts)
    back = command_choice(Command.NETWORK, t)
    return reply(Message(text + join_links(situation, card.code), (back,)), changes=changes)
