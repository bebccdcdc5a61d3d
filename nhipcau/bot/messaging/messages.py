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
        body: dict[str, Any] = {"t": self.text}
        if self.choices:
            body["c"] = [[c.label, c.data, *_flags(c)] for c in self.choices]
        if self.edit:
            body["e"] = self.edit
        if self.photo:
            body["p"] = self.photo
        if self.file:
            body["f"], body["fn"] = self.file, self.file_name
        if self.number_answers:
            body["n"] = 1
        if self.keeps:
            body["k"] = self.keeps
        if self.draw:
            body["d"] = self.draw
        if self.requests:
            body["r"] = list(self.requests)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(line: str) -> Message:
        body = json.loads(line)
        choices = tuple(_choice(*c) for c in body.get("c", ()))
        return Message(
            body["t"],
            choices,
            edit=body.get("e", ""),
            photo=body.get("p", ""),
            file=body.get("f", ""),
            file_name=body.get("fn", ""),
            number_answers=bool(body.get("n")),
            keeps=body.get("k", ""),
            draw=body.get("d", ""),
            requests=tuple(body.get("r", ())),
        )


def _flags(choice: Choice) -> list[int]:
    number = choice.beside + 2 * choice.way + 4 * choice.stays
    return [number] if number else []


def _choice(label: str, data: str, flags: int = 0) -> Choice:
    return Choice(label, data, bool(flags & 1), bool(flags & 2), bool(flags & 4))


@dataclass(frozen=True, slots=True)
class Sent:
    """The app took the message."""

    #: The app's id of it, for a later edit; empty where there is none.
    ref: str = field(default="")
