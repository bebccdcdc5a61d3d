"""The way to the console."""

from __future__ import annotations

from datetime import datetime, timedelta

from nhipcau.actions.decision import Actor, NewId
from nhipcau.model.changes import Audit, Change
from nhipcau.model.console_changes import MakeConsoleLink

#: So long a link is good.
LINK_LIFETIME = timedelta(minutes=10)


def make_link(actor: Actor, person_id: str, now: datetime, new_id: NewId, *, code: str = "") -> list[Change]:
    """A one-time link for this person, in place of an earlier one. `code`: six digits that open it too."""
    link = MakeConsoleLink(person_id, new_id("token"), code, now + LINK_LIFETIME, actor.id)
    return [link, Audit("console.link", actor.id)]
