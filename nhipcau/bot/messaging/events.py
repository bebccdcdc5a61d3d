"""Events: what a person did, in the same form from every app."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from nhipcau.bot.language.control_characters import keep_apart

#: Characters of the longest text that is read, as long as an answer may be. Of a longer one only the beginning is kept,
#: and whoever wrote it is asked to shorten it: reading it would delay everybody else.
LONGEST_TEXT = 2000
#: Characters taken from an app at all; Telegram lets people write 4,096.
LONGEST_SENT = 8000
#: Characters of names, titles of files, what a choice carried, and references.
LONGEST_DETAIL = 300
#: Combining marks kept behind one letter; no language needs as many, and sorting a long run takes quadratic time.
_MOST_MARKS = 8
#: A text of so few characters is sorted quickly, whatever its marks.
_SHORT = 100


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
    #: NFC text: what was typed, or the caption of a file.
    text: str = ""
    #: Characters of the text as it was sent, where `text` is only its beginning (`bounded`); else 0.
    cut_from: int = 0
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
    #: The internet address it came from, where the channel knows it; counted in memory, never stored.
    origin: str = field(default="", compare=False)
    #: When it was written according to the app (seconds since 1970), 0 where unknown; for delivery windows and metrics.
    at: float = field(default=0.0, compare=False)


def clean(text: str) -> str:
    """Text from an app without what a database refuses (lone surrogates, NUL) nor control characters, and in NFC."""
    kept = keep_apart(text.replace("\0", "")).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", _with_few_marks(kept))


def _with_few_marks(text: str) -> str:
    if len(text) <= _SHORT or text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def bounded(event: Event) -> Event:
    """The event with no more words in it than are read, whatever app it came from. The one place where this is done."""
    # spaces around a text are nothing that has to be shortened
    sent = event.text if len(event.text) <= LONGEST_TEXT else event.text.strip()
    text = _cleaned(sent[:LONGEST_SENT])
    text = text if len(text) <= LONGEST_TEXT else text.strip()
    length = len(text) if len(sent) <= LONGEST_SENT else len(sent)
    changed: dict[str, Any] = {"text": text[:LONGEST_TEXT]}
    if length > LONGEST_TEXT:
        changed["cut_from"] = length
    for name in ("data", "name"):
        changed[name] = _cleaned(getattr(event, name)[:LONGEST_DETAIL])
    for name in ("ref", "album", "ack"):
        changed[name] = getattr(event, name)[:LONGEST_DETAIL]
    if event.file is not None:
        changed["file"] = replace(event.file, title=_cleaned(event.file.title[:LONGEST_DETAIL]))
    same = all(getattr(event, name) == value for name, value in changed.items())
    return event if same else replace(event, **changed)


def _cleaned(text: str) -> str:
    return text if text.isascii() and text.isprintable() else clean(text)


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
