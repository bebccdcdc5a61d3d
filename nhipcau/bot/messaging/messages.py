"""Messages: what a person should see, in the same form for every app."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Choice:
    """A button, or a numbered line where an app has none. `data`: a packed button, at most 64 bytes of ASCII."""

    label: str
    data: str
    #: May share a row with the choice before it (navigation, small edits).
    beside: bool = False
    #: Navigates instead of answering (Lùi, Hủy, Sửa …, Xem thêm).
    way: bool = False
    #: The buttons of its message remain after it was pressed (multiple choice, a board).
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat. Text is plain: a channel escapes its app's markup."""

    text: str
    choices: tuple[Choice, ...] = ()
    #: Ref of an earlier message that this one replaces; "": a new message.
    edit: str = ""
    #: A picture of ours: a file name inside the photo folder; `text` is then its caption.
    photo: str = ""
    #: A typed number is itself an answer here (an amount, a text), so choices are not numbered.
    number_answers: bool = False
    #: Specification (one line of JSON) of a chart that is drawn when the message is sent (insight/picture_cache.py).
    draw: str = ""
    #: Key under which the sent message is remembered, so that it can be edited later ("board:ID", "notice:ID").
    keeps: str = ""
    #: A document of ours: a file name inside the document folder, and its name for people; `text` is then its caption.
    file: str = ""
    file_name: str = ""
    #: The content of a text document made for this person alone, sent as the file `file_name` where the app takes
    #: files, else below the text. It lies nowhere but in this message.
    file_text: str = ""
    #: Requests that its choices open: the message is of use while one of them waits for an answer.
    requests: tuple[str, ...] = ()
    #: Role and language ("leader:en") whose words the app's own menu is to show from now on; "": as it is.
    app_menu: str = ""

    def to_json(self) -> str:
        """One line of JSON that `from_json` reads back unchanged."""
        return _JSON.dump_json(self, exclude_defaults=True).decode()

    @staticmethod
    def from_json(line: str) -> Message:
        """Reads `to_json`'s line, also of versions before 2026-12. Raises ValueError."""
        return _read_old_format(json.loads(line)) if line.startswith('{"t":') else _JSON.validate_json(line)


_JSON = TypeAdapter(Message)
#: Names of the fields in messages queued before 2026-12.
_OLD_NAMES = {"t": "text", "e": "edit", "p": "photo", "f": "file", "fn": "file_name", "k": "keeps", "d": "draw"}


def _read_old_format(body: dict[str, Any]) -> Message:
    parts = {name: body[old] for old, name in _OLD_NAMES.items() if old in body}
    choices = tuple(_with_flags(*choice) for choice in body.get("c", ()))
    return Message(**parts, choices=choices, number_answers="n" in body)


def _with_flags(label: str, data: str, flags: int = 0) -> Choice:
    return Choice(label, data, bool(flags & 1), bool(flags & 2), bool(flags & 4))


@dataclass(frozen=True, slots=True)
class Sent:
    """The app accepted the message."""

    #: The app's id of the message, for a later edit; "" where there is none.
    ref: str = field(default="")
