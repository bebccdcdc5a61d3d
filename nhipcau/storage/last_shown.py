"""The last push of a chat, as its contact's row stores it: a request's id in clear, or sealed choices of a message.

Choices below the office's answer to a report name that report; in clear they would link it to the person who wrote it.
All are therefore sealed one by one and padded to the same length, with or without choices, so that neither length nor
content tells that a message answered a report.
"""

from __future__ import annotations

import base64
import binascii
from datetime import date

from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.privacy.sealing import Sealer, Unreadable

_OWNER = "shown"
#: Sealed texts are padded to a multiple of so many bytes.
_BLOCK = 256


def seal_shown(sealer: Sealer, today: date, shown: str) -> str:
    """`Contact.shown_request` → the column's value."""
    if not shown.startswith(PUSH_WITHOUT_REQUEST):
        return shown
    text = shown.removeprefix(PUSH_WITHOUT_REQUEST)
    text += " " * (-len(text.encode()) % _BLOCK or _BLOCK * (not text))
    return f"{PUSH_WITHOUT_REQUEST}{today.isoformat()}:{base64.b85encode(sealer.seal(today, text, _OWNER)).decode()}"


def open_shown(sealer: Sealer, stored: str) -> str:
    """The column's value → `Contact.shown_request`; without choices where the day's key was destroyed."""
    day, _, sealed = stored.removeprefix(PUSH_WITHOUT_REQUEST).partition(":")
    # a request's id, a message without choices, or choices that an earlier version stored in clear
    if not stored.startswith(PUSH_WITHOUT_REQUEST) or not sealed or day.startswith("["):
        return stored
    try:
        return PUSH_WITHOUT_REQUEST + sealer.open(date.fromisoformat(day), base64.b85decode(sealed), _OWNER).rstrip(" ")
    except (Unreadable, ValueError, binascii.Error):
        return PUSH_WITHOUT_REQUEST
