"""The message of an outbox row, and its pieces as large as its app allows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from nhipcau.handlers.requests.request_messages import way_to_report
from nhipcau.storage.outbox import REPLY, ClaimedDelivery

#: A push goes to many people in the same words, so it is split once. Replies are not cached.
_rendered = lru_cache(maxsize=32)(render)


def message_of(row: ClaimedDelivery) -> Message:
    """The row's message; a push to somebody with a half-written report also offers to go on with the report."""
    if row.lane == REPLY or not row.writing or row.message.edit:
        return row.message
    return replace(row.message, choices=(*row.message.choices, way_to_report(texts(row.language))))


def pieces_of(row: ClaimedDelivery, message: Message, limits: Limits) -> list[Message]:
    """The message as one or more messages of the app."""
    return render(message, limits) if row.lane == REPLY else _rendered(message, limits)


def rest_of(pieces: list[Message], sent: int) -> Message | None:
    """What is still to send after the first `sent` pieces; None where all or none were sent."""
    if not 0 < sent < len(pieces):
        return None
    return replace(pieces[-1], text="\n".join(piece.text for piece in pieces[sent:]))
