"""One person, several doors: a code that adds one, and the door they want to be told at."""

from __future__ import annotations

from datetime import timedelta

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.screens import channel_name, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.changes import ChangePerson, MakeInvite
from nhipcau.model.queries import Doors

#: How long a code that adds a door may be used.
LIFE = timedelta(minutes=15)
#: "Where I wrote last" among the choices.
_LAST = "last"


def doors(situation: Situation, _: str) -> Deciding[Outcome]:
    """`/lienket`: which apps, where we write, and how to add one more."""
    say, person = situation.texts, situation.me
    channels = list(dict.fromkeys((yield from load(Doors(person.id)))))
    lines = [say("doors.yours", channels=", ".join(sorted(channel_name(c, say) for c in channels)))]
    choices = [Choice(say("doors.add"), "l:add")]
    if len(channels) > 1:
        lines.append(say("doors.told_at", channel=channel_name(channels[0], say)))
        choices += [
            Choice(say("doors.always", channel=channel_name(channel, say)), f"l:at:{channel}")
            for channel in sorted(channels)
            if channel != person.chosen
        ]
        if person.chosen:
            choices.append(Choice(say("doors.last"), f"l:at:{_LAST}"))
    choices.append(Choice(say("menu.menu"), "c:menu"))
    return reply(Message("\n".join(lines), tuple(choices)))


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    """`add`, or `at:CHANNEL`."""
    say, person = situation.texts, situation.me
    verb, _, channel = rest.partition(":")
    if verb == "add":
        return _add(situation)
    if channel == _LAST:
        return reply(menu(situation, say("doors.set_last")), writes=[ChangePerson(person.id, {"chosen": ""})])
    if channel not in (yield from load(Doors(person.id))):
        return reply(menu(situation, say("wrong.old")))
    said = say("doors.set", channel=channel_name(channel, say))
    return reply(menu(situation, said), writes=[ChangePerson(person.id, {"chosen": channel})])


def _add(situation: Situation) -> Outcome:
    """A code of their own: whoever types it elsewhere is this person there too."""
    say, person = situation.texts, situation.me
    code = situation.new_id("invite")
    until = situation.now + LIFE
    row = MakeInvite(code, person.unit.id, person.role, person.id, 1, until, person.id, adds=True)
    lines = [say("doors.code", code=code, minutes=int(LIFE.total_seconds() // 60))]
    for channel, link in situation.office.links(code).items():
        if link:
            lines.append(say("doors.link", channel=channel_name(channel, say), link=link))
    return reply(Message("\n".join(lines), (Choice(say("menu.menu"), "c:menu"),)), writes=[row])
