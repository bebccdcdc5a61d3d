"""What a person did, the same from every app."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

#: Characters of the longest text that is read: more than any app of ours lets a person write. A longer one is refused
#: unread, since whoever reads it holds up everybody else.
LONGEST_TEXT = 8000


class EventKind(StrEnum):
    """What sort of act an event is; a channel maps everything its app can deliver to one of these."""

    #: Words typed, or a command with its slash and argument ("/start CODE").
    TEXT = "text"
    #: A choice pressed; `data` is what the choice carried.
    TAP = "tap"
    #: A picture; `file` is its handle, `text` its caption.
    PHOTO = "photo"
    #: A document; `file` its handle and what the app calls it, `text` its caption.
    FILE = "file"
    #: A voice note or any sound: opens a report, is never fetched.
    VOICE = "voice"
    #: Something a person sent that we can't use (sticker, film, place, contact card): one kind sentence.
    OTHER = "other"
    #: The chat was opened again with an empty history (web): show the open question, nothing else happened.
    OPENED = "opened"
    #: The person blocked us: their contact is unreachable.
    BLOCKED = "blocked"
    #: Nothing to answer (groups, channel posts, edits, unreadable updates): only claimed, so that it passes once.
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class File:
    """A file still lying with the app."""

    #: What the channel needs to fetch it; meaningless elsewhere.
    handle: str
    #: Bytes, 0 where the app does not say.
    size: int = 0
    #: What the app calls a document ("Thông báo 12.pdf"): untrusted, made safe before it is stored.
    title: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one person, delivered at least once, handled effectively once."""

    #: The channel's name ("telegram", "web").
    channel: str
    #: Unique within the channel and the same at every redelivery.
    id: str
    #: Where an answer goes; for a chat app the chat's id. Empty only for IGNORED.
    address: str
    kind: EventKind
    #: NFC text: what was typed, or the caption of a picture or a document; beyond LONGEST_TEXT as it came, never read.
    text: str = ""
    #: What the pressed choice carried.
    data: str = ""
    #: The message whose choice was pressed, so that it can be edited.
    ref: str = ""
    file: File | None = None
    #: What the app calls this person; offered as a name, stored only when they agree.
    name: str = ""
    #: What the channel needs to acknowledge a tap after the commit.
    ack: str = ""
    #: When the app says it was written (seconds since 1970), 0 where it does not; only for watching how late we are.
    at: float = field(default=0.0, compare=False)


def clean(text: str) -> str:
    """Words of an app: without what no database keeps (lone surrogates and NUL), and NFC unless they are too long to be
    read: composing a long run of marks takes time that grows with the square of its length."""
    kept = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", kept) if len(kept) <= LONGEST_TEXT else kept


def moment_of(milliseconds: object) -> float:
    """Seconds since 1970 of milliseconds, as a number or a string of one; 0 for what no app can mean."""
    text = str(milliseconds)
    return int(text) / 1000 if re.fullmatch(r"[0-9]{1,13}", text) else 0.0


def name_of(id: object) -> str:
    """An app's id of somebody or of a message, given as a string or a number; "" for anything else."""
    if not isinstance(id, str | int) or isinstance(id, bool):
        return ""
    text = str(id)
    return text if re.fullmatch(r"[!-~]{1,100}", text) else ""
