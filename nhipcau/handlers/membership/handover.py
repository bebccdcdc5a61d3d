"""Somebody leaves, another takes over: a card for the successor, who gets what is open and nothing that was written."""

from __future__ import annotations

from datetime import timedelta

from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageMember, MemberAct, RunCommand, choice
from nhipcau.handlers.membership.join import clean_name
from nhipcau.handlers.screens import join_links
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.changes import MakeInvite, ReplacePerson
from nhipcau.model.conversation import AwaitsSuccessor
from nhipcau.model.people import Member, Person

CARD_DAYS = 30


def may_be_replaced(person: Person, member: Member) -> bool:
    """Not oneself: whoever asks must be there afterwards. Who has left has nothing to hand over any more."""
    return member.id != person.id and member.state != "left"


def hand_over(situation: Situation, member: Member, *, sure: bool) -> DecisionResult:
    """Asks who takes over; with that name, and sure, it is done."""
    waiting = situation.waiting
    name = waiting.name if isinstance(waiting, AwaitsSuccessor) and waiting.id == member.id else ""
    return _replace(situation, member, name) if sure and name else reply(_ask(situation, member))


def name_successor(situation: Situation, member: Member, text: str) -> DecisionResult:
    """Says what goes and what stays, and asks once more."""
    t, name = situation.texts, clean_name(text)
    if not name:
        return reply(_ask(situation, member, t("join.bad_name")))
    _await(situation, member, name)
    yes = choice(t("handover.yes"), ManageMember(member.id, MemberAct.REPLACE_SURE))
    back = choice(t("mine.keep"), ManageMember(member.id))
    return reply(Message(t("handover.sure", name=_called(situation, member), successor=name), (yes, back)))


def _ask(situation: Situation, member: Member, preface: str = "") -> Message:
    t = situation.texts
    _await(situation, member)
    ask = t("handover.ask", name=_called(situation, member))
    back = choice(t("form.back"), ManageMember(member.id), way=True)
    return Message("\n".join(line for line in (preface, ask) if line), (back,))


def _await(situation: Situation, member: Member, name: str = "") -> None:
    situation.talk.pending = AwaitsSuccessor(member.id, name)


def _called(situation: Situation, member: Member) -> str:
    return member.name or situation.texts("network.unnamed")


def _replace(situation: Situation, member: Member, name: str) -> DecisionResult:
    t, actor = situation.texts, situation.me.id
    row = ReplacePerson(member.id, situation.new_id("id"), situation.new_id("id"), name, actor)
    code = situation.new_id("invite")
    expires = situation.now + timedelta(days=CARD_DAYS)
    card = MakeInvite(code, member.unit.id, member.role, row.successor_id, 1, expires, actor)
    text = t("handover.done", name=_called(situation, member), successor=name, code=code, days=CARD_DAYS)
    back = choice(t("menu.mangluoi"), RunCommand(Command.NETWORK))
    return reply(Message(text + join_links(situation, code), (back,)), changes=[row, card])
