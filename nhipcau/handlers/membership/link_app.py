"""Several contacts of one person: make a code that adds one, choose the channel for our messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ChooseChannel, CloseElsewhere, LinkApp, RunCommand, choice
from nhipcau.handlers.screens import channel_name, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Change, ChangePerson, CloseOtherContacts, MakeInvite
from nhipcau.model.queries import ContactChannels

#: How long a code that adds a contact is valid.
CODE_LIFETIME = timedelta(minutes=15)


def show_apps(situation: Situation) -> Decision[DecisionResult]:
    """`/lienket`: the person's apps, the one we send to, and how to add another."""
    t, person = situation.texts, situation.me
    everywhere = yield from load(ContactChannels(person.id))
    channels = list(dict.fromkeys(everywhere))
    lines = [t("doors.yours", channels=_named(situation, everywhere))]
    choices = [choice(t("doors.add"), LinkApp())]
    if len(everywhere) > 1:
        choices.append(choice(t("doors.close"), CloseElsewhere()))
    if len(channels) > 1:
        lines.append(t("doors.told_at", channel=channel_name(channels[0], t)))
        choices += [
            choice(t("doors.always", channel=channel_name(channel, t)), ChooseChannel(channel))
            for channel in sorted(channels)
            if channel != person.chosen
        ]
        if person.chosen:
            choices.append(choice(t("doors.last"), ChooseChannel()))
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU)))
    return reply(Message("\n".join(lines), tuple(choices)))


def _named(situation: Situation, channels: Sequence[str]) -> str:
    """The apps with how often each is used: "Telegram, trang web (2)"."""
    names = Counter(channel_name(channel, situation.texts) for channel in channels)
    return ", ".join(f"{name} ({n})" if n > 1 else name for name, n in sorted(names.items()))


def close_elsewhere(situation: Situation, pressed: CloseElsewhere) -> Decision[DecisionResult]:
    """End the chats on other apps and in other browsers, once that was confirmed: a lost phone, a shared computer."""
    t, person = situation.texts, situation.me
    everywhere = yield from load(ContactChannels(person.id))
    if len(everywhere) < 2:
        return reply(menu(situation, t("doors.none_else")))
    if not pressed.sure:
        sure = choice(t("doors.close_sure"), CloseElsewhere(True))
        keep = choice(t("doors.close_not"), RunCommand(Command.LINK_APP))
        return reply(Message(t("doors.close_ask", channels=_named(situation, everywhere)), (sure, keep)))
    changes: list[Change] = [
        CloseOtherContacts(person.id, situation.contact.id),
        ChangePerson(person.id, {"chosen": ""}),
    ]
    return reply(menu(situation, t("doors.closed", n=len(everywhere) - 1)), changes=changes)


def choose_channel(situation: Situation, pressed: ChooseChannel) -> Decision[DecisionResult]:
    """Set the channel for our messages to this person."""
    t, person, channel = situation.texts, situation.me, pressed.channel
    if not channel:
        return reply(menu(situation, t("doors.set_last")), changes=[ChangePerson(person.id, {"chosen": ""})])
    if channel not in (yield from load(ContactChannels(person.id))):
        return reply(menu(situation, t("wrong.old")))
    sentence = t("doors.set", channel=channel_name(channel, t))
    return reply(menu(situation, sentence), changes=[ChangePerson(person.id, {"chosen": channel})])


def link_app(situation: Situation, _: LinkApp) -> DecisionResult:
    """Make a code that links the contact in which it is typed to this person."""
    t, person = situation.texts, situation.me
    code = situation.new_id("invite")
    until = situation.now + CODE_LIFETIME
    row = MakeInvite(code, person.unit.id, person.role, person.id, 1, until, person.id, adds=True)
    lines = [t("doors.code", code=code, minutes=int(CODE_LIFETIME.total_seconds() // 60))]
    for channel, link in situation.office.links(code).items():
        if link:
            lines.append(t("doors.link", channel=channel_name(channel, t), link=link))
    return reply(Message("\n".join(lines), (choice(t("menu.menu"), RunCommand(Command.MENU)),)), changes=[row])
