"""Events: what a person did, in the same form from every app."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from nhipcau.bot.language.control_characters import keep_apart

#: Characters of the longest text that is processed: more than any app lets a person write. Longer ones are refused at
#: once, since processing them would delay everybody else.
LONGEST_TEXT = 8000


class EventKind(StrEnum):
    """The kind of act; a channel maps everything its app can deliver to one of these."""

    #: Words typed, or a command with its slash and argument ("/start CODE").
    TEXT = "text"
    #: A choice pressed; `data` is what the choice carried.
    TAP = "tap"
    #: A picture; `file` is its handle, `text` its caption.
    PHOTO = "photo"
    #: A document; `file` is its handle and its name in the app, `text` its caption.
    FILE = "file"
    #: A voice note or any sound: opens a report, is never fetched.
    VOICE = "voice"
    #: Something we can't use (sticker, film, place, contact card): answered by one sentence.
    OTHER = "other"
    #: The chat was opened, or opened again with an empty history (web): show the open question.
    OPENED = "opened"
    #: The person changed a message of theirs: `ref` is that message, `text` its new words.
    EDITED = "edited"
    #: The person blocked us: their contact is unreachable.
    BLOCKED = "blocked"
    #: The person no longer blocks us: nothing to answer, but what waits for them is sent.
    RETURNED = "returned"
    #: Nothing to answer (groups, channel posts, notes of the app, unreadable updates): only claimed, so that it is not
    #: delivered again.
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be fetched from the app."""

    #: What the channel needs to fetch it; meaningless elsewhere.
    handle: str
    #: Bytes; 0 where the app does not say.
    size: int = 0
    #: A document's name in the app ("Thông báo 12.pdf"): untrusted, made safe before it is stored.
    title: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one person. May be delivered several times; takes effect once."""

    #: The channel's name ("telegram", "web").
    channel: str
    #: Unique within the channel and the same at every redelivery.
    id: str
    #: Where an answer goes; for a chat app the chat's id. Empty only for IGNORED.
    address: str
    kind: EventKind
    #: NFC text: what was typed, or the caption of a file. Longer than LONGEST_TEXT it is unchanged, and not processed.
    text: str = ""
    #: What the pressed choice carried.
    data: str = ""
    #: The message whose choice was pressed, so that it can be edited; of words, their message where the app names it.
    ref: str = ""
    file: File | None = None
    #: Pictures sent together share this; "" for one alone.
    album: str = ""
    #: The person's name in the app; offered as a name, stored only when they agree.
    name: str = ""
    #: What the channel needs to acknowledge a tap after the commit.
    ack: str = ""
    #: When it was written according to the app (seconds since 1970), 0 where unknown; for delivery windows and metrics.
    at: float = field(default=0.0, compare=False)


def clean(text: str) -> str:
    """Text from an app without what a database refuses (lone surrogates, NUL) nor control characters, and in NFC. Texts
    too long to be processed are not composed: for a long run of combining marks that takes quadratic time."""
    kept = keep_apart(text.replace("\0", "")).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", kept) if len(kept) <= LONGEST_TEXT else kept


def moment_of(milliseconds: object) -> float:
    """Converts milliseconds since 1970, a number or a string of one, to seconds; 0 for anything else."""
    text = str(milliseconds)
    return int(text) / 1000 if re.fullmatch(r"[0-9]{1,13}", text) else 0.0


def id_text(id: object) -> str:
    """An id of a person or message, given by the app as a string or a number; "" for anything else."""
    if not isinstance(id, str | int) or isinstance(id, bool):
        return ""
    text = str(id)
    return text if re.fullmatch(r"[!-~]{1,100}", text) else ""
