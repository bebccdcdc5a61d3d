"""What is shown of a row of the outbox: its message, and the way back to a report that lies half-written."""

from __future__ import annotations

from dataclasses import replace

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.requests.request_messages import way_to_report
from nhipcau.storage.outbox import REPLY, ClaimedDelivery


def message_of(row: ClaimedDelivery) -> Message:
    """A push that meets a half-written report offers the way back to it as its last choice."""
    if row.lane == REPLY or not row.writing or row.message.edit:
        return row.message
    return replace(row.message, choices=(*row.message.choices, way_to_report(texts(row.language))))
