"""Forms as data: reports, requests, joining and composing are all a `Form` of `Question`s."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class QuestionKind(StrEnum):
    """How a question is answered. Each kind is a file of `kinds/` with this name, which describes its value; the value
    of a skipped question is None."""

    CHOICE = "choice"
    SEVERAL = "several"
    YESNO = "yesno"
    SCALE = "scale"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    PHOTO = "photo"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Option:
    #: Permanent; what is stored. In files of offices: "1", "2" … by position.
    key: str
    #: What people read and may type.
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    #: Permanent identity; columns never shift.
    id: str
    kind: QuestionKind
    text: str
    options: tuple[Option, ...] = ()
    #: May be skipped ("Bỏ qua").
    optional: bool = False
    #: Condition over earlier answers (see conditions.py); empty: always asked.
    when: str = ""
    minimum: float | None = None
    maximum: float | None = None
    #: Words for the two ends of a scale.
    low: str = ""
    high: str = ""
    #: Name of a list of options that the handler supplies (topics, areas); `options` is then empty.
    source: str = ""
    #: The text with which the form began: not numbered, and can be typed again at the next question ("Nói lại").
    opening: bool = False
    #: Its options are places, found by all their names (today's and former) when one is typed.
    by_name: bool = False
    #: Not asked in turn; the summary offers to add it.
    offered: bool = False
    #: Questions of one group share a summary line and are corrected together.
    group: str = ""
    #: The summary line's name, as in "Sửa <short>" / "Thêm <short>".
    short: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    #: "report", "compose_poll" … for built-in forms, the request's id for polls and requests.
    id: str
    title: str
    questions: tuple[Question, ...]
    intro: str = ""

    def question(self, id: str) -> Question:
        """The question of this id. Raises KeyError."""
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(id)

    def to_json(self) -> str:
        """One line of JSON that `from_json` reads back unchanged; default values are left out."""
        return json.dumps(
            {"id": self.id, "title": self.title, "intro": self.intro, "questions": [_dump(q) for q in self.questions]},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(line: str) -> Form:
        body = json.loads(line)
        return Form(body["id"], body["title"], tuple(_load(q) for q in body["questions"]), body["intro"])


_DEFAULTS = {f.name: f.default for f in fields(Question)}


def _dump(question: Question) -> dict[str, Any]:
    body = {name: value for name, value in asdict(question).items() if value != _DEFAULTS[name]}
    if question.options:
        body["options"] = [[o.key, o.label] for o in question.options]
    return body


def _load(body: dict[str, Any]) -> Question:
    options: Sequence[Sequence[str]] = body.get("options", ())
    return Question(
        **{**body, "kind": QuestionKind(body["kind"]), "options": tuple(Option(k, label) for k, label in options)}
    )
