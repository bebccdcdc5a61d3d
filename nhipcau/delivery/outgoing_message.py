"""What is shown of a row of the outbox, cut to what its app holds."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from nhipcau.handlers.requests.request_messages import way_to_report
from nhipcau.storage.outbox import REPLY, ClaimedDelivery

#: What is pushed is said to many in the same words: cut to size once. Replies are not remembered.
_rendered = lru_cache(maxsize=32)(render)


def message_of(row: ClaimedDelivery) -> Message:
    """A push that meets a half-written report offers the way back to it as its last choice."""
    if row.lane == REPLY or not row.writing or row.message.edit:
        return row.message
    return replace(row.message, choices=(*row.message.choices, way_to_report(texts(row.language))))


def pieces_of(row: ClaimedDelivery, message: Message, limits: Limits) -> list[Message]:
    """The bubbles that say it."""
    return render(message, limits) if row.lane == REPLY else _rendered(message, limits)


def rest_of(pieces: list[Message], said: int) -> Message | None:
    """What is left of a long message of which some bubbles went out."""
    if not 0 < said < len(pieces):
        return None
    return replace(pieces[-1], text="\n".join(piece.text for piece in pieces[said:]))
