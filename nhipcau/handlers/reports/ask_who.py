"""The office asks who wrote a report, or looks for reports by a person: refused, with one sentence why and what can be
done (rules R26, R31)."""

from __future__ import annotations

from nhipcau.actions.permissions import COORDINATORS, OFFICE_ROLES, may
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.who_wrote import LONGEST, asks_about_person
from nhipcau.handlers.screens import closing, command_choice, refused_right
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.privacy.screening import screen


def refuse_asking_who(situation: Situation, text: str) -> DecisionResult | None:
    """None: it is no such question."""
    t = situation.texts
    if len(text) > LONGEST or not may(situation.me, OFFICE_ROLES):
        return None
    asked = asks_about_person(screen(text, situation.office.tree.known_places).text)
    if asked is None:
        return None
    way = Command.INBOX if may(situation.me, COORDINATORS) else Command.MENU
    sentence = t(f"who_wrote.{asked}") + (" " + t("who_wrote.ask_back") if way is Command.INBOX else "")
    return reply(closing(situation, sentence, command_choice(way, t)), changes=[refused_right(situation.me)])
