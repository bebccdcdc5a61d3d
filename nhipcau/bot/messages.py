"""What a person should see, in words that no app has a say in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to press. `data` says what it answers and is at most 64 bytes of ASCII."""

    label: str
    data: str
    #: May stand beside the choice before it, where the app has room (ways out, small edits).
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble. Text is plain: whatever markup an app knows is escaped by its channel."""

    text: str
    choices: tuple[Choice, ...] = ()
    #: Replace this earlier message instead of saying something new (its channel's ref).
    edit: str = ""
    #: A picture of ours: a file name inside the photo folder; `text` is then its caption.
    photo: str = ""

    def to_json(self) -> str:
        """One line of JSON that `from_json` reads back unchanged."""
        body: dict[str, Any] = {"t": self.text}
        if self.choices:
            body["c"] = [[c.label, c.data, 1] if c.beside else [c.label, c.data] for c in self.choices]
        if self.edit:
            body["e"] = self.edit
        if self.photo:
            body["p"] = self.photo
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(line: str) -> Message:
        body = json.loads(line)
        choices = tuple(Choice(c[0], c[1], len(c) > 2) for c in body.get("c", ()))
        return Message(body["t"], choices, body.get("e", ""), body.get("p", ""))


@dataclass(frozen=True, slots=True)
class Sent:
    """The app took the message."""

    #: The app's id of it, for a later edit; empty where there is none.
    ref: str = field(default="")
