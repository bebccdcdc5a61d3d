"""What a person should see, the same for every app."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to press. `data` says what it answers and is at most 64 bytes of ASCII."""

    label: str
    data: str
    #: May stand beside the choice before it, where the app has room (ways out, small edits).
    beside: bool = False
    #: Leaves or detours instead of answering (Lùi, Hủy, Sửa …, Xem thêm).
    way: bool = False
    #: Pressed, it leaves the buttons of its message where they are (several of a list, a board).
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble. Text is plain: whatever markup an app knows is escaped by its channel."""

    text: str
    choices: tuple[Choice, ...] = ()
    #: Replace this earlier message instead of saying something new (its channel's ref).
    edit: str = ""
    #: A picture of ours: a file name inside the photo folder; `text` is then its caption.
    photo: str = ""
    #: A typed number is an answer of its own here (an amount, a word), so choices are not counted through.
    number_answers: bool = False
    #: A picture that is drawn when it goes out (insight/picture_cache.py): its specification in one line.
    draw: str = ""
    #: Under this name it is remembered where this stands, so that it can be edited later ("board:ID", "notice:ID").
    keeps: str = ""
    #: A document of ours: a file name inside the folder of documents, and what people see it called; `text` is then
    #: its caption.
    file: str = ""
    file_name: str = ""
    #: Requests that its choices open: of use while one of them waits for an answer.
    requests: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line of JSON that `from_json` reads back unchanged."""
        return _JSON.dump_json(self, exclude_defaults=True).decode()

    @staticmethod
    def from_json(line: str) -> Message:
        """Raises ValueError where it is none."""
        return _before_names(json.loads(line)) if line.startswith('{"t":') else _JSON.validate_json(line)


_JSON = TypeAdapter(Message)
#: What the parts were called in messages that were queued before 2026-12.
_OLD_NAMES = {"t": "text", "e": "edit", "p": "photo", "f": "file", "fn": "file_name", "k": "keeps", "d": "draw"}


def _before_names(body: dict[str, Any]) -> Message:
    parts = {name: body[old] for old, name in _OLD_NAMES.items() if old in body}
    choices = tuple(_with_flags(*choice) for choice in body.get("c", ()))
    return Message(**parts, choices=choices, number_answers="n" in body)


def _with_flags(label: str, data: str, flags: int = 0) -> Choice:
    return Choice(label, data, bool(flags & 1), bool(flags & 2), bool(flags & 4))


@dataclass(frozen=True, slots=True)
class Sent:
    """The app took the message."""

    #: The app's id of it, for a later edit; empty where there is none.
    ref: str = field(default="")
