"""What stands last in a chat, as the door's row keeps it: a request's id as it is, a notice's choices sealed.

The choices of an answer name the report it is about: in clear they would stand beside whoever wrote it. Neither may
their length, or that nobody else was told the same, say that it was an answer: each door's is sealed for itself and
filled up to one length, choices or none.
"""

from __future__ import annotations

import base64
import binascii
from datetime import date

from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.privacy.sealing import Sealer, Unreadable

_OWNER = "shown"
#: Bytes every seal holds, or a multiple.
_BLOCK = 256


def seal_shown(sealer: Sealer, today: date, shown: str) -> str:
    """As it goes into the row."""
    if not shown.startswith(PUSH_WITHOUT_REQUEST):
        return shown
    words = shown.removeprefix(PUSH_WITHOUT_REQUEST)
    words += " " * (-len(words.encode()) % _BLOCK or _BLOCK * (not words))
    return f"{PUSH_WITHOUT_REQUEST}{today.isoformat()}:{base64.b85encode(sealer.seal(today, words, _OWNER)).decode()}"


def open_shown(sealer: Sealer, kept: str) -> str:
    """As `Contact.shown_request` has it; without its choices where the day's key is gone."""
    day, _, sealed = kept.removeprefix(PUSH_WITHOUT_REQUEST).partition(":")
    # a request's id, a notice without choices, or choices that an earlier version left in clear
    if not kept.startswith(PUSH_WITHOUT_REQUEST) or not sealed or day.startswith("["):
        return kept
    try:
        return PUSH_WITHOUT_REQUEST + sealer.open(date.fromisoformat(day), base64.b85decode(sealed), _OWNER).rstrip(" ")
    except (Unreadable, ValueError, binascii.Error):
        return PUSH_WITHOUT_REQUEST
