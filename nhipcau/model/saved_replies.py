"""Replies an office keeps (câu trả lời mẫu): words with fields, which are filled with what is known of a report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.units.tree import Unit


class ReplyField(StrEnum):
    """What words may name in braces; nothing of a person. Its names in each language: `reply.field.NAME`."""

    CODE = "code"
    TOPIC = "topic"
    AREA = "area"
    UNIT = "unit"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class SavedReply:
    id: str
    #: The unit it belongs to; those below are offered it too.
    unit: Unit
    title: str
    words: str
