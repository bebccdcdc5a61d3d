"""Reads a lesson: Markdown with a small header. Faults name line and field; markup a chat can't show is removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from nhipcau.bot.language.catalogue import DEFAULT, LANGUAGES
from nhipcau.bot.language.markdown_to_text import plain, plain_line
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.messaging.render import units
from nhipcau.office.request_file import LONGEST_CHOICE, why_not_a_choice
from nhipcau.office.yaml_validation import FieldFault, InvalidFile, NodeReader

#: Lengths in UTF-16 units, as apps count: so a lesson with its question fits one message, or two below a picture.
LONGEST_BODY = 900
LONGEST_TITLE = 60
LONGEST_QUESTION = 200
LONGEST_WHY = 200
CHOICES = (2, 4)
#: Characters of the file.
LARGEST = 8_000
_FENCE = "---"
_NEEDED = ("id", "order", "title", "minutes", "question", "choices", "answer", "why")
_KEYS = (*_NEEDED, "picture")
_PICTURE = re.compile(r"[\w-][\w.-]{0,60}\.(?:jpe?g|png|webp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in one language, in plain text."""

    #: Permanent: stored for each person who has done the lesson.
    id: str
    order: int
    title: str
    #: How long it takes, according to its author.
    minutes: int
    body: str
    question: str
    choices: tuple[str, ...]
    #: Number of the right choice, from 1.
    answer: int
    #: One sentence of explanation, shown after any answer.
    why: str
    #: The picture's file name beside the lesson; in a library its name in the photo folder. "": none.
    picture: str = ""


def read_lesson(text: str) -> Lesson:
    """Raises InvalidFile with every fault found."""
    if len(text) > LARGEST:
        raise InvalidFile([FieldFault(1, "", f"the file has {len(text)} characters, at most {LARGEST}")])
    header, body, body_line = _header_and_body(text)
    reader = _Reader(header)
    lesson = reader.lesson(body, body_line)
    reader.check()
    return lesson


def _header_and_body(text: str) -> tuple[str, str, int]:
    """The header, the body, and the line the body begins on."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        raise InvalidFile([FieldFault(1, "", f"the file must begin with a line {_FENCE}, then {', '.join(_NEEDED)}")])
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    raise InvalidFile([FieldFault(len(lines), "", f"the line {_FENCE} that ends the header is missing")])


class _Reader(NodeReader):
    def __init__(self, header: str) -> None:
        # the header begins on the file's second line
        super().__init__(first_line=2)
        root = self.compose(header, f"the header must hold {', '.join(_NEEDED)}")
        self._fields = self.fields(root, _KEYS, _NEEDED)

    def lesson(self, body: str, body_line: int) -> Lesson:
        choices = self._choices()
        words = plain(body)
        if not any(c.isalnum() for c in words):
            self.faults.append(FieldFault(body_line, "body", "is empty"))
        if units(words) > LONGEST_BODY:
            self.faults.append(FieldFault(body_line, "body", f"has {units(words)} characters, at most {LONGEST_BODY}"))
        return Lesson(
            id=self._matching("id", r"[a-z0-9-]{1,40}", "small letters a to z, digits and -, at most 40"),
            order=self._number("order", 1, 999),
            title=self._text("title", LONGEST_TITLE),
            minutes=self._number("minutes", 1, 60),
            body=words,
            question=self._text("question", LONGEST_QUESTION),
            choices=choices,
            answer=self._number("answer", 1, max(1, len(choices))),
            why=self._text("why", LONGEST_WHY),
            picture=self._picture(),
        )

    def _scalar(self, name: str) -> str:
        node = self._fields.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, name, "must be one value")
            return ""
        return str(node.value)

    def _text(self, name: str, most: int) -> str:
        return self._short(self._fields[name], name, most) if name in self._fields else ""

    def _short(self, node: yaml.Node, name: str, most: int) -> str:
        """One line of text, not empty, not too long."""
        text = plain_line(str(node.value)) if isinstance(node, yaml.ScalarNode) else ""
        if not any(c.isalnum() for c in text):
            self.fault(node, name, "must be a text" if not isinstance(node, yaml.ScalarNode) else "is empty")
        if units(text) > most:
            self.fault(node, name, f"has {units(text)} characters, at most {most}")
        return text

    def _matching(self, name: str, pattern: str, expected: str) -> str:
        text = self._scalar(name)
        if name in self._fields and not re.fullmatch(pattern, text):
            self.fault(self._fields[name], name, f"{text!r}: {expected}")
        return text

    def _number(self, name: str, low: int, high: int) -> int:
        text = self._scalar(name)
        if re.fullmatch(r"[0-9]{1,4}", text) and low <= int(text) <= high:
            return int(text)
        if name in self._fields:
            self.fault(self._fields[name], name, f"{text!r}: a whole number from {low} to {high}")
        return low

    def _picture(self) -> str:
        name = self._scalar("picture")
        if "picture" in self._fields and not _PICTURE.fullmatch(name):
            expected = "the name of a .jpg, .png or .webp file beside the lesson"
            self.fault(self._fields["picture"], "picture", f"{name!r}: {expected}")
        return name

    def _choices(self) -> tuple[str, ...]:
        node = self._fields.get("choices")
        if node is None:
            return ()
        items = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        least, most = CHOICES
        if not least <= len(items) <= most:
            self.fault(node, "choices", f"must be a list of {least} to {most} choices")
        labels: list[str] = []
        for item in items:
            label = self._short(item, "choices", LONGEST_CHOICE)
            if why := why_not_a_choice(label, {fold(known) for known in labels}):
                self.fault(item, "choices", why)
            labels.append(label)
        return tuple(labels)


# ------------------------------------------------------------------ shipped lessons


def language_of(name: str) -> str:
    """The language in a lesson's file name ("01-ten.en.md"); Vietnamese where it has none."""
    language = name.removesuffix(".md").rpartition(".")[2]
    return language if language in LANGUAGES else DEFAULT


@cache
def shipped() -> dict[str, tuple[Lesson, ...]]:
    """The lessons that ship with the product, by language, in order."""
    found: dict[str, list[Lesson]] = {language: [] for language in LANGUAGES}
    for file in files(__package__).joinpath("lessons").iterdir():
        if file.name.endswith(".md"):
            found[language_of(file.name)].append(read_lesson(file.read_text(encoding="utf-8")))
    return {language: in_order(lessons) for language, lessons in found.items()}


def in_order(lessons: Sequence[Lesson]) -> tuple[Lesson, ...]:
    return tuple(sorted(lessons, key=lambda lesson: (lesson.order, lesson.id)))
