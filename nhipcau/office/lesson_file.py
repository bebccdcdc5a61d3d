"""Reads a lesson: Markdown with a small header. Faults name line and field; markup a chat can't show is removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from nhipcau.bot.language.catalogue import DEFAULT, LANGUAGES
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.markdown_to_text import plain, plain_line
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.messaging.render import units
from nhipcau.office.request_file import LONGEST_CHOICE, why_not_a_choice
from nhipcau.office.yaml_validation import FieldFault, NodeReader, invalid

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
        raise invalid("cli.written.long", length=len(text), most=LARGEST)
    header, body, body_line = _header_and_body(text)
    reader = _Reader(header)
    lesson = reader.lesson(body, body_line)
    reader.check()
    return lesson


def _header_and_body(text: str) -> tuple[str, str, int]:
    """The header, the body, and the line the body begins on."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        raise invalid("cli.written.lesson_head", names=", ".join(_NEEDED))
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    raise invalid("cli.written.lesson_no_end", line=len(lines))


class _Reader(NodeReader):
    def __init__(self, header: str) -> None:
        # the header begins on the file's second line
        super().__init__(first_line=2)
        root = self.compose(header, _NEEDED)
        self._fields = self.fields(root, _KEYS, _NEEDED)

    def lesson(self, body: str, body_line: int) -> Lesson:
        choices = self._choices()
        words = plain(body)
        if not any(c.isalnum() for c in words):
            self.faults.append(FieldFault(body_line, "body", Fault("cli.written.empty")))
        if units(words) > LONGEST_BODY:
            too_long = Fault("cli.written.long", length=units(words), most=LONGEST_BODY)
            self.faults.append(FieldFault(body_line, "body", too_long))
        return Lesson(
            id=self._id(),
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
            self.fault(node, name, "cli.written.one_value")
            return ""
        return str(node.value)

    def _text(self, name: str, most: int) -> str:
        return self._short(self._fields[name], name, most) if name in self._fields else ""

    def _short(self, node: yaml.Node, name: str, most: int) -> str:
        """One line of text, not empty, not too long."""
        text = plain_line(str(node.value)) if isinstance(node, yaml.ScalarNode) else ""
        if not any(c.isalnum() for c in text):
            self.fault(node, name, "cli.written.empty" if isinstance(node, yaml.ScalarNode) else "cli.written.text")
        if units(text) > most:
            self.fault(node, name, "cli.written.long", length=units(text), most=most)
        return text

    def _id(self) -> str:
        text = self._scalar("id")
        if "id" in self._fields and not re.fullmatch(r"[a-z0-9-]{1,40}", text):
            self.fault(self._fields["id"], "id", "cli.written.lesson_id", value=text)
        return text

    def _number(self, name: str, low: int, high: int) -> int:
        text = self._scalar(name)
        if re.fullmatch(r"[0-9]{1,4}", text) and low <= int(text) <= high:
            return int(text)
        if name in self._fields:
            self.fault(self._fields[name], name, "cli.written.whole_number", value=text, low=low, high=high)
        return low

    def _picture(self) -> str:
        name = self._scalar("picture")
        if "picture" in self._fields and not _PICTURE.fullmatch(name):
            self.fault(self._fields["picture"], "picture", "cli.written.lesson_picture", value=name)
        return name

    def _choices(self) -> tuple[str, ...]:
        node = self._fields.get("choices")
        if node is None:
            return ()
        items = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        least, most = CHOICES
        if not least <= len(items) <= most:
            self.fault(node, "choices", "cli.written.choices", n=len(items), least=least, most=most)
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
