"""`/dangnhap`: a one-time link to the console, and six digits for a computer that has no link."""

from __future__ import annotations

from nhipcau.actions import console as actions
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.console_changes import MakeConsoleLink


def send_link(situation: Situation) -> DecisionResult:
    t = situation.texts
    code = situation.new_id("digits")
    made = actions.make_link(situation.actor, situation.me.id, situation.now, situation.new_id, code=code)
    token = next(change.token for change in made if isinstance(change, MakeConsoleLink))
    url = situation.office.url
    facts = {"link": f"{url}/console/enter/{token}", "page": f"{url}/console", "code": code}
    minutes = int(actions.LINK_LIFETIME.total_seconds()) // 60
    return reply(Message(t("menu.console", minutes=minutes, **facts)), changes=made)
